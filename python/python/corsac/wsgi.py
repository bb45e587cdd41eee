"""CORS for WSGI applications.

>>> import corsac
>>> def app(environ, start_response): ...
>>> app = CORSMiddleware(app, policy=corsac.Policy(allow_origins=["https://app.example.com"]))
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from corsac import _decider
from corsac._corsac import Decision, Engine
from corsac._policy import Policy, Row
from corsac._starlette import Settings

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["CORSMiddleware"]


class CORSMiddleware:
    """Responds to preflights, and sets the headers of its policy on every other response.

    Configured by the keywords of Starlette's middleware, by ``policy``, or by ``engine``, which can be shared and reloaded. ``policy_name`` selects one of an engine's policies; without it, the document's routes choose, if it has any.

    Raises ``ConfigError`` for invalid or unsafe settings.
    """

    def __init__(
        self,
        app: WSGIApplication,
        allow_origins: Collection[str | Row] = (),
        allow_methods: Collection[str] = ("GET",),
        allow_headers: Collection[str] = (),
        allow_credentials: bool = False,
        allow_origin_regex: str | None = None,
        allow_private_network: bool = False,
        expose_headers: Collection[str] = (),
        max_age: int = 600,
        *,
        own_origins: Collection[str] = (),
        policy: Policy | None = None,
        engine: Engine | None = None,
        policy_name: str | None = None,
    ) -> None:
        settings = Settings(
            allow_origins=allow_origins,
            allow_methods=allow_methods,
            allow_headers=allow_headers,
            allow_credentials=allow_credentials,
            allow_origin_regex=allow_origin_regex,
            allow_private_network=allow_private_network,
            expose_headers=expose_headers,
            max_age=max_age,
            own_origins=own_origins,
        )
        self.app = app
        self._decider = _decider.given(settings, policy, engine, policy_name)
        self._decide = self._decider.decide_environ

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        decision = self._decide(environ)
        if decision.status is not None:
            headers, body = decision._answer()
            lines = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
            start_response(_line(decision.status), lines)
            return [] if environ["REQUEST_METHOD"] == "HEAD" or not body else [body]
        return self.app(environ, _merging(decision, start_response))


def _merging(decision: Decision, start_response: StartResponse) -> StartResponse:
    def start(
        status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        merged = decision.apply_str(headers)
        if exc_info is None:
            return start_response(status, merged)
        try:
            return start_response(status, merged, exc_info)
        finally:
            # Breaks the reference cycle between the exception and this frame.
            exc_info = None

    return start


def _line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"
