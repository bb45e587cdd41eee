"""Diagnostics of a configuration, and the exception that holds them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake, risk or remark: its message, position and help."""

    #: The permanent code, such as ``origin/trailing-slash``.
    code: str
    severity: Severity
    #: The policy that it is about, if any.
    policy: str | None
    #: The document or list file; None for policies made in Python.
    file: str | None
    line: int | None
    column: int | None
    message: str
    help: str | None

    def __str__(self) -> str:
        position = ""
        if self.file is not None:
            position = f"{self.file}:"
            if self.line is not None:
                position += f"{self.line}:{self.column}:"
            position += " "
        help = f" ({self.help})" if self.help else ""
        return f"{position}{self.severity}[{self.code}]: {self.message}{help}"


class ConfigError(ValueError):
    """A rejected configuration, with all of its diagnostics."""

    #: How many errors of one code ``str()`` lists, before it only says how many more there are.
    _SHOWN = 10

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(diagnostics)
        #: All errors, warnings and notes, in the order of their positions.
        self.diagnostics = tuple(diagnostics)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors, in the order of their positions."""
        return tuple(found for found in self.diagnostics if found.severity == "error")

    def __str__(self) -> str:
        errors = self.errors
        if len(errors) == 1:
            return str(errors[0])
        totals = Counter(error.code for error in errors)
        seen: Counter[str] = Counter()
        lines = [f"{len(errors)} errors:"]
        for error in errors:
            code = error.code
            seen[code] += 1
            if seen[code] <= self._SHOWN:
                lines.append(str(error))
            if seen[code] == self._SHOWN < totals[code]:
                lines.append(f"… and {totals[code] - self._SHOWN:,} more `{code}`")
        return "\n  ".join(lines)
