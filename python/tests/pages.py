"""A page in a browser, as a model: what it may do, by the algorithms of the Fetch standard, given a server's answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Lines = Sequence[tuple[str, str]]
#: Status and header lines of the answer to a method with header lines.
Server = Callable[[str, Lines], tuple[int, Lines]]

SAFELISTED = ("GET", "HEAD", "POST")


@dataclass(frozen=True)
class Request:
    """What a script asks for: ``names`` are the headers that need a permission, in lower case and sorted."""

    method: str
    names: tuple[str, ...] = ()
    has_credentials: bool = False
    #: A listener for the upload's progress makes the browser send a preflight in any case.
    is_forced: bool = False


@dataclass
class Page:
    """A page of this origin. It keeps what preflights allowed, and time stands still."""

    origin: str
    server: Server
    browser: Literal["standard", "chromium"] = "standard"
    _methods: set[tuple[str, bool]] = field(default_factory=set)
    _names: set[tuple[str, bool]] = field(default_factory=set)

    def may(self, request: Request) -> bool:
        """Whether the request reaches the server's handler and the page may read the response."""
        if self._needs_preflight(request) and not self._preflight(request):
            return False
        status, lines = self.server(request.method, [("origin", self.origin)])
        return self._cors_check(request, lines)

    def _needs_preflight(self, request: Request) -> bool:
        """Fetch, "HTTP fetch", step 4.1, with the cache of preflights."""
        # A forced preflight (the use-CORS-preflight flag) looks for nothing else in the cache.
        is_method_known = self._covers_method(request) or (request.method in SAFELISTED and not request.is_forced)
        return not (is_method_known and all(self._covers_name(request, name) for name in request.names))

    def _covers_method(self, request: Request) -> bool:
        return any(
            has_credentials == request.has_credentials and (method == request.method or (method == "*" and not has_credentials))
            for method, has_credentials in self._methods
        )

    def _covers_name(self, request: Request, name: str) -> bool:
        """Fetch, "header-name cache entry match"."""
        return any(
            has_credentials == request.has_credentials and (known == name or (known == "*" and not has_credentials and self._is_wild(name)))
            for known, has_credentials in self._names
        )

    def _is_wild(self, name: str) -> bool:
        """Whether `*` covers this name; Chromium lets it cover every name."""
        return self.browser == "chromium" or name != "authorization"

    def _preflight(self, request: Request) -> bool:
        """Fetch, "CORS-preflight fetch"."""
        lines = [("origin", self.origin), ("access-control-request-method", request.method)]
        if request.names:
            lines.append(("access-control-request-headers", ",".join(request.names)))
        status, answer = self.server("OPTIONS", lines)
        if not self._cors_check(request, answer) or not 200 <= status <= 299:
            return False
        listed = _listed(answer, "access-control-allow-methods")
        if listed is None and request.is_forced and self.browser == "standard":
            listed = [request.method]
        methods = listed or []
        names = [name.lower() for name in _listed(answer, "access-control-allow-headers") or []]
        if request.method not in (*methods, *SAFELISTED) and (request.has_credentials or "*" not in methods):
            return False
        for name in request.names:
            is_wild = "*" in names and not request.has_credentials and self._is_wild(name)
            if name not in names and not is_wild:
                return False
        ages = _listed(answer, "access-control-max-age")
        # Without the header a permission is kept for five seconds.
        if ages is None or int(ages[0]) > 0:
            self._methods |= {(method, request.has_credentials) for method in methods}
            self._names |= {(name, request.has_credentials) for name in names}
        return True

    def _cors_check(self, request: Request, lines: Lines) -> bool:
        """Fetch, "CORS check"."""
        origin = _value(lines, "access-control-allow-origin")
        if origin == "*" and not request.has_credentials:
            return True
        if origin != self.origin:
            return False
        return not request.has_credentials or _value(lines, "access-control-allow-credentials") == "true"


def _value(lines: Lines, name: str) -> str | None:
    """Fetch, "get" of a header list: all lines, joined."""
    found = [value for each, value in lines if each.lower() == name]
    return ", ".join(found) if found else None


def _listed(lines: Lines, name: str) -> list[str] | None:
    value = _value(lines, name)
    return None if value is None else [item for each in value.split(",") if (item := each.strip())]
