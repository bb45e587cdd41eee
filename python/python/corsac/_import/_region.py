"""Which paths an expression stands for, as far as a route can say it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_SEGMENTS = r"(?P<path>(?:/(?:[A-Za-z0-9_~-]|\\[.~_-])+)+)"
_LITERAL = re.compile(r"(?:[A-Za-z0-9_~/-]|\\[.~_/-])*")


#: What may follow a path in an expression, and how the route of the path is another.
_ENDINGS: tuple[tuple[str, Literal["at", "below", "longer"] | None], ...] = (
    (r"\(/\.\*\)\?|\(\?:/\.\*\)\?", None),
    (r"/\.\*|/\.\+", "at"),
    (r"\.\*", "longer"),
    (r"", "below"),
)


@dataclass(frozen=True)
class Region:
    """A path and everything below it. Without a path it is everything."""

    path: str | None
    #: Where the expression is another: at the path, below it, or where paths only begin with it.
    but: Literal["at", "below", "longer"] | None = None

    @classmethod
    def of_expression(cls, text: str, *, is_whole: bool) -> Region | None:
        """Of an expression that is compared with a path, or (not `is_whole`) with its start."""
        body = text.removeprefix("^")
        body = body if is_whole or body.endswith("$") else body.removesuffix(".*") + ".*"
        body = body.removesuffix("$")
        if body in (".*", "/.*"):
            return cls(None)
        for ending, but in _ENDINGS:
            found = re.fullmatch(f"{_SEGMENTS}(?:{ending})", body)
            if found is not None:
                return cls(found["path"].replace("\\", ""), but)
        return None

    @property
    def difference(self) -> str:
        """Where the route is another, in words."""
        match self.but:
            case "at":
                return f"the route also covers `{self.path}` itself"
            case "below":
                return f"the route also covers everything below `{self.path}`"
            case _:
                return f"the route does not cover paths that only begin with `{self.path}`, such as `{self.path}x`"


def beginning(expression: str) -> str:
    """What every path begins with that an expression matches, as far as that is plain."""
    body = expression.removeprefix("^")
    found = _LITERAL.match(body)
    literal = "" if found is None or "|" in body else found[0]
    # What may be repeated, or left out, is no part of it.
    if body[len(literal) : len(literal) + 1] in ("*", "?", "{"):
        literal = literal[:-1]
    return literal.replace("\\", "")
