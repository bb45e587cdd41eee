"""Converting the settings of Starlette's ``CORSMiddleware``, which FastAPI also uses."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Host, Mount, Route, Router, WebSocketRoute

from corsac._diagnostic import ConfigError, Diagnostic
from corsac._import._document import Document
from corsac._settings import Findings
from corsac._starlette import Settings

_NAMES = tuple(inspect.signature(Settings).parameters)


def document(application: Any) -> Document:
    """The document for the middleware of this application and of those mounted in it."""
    found = Document()
    _Location(found, [], None, "").read(application)
    return found


class _Location:
    """A host and a path, and the application there."""

    def __init__(self, found: Document, passed: list[tuple[str | None, str]], host: str | None, path: str) -> None:
        self._found = found
        #: Locations that are matched earlier and have no policy, or none with a route.
        self._passed = passed
        self._host = host
        self._path = path

    def __str__(self) -> str:
        return f"{self._host or ''}{self._path or '/'}"

    def within(self, path: str, host: str | None = None) -> _Location:
        """A location below this one."""
        return _Location(self._found, self._passed, host or self._host, self._path + path)

    def read(self, application: Any, decided: str | None = None) -> None:
        """Reads an application; `decided` is the location of an outer middleware, if any."""
        is_plain = True
        for layer in _layers(application):
            is_plain = is_plain and not isinstance(layer, Settings)
            if isinstance(layer, Settings):
                if decided is None:
                    self._add(layer)
                else:
                    self._several(decided)
                decided = decided or str(self)
            elif isinstance(layer, str):
                self._unread(layer)
            else:
                for route in layer.routes:
                    self._route(route, decided)
        if is_plain and decided is None:
            self._passed.append((self._host, self._path))

    def _route(self, route: BaseRoute, decided: str | None) -> None:
        if isinstance(route, Mount):
            self.within(route.path).read(route.app, decided)
        elif isinstance(route, Host):
            if "{" in route.host or self._host is not None:
                self._unread(f"the host `{route.host}`")
                self._passed.append((None, f"{self._path}/{{host}}"))
            else:
                self.within("", route.host).read(route.app, decided)
        elif isinstance(route, (Route, WebSocketRoute)):
            location = self.within(route.path)
            if isinstance(route, Route):
                self._passed.append((self._host, self._path + route.path))
            for layer in _layers(route.app):
                if isinstance(layer, Settings):
                    location._unread("the middleware of a single route") if decided is None else location._several(decided)

    def _add(self, settings: Settings) -> None:
        findings = Findings()
        try:
            policy = settings.policy(self._found.name(f"{self._host or ''}{self._path}"), findings)
        except ConfigError as error:
            self._found.reject(error)
            return
        name = self._found.add(policy)
        self._found.remark(findings, name)
        within = next((path for host, path in self._passed if self._covers(host, path)), None)
        if within is not None:
            message = f"`{within}` is handled before the application at `{self}`, but in the document that application's policy would decide there too"
            help = "write the policies and the routes of both"
            self._found.findings.append(Diagnostic("settings/paths", "error", name, None, None, None, message, help))
        elif "{" in self._path:
            self._passed.append((self._host, self._path))
            self._found.warn(
                "settings/paths",
                f"`{self._path}` is not expressible as a route, so no route leads to the policy",
                "write routes for the paths that it matches",
                policy=name,
            )
        elif not self._found.route(name, self._path.rstrip("/") or None, self._host):
            self._found.warn(
                "settings/several", f"`{self}` has two applications; the first decides", "remove the other", policy=name
            )

    def _covers(self, host: str | None, path: str) -> bool:
        """Whether an earlier path, or a path that it matches, is at this location or below."""
        if None not in (host, self._host) and host != self._host:
            return False
        literal, variable, _ = path.partition("{")
        below = f"{self._path.rstrip('/')}/"
        return f"{literal}/".startswith(below) or (bool(variable) and below.startswith(literal))

    def _several(self, decided: str) -> None:
        self._found.warn(
            "settings/several",
            f"the CORSMiddleware at `{self}` is inside the one at `{decided}`, which alone decides in the document",
            "remove one of them, or write a policy and a route for the inner one",
        )

    def _unread(self, what: str) -> None:
        self._found.warn(
            "settings/unread",
            f"{what} at `{self}` cannot be read, so the document does not include it",
            "if it affects CORS, add what it does to the document",
        )


def _layers(application: Any) -> Iterator[Settings | Router | str]:
    """The layers of an application, from the outside: settings, routers, and names of unreadable layers."""
    seen: set[int] = set()
    while application is not None and id(application) not in seen:
        seen.add(id(application))
        if isinstance(application, CORSMiddleware):
            yield from _own_class(type(application))
            yield _of_instance(application)
        elif isinstance(application, Starlette):
            for middleware in application.user_middleware:
                yield from _of_middleware(middleware)
            application = application.router
            continue
        elif _may_be_cors(type(application)):
            yield _full_name(type(application))
        if isinstance(application, Router):
            yield from _layers(application.middleware_stack)
            yield application
            return
        application = getattr(application, "app", None)


def _of_middleware(middleware: Middleware) -> Iterator[Settings | str]:
    made: Any
    made, arguments, keywords = middleware
    if isinstance(made, partial) and not made.args:
        made, keywords = made.func, {**made.keywords, **keywords}
    if isinstance(made, type) and issubclass(made, CORSMiddleware):
        try:
            bound = inspect.signature(CORSMiddleware.__init__).bind(None, None, *arguments, **keywords).arguments
        except TypeError:
            yield _full_name(made)
            return
        yield from _own_class(made)
        yield Settings(**{option: value for option, value in bound.items() if option in _NAMES})
    elif _may_be_cors(made):
        yield _full_name(made)


def _own_class(made: type) -> Iterator[str]:
    """A subclass, whose behaviour beyond its settings cannot be read."""
    if made is not CORSMiddleware:
        yield f"what {_full_name(made)} does in addition to its settings"


def _may_be_cors(made: Any) -> bool:
    return "cors" in getattr(made, "__name__", "").lower()


def _full_name(made: Any) -> str:
    return f"`{made.__module__}.{made.__qualname__}`"


def _of_instance(made: CORSMiddleware) -> Settings:
    """The settings of a middleware instance."""
    simple, preflight = made.simple_headers, made.preflight_headers
    headers = ["*"] if made.allow_all_headers else preflight["Access-Control-Allow-Headers"].split(", ")
    exposed = simple.get("Access-Control-Expose-Headers")
    return Settings(
        allow_origins=made.allow_origins,
        allow_methods=made.allow_methods,
        allow_headers=headers,
        allow_credentials=made.allow_credentials,
        allow_origin_regex=made.allow_origin_regex,
        allow_private_network=made.allow_private_network,
        expose_headers=() if exposed is None else exposed.split(", "),
        max_age=int(preflight["Access-Control-Max-Age"]),
    )
