"""The policy document for the settings of another package."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corsac._corsac import Engine
from corsac._diagnostic import ConfigError, Diagnostic
from corsac._policy import Policy
from corsac._settings import Findings

#: Longer lists have a line for each item.
_WIDTH = 100
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass
class Document:
    """Policies and their routes, and the findings of the conversion."""

    policies: dict[str, Policy] = field(default_factory=dict)
    #: Host, path and policy of each route. None: the policy is for every request.
    routes: list[tuple[str | None, str | None, str]] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)
    #: The text of a document that already exists.
    written: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to print and nothing was rejected."""
        return not (self.policies or self.written or self.is_rejected)

    @property
    def is_rejected(self) -> bool:
        """Whether anything is an error, so that there is no document."""
        return any(found.severity == "error" for found in self.findings)

    def name(self, reminder: str) -> str:
        """An unused policy name, derived from this string."""
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", reminder).strip("-_")[:48] or "default"
        names = (plain if number == 1 else f"{plain}-{number}" for number in range(1, len(self.policies) + 2))
        return next(name for name in names if name not in self.policies)

    def add(self, policy: Policy) -> str:
        """Adds a policy and returns its name. Equal policies share one entry."""
        for name, known in self.policies.items():
            if _options(known) == _options(policy):
                return name
        self.policies[policy.name] = policy
        return policy.name

    def route(self, policy: str, path: str | None, host: str | None = None) -> bool:
        """Adds a route; False if an earlier route has the same host and path and another policy."""
        taken = next((name for at, below, name in self.routes if (at, below) == (host, path)), None)
        if taken is None:
            self.routes.append((host, path, policy))
        return taken in (None, policy)

    def reject(self, error: ConfigError) -> None:
        """Adds the diagnostics of rejected settings."""
        self.findings += error.diagnostics

    def warn(self, code: str, message: str, help: str, *, policy: str | None = None) -> None:
        """Adds a warning about a difference between the document and the settings."""
        self.findings.append(Diagnostic(code, "warning", policy, None, None, None, message, help))

    def remark(self, findings: Findings, policy: str) -> None:
        """Adds the remarks on the conversion of settings, once for each policy."""
        made = (dataclasses.replace(remark, policy=policy) for remark in findings.remarks)
        self.findings += [remark for remark in made if remark not in self.findings]

    def text(self) -> str:
        """The document in TOML, as a person would write it."""
        if self.written is not None:
            return self.written
        lines = ["version = 1"]
        has_routes = any(host or path for host, path, _ in self.routes)
        if has_routes and not any(host is path is None for host, path, _ in self.routes):
            lines.append(_entry("unrouted", "pass"))
        for name, policy in self.policies.items():
            lines += ["", f"[policy.{name if _BARE.fullmatch(name) else _string(name)}]"]
            lines += [_entry(key, value) for key, value in _options(policy).items()]
        for host, path, name in self.routes if has_routes else ():
            route = {"host": host, "path": path, "policy": name}
            lines += ["", "[[route]]", *(_entry(key, value) for key, value in route.items() if value is not None)]
        return "\n".join([*lines, ""])

    def engine(self) -> Engine:
        """The engine for the document as it is printed."""
        return Engine.from_text(self.text(), name="<document>")


def _options(policy: Policy) -> dict[str, Any]:
    options: dict[str, Any] = policy.to_dict()["policy"][policy.name]
    return options


def _entry(key: str, value: object) -> str:
    line = f"{key} = {_value(value)}"
    if len(line) <= _WIDTH or not isinstance(value, list):
        return line
    return "\n".join([f"{key} = [", *(f"  {_value(item)}," for item in value), "]"])


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_value(item)}' for key, item in value.items())} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)


def _string(text: str) -> str:
    """In single quotes if possible, because a backslash needs no escape there."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    shown = "".join(each if each.isprintable() else rf"\U{ord(each):08x}" for each in escaped)
    return f'"{shown}"'
