"""What decides about CORS in an application, from the outside in: for ``check``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from types import FunctionType, MethodType
from typing import Any

from corsac import _installed, asgi, wsgi
from corsac._corsac import Decider
from corsac._diagnostic import Diagnostic, Severity

#: Where applications keep the application that they wrap.
_INNER = ("app", "wsgi_app", "application", "asgi_app", "_app", "inner", "wrapped")

#: Middleware that passes every request on, or belongs to a framework: by the start of its full name.
_TRANSPARENT = (
    "asgiref.",
    "fastapi.",
    "opentelemetry.",
    "sentry_sdk.",
    "starlette.middleware.body_limit.",
    "starlette.middleware.errors.",
    "starlette.middleware.exceptions.",
    "starlette.middleware.gzip.",
    "starlette.middleware.sessions.",
    "starlette.routing.",
    "uvicorn.middleware.",
    "werkzeug.middleware.proxy_fix.",
)
_STARLETTE_ERRORS = "starlette.middleware.errors.ServerErrorMiddleware"


@dataclass(frozen=True)
class _Position:
    """A place in the application: its path, and what is outside of it."""

    path: str = "/"
    #: Middleware that may answer requests itself.
    outside: tuple[str, ...] = ()
    #: The outermost CORS middleware.
    decided: str | None = None
    #: Whether Starlette answers uncaught errors outside of here.
    is_inside_errors: bool = False
    #: The objects on the way.
    passed: frozenset[int] = frozenset()

    def below(self, path: str) -> _Position:
        return replace(self, path=f"{self.path.rstrip('/')}{path}" or "/")


class Inspection:
    """What was found, and what is to say about its order."""

    def __init__(self, application: object) -> None:
        #: The middleware of corsac, each with its place.
        self.checked: list[str] = []
        #: CORS middleware of other packages.
        self.others: list[str] = []
        self.findings: list[Diagnostic] = []
        self._read(application, _Position())

    def _read(self, each: Any, at: _Position) -> None:
        if isinstance(each, MethodType):
            each = each.__self__
        if each is None or id(each) in at.passed:
            return
        at = replace(at, passed=at.passed | {id(each)})
        middleware = _installed.middleware(each)
        if middleware is not None:
            at = self._decides("corsac.asgi.install", at, middleware._decider, middleware.warnings)
        if isinstance(each, asgi.CORSMiddleware):
            self._read(each.app, self._decides("corsac.asgi.CORSMiddleware", at, each._decider, each.warnings))
        elif isinstance(each, wsgi.CORSMiddleware):
            self._read(each.app, self._decides("corsac.wsgi.CORSMiddleware", at, each._decider))
        elif hasattr(each, "build_middleware_stack"):
            self._read(each.build_middleware_stack(), at)
        elif hasattr(each, "view_functions") and hasattr(each, "app_context"):
            self._flask(each, at)
        elif _is_django(each):
            self._django(at)
        elif isinstance(getattr(each, "routes", None), list):
            self._routes(each.routes, at)
        else:
            self._wrapper(each, at)

    def _wrapper(self, each: Any, at: _Position) -> None:
        """Any other middleware."""
        name = _full_name(each)
        if "cors" in name.rpartition(".")[2].lower():
            at = self._is_other(name, at)
        elif name == _STARLETTE_ERRORS:
            at = replace(at, is_inside_errors=True)
        elif not name.startswith(_TRANSPARENT):
            at = replace(at, outside=(*at.outside, name))
        for inner in _wrapped(each):
            self._read(inner, at)

    def _routes(self, routes: Iterable[Any], at: _Position) -> None:
        for route in routes:
            inner = getattr(route, "app", None)
            # The application of a single route is the function that answers it.
            if inner is not None and not isinstance(inner, FunctionType):
                self._read(inner, at.below(getattr(route, "path", "")))

    def _flask(self, app: Any, at: _Position) -> None:
        wrapper = vars(app).get("wsgi_app")
        if wrapper is not None and -id(app) not in at.passed:
            # It ends at the application's own method, which leads back here.
            self._read(wrapper, replace(at, passed=at.passed - {id(app)} | {-id(app)}))
            return
        import_module("corsac.flask._cross_origin").check(app)
        before = [*app.before_request_funcs.get(None, ())]
        after = [*app.after_request_funcs.get(None, ())]
        if any(getattr(each, "__module__", "").startswith("flask_cors") for each in after):
            at = self._is_other("flask_cors.CORS", at)
        dispatch = app.extensions.get("corsac")
        if dispatch is not None:
            earlier = [each for each in before[: before.index(dispatch._before)]]
            at = replace(at, outside=(*at.outside, *map(_full_name, earlier)))
            resources = [*dispatch.app, *(each for scopes in dispatch.blueprints.values() for each in scopes)]
            deciders = [decider for each in resources for _, decider in getattr(each, "_resources", ())]
            name = "corsac.flask.CORS"
            if dispatch.blueprints:
                name += f" (blueprints {', '.join(sorted(dispatch.blueprints))})"
            inside = self._decides(name, at, *deciders)
            if any(each.covers_everything for each in dispatch.app[:-1]):
                self._several("corsac.flask.CORS", inside)
        decorated = [view for view in app.view_functions.values() if hasattr(view, "_corsac_decorated")]
        if decorated:
            self._found(f"corsac.flask.cross_origin on {len(decorated)} views", at)

    def _django(self, at: _Position) -> None:
        order = import_module("corsac.django._order")
        if order.is_used():
            self.findings += import_module("corsac.django._configuration").Configuration.of_settings().warnings
            if at.decided is not None:
                self._several("corsac.django.CorsMiddleware", at)
            self._found("corsac.django.CorsMiddleware", at)
        elif order.original() is not None:
            self._is_other(order.original(), at)
        self.findings += order.findings()

    def _decides(
        self, name: str, at: _Position, *deciders: Decider | tuple[Diagnostic, ...]
    ) -> _Position:
        """A middleware of corsac is here, with these deciders and warnings of its own."""
        for each in deciders:
            warnings = each if isinstance(each, tuple) else each.engine.warnings
            self.findings += [warning for warning in warnings if warning not in self.findings]
        self._found(name, at)
        if at.decided is not None:
            self._several(name, at)
        for other in at.outside if at.decided is None else ():
            self._add(
                "warning",
                f"`{other}` is outside of `{name}`: it gets preflights, which carry no credentials, and pages cannot read what it answers itself",
                _OUTERMOST.get(name, f"put `{name}` outside of it"),
            )
        if at.is_inside_errors and at.decided is None:
            self._add(
                "note",
                f"`{name}` is inside of Starlette's own middleware: pages cannot read responses to uncaught errors",
                _OUTERMOST["corsac.asgi.CORSMiddleware"],
            )
        return replace(at, decided=at.decided or f"{name} at {at.path}")

    def _is_other(self, name: str, at: _Position) -> _Position:
        self.others.append(name)
        if at.decided is not None:
            self._several(name, at)
        return replace(at, decided=at.decided or f"{name} at {at.path}")

    def _found(self, name: str, at: _Position) -> None:
        self.checked.append(f"{name} at `{at.path}`")

    def _several(self, name: str, at: _Position) -> None:
        message = f"`{name}` at `{at.path}` is inside of `{at.decided}`, which alone decides"
        self.findings.append(Diagnostic("settings/several", "warning", None, None, None, None, message, "remove one of them"))

    def _add(self, severity: Severity, message: str, help: str) -> None:
        found = Diagnostic("settings/order", severity, None, None, None, None, message, help)
        if found not in self.findings:
            self.findings.append(found)


#: How to put each outside of everything.
_OUTERMOST = {
    "corsac.asgi.CORSMiddleware": "use `corsac.asgi.install(app, …)` instead, which is outside of everything",
    "corsac.flask.CORS": "call `CORS(app)` before `before_request` and other extensions",
}


def _wrapped(each: Any) -> list[Any]:
    """The applications that this one wraps."""
    if isinstance(each, FunctionType):
        return list(_enclosed(each))
    found = (getattr(each, name, None) for name in _INNER)
    return [inner for inner in found if callable(inner)][:1]


def _enclosed(function: FunctionType) -> Iterator[Any]:
    """The applications among the variables of an inner function."""
    for cell in function.__closure__ or ():
        try:
            value = cell.cell_contents
        except ValueError:
            continue
        if callable(value) and not isinstance(value, type):
            yield value


def _is_django(each: object) -> bool:
    handlers = sys.modules.get("django.core.handlers.base")
    return handlers is not None and isinstance(each, handlers.BaseHandler)


def _full_name(each: Any) -> str:
    """Of a middleware: of its class, or of the function that it calls."""
    named = getattr(each, "dispatch_func", None)
    if not isinstance(named, FunctionType):
        named = each if isinstance(each, FunctionType) else type(each)
    return f"{named.__module__}.{named.__qualname__}"
