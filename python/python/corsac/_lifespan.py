"""Refusing to start a server, when a middleware is made while the application starts.

Starlette makes its middleware at its first call, which is the lifespan's. Servers take an exception
there for an application without lifespan, go on, and answer every request with 500. They stop if the
application says that its startup failed.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import wraps
from typing import Any, NoReturn, TypeVar, cast

from corsac import _decider

_Init = TypeVar("_Init", bound=Callable[..., None])


def can_fail_to_start(init: _Init) -> _Init:
    """For the ``__init__`` of a middleware: what it raises fails the startup that it is part of.

    Unknown keywords are found here, or Python would raise a TypeError before anything of ours runs.
    """
    known = inspect.signature(init).parameters

    @wraps(init)
    def checked(self: Any, *arguments: Any, **keywords: Any) -> None:
        try:
            _decider.check_names(keywords.keys() - known.keys(), known)
            init(self, *arguments, **keywords)
        except (TypeError, ValueError) as error:
            if not is_handled():
                raise
            self._fail_to_start(error)

    return cast(_Init, checked)


def is_handled() -> bool:
    """Whether the caller was called by an application that handles a lifespan scope just now.

    Only the nearest coroutine is looked at: it is the application that makes its middleware. Code in a
    user's own lifespan function raises as usual, and so does everything that a server imports.
    """
    frame = sys._getframe(1)
    asynchronous = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
    while not frame.f_code.co_flags & asynchronous:
        if frame.f_back is None:
            return False
        frame = frame.f_back
    parameters = frame.f_code.co_varnames[: frame.f_code.co_argcount]
    values = (frame.f_locals.get(name) for name in parameters)
    return any(isinstance(value, Mapping) and value.get("type") == "lifespan" for value in values)


class FailedStart:
    """An application that could not be made. Says so to its server; any other scope raises the error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.failed", "message": f"{type(self._error).__name__}: {self._error}"})
        self.fail()

    def fail(self, *_: object) -> NoReturn:
        """Raises the error."""
        raise self._error
