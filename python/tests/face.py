"""The corpus as requests over HTTP, for the drop-ins that have an environ."""

from __future__ import annotations

from collections import Counter
from typing import Any

from corpus import CASES, Case

#: Why a face with an environ cannot carry a case.
REPEATED = "the environ has one line for each header: servers join repeated ones"
SLASHED = "frameworks put a slash in front of every path"
_JOINED_ALIKE = (b"origin", b"access-control-request-method")


def uncarried(case: Case) -> str | None:
    """Why this case is none for such a face."""
    counts = Counter(name.lower() for name, _ in case.headers)
    if any(count > 1 for name, count in counts.items() if name not in _JOINED_ALIKE):
        return REPEATED
    if not case.target.get("path", b"/").startswith(b"/"):
        return SLASHED
    return None


CARRIED = [case for case in CASES if uncarried(case) is None]
UNCARRIED = Counter(reason for reason in map(uncarried, CASES) if reason is not None)


def environ(case: Case) -> dict[str, str]:
    """The headers as a server names them, repeated ones joined."""
    result: dict[str, str] = {}
    for name, value in case.headers:
        key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        result[key] = f"{result[key]},{text}" if key in result else text
    if "host" in case.target:
        result["HTTP_HOST"] = case.target["host"].decode("latin-1")
    return result


def is_cors(name: str) -> bool:
    return name.lower().startswith("access-control-") or name.lower() in ("timing-allow-origin", "vary", "cache-control")


def expected(case: Case) -> list[tuple[str, str]]:
    """The headers that a response without any gets."""
    wanted = [(name, value.decode("latin-1")) for name, value in case.expected["set"]]
    vary = ", ".join(case.expected["vary"])
    return sorted([*wanted, ("vary", vary)] if vary else wanted)


def check(case: Case, status: int, headers: Any, was_reached: bool) -> None:
    """The response of a face whose application says 200 and sets no such header."""
    assert sorted((name.lower(), value) for name, value in headers if is_cors(name)) == expected(case)
    assert was_reached == (case.expected["status"] is None)
    assert status == (case.expected["status"] or 200)
