"""The commands ``import-starlette``, ``import-django`` and ``import-flask``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

from corsac._application import CannotRun, load
from corsac._diagnostic import ConfigError, Diagnostic
from corsac._import._document import Document
from corsac._report import Report, status

#: The package of each command, the kind of settings that it needs, and the module that reads them.
_PACKAGES = {
    "import-starlette": ("starlette", "CORSMiddleware of Starlette", "corsac._import._starlette"),
    "import-django": ("django", "setting of django-cors-headers", "corsac._import._django"),
    "import-flask": ("flask", "use of flask-cors", "corsac._import._flask"),
}


def run(command: str, target: str | None, report: Report) -> int:
    """Prints the document and reports the findings; returns the exit status."""
    package, wanted, module = _PACKAGES[command]
    subject = target or "settings"
    try:
        found = _document(command, target, package, module)
    except ConfigError as error:
        found = Document(findings=list(error.diagnostics))
    if found.is_empty:
        if found.findings:
            report.write(subject, found.findings)
        raise CannotRun(f"`{subject}` has no {wanted}")
    return _print(subject, found, report)


def _document(command: str, target: str | None, package: str, module: str) -> Document:
    try:
        import_module(package)
    except ImportError as error:
        raise CannotRun(f"cannot import `{package}`: {error}; use the same Python as the application") from error
    document: Callable[[object], Document] = import_module(module).document
    if command == "import-django":
        return document(target)
    assert target is not None
    application = load(target)
    try:
        return document(application)
    except CannotRun as error:
        raise CannotRun(f"`{target}` cannot be read: {error}") from error


def _print(subject: str, found: Document, report: Report) -> int:
    findings: tuple[Diagnostic, ...] = tuple(found.findings)
    if found.is_rejected:
        report.write(subject, findings)
        return status(findings)
    try:
        engine = found.engine()
    except ConfigError as error:
        report.write(subject, (*findings, *error.diagnostics), found.text())
        return 1
    sys.stdout.write(found.text())
    sys.stdout.flush()
    findings += engine.warnings
    report.write(subject, findings, found.text())
    return status(findings)
