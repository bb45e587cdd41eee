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
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, TypeVar

from corsac import _decider, _installed, _lifespan, _log
from corsac._corsac import Engine, MergingSend
from corsac._policy import Policy, Row
from corsac._starlette import Settings

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["CORSMiddleware", "Options", "install"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
_App = TypeVar("_App", bound=ASGIApp)


class Options(TypedDict, total=False):
    """The keywords of :class:`CORSMiddleware` and :func:`install`."""

    allow_origins: Collection[str | Row]
    allow_methods: Collection[str]
    allow_headers: Collection[str]
    allow_credentials: bool
    allow_origin_regex: str | None
    allow_private_network: bool
    expose_headers: Collection[str]
    max_age: int
    own_origins: Collection[str]
    policy: Policy | None
    engine: Engine | None
    policy_name: str | None
    websocket_origins: Literal["listed", "required"] | None


class CORSMiddleware:
    """Responds to preflights, and sets the headers of its policy on every other response.

    Configured by Starlette's keywords, by ``policy``, or by ``engine``, which can be shared and reloaded. ``policy_name`` selects one of an engine's policies; without it, the document's routes choose, if it has any.

    Browsers send WebSocket handshakes without a preflight, and CORS does not apply to them.
    ``websocket_origins="listed"`` rejects handshakes whose Origin is neither listed nor the service's own;
    ``"required"`` also rejects those without an Origin. Policies for any origin list no origin. Pages of the
    service itself send an Origin with each handshake: list theirs in ``own_origins``.

    Raises ``ConfigError`` for invalid or unsafe settings. If an application makes its middleware while it
    starts, as Starlette does, the startup fails with the same message, and the server stops.
    """

    _begin: Callable[[Scope, Send], MergingSend | tuple[Message, Message]]

    @_lifespan.can_fail_to_start
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
        own_origins: Collection[str] = (),
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
            own_origins=own_origins,
        )
        if websocket_origins not in (None, "listed", "required"):
            raise ValueError(f'websocket_origins must be "listed", "required" or None, not {websocket_origins!r}')
        self._decider = decider = _decider.given(settings, policy, engine, policy_name)
        self.app = app
        self._begin = decider.begin
        self._origin_allowed = decider.scope_origin_allowed
        self._websocket_origins = websocket_origins
        #: What is risky about how handshakes are checked; the policies have warnings of their own.
        self.warnings = _decider.handshake_warnings(decider) if websocket_origins else ()
        for warning in self.warnings:
            _log.warned(warning)

    def _fail_to_start(self, error: Exception) -> None:
        """Becomes a middleware that says so to the server, and raises the error at each request."""
        failed = _lifespan.FailedStart(error)
        self.app, self._begin, self._websocket_origins = failed, failed.fail, None

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


def install(app: _App, /, **options: Unpack[Options]) -> _App:
    """Makes an application decide every request itself, and returns it: the same object.

    For Starlette and FastAPI. The application stays what it is for ``fastapi run``, ``app.mount``,
    ``TestClient`` and ``dependency_overrides``. CORS is outside of everything in it: responses to uncaught
    errors and of other middleware have its headers, and it answers preflights before any middleware, also
    before those that are added later.

    >>> class Application:
    ...     async def __call__(self, scope, receive, send): ...
    >>> app = Application()
    >>> install(app, allow_origins=["https://app.example.com"]) is app
    True

    Takes the keywords of :class:`CORSMiddleware`. Raises ``ConfigError`` for invalid or unsafe settings, and
    if it was called for this application before.
    """
    return _installed.install(app, lambda inner: CORSMiddleware(inner, **options))
