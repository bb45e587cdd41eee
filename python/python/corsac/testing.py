"""Assertions for your own tests: what a policy allows a page to do, and what it denies.

>>> import corsac
>>> policy = corsac.Policy(allow_origins=["https://app.example.com"], allow_methods=["PUT"])
>>> assert_allows(policy, origin="https://app.example.com", method="PUT")
>>> assert_denies(policy, origin="https://app.example.com", method="DELETE")
>>> assert_allows(policy, origin="https://app.example.com", method="DELETE")
Traceback (most recent call last):
AssertionError: policy "default" denies DELETE from "https://app.example.com": method-not-allowed; "DELETE" in allow_methods would allow it
"""

from __future__ import annotations

from collections.abc import Iterable

from corsac._advice import advice, shown, to_bytes
from corsac._corsac import Decision, Engine
from corsac._policy import Policy

__all__ = ["assert_allows", "assert_denies"]


def assert_allows(
    policy: Policy | Engine,
    *,
    origin: str,
    method: str = "GET",
    headers: Iterable[str] = (),
    name: str | None = None,
) -> None:
    """Asserts that a page of this origin may send such a request and read the response.

    ``method`` is the method of the page's request; ``headers`` are the names that a browser would request
    (not ``accept``, ``accept-language`` and ``content-language``, which need no permission). Both the
    preflight and the request are decided. ``name`` is the name of the policy, if an engine has several.
    """
    request = _PageRequest(policy, origin, method, headers, name)
    if request.refusal is not None:
        decision = request.refusal
        help = advice(decision, to_bytes(origin), to_bytes(method), request.requested)
        raise AssertionError(f"{request.policy(decision)} denies {request}: {decision.reason}; {help}")


def assert_denies(
    policy: Policy | Engine,
    *,
    origin: str,
    method: str = "GET",
    headers: Iterable[str] = (),
    name: str | None = None,
) -> None:
    """Asserts that a page of this origin may not send such a request or may not read the response."""
    request = _PageRequest(policy, origin, method, headers, name)
    if request.refusal is None:
        decision = request.actual
        rule = "" if decision.rule is None else f' by the row "{decision.rule}" of grant {decision.grant}'
        raise AssertionError(f"{request.policy(decision)} allows {request}{rule}; remove or narrow it")


class _PageRequest:
    """A page's request as a browser sends it: a preflight, and the request itself."""

    def __init__(
        self,
        policy: Policy | Engine,
        origin: str,
        method: str,
        headers: Iterable[str],
        name: str | None,
    ) -> None:
        if isinstance(headers, str):
            raise TypeError("headers must be an iterable of header names, not a str")
        engine = Engine.from_policy(policy) if isinstance(policy, Policy) else policy
        names = sorted(name.lower() for name in headers)
        self.requested = [to_bytes(",".join(names))] if names else []
        lines = [(b"access-control-request-method", to_bytes(method))]
        lines += [(b"access-control-request-headers", line) for line in self.requested]
        preflight = engine.decide(origin, "OPTIONS", lines, policy=name)
        self.actual = engine.decide(origin, method, policy=name)
        self.refusal: Decision | None = next((each for each in (self.actual, preflight) if not each), None)
        self._shown = f'{shown(to_bytes(method))} from "{shown(to_bytes(origin))}"'

    def policy(self, decision: Decision) -> str:
        return "no policy" if decision.policy is None else f'policy "{decision.policy}"'

    def __str__(self) -> str:
        return self._shown
