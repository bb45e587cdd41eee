"""Builds a middleware's decider from its arguments."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from corsac._corsac import Decider, Engine
from corsac._diagnostic import ConfigError, Diagnostic
from corsac._policy import Policy
from corsac._settings import Findings
from corsac._starlette import Settings


def of_policy(policy: Policy) -> Decider:
    """A decider for this policy only."""
    return Decider(Engine.from_policy(policy))


def given(settings: Settings, policy: Policy | None, engine: Engine | None, policy_name: str | None) -> Decider:
    """The decider for a middleware's arguments: settings, or a policy, or an engine, but not several."""
    if policy is not None and engine is not None:
        raise TypeError("policy and engine cannot be combined")
    if policy_name is not None and engine is None:
        raise TypeError("policy_name names one of the engine's policies and needs engine")
    if policy is None and engine is None:
        return of_policy(settings.policy())
    if settings != Settings():
        kind = "policy" if engine is None else "engine"
        raise TypeError(f"{kind} cannot be combined with other settings: they would be ignored")
    if policy is not None:
        if not isinstance(policy, Policy):
            raise TypeError(f"policy must be a corsac.Policy, not {type(policy).__name__}")
        return of_policy(policy)
    if not isinstance(engine, Engine):
        raise TypeError(f"engine must be a corsac.Engine, not {type(engine).__name__}")
    return of_engine(engine, policy_name)


def of_engine(engine: Engine, policy_name: str | None) -> Decider:
    """A decider for the named policy of an engine, or for its only policy or its routes if no name is given."""
    names = engine.policies
    if policy_name is not None:
        if policy_name not in names:
            raise ValueError(f"the engine has no policy `{policy_name}`")
    elif len(names) > 1 and not engine._has_routes:
        raise ValueError(f"the engine has {len(names)} policies and no routes; set policy_name")
    return Decider(engine, policy_name)


def check_names(unknown: Collection[str], known: Collection[str]) -> None:
    """Raises ConfigError for keywords that do not exist."""
    findings = Findings()
    for name in sorted(unknown):
        near = difflib.get_close_matches(name, known, 1)
        findings.add("settings/unknown", f"unknown keyword `{name}`", f"did you mean `{near[0]}`?" if near else None)
    if findings:
        raise ConfigError(tuple(findings))


def handshake_warnings(decider: Decider) -> tuple[Diagnostic, ...]:
    """For each policy by which handshakes of the service's own pages are refused."""
    message = "WebSocket handshakes are checked and `own_origins` is empty: the service's own pages send `Origin` too, and would get 403"
    help = "list the origins at which the service itself is reached in `own_origins`"
    code = "reject/own-origins-missing"
    return tuple(
        Diagnostic(code, "warning", name, None, None, None, message, help) for name in decider._without_own_origins()
    )
