"""Loading an application by its name, ``MODULE:APP``, in the form that servers use."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import re
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from corsac._diagnostic import ConfigError

_WORD = r"[^\W\d]\w*"
_NAME = re.compile(rf"(?P<module>{_WORD}(?:\.{_WORD})*):(?P<path>{_WORD}(?:\.{_WORD})*)(?P<call>\(\))?")


class CannotRun(Exception):
    """The reason that a command cannot run."""


def is_name(text: str) -> bool:
    """Whether it is ``MODULE:APP`` or ``MODULE:FACTORY()``."""
    return _NAME.fullmatch(text) is not None


def load(name: str) -> Any:
    """The application: an attribute of a module, or the result of calling it.

    The current directory is searched first. Raises ConfigError if policies are rejected during the import,
    and CannotRun for any other failure.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise CannotRun(f"`{name}` is not an application name; write `MODULE:APP` or `MODULE:FACTORY()`, such as `main:app`")
    with imports(name):
        application: Any = importlib.import_module(found["module"])
        for attribute in found["path"].split("."):
            application = getattr(application, attribute)
        if found["call"]:
            return application()
        why = _no_application(name, application)
        if why is not None:
            raise CannotRun(f"`{name}` is no application: {why}")
        return application


def _no_application(name: str, given: Any) -> str | None:
    """Why it is not an application, if it is not: one is called with two arguments (WSGI) or three (ASGI)."""
    if not callable(given):
        return f"it is of the type `{type(given).__name__}`, which cannot be called"
    if not (inspect.isroutine(given) or inspect.isclass(given) or isinstance(given, partial)):
        return None
    try:
        signature = inspect.signature(given)
    except (TypeError, ValueError):
        return None
    if _takes(signature, 0):
        return f"it is called without arguments, like a factory; write `{name}()`"
    if inspect.isclass(given) or not (_takes(signature, 2) or _takes(signature, 3)):
        return f"it is called with other arguments, {signature}; name what it returns"
    return None


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


@contextlib.contextmanager
def imports(name: str) -> Iterator[None]:
    """A context for importing `name`: with the current directory in the path, and output redirected."""
    folder = os.getcwd()
    if sys.path[:1] not in ([folder], [""]):
        sys.path.insert(0, folder)
    try:
        # Standard output is reserved for the command's own output.
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except CannotRun:
        raise
    except (Exception, SystemExit) as error:
        rejected = rejection(error)
        if rejected is not None:
            raise rejected from None
        raise CannotRun(f"cannot load `{name}`: {type(error).__name__}: {_first_line(error)}") from error


def rejection(error: BaseException | None) -> ConfigError | None:
    """The ConfigError that an exception is or was caused by."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ConfigError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")
