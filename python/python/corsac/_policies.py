"""Several policies written in Python, and the routes that choose among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from corsac._policy import Policy


class _Place(TypedDict, total=False):
    host: str
    path: str


class Route(_Place):
    """The policy for a host, for a path and everything below it, or for both."""

    policy: str


def document(policies: Mapping[str, Policy], routes: Iterable[Route] | None, unrouted: str | None) -> dict[str, Any]:
    """The document with these policies. The loader checks the names, the routes and ``unrouted``."""
    if not isinstance(policies, Mapping):
        raise TypeError(f"policies must be a mapping of names to corsac.Policy, not {type(policies).__name__}")
    tables: dict[str, Any] = {}
    for name, policy in policies.items():
        if not isinstance(policy, Policy):
            raise TypeError(f"the policy {name!r} must be a corsac.Policy, not {type(policy).__name__}")
        (tables[name],) = policy.to_dict()["policy"].values()
    found: dict[str, Any] = {"version": 1, "policy": tables}
    if routes is not None:
        found["route"] = list(routes)
    if unrouted is not None:
        found["unrouted"] = unrouted
    return found
