"""Printing findings like ``corsac check``."""

from __future__ import annotations

import dataclasses
import json
import os
import unicodedata
from collections.abc import Collection, Iterable
from typing import TextIO

from corsac._diagnostic import Diagnostic

_STYLES = {"error": "\x1b[1m\x1b[91m", "warning": "\x1b[1m\x1b[33m", "note": "\x1b[1m\x1b[92m"}
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


class Report:
    """Writes findings to a stream: for people or for tools, with colours or without."""

    def __init__(self, stream: TextIO, format: str, color: str) -> None:
        self._stream = stream
        self._is_json = format == "json"
        self._explained: set[str] = set()
        self._has_colors = color == "always" or (color == "auto" and _is_colorful(stream))

    def write(
        self,
        subject: str,
        findings: Collection[Diagnostic],
        text: str = "",
        summary: str | None = None,
        checked: Collection[str] | None = None,
    ) -> None:
        """Writes all findings; for people, also the subject, source lines and counts.

        `summary` is the message if there are none; `checked` are the parts of the subject that were checked.
        """
        if self._is_json:
            is_ok = all(found.severity != "error" for found in findings)
            report = {"ok": is_ok, "diagnostics": [dataclasses.asdict(found) for found in findings]}
            if checked is not None:
                report["checked"] = list(checked)
            self._stream.write(json.dumps(report, ensure_ascii=False) + "\n")
            return
        lines = text.splitlines()
        for found in findings:
            self._stream.write("\n".join(self._shown(found, lines)) + "\n\n")
        for part in checked or ():
            self._stream.write(f"checked {_visible(part)}\n")
        self._stream.write(f"{_visible(subject)}: {self._counted(findings) or self._styled('note', summary or 'no findings')}\n")

    def failure(self, why: str) -> None:
        """Writes the reason why the command failed."""
        self._stream.write(f"{self._styled('error', 'error:')} {_visible(why)}\n")

    def _shown(self, found: Diagnostic, lines: list[str]) -> Iterable[str]:
        title = f": {_visible(found.message)}"
        bold, plain = (_BOLD, _PLAIN) if self._has_colors else ("", "")
        yield f"{self._styled(found.severity, f'{found.severity}[{found.code}]')}{bold}{title}{plain}"
        margin = ""
        if found.line is not None and found.column is not None:
            number = str(found.line)
            margin = " " * len(number)
            yield f"{margin}--> {_visible(str(found.file))}:{found.line}:{found.column}"
            if found.line <= len(lines):
                yield f"{margin} |"
                yield f"{number} | {_visible(lines[found.line - 1])}"
                yield f"{margin} | {' ' * (found.column - 1)}^"
            yield f"{margin} |"
        elif found.file is not None:
            yield f"--> {_visible(found.file)}"
        if found.policy is not None:
            yield f"{margin} = policy: {_visible(found.policy)}"
        if found.help is not None:
            yield f"{margin} = help: {_visible(found.help)}"
        # Once for each code.
        if found.code not in self._explained:
            self._explained.add(found.code)
            yield f"{margin} = see: corsac check --explain {found.code}"

    def _counted(self, findings: Iterable[Diagnostic]) -> str:
        severities = [found.severity for found in findings]
        counts = [(severity, severities.count(severity)) for severity in ("error", "warning", "note")]
        return ", ".join(
            self._styled(severity, f"{number:,} {severity}{'' if number == 1 else 's'}") for severity, number in counts if number
        )

    def _styled(self, style: str, text: str) -> str:
        return f"{_STYLES[style]}{text}{_PLAIN}" if self._has_colors else text


def status(findings: Iterable[Diagnostic]) -> int:
    """The exit status: notes require no action."""
    return int(any(found.severity != "note" for found in findings))


def _is_colorful(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _visible(text: str) -> str:
    """Text with the characters escaped that could move the cursor, change colours or hide text."""
    hidden = ("Cc", "Cf", "Zl", "Zp", "Cs")
    return "".join(f"\\u{{{ord(each):x}}}" if unicodedata.category(each) in hidden else each for each in text)
