"""An application by its name, ``MODULE:APP``, as servers are told of one."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
from collections.abc import Iterator
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

    The module is looked for in the current directory first. Raises ConfigError where policies are
    refused on the way, and CannotRun for whatever else keeps it from being there.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise CannotRun(f"`{name}` is not an application name; write `MODULE:APP` or `MODULE:FACTORY()`, such as `main:app`")
    with imports(name):
        application: Any = importlib.import_module(found["module"])
        for attribute in found["path"].split("."):
            application = getattr(application, attribute)
        return application() if found["call"] else application


@contextlib.contextmanager
def imports(name: str) -> Iterator[None]:
    """Imports what `name` stands for, within: with the current directory, and without its output."""
    folder = os.getcwd()
    if sys.path[:1] not in ([folder], [""]):
        sys.path.insert(0, folder)
    try:
        # Standard output is for what the command says.
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except CannotRun:
        raise
    except (Exception, SystemExit) as error:
        refused = refusal(error)
        if refused is not None:
            raise refused from None
        raise CannotRun(f"cannot load `{name}`: {type(error).__name__}: {_first_line(error)}") from error


def refusal(error: BaseException | None) -> ConfigError | None:
    """The refused policies that an exception is about, or is because of."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ConfigError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")
