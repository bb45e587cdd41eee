"""Validates settings of other packages before they become a policy document."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from corsac._diagnostic import Diagnostic

if TYPE_CHECKING:
    from corsac._policy import Row


class Findings(list[Diagnostic]):
    """Errors found in settings before they are converted to a policy document, and remarks on the conversion."""

    def __init__(self) -> None:
        super().__init__()
        #: What the policy allows that the settings did not, or the reverse. Nothing is refused for it.
        self.remarks: list[Diagnostic] = []

    def remark(self, code: str, severity: Literal["warning", "note"], message: str, help: str, *, policy: str | None = None) -> None:
        """Adds a remark."""
        self.remarks.append(Diagnostic(code, severity, policy, None, None, None, message, help))

    def reading(self, setting: str, methods: Iterable[str], *, policy: str | None = None) -> None:
        """Adds a remark if `GET` is not listed: every policy allows the methods that only read."""
        if not {"GET", "*"} & set(methods):
            self.remark(
                "settings/wider",
                "note",
                f"`{setting}` does not list `GET`, and preflights for `GET` and `HEAD` pass all the same",
                "no change is needed unless a `GET` of this service has effects",
                policy=policy,
            )

    def add(self, code: str, message: str, help: str | None = None, *, policy: str | None = None) -> None:
        """Adds an error."""
        self.append(Diagnostic(code, "error", policy, None, None, None, message, help))

    def texts(self, setting: str, value: object) -> list[str]:
        """The value as a list of strings, or an empty list and a finding."""
        if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
            items = sorted(value) if isinstance(value, (set, frozenset)) else list(value)
            if all(isinstance(item, str) for item in items):
                return items
        self.add("settings/wrong-type", f"`{setting}` must be a list of strings, not {shown(value)}")
        return []

    def boolean(self, setting: str, value: object) -> bool:
        """The value as a bool, or False and a finding."""
        if not isinstance(value, bool):
            self.add("settings/wrong-type", f"`{setting}` must be True or False, not {shown(value)}")
        return value is True

    def expression(self, setting: str, value: object) -> list[Row]:
        """The row of a regular expression, which the loader validates; or an empty list and a finding."""
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            if value.flags & ~re.UNICODE:
                self.add(
                    "regex/flags",
                    f"the flags of `{value.pattern}` in `{setting}` are not supported",
                    "remove the flags: origins are lower-case",
                )
                return []
            value = value.pattern
        if isinstance(value, str):
            return [{"regex": value}]
        self.add("settings/wrong-type", f"`{setting}` must contain regular expressions, not {shown(value)}")
        return []

    def never_matched(self, setting: str, origin: str, why: str, instead: str, *, policy: str | None = None) -> None:
        """Adds an error for a wildcard that its package never treated as one: corsac would allow new origins."""
        self.add(
            "settings/never-matched",
            f"`{origin}` in `{setting}` has never matched as a wildcard: {why}",
            f"remove it; or, to allow those origins, {instead}",
            policy=policy,
        )


def shown(value: Any) -> str:
    """A value in a message."""
    text = repr(value)
    return f"`{text}`" if len(text) <= 80 else f"`{text[:77]}...`"
