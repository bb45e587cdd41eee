"""The paths that an expression matches, as far as a route can express them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_SEGMENTS = r"(?P<path>(?:/(?:[A-Za-z0-9_~-]|\\[.~_-])+)+)"
_LITERAL = re.compile(r"(?:[A-Za-z0-9_~/-]|\\[.~_/-])*")


#: Endings that may follow a path in an expression, and how the path's route differs from it.
_ENDINGS: tuple[tuple[str, Literal["at", "below", "longer"] | None], ...] = (
    (r"\(/\.\*\)\?|\(\?:/\.\*\)\?", None),
    (r"/\.\*|/\.\+", "at"),
    (r"\.\*", "longer"),
    (r"", "below"),
)


@dataclass(frozen=True)
class Region:
    """A path and everything below it; every path if `path` is None."""

    path: str | None
    #: Where the expression differs: at the path, below it, or for paths that only begin with it.
    but: Literal["at", "below", "longer"] | None = None

    @classmethod
    def of_expression(cls, text: str, *, is_whole: bool) -> Region | None:
        """The region of an expression that must match a whole path or (not `is_whole`) its start."""
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
        """The difference between the route and the expression, in words."""
        match self.but:
            case "at":
                return f"the route also covers `{self.path}` itself"
            case "below":
                return f"the route also covers everything below `{self.path}`"
            case _:
                return f"the route does not cover paths that only begin with `{self.path}`, such as `{self.path}x`"


def beginning(expression: str) -> str:
    """The literal beginning of every path that an expression matches."""
    body = expression.removeprefix("^")
    found = _LITERAL.match(body)
    literal = "" if found is None or "|" in body else found[0]
    # A character that may be repeated or omitted does not belong to it.
    if body[len(literal) : len(literal) + 1] in ("*", "?", "{"):
        literal = literal[:-1]
    return literal.replace("\\", "")
