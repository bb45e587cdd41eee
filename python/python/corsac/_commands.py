"""The commands that ``python -m corsac`` has in addition to those of the program ``corsac``."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from corsac import _check
from corsac._application import CannotRun, is_name
from corsac._import import _command
from corsac._report import Report

_OPTIONS = """\
Options:
      --format <FORMAT>  Output format of the findings, on standard error
                         [default: human] [possible values: human, json]
      --color <WHEN>     Whether to use colours; `auto`: on a terminal, unless NO_COLOR is set
                         [default: auto] [possible values: auto, always, never]
  -h, --help             Print help
"""

_STATUS = """\
The document is written to standard output, findings to standard error. Anything that the document cannot express as the settings do is a warning. Unsafe settings are errors, and then no document is written.

Exit status: 0 no findings, or only notes; 1 errors or warnings; 2 no settings were found, or the application cannot be imported.
"""

_APPLICATION = """\
Arguments:
  <MODULE:APP>  The application: a module and a name in it, as servers take it, or
                `MODULE:FACTORY()`; the current directory is searched first
"""

#: The summary of each command, and its help.
_HELP = {
    "import-starlette": (
        "Convert the settings of Starlette's CORSMiddleware to a policy document",
        f"""\
Usage: corsac import-starlette [OPTIONS] <MODULE:APP>

{_APPLICATION}
{_OPTIONS}
Examples:
  python -m corsac import-starlette main:app > policy.toml
  python -m corsac import-starlette 'main:create_app()'

Reads the application's middleware (Starlette, FastAPI), any wrappers around it, and mounted applications. Each mounted application gets its own route.

{_STATUS}""",
    ),
    "import-django": (
        "Convert the settings of django-cors-headers to a policy document",
        f"""\
Usage: corsac import-django [OPTIONS] [SETTINGS_MODULE]

Arguments:
  [SETTINGS_MODULE]  The settings, such as `mysite.settings` [default: the value of the
                     variable DJANGO_SETTINGS_MODULE]

{_OPTIONS}
Examples:
  python -m corsac import-django mysite.settings > policy.toml

CORS_URLS_REGEX becomes a route if it matches exactly one path and everything below it.

{_STATUS}""",
    ),
    "import-flask": (
        "Convert the options of flask-cors to a policy document",
        f"""\
Usage: corsac import-flask [OPTIONS] <MODULE:APP>

{_APPLICATION}
{_OPTIONS}
Examples:
  python -m corsac import-flask main:app > policy.toml
  python -m corsac import-flask 'main:create_app()'

Reads CORS(app) with its resources and configuration, CORS(blueprint) and cross_origin. Each resource that matches one path and everything below it becomes a route.

{_STATUS}""",
    ),
}

_CHECK_HELP = """
To check a Python application:
  python -m corsac check main:app            find rejected policies before the server starts
  python -m corsac check mysite.wsgi:application

A name that contains a colon and is not a file is read as MODULE:APP or MODULE:FACTORY(). The application is imported and its middleware is built; rejected policies are shown, and warnings for a middleware that may answer before CORS and for CORS in two places. The exit status is 2 if nothing of corsac is found.
"""


def run(arguments: Sequence[str]) -> int | None:
    """Runs a command of Python's own and returns its exit status; None for all others."""
    command = _first(arguments)
    if command == "help" and arguments[-1] in _HELP:
        command, arguments = arguments[-1], ["--help"]
    elif command == "check":
        if not any(is_name(each) and not os.path.exists(each) for each in arguments):
            return None
    elif command not in _HELP:
        return None
    else:
        arguments = list(arguments)
        arguments.remove(command)
    return _run(command, [each for each in arguments if each != "check"])


def _run(command: str, arguments: Sequence[str]) -> int:
    about, help = _HELP.get(command, ("", ""))
    parser = _Parser(command, "[SETTINGS_MODULE]" if command == "import-django" else "<MODULE:APP>")
    try:
        given = parser.parse_args(arguments)
    except _Usage as usage:
        sys.stderr.write(str(usage))
        return 2
    if given.help:
        sys.stdout.write(f"{about}\n\n{help}")
        return 0
    report = Report(sys.stdout if command == "check" else sys.stderr, given.format, given.color)
    try:
        return _check.run(given.target, report) if command == "check" else _command.run(command, given.target, report)
    except CannotRun as error:
        Report(sys.stderr, "human", given.color).failure(str(error))
        return 2


def with_own(help: str, arguments: Sequence[str]) -> str:
    """The help of the program, with the commands that Python adds."""
    if _first(arguments) == "check" or arguments[-1:] == ["check"]:
        before, exit_status, after = help.partition("\nExit status:")
        return f"{before}{_CHECK_HELP}{exit_status}{after}"
    before, title, after = help.partition("\nCommands:\n")
    listed, end, after = after.partition("\n\n")
    if not title:
        return help
    found = [re.fullmatch(r"  (\S+) +(.*)", line) for line in listed.splitlines()]
    commands = [(each[1], each[2]) for each in found if each is not None]
    commands[-1:-1] = [(name, about) for name, (about, _) in _HELP.items()]
    width = max(len(name) for name, _ in commands)
    lines = [f"  {name:{width}}  {about}" for name, about in commands]
    return before + title + "\n".join(lines) + end + after


def asks_for_help(arguments: Sequence[str]) -> bool:
    """Whether the help of the program, or of ``check``, is requested."""
    is_requested = not arguments or not {"-h", "--help"}.isdisjoint(arguments) or _first(arguments) == "help"
    return is_requested and (_first(arguments) in (None, "check") or list(arguments[-2:]) in (["help"], ["help", "check"]))


def _first(arguments: Sequence[str]) -> str | None:
    """The command: the first argument that is not an option or its value."""
    previous = ""
    for argument in arguments:
        if not argument.startswith("-") and previous != "--color":
            return argument
        previous = argument
    return None


class _Usage(Exception):
    """Invalid arguments, with the usage text."""


class _Parser(argparse.ArgumentParser):
    """Parses arguments; reports errors in the style of the `corsac` program."""

    def __init__(self, command: str, target: str) -> None:
        super().__init__(add_help=False, allow_abbrev=False)
        self._usage = f"corsac {command} [OPTIONS] {target}"
        self.add_argument("target", nargs="?")
        self.add_argument("--format", choices=("human", "json"), default="human")
        self.add_argument("--color", choices=("auto", "always", "never"), default="auto")
        self.add_argument("-h", "--help", action="store_true")
        self._needs_target = target.startswith("<")

    def parse_args(self, arguments: Sequence[str]) -> argparse.Namespace:  # type: ignore[override]
        """The parsed arguments; raises _Usage."""
        given, further = self.parse_known_args(list(arguments))
        if further:
            self.error(f"unexpected argument '{further[0]}' found")
        if self._needs_target and given.target is None and not given.help:
            self.error("the name of the application is missing")
        return given

    def error(self, message: str) -> NoReturn:
        raise _Usage(f"error: {message}\n\nUsage: {self._usage}\n\nFor more information, try '--help'.\n")
