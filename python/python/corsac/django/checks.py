"""System checks of the settings, for ``manage.py check``."""

from __future__ import annotations

from typing import Any

from django.core import checks

from corsac._diagnostic import Diagnostic
from corsac.django import _order
from corsac.django._configuration import Configuration
from corsac.django._error import ConfigError

_LEVELS = {"error": checks.ERROR, "warning": checks.WARNING, "note": checks.INFO}


def check_settings(**_options: Any) -> list[checks.CheckMessage]:
    """Every diagnostic of the settings, with the id ``corsac.`` followed by its code."""
    try:
        found = Configuration.of_settings().warnings
    except ConfigError as error:
        found = error.diagnostics
    return [_message(diagnostic) for diagnostic in (*found, *_order.findings())]


def _message(found: Diagnostic) -> checks.CheckMessage:
    position = "" if found.file is None else f"{found.file}:{found.line}:{found.column}: "
    return checks.CheckMessage(
        _LEVELS[found.severity], position + found.message, hint=found.help, id=f"corsac.{found.code}"
    )
