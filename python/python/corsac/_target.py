"""Which engine a middleware asks, and for which of its policies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from corsac._corsac import Decision, Engine
from corsac._policy import Policy
from corsac._starlette import Settings


@dataclass(frozen=True)
class Target:
    """An engine, and how one of its policies is found for a request."""

    engine: Engine
    #: The policy that decides; None: routes choose it, or there is only one.
    policy_name: str | None
    #: Whether requests come with host and path, for the routes.
    is_routed: bool

    @classmethod
    def of(cls, settings: Settings, policy: Policy | None, engine: Engine | None, policy_name: str | None) -> Target:
        """What was given to a middleware, of which one thing only may be."""
        if policy is not None and engine is not None:
            raise TypeError("policy and engine exclude each other")
        if policy_name is not None and engine is None:
            raise TypeError("policy_name is the name of one of the engine's policies: give engine too")
        if policy is None and engine is None:
            return cls(Engine.from_policy(settings.policy()), None, False)
        if settings != Settings():
            given = "policy" if engine is None else "engine"
            raise TypeError(f"{given} says everything: the settings beside it would be ignored")
        if policy is not None:
            if not isinstance(policy, Policy):
                raise TypeError(f"policy must be a corsac.Policy, not {type(policy).__name__}")
            return cls(Engine.from_policy(policy), None, False)
        if not isinstance(engine, Engine):
            raise TypeError(f"engine must be a corsac.Engine, not {type(engine).__name__}")
        return cls._of_engine(engine, policy_name)

    @classmethod
    def _of_engine(cls, engine: Engine, policy_name: str | None) -> Target:
        names = engine.policies
        if policy_name is not None:
            if policy_name not in names:
                raise ValueError(f"the engine has no policy `{policy_name}`")
            return cls(engine, policy_name, False)
        is_routed = "[[route]]" in engine.to_document().splitlines()
        if not is_routed and len(names) > 1:
            raise ValueError(f"the engine has {len(names)} policies and no routes: give policy_name")
        return cls(engine, None, is_routed)

    @property
    def decide(self) -> Callable[..., Decision]:
        """``Engine.decide``, for the policy."""
        return self.engine.decide if self.policy_name is None else partial(self.engine.decide, policy=self.policy_name)

    @property
    def origin_allowed(self) -> Callable[..., bool | None]:
        """``Engine.origin_allowed``, for the policy."""
        allowed = self.engine.origin_allowed
        return allowed if self.policy_name is None else partial(allowed, policy=self.policy_name)
