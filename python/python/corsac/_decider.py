"""An engine as WSGI's environ asks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corsac._corsac import Decision, Engine
from corsac._policy import Policy

# What a preflight asks, as the environ names it. Servers join repeated lines with a comma.
_ASKED = (
    ("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "access-control-request-method"),
    ("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "access-control-request-headers"),
    ("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK", "access-control-request-private-network"),
)


class Decider:
    """Which policy of which engine decides requests.

    Without a name it is the engine's only policy, or, where it has several or has routes, the one
    that the routes choose for host and path.
    """

    __slots__ = ("_chosen", "engine", "name")

    def __init__(self, engine: Engine, name: str | None = None) -> None:
        self.engine = engine
        self.name = name
        #: A generation, and whether its routes choose. One object, so that threads see both or neither.
        self._chosen = (0, False)

    @classmethod
    def of_policy(cls, policy: Policy) -> Decider:
        """The one that asks this policy alone."""
        return cls(Engine.from_policy(policy), policy.name)

    def decide(self, method: str, environ: Mapping[str, Any], path: str | None = None) -> Decision:
        """Decides the request of this environ.

        The method is given, as frameworks change its case; and the path, where it is not the environ's.
        """
        headers: list[tuple[bytes | str, bytes | str]] | None = None
        if method == "OPTIONS":
            headers = [(name, environ[key]) for key, name in _ASKED if key in environ]
        origin: str | None = environ.get("HTTP_ORIGIN")
        if self.name is not None:
            return self.engine.decide(origin, method, headers, policy=self.name)
        while True:
            generation, is_routed = self._chosen
            if is_routed:
                host = environ.get("HTTP_HOST", environ.get("SERVER_NAME", ""))
                decision = self.engine.decide(origin, method, headers, host=host, path=_path(environ, path))
            else:
                decision = self.engine.decide(origin, method, headers)
            if decision.generation == generation:
                return decision
            # Asked as an older generation is asked. Two threads may both find out, and find the same.
            self._chosen = self._choose()

    def _choose(self) -> tuple[int, bool]:
        while True:
            generation = self.engine.generation
            is_routed = len(self.engine.policies) > 1 or "\n[[route]]" in self.engine.to_document()
            if self.engine.generation == generation:
                return generation, is_routed


def _path(environ: Mapping[str, Any], path: str | None) -> bytes:
    if path is not None:
        return path.encode("utf-8", "surrogateescape")
    # PEP 3333: the bytes of the path, each as a character.
    return str(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1")
