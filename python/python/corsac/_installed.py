"""Putting a middleware into an application object, which stays the object that it is.

The object gets a class of its own, derived from its class, whose call goes through the middleware. Being
called is all that every application has in common, and all that servers, mounts and test clients do
with one. How Starlette builds its middleware is left alone: tracing packages replace that, too.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, TypeVar

from corsac._diagnostic import ConfigError
from corsac._settings import Findings

_App = TypeVar("_App", bound=Callable[..., Any])

#: The attribute of the derived class that holds the middleware.
_ATTRIBUTE = "_corsac_middleware"


def middleware(app: object) -> Any:
    """The middleware in this application, or None."""
    return getattr(type(app), _ATTRIBUTE, None)


def install(app: _App, make: Callable[[Any], Any]) -> _App:
    """Puts the middleware that ``make`` makes around this application into it."""
    if middleware(app) is not None:
        findings = Findings()
        findings.add("settings/several", "CORS is installed in this application already", "remove one of the two calls")
        raise ConfigError(tuple(findings))
    base: Any = type(app)
    if not base.__flags__ & _IS_HEAP_TYPE or not callable(app) or isinstance(app, type):
        raise TypeError(f"install needs an application object, not {app!r}; write CORSMiddleware(app, …) around others")

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        # Looked up at each call: other packages replace it in the class.
        await base.__call__(app, scope, receive, send)

    made = make(inner)

    async def call(self: Any, scope: Any, receive: Any, send: Any) -> None:
        if self is not app:
            raise RuntimeError("this application is a copy of one with CORS in it, which has the original's; create it anew")
        await made(scope, receive, send)

    def fill(namespace: dict[str, Any]) -> None:
        shown = {name: getattr(base, name) for name in ("__module__", "__qualname__", "__doc__")}
        namespace.update(shown, __slots__=(), __call__=call, **{_ATTRIBUTE: made})

    derived = types.new_class(base.__name__, (base,), exec_body=fill)
    app.__class__ = derived
    return app


#: Only classes written in Python can be replaced; functions have another kind.
_IS_HEAP_TYPE = 1 << 9
