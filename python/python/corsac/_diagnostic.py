"""What is found in a configuration, and the exception that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake, risk or remark: what, where, and what to do about it."""

    #: The permanent code, such as ``origin/trailing-slash``.
    code: str
    severity: Severity
    #: The policy that it belongs to, if it belongs to one.
    policy: str | None
    #: The document or list file; None for policies made in Python.
    file: str | None
    line: int | None
    column: int | None
    message: str
    help: str | None

    def __str__(self) -> str:
        place = ""
        if self.file is not None:
            place = f"{self.file}:"
            if self.line is not None:
                place += f"{self.line}:{self.column}:"
            place += " "
        help = f" ({self.help})" if self.help else ""
        return f"{place}{self.severity}[{self.code}]: {self.message}{help}"


class ConfigError(ValueError):
    """A configuration that was refused, with everything that was found in it at once."""

    #: How many diagnostics ``str()`` lists.
    _SHOWN = 20

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(diagnostics)
        #: Everything: errors, warnings and notes, in the order of their places.
        self.diagnostics = tuple(diagnostics)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors, in the order of their places."""
        return tuple(found for found in self.diagnostics if found.severity == "error")

    def __str__(self) -> str:
        errors = self.errors
        if len(errors) == 1:
            return str(errors[0])
        lines = [f"{len(errors)} errors:", *map(str, errors[: self._SHOWN])]
        if len(errors) > self._SHOWN:
            lines.append(f"and {len(errors) - self._SHOWN} more")
        return "\n  ".join(lines)
