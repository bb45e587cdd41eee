"""Starlette's settings for CORS as a policy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from corsac._policy import Policy, Row

#: What Starlette means by any method.
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
#: What Starlette lists beside the headers that are allowed.
_SAFELISTED = frozenset({"Accept", "Accept-Language", "Content-Language", "Content-Type"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The keywords of Starlette's ``CORSMiddleware``, with its defaults."""

    allow_origins: Collection[str | Row] = ()
    allow_methods: Collection[str] = ("GET",)
    allow_headers: Collection[str] = ()
    allow_credentials: bool = False
    allow_origin_regex: str | None = None
    allow_private_network: bool = False
    expose_headers: Collection[str] = ()
    max_age: int = 600

    def policy(self) -> Policy:
        """The policy that answers as Starlette does, wherever that is safe."""
        options: dict[str, Any] = {
            "allow_origins": self._origins(),
            "allow_methods": _METHODS if _is_any(self.allow_methods) else self.allow_methods,
            "allow_headers": self._headers(),
            "expose_headers": self.expose_headers,
            "allow_credentials": self.allow_credentials,
            "allow_private_network": self.allow_private_network,
            "max_age": self.max_age,
            "preflight_status": 200,
            "refused_preflight_status": 400,
        }
        if _is_any(self.allow_headers) and not self.allow_credentials:
            # With credentials it is so in any case: names that were asked for are answered.
            options["preflight_answer"] = "requested"
        return Policy(**options)

    def _origins(self) -> object:
        if self.allow_origin_regex is None or isinstance(self.allow_origins, str):
            return self.allow_origins
        return [*self.allow_origins, {"regex": self.allow_origin_regex}]

    def _headers(self) -> object:
        if isinstance(self.allow_headers, str):
            return self.allow_headers
        if _is_any(self.allow_headers):
            # By the standard `*` does not cover this one; by Starlette it does.
            return ["*", "authorization"]
        known = {name.lower() for name in _SAFELISTED}
        further = {name for name in self.allow_headers if not (isinstance(name, str) and name.lower() in known)}
        return sorted(_SAFELISTED | further)


def _is_any(setting: Collection[str]) -> bool:
    """A str is no list, though ``in`` would look into it: the policy says so."""
    return not isinstance(setting, str) and "*" in setting
