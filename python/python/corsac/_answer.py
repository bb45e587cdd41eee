"""The answer to a request that the application does not see."""

from __future__ import annotations

from corsac._corsac import Decision

_NO_CONTENT = 204


def body(decision: Decision) -> bytes:
    """A line for people, in Starlette's words."""
    if decision.status == _NO_CONTENT:
        return b""
    if decision.allowed:
        return b"OK"
    return f"Disallowed CORS {', '.join(decision.failed) or decision.reason}".encode()


def headers(decision: Decision, body: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of the answer, with those of the decision."""
    if decision.status == _NO_CONTENT:
        return decision.apply([])
    length = str(len(body)).encode()
    return decision.apply([(b"content-length", length), (b"content-type", b"text/plain; charset=utf-8")])
