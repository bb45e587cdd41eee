"""The corpus of settings, ``tests/data/settings``. See the README there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from corpus import FOLDER

import corsac


@dataclass(frozen=True)
class Case:
    """Settings, and every code that is found in them."""

    entry: dict[str, Any]

    @property
    def errors(self) -> list[str]:
        return list(self.entry["errors"])

    @property
    def warnings(self) -> list[str]:
        return list(self.entry.get("warnings", []))

    @property
    def says(self) -> list[str]:
        return list(self.entry.get("says", []))

    @property
    def imported(self) -> tuple[list[str], list[str]] | None:
        """Errors and warnings of the import; None where there is nothing to import."""
        other = self.entry.get("imported", {})
        return None if other is None else (other.get("errors", self.errors), other.get("warnings", self.warnings))

    @property
    def notes(self) -> list[str]:
        """Notes of the import about the settings."""
        return list((self.entry.get("imported") or {}).get("notes", []))

    def given(self, key: str) -> Any:
        """The value of a key, made anew."""
        return _value(self.entry.get(key))


def cases(package: str) -> list[Case]:
    """The cases of one file."""
    text = (FOLDER / "settings" / f"{package}.json").read_text(encoding="utf-8")
    return [Case(entry) for entry in json.loads(text)["cases"]]


def name(case: object) -> str:
    """What a case shows."""
    return str(case.entry["name"]) if isinstance(case, Case) else ""


def check(case: Case, found: tuple[corsac.Diagnostic, ...]) -> None:
    """That what is found is what is expected."""
    errors = [each for each in found if each.severity == "error"]
    assert [each.code for each in errors] == case.errors
    if not errors:
        assert [each.code for each in found if each.severity == "warning"] == case.warnings
    told = "\n".join(f"{each.message}\n{each.help}" for each in found)
    assert [text for text in case.says if text not in told] == []


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$expression" in value:
        return re.compile(value["$expression"], re.IGNORECASE if value.get("flags") == "i" else 0)
    if "$bytes" in value:
        return value["$bytes"].encode()
    if "$policy" in value:
        return corsac.Policy(**value["$policy"])
    if "$engine" in value:
        return corsac.Engine.from_policy(corsac.Policy(**value["$engine"]))
    return {key: _value(item) for key, item in value.items()}
