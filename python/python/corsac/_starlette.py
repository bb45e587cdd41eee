"""Starlette's settings for CORS as a policy."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from corsac._diagnostic import ConfigError
from corsac._policy import Policy, Row
from corsac._settings import Findings

#: The methods that Starlette allows for ``*``.
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
#: The headers that Starlette always lists in addition to the allowed ones.
_SAFELISTED = frozenset({"Accept", "Accept-Language", "Content-Language", "Content-Type"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The keywords of Starlette's ``CORSMiddleware``, with its defaults."""

    allow_origins: Collection[str | Row] = ()
    allow_methods: Collection[str] = ("GET",)
    allow_headers: Collection[str] = ()
    allow_credentials: bool = False
    allow_origin_regex: str | re.Pattern[str] | None = None
    allow_private_network: bool = False
    expose_headers: Collection[str] = ()
    max_age: int = 600
    #: Not a keyword of Starlette's.
    own_origins: Collection[str] = ()

    def policy(self, name: str = "default", findings: Findings | None = None) -> Policy:
        """The policy that decides like Starlette, wherever that is safe. Remarks are added to `findings`."""
        findings = Findings() if findings is None else findings
        options = self._options(findings)
        try:
            policy = Policy(**options, name=name)
        except ConfigError as error:
            raise ConfigError((*findings, *error.diagnostics)) from None
        if findings:
            raise ConfigError(tuple(findings))
        return policy

    def _options(self, findings: Findings) -> dict[str, Any]:
        methods = _METHODS if _is_any(self.allow_methods) else self.allow_methods
        if isinstance(methods, Iterable):
            findings.reading("allow_methods", methods)
        options: dict[str, Any] = {
            "allow_origins": self._origins(findings),
            "allow_methods": methods,
            "allow_headers": self._headers(),
            "expose_headers": self.expose_headers,
            "allow_credentials": self.allow_credentials,
            "allow_private_network": self.allow_private_network,
            # Where no method is listed, Starlette allows no preflight, so browsers may keep none.
            "max_age": self.max_age if methods else 0,
            "own_origins": self.own_origins,
            "preflight_status": 200,
            "refused_preflight_status": 400,
        }
        if _is_any(self.allow_headers) and not self.allow_credentials:
            # With credentials, the engine lists the requested names in any case.
            options["preflight_answer"] = "requested"
        return options

    def _origins(self, findings: Findings) -> object:
        given: Any = self.allow_origins
        if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
            return given
        rows: list[object] = []
        for row in sorted(given) if isinstance(given, AbstractSet) else given:
            if isinstance(row, str) and "*" in row and row != "*":
                why = "origins are compared literally"
                instead = f'write the row `{{"pattern": "{row}"}}`, or pass `policy=corsac.Policy(allow_origins=["{row}"])`'
                findings.never_matched("allow_origins", row, why, instead)
            else:
                rows.append(row)
        if self.allow_origin_regex is not None:
            rows += findings.expression("allow_origin_regex", self.allow_origin_regex)
        return rows

    def _headers(self) -> object:
        if isinstance(self.allow_headers, str):
            return self.allow_headers
        if _is_any(self.allow_headers):
            # In the standard, `*` does not cover this name; in Starlette, it does.
            return ["*", "authorization"]
        known = {name.lower() for name in _SAFELISTED}
        further = {name for name in self.allow_headers if not (isinstance(name, str) and name.lower() in known)}
        return sorted(_SAFELISTED | further)


def _is_any(setting: Collection[str]) -> bool:
    """A str is not a list, although ``in`` accepts it: the policy reports it."""
    return isinstance(setting, Iterable) and not isinstance(setting, str) and "*" in setting
