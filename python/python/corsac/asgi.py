"""CORS for ASGI applications: Starlette, FastAPI and others.

>>> import corsac
>>> async def app(scope, receive, send): ...
>>> policy = corsac.Policy(allow_origins=["https://app.example.com"], allow_credentials=True)
>>> app = CORSMiddleware(app, policy=policy)

Starlette's keywords work unchanged:

>>> app = CORSMiddleware(app, allow_origins=["https://app.example.com"], allow_methods=["*"])

Unsafe settings that Starlette accepts are rejected:

>>> CORSMiddleware(app, allow_origins=["*"], allow_credentials=True)
Traceback (most recent call last):
corsac.ConfigError: error[any-origin/credentials]: `*` allows any origin and cannot be combined with credentials (list the origins that may read credentialed responses, or remove `allow_credentials`)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any, Literal, TypeAlias

from corsac import _decider
from corsac._corsac import Engine, MergingSend
from corsac._policy import Policy, Row
from corsac._starlette import Settings

__all__ = ["CORSMiddleware"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class CORSMiddleware:
    """Responds to preflights, and sets the headers of its policy on every other response.

    Configured by Starlette's keywords, by ``policy``, or by ``engine``, which can be shared and reloaded. ``policy_name`` selects one of an engine's policies; without it, the document's routes choose, if it has any.

    Browsers send WebSocket handshakes without a preflight, and CORS does not apply to them.
    ``websocket_origins="listed"`` rejects handshakes whose Origin is neither listed nor the service's own;
    ``"required"`` also rejects those without an Origin. Policies for any origin list no origin.

    Raises ``ConfigError`` for invalid or unsafe settings.
    """

    def __init__(
        self,
        app: ASGIApp,
        allow_origins: Collection[str | Row] = (),
        allow_methods: Collection[str] = ("GET",),
        allow_headers: Collection[str] = (),
        allow_credentials: bool = False,
        allow_origin_regex: str | None = None,
        allow_private_network: bool = False,
        expose_headers: Collection[str] = (),
        max_age: int = 600,
        *,
        policy: Policy | None = None,
        engine: Engine | None = None,
        policy_name: str | None = None,
        websocket_origins: Literal["listed", "required"] | None = None,
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
        )
        if websocket_origins not in (None, "listed", "required"):
            raise ValueError(f'websocket_origins must be "listed", "required" or None, not {websocket_origins!r}')
        decider = _decider.given(settings, policy, engine, policy_name)
        self.app = app
        self._begin = decider.begin
        self._origin_allowed = decider.scope_origin_allowed
        self._websocket_origins = websocket_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if self._websocket_origins is None or scope["type"] != "websocket" or self._is_handshake_allowed(scope):
                await self.app(scope, receive, send)
                return
            # The server answers the handshake with 403.
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return

        begun = self._begin(scope, send)
        if isinstance(begun, MergingSend):
            await self.app(scope, receive, begun)
            return
        start, body = begun
        await send(start)
        await send(body)

    def _is_handshake_allowed(self, scope: Scope) -> bool:
        allowed = self._origin_allowed(scope)
        return self._websocket_origins == "listed" if allowed is None else allowed
