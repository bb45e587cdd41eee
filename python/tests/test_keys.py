"""The keys and codes that the package repeats, compared with the engine's own tables."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from corsac import Policy, _policy
from corsac._policy import Expectation, Grant, Row

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA: dict[str, Any] = json.loads((REPOSITORY / "docs/policy.schema.json").read_text(encoding="utf-8"))
PAGE = (REPOSITORY / "docs/diagnostics.md").read_text(encoding="utf-8")

#: Keys of rows that a list file or a variable holds.
ELSEWHERE = {"file", "scheme", "env", "optional"}

#: Options of a Policy that are no keys: where a document has a table's name, and what is found.
BEYOND = {"name", "warnings"}


def properties(table: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMA["$defs"][table]["properties"]
    return found


@pytest.mark.parametrize("table, type", [("grant", Grant), ("row", Row), ("expectation", Expectation)])
def test_tables_have_the_keys_of_a_document(table: str, type: Any) -> None:
    # Rows that are elsewhere are named in a document, and cannot be in code.
    assert get_type_hints(type).keys() == properties(table).keys() - (ELSEWHERE if type is Row else set())


def test_a_policy_has_the_keys_and_defaults_of_a_document() -> None:
    options = {option.name: option for option in dataclasses.fields(Policy) if option.name not in BEYOND}
    keys = properties("policy")
    assert options.keys() == keys.keys()
    required = {name for name, option in options.items() if option.default is dataclasses.MISSING}
    assert required == set(SCHEMA["$defs"]["policy"]["required"])
    for name, option in options.items():
        if name not in required:
            default = list(option.default) if isinstance(option.default, tuple) else option.default
            assert default == keys[name].get("default"), name


def test_a_policy_has_the_words_of_a_document() -> None:
    hints = get_type_hints(Policy, vars(_policy))
    for name, key in properties("policy").items():
        words = get_args(hints[name]) if get_origin(hints[name]) is Literal else ()
        assert set(words) == set(key.get("enum", ())), name


def test_every_code_of_settings_is_explained() -> None:
    source = Path(__file__).resolve().parents[1] / "python" / "corsac"
    used = {code for path in source.rglob("*.py") for code in re.findall(r'"(settings/[a-z-]+)"', path.read_text(encoding="utf-8"))}
    assert used == set(re.findall(r"^### `(settings/[a-z-]+)`$", PAGE, re.MULTILINE))
