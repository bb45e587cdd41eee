"""The whole corpus through ``decide()`` and the loaders; no expectation of its own."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from corpus import CASES, DOCUMENTS, LOADS, Case, Load

import corsac


@cache
def engine(document: str) -> corsac.Engine:
    return corsac.Engine.from_text(document)


def answer(decision: corsac.Decision) -> dict[str, Any]:
    return {
        "verdict": decision.verdict,
        "reason": decision.reason,
        "failed": list(decision.failed),
        "status": decision.status,
        "rule": decision.rule,
        "grant": decision.grant,
        "set": [(name.decode(), value) for name, value in decision.headers],
        "vary": list(decision.vary),
        "upstream": decision.upstream,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case) -> None:
    headers = case.headers
    decide = engine(case.document).decide
    decision = decide(None, case.method, headers, **case.target)
    assert answer(decision) == case.expected
    assert decision.generation == 1

    # In every other form with the same meaning.
    origins = [value for name, value in headers if name.lower() == b"origin"]
    others = [(name, value) for name, value in headers if name.lower() != b"origin"]
    forms: list[tuple[Any, Any]] = [
        (None, tuple(headers)),
        (None, [list(pair) for pair in headers]),
        (None, iter(headers)),
        (None, [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]),
    ]
    if len(origins) == 1:
        forms += [(origins[0], others), (origins[0].decode("latin-1"), others), (origins[0], headers)]
        if not others:
            forms += [(origins[0], None), (origins[0], {})]
    if len(dict(headers)) == len(headers):
        forms += [(None, dict(headers)), (None, Items(headers))]
    for origin, form in forms:
        method = case.method.decode("latin-1") if origin is None else case.method
        assert decide(origin, method, form, **case.target) == decision


class Items:
    """Headers as frameworks have them: no dictionary, but ``items()``."""

    def __init__(self, headers: list[tuple[bytes, bytes]]) -> None:
        self._headers = headers

    def items(self) -> list[tuple[bytes, bytes]]:
        return self._headers


@pytest.mark.parametrize("text", [text for *_, text in DOCUMENTS], ids=[f"{file}: {name}" for file, name, _ in DOCUMENTS])
def test_document_written_back_decides_alike(text: str) -> None:
    back = corsac.Engine.from_text(engine(text).to_document())
    assert back.to_document() == engine(text).to_document()
    for case in CASES:
        if case.document == text:
            assert answer(back.decide(None, case.method, case.headers, **case.target)) == case.expected


KEPT_OF_A_CODE = 10


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.id)
def test_load(load: Load, tmp_path: Path) -> None:
    document = load.write(tmp_path)
    found: tuple[corsac.Diagnostic, ...]
    try:
        found = corsac.Engine.from_file(document).warnings
        accepted = True
    except corsac.ConfigError as error:
        found, accepted = error.diagnostics, False
        assert error.errors == tuple(each for each in found if each.severity == "error") != ()
        assert error.errors[0].code in str(error)
    assert accepted == load.is_accepted

    def key(finding: corsac.Diagnostic) -> tuple[Any, ...]:
        file = None if finding.file in (None, str(document), document.name) else finding.file
        file = None if file is None else file.removeprefix(f"{tmp_path}/")
        return (finding.code, finding.severity, finding.policy, file, finding.line, finding.column)

    wanted: Counter[tuple[Any, ...]] = Counter()
    kinds: Counter[tuple[Any, ...]] = Counter()
    says: dict[tuple[Any, ...], list[str]] = {}
    for expected in load.entry.get("diagnostics", []):
        for index in range(expected.get("times", 1)):
            line = expected["line"] + index if "line" in expected else None
            each = (expected["code"], expected["severity"], *map(expected.get, ("policy", "file")), line, expected.get("column"))
            kinds[each[:2]] += 1
            if accepted and kinds[each[:2]] > KEPT_OF_A_CODE:
                # What an engine keeps ends with one finding that stands for the rest.
                wanted[each[:2] + (None,) * 4] = 1
                continue
            wanted[each] += 1
            says.setdefault(each, []).extend(expected.get("says", []))
    assert Counter(map(key, found)) == wanted
    told_at: dict[tuple[Any, ...], str] = {}
    for finding in found:
        told_at[key(finding)] = f"{told_at.get(key(finding), '')} {finding.message} {finding.help}"
    for each, texts in says.items():
        told = told_at[each]
        assert [text for text in texts if text not in told] == []
