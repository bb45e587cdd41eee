"""A policy's options in environment variables."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from corsac._settings import Findings, shown

#: Options that a variable cannot express.
_UNSUPPORTED = ("grant", "expect")
_NUMBERS = ("max_age", "preflight_status", "refused_preflight_status")
_STRINGS = ("denied_requests", "preflight", "preflight_answer", "upstream", "name")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def options(
    variables: Mapping[str, str], prefix: str, fields: Iterable[dataclasses.Field[Any]], findings: Findings
) -> dict[str, Any]:
    """The options set by variables with this prefix; mistakes are added to the findings."""
    known = [field.name for field in fields if field.name not in _UNSUPPORTED]
    by_variable = {prefix + name.upper(): name for name in known}
    given = {
        option: _value(variable, option, variables[variable], findings)
        for variable, option in by_variable.items()
        if variable in variables
    }
    found = {option: value for option, value in given.items() if value is not None}
    for variable in sorted(variables.keys() - by_variable.keys()):
        # Other variables may have the same prefix, so only likely misspellings are rejected.
        near = difflib.get_close_matches(variable, by_variable, 1, 0.85) if variable.startswith(prefix) else []
        if near:
            findings.add("settings/unknown", f"unknown variable `{variable}`", f"did you mean `{near[0]}`?")
    if "allow_origins" not in found:
        findings.add(
            "settings/missing",
            f"`{prefix}ALLOW_ORIGINS` is not set",
            "list the origins, separated by commas or spaces; an empty value allows no origin",
        )
    return found


def _value(variable: str, option: str, text: str, findings: Findings) -> object:
    if option in _STRINGS:
        return text.strip()
    if option in _NUMBERS:
        if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) is None:
            findings.add("settings/wrong-type", f"`{variable}` must be a whole number, not {shown(text)}")
            return None
        return int(text)
    if option in ("allow_credentials", "allow_private_network"):
        truth = _TRUTH.get(text.strip().lower())
        if truth is None:
            findings.add("settings/wrong-type", f"`{variable}` must be `true` or `false`, not {shown(text)}")
        return truth is True
    return [item for item in re.split(r"[,\s]+", text) if item]
