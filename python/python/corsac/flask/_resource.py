"""The paths to which a set of options applies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import corsac
from corsac._corsac import Decider
from corsac._settings import Findings, shown
from corsac.flask._options import deciders

#: Characters that make flask-cors read a string as a regular expression.
_HINTS = frozenset("*\\]?$^[]()")
_BEYOND_GLOBS = frozenset("\\]?$^[]()+|{}")


class Resource:
    """A pattern of paths: a path, a path with ``*``, or a regular expression. It must match the whole path."""

    __slots__ = ("_expression", "_is_text", "_literal", "_may_be_longer", "text")

    def __init__(self, pattern: str | re.Pattern[str]) -> None:
        self._is_text = isinstance(pattern, str)
        self.text = pattern if isinstance(pattern, str) else pattern.pattern
        self._literal = self.text if isinstance(pattern, str) and _HINTS.isdisjoint(pattern) else None
        self._may_be_longer = self._literal is None and not (isinstance(pattern, str) and _is_glob(pattern))
        if isinstance(pattern, str):
            pattern = re.compile(pattern if self._may_be_longer else _expression(pattern), re.DOTALL)
        self._expression = pattern

    @property
    def is_literal(self) -> bool:
        """Whether it is a single path."""
        return self._literal is not None

    @property
    def is_everything(self) -> bool:
        """Whether it matches every path."""
        return self.text in ("*", "/*", ".*", "/.*")

    @property
    def rank(self) -> tuple[bool, bool, int, int]:
        """The sort key of the resources of a dictionary, as in flask-cors."""
        return (self._literal is None, self._literal is None and self._is_text, -self.text.count("/"), -len(self.text))

    def covers(self, path: str) -> bool:
        """Whether the pattern matches the whole path."""
        return path == self._literal if self._literal is not None else self._expression.fullmatch(path) is not None

    def starts(self, path: str) -> bool:
        """Whether the expression matches the start of the path, at which flask-cors ends its search."""
        return self._may_be_longer and self._expression.match(path) is not None


class Resources:
    """The resources of an application or blueprint, in the order in which they are tried."""

    def __init__(self, spec: object, options: Mapping[str, Any]) -> None:
        findings = Findings()
        pairs = _pairs(spec, findings)
        if findings:
            raise corsac.ConfigError(tuple(findings))
        # This option applies to decorated views only.
        found = [(resource, {**options, **own, "automatic_options": True}) for resource, own in pairs]
        if isinstance(spec, dict):
            found.sort(key=lambda pair: pair[0].rank)
        names = _policy_names([resource.text for resource, _ in found])
        made = deciders([(name, own) for name, (_, own) in zip(names, found, strict=True)])
        self._resources = [(resource, decider) for (resource, _), decider in zip(found, made, strict=True)]

    @property
    def covers_everything(self) -> bool:
        """Whether one of them is for every path."""
        return any(resource.is_everything for resource, _ in self._resources)

    def decider(self, path: str) -> Decider | None:
        """The decider for this path.

        None if an expression matches only the start of the path: flask-cors tries no later resource then.
        """
        for resource, decider in self._resources:
            if resource.covers(path):
                return decider
            if resource.starts(path):
                return None
        return None


def _pairs(spec: object, findings: Findings) -> list[tuple[Resource, Mapping[str, Any]]]:
    items: list[tuple[Any, Any]]
    if isinstance(spec, Mapping):
        items = list(spec.items())
    elif isinstance(spec, (str, re.Pattern)):
        items = [(spec, {})]
    elif isinstance(spec, Iterable):
        items = [(pattern, {}) for pattern in spec]
    else:
        items = [(spec, {})]
    pairs: list[tuple[Resource, Mapping[str, Any]]] = []
    for pattern, options in items:
        if not isinstance(pattern, str) and not (isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str)):
            findings.add("settings/wrong-type", f"`resources` must contain paths or regular expressions, not {shown(pattern)}")
        elif not isinstance(options, Mapping):
            findings.add("settings/wrong-type", f"the options of the resource {shown(pattern)} must be a dict")
        else:
            try:
                pairs.append((Resource(pattern), options))
            except re.error as error:
                findings.add("regex/syntax", f"the resource `{pattern}` is not a valid regular expression: {error}")
    return pairs


def _is_glob(text: str) -> bool:
    return _BEYOND_GLOBS.isdisjoint(text) and ".*" not in text


def _expression(glob: str) -> str:
    """``/api/*`` is ``/api`` and everything below it; any other ``*`` matches any characters."""
    below = glob.endswith("/*")
    parts = map(re.escape, glob.removesuffix("/*").split("*"))
    return ".*".join(parts) + ("(?:/.*)?" if below else "")


def _policy_names(texts: list[str]) -> list[str]:
    """Valid policy names, derived from the resources."""
    names: list[str] = []
    for number, text in enumerate(texts, 1):
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:48] or "all"
        names.append(plain if plain not in names else f"{plain}-{number}")
    return names
