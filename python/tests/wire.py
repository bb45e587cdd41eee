"""The corpus on the wire: what a middleware is made of for a case, and what a client then sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from corpus import Case

import corsac

#: What the application adds to its responses, so that its part shows.
MARK = ("x-app", b"1")
#: The application's own status.
FORWARDED = 299

#: Status, headers in any order, and the lines of Vary.
Answer = tuple[int, list[tuple[str, bytes]], list[bytes]]
Made = TypeVar("Made")


def made(make: Callable[[corsac.Engine, str | None], Made], document: str, policy: str | None) -> Made:
    """A middleware that serves the document."""
    try:
        return make(corsac.Engine.from_text(document), policy)
    except ValueError:
        # The document has no such policy, or several to choose from, which only a reload can cause.
        name = "only" if policy is None else policy
        engine = corsac.Engine.from_dict({"version": 1, "policy": {name: {"allow_origins": []}}})
        result = make(engine, policy)
        assert engine.reload_text(document)
        return result


def expected(case: Case) -> Answer:
    """What the corpus wants to be seen."""
    wanted = case.expected
    headers = [*wanted["set"], *([] if wanted["status"] is not None else [MARK])]
    vary = [", ".join(wanted["vary"]).encode()] if wanted["vary"] else []
    return wanted["status"] or FORWARDED, sorted(headers), vary


def answer(status: int, headers: Iterable[tuple[bytes, bytes]]) -> Answer:
    """What was seen."""
    lines = [(name.decode().lower(), value) for name, value in headers]
    of_the_body = ("content-length", "content-type", "vary")
    seen = sorted(line for line in lines if line[0] not in of_the_body)
    return status, seen, [value for name, value in lines if name == "vary"]
