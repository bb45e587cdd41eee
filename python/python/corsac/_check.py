"""``check`` of an application: whether the policies in its code are accepted, and stand where they work."""

from __future__ import annotations

from corsac._application import CannotRun, imports, load
from corsac._diagnostic import ConfigError
from corsac._report import Report, status

#: The command that reads the settings of each other package.
_IMPORTS = {"starlette": "import-starlette", "flask_cors": "import-flask", "corsheaders": "import-django"}


def run(target: str, report: Report) -> int:
    """Creates the application with all of its middleware; returns the exit status."""
    try:
        with imports(target):
            # Its module is not imported for other commands: it needs the middlewares.
            from corsac._inspection import Inspection

            found = Inspection(load(target))
    except ConfigError as error:
        report.write(target, error.diagnostics)
        return status(error.diagnostics)
    if not found.checked:
        raise CannotRun(f"nothing to check: {_nothing(target, found.others)}")
    report.write(target, found.findings, summary="all policies are accepted", checked=found.checked)
    return status(found.findings)


def _nothing(target: str, others: list[str]) -> str:
    if not others:
        return f"no middleware of corsac was found in `{target}`"
    command = _IMPORTS.get(others[0].partition(".")[0])
    argument = "" if command == "import-django" else f" {target}"
    hint = f"; `python -m corsac {command}{argument}` shows its policy" if command else ""
    return f"the CORS middleware of `{target}` is `{others[0]}`, not corsac's{hint}"
