"""The corpus as HTTP requests, for the frameworks with an environ (WSGI, Django, Flask)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from corpus import CASES, Case

#: Reasons why an environ cannot express a case.
REPEATED = "an environ has one line per header: servers join repeated lines"
SLASHED = "frameworks put a slash before every path"
_SAME_WHEN_JOINED = (b"origin", b"access-control-request-method")


def inexpressible(case: Case) -> str | None:
    """The reason why an environ cannot express this case, if any."""
    counts = Counter(name.lower() for name, _ in case.headers)
    if any(count > 1 for name, count in counts.items() if name not in _SAME_WHEN_JOINED):
        return REPEATED
    if not case.target.get("path", b"/").startswith(b"/"):
        return SLASHED
    return None


EXPRESSIBLE = [case for case in CASES if inexpressible(case) is None]
INEXPRESSIBLE = Counter(reason for reason in map(inexpressible, CASES) if reason is not None)


def environ(case: Case) -> dict[str, str]:
    """The headers in the form of a server, with repeated lines joined."""
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
    """The headers to set on a response that has none."""
    wanted = [(name, value.decode("latin-1")) for name, value in case.expected["set"]]
    vary = ", ".join(case.expected["vary"])
    return sorted([*wanted, ("vary", vary)] if vary else wanted)


def check(case: Case, status: int, headers: Any, was_reached: bool) -> None:
    """Checks the response of a framework whose application responds with 200 and sets no such header."""
    assert sorted((name.lower(), value) for name, value in headers if is_cors(name)) == expected(case)
    assert was_reached == (case.expected["status"] is None)
    assert status == (case.expected["status"] or 200)
