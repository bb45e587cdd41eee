"""The middleware."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

import corsac
from corsac import _decider
from corsac._corsac import Decider, Decision
from corsac.django._configuration import Configuration
from corsac.django.signals import check_request_enabled

_logger = logging.getLogger("corsac")

#: The number of cached policies for origins that receivers of the signal allow, for each middleware.
_CACHED = 256


class CorsMiddleware:
    """Responds to preflights and sets the headers of responses, by the settings ``CORS_*``.

    Raises :class:`corsac.django.ConfigError` when it is created, before the server accepts requests.
    """

    sync_capable = True
    async_capable = True

    def __init__(
        self,
        get_response: Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]],
    ) -> None:
        self._get_response: Callable[[HttpRequest], Any] = get_response
        self._configuration = Configuration.of_settings()
        self._granted = lru_cache(_CACHED)(self._grant)
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._answer_async(request)
        signal = None
        if not self._covers(request):
            signal = _enabled(check_request_enabled.send(sender=None, request=request))
            if not signal:
                return self._get_response(request)  # type: ignore[no-any-return]
        decision = self._decide(request)
        if self._can_be_allowed(decision):
            if signal is None:
                signal = _enabled(check_request_enabled.send(sender=None, request=request))
            decision = self._allowed(request, decision) if signal else decision
        response = _answer(decision)
        return _applied(decision, self._get_response(request) if response is None else response)

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        signal = None
        if not self._covers(request):
            signal = _enabled(await check_request_enabled.asend(sender=None, request=request))
            if not signal:
                return await self._get_response(request)  # type: ignore[no-any-return]
        decision = self._decide(request)
        if self._can_be_allowed(decision):
            if signal is None:
                signal = _enabled(await check_request_enabled.asend(sender=None, request=request))
            decision = self._allowed(request, decision) if signal else decision
        response = _answer(decision)
        return _applied(decision, await self._get_response(request) if response is None else response)

    def _covers(self, request: HttpRequest) -> bool:
        urls = self._configuration.urls
        return urls is None or urls.match(request.path_info) is not None

    def _decide(self, request: HttpRequest, decider: Decider | None = None) -> Decision:
        # `request.method` is in upper case even if the client sent lower case.
        scope = getattr(request, "scope", None)
        method: str = scope["method"] if scope is not None else request.META.get("REQUEST_METHOD", "")
        return (decider or self._configuration.decider).decide_environ(request.META, method, request.path)

    def _can_be_allowed(self, decision: Decision) -> bool:
        """Whether receivers of the signal may allow the request: its origin is well-formed and not listed."""
        return (
            decision.reason == "origin-not-allowed"
            and self._configuration.policy is not None
            and check_request_enabled.has_listeners(None)
        )

    def _allowed(self, request: HttpRequest, decision: Decision) -> Decision:
        decider = self._granted(request.META["HTTP_ORIGIN"])
        return decision if decider is None else self._decide(request, decider)

    def _grant(self, origin: str) -> Decider | None:
        """The policy with this origin as its only row. The engine has checked that it is well-formed."""
        assert self._configuration.policy is not None
        try:
            return _decider.of_policy(self._configuration.policy.replace(allow_origins=[origin], grant=(), expect=()))
        except corsac.ConfigError as error:
            _logger.warning("the signal check_request_enabled tried to allow an origin that no policy can allow: %s", error)
            return None


def _enabled(answers: list[tuple[Any, Any]]) -> bool:
    return any(answer for _, answer in answers)


def _answer(decision: Decision) -> HttpResponse | None:
    """The response to a request that is not forwarded."""
    return None if decision.status is None else HttpResponse(status=decision.status, headers={"content-length": "0"})


def _applied(decision: Decision, response: HttpResponseBase) -> HttpResponseBase:
    headers = response.headers
    before = dict(headers.items())
    after = decision.apply_str(before.items())
    for name in before.keys() - {name for name, _ in after}:
        del headers[name]
    for name, value in after:
        if before.get(name) != value:
            headers[name] = value
    return response
