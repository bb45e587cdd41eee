"""``corsac.asgi.install``: CORS in an application object, which stays what it is."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgi_client import ask
from fastapi import Depends, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket as StarletteWebSocket
from starlette.websockets import WebSocketDisconnect

import corsac
from corsac.asgi import ASGIApp, CORSMiddleware, Receive, Scope, Send, install

A = "https://a.example.com"
EVIL = "https://evil.example"
POLICY = corsac.Policy(allow_origins=[A], allow_methods=["PUT"], allow_credentials=True)
PREFLIGHT = {"origin": A, "access-control-request-method": "PUT"}

Next = Callable[[Request], Awaitable[Response]]


def name() -> str:
    return "the database"


class NeedsToken:
    """Lets nobody in without a token. A preflight never has one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not any(name == b"authorization" for name, _ in scope["headers"]):
            await PlainTextResponse("no token", 401)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def fastapi(begun: list[str] | None = None) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        (begun if begun is not None else []).append("begin")
        yield {"from": "the lifespan"}
        (begun if begun is not None else []).append("end")

    app = FastAPI(lifespan=lifespan)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("nobody catches this")

    @app.put("/name")
    async def read(request: Request, name: str = Depends(name)) -> list[str]:
        return [name, request.state._state.get("from", "nothing"), type(request.app).__name__]

    @app.websocket("/socket")
    async def socket(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")

    return app


def starlette(begun: list[str] | None = None) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, str]]:
        (begun if begun is not None else []).append("begin")
        yield {"from": "the lifespan"}
        (begun if begun is not None else []).append("end")

    def broken(request: Request) -> Response:
        raise RuntimeError("nobody catches this")

    async def socket(socket: StarletteWebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")

    return Starlette(routes=[Route("/broken", broken), WebSocketRoute("/socket", socket)], lifespan=lifespan)


@pytest.fixture(params=[fastapi, starlette])
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    made: Callable[..., Any] = request.param
    return made


def client(app: Any, **options: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, **options)


def test_it_is_the_same_object(make: Callable[..., Any]) -> None:
    app = make()
    kind = type(app)
    assert install(app, policy=POLICY) is app
    assert isinstance(app, kind) and type(app).__mro__[1] is kind
    assert (type(app).__name__, type(app).__module__, type(app).__qualname__) == (kind.__name__, kind.__module__, kind.__qualname__)
    app.state.x = 1
    assert (app.state.x, app.routes[-1].path) == (1, "/socket")
    # Of no other application.
    assert "access-control-allow-origin" not in client(make()).get("/", headers={"origin": A}).headers


def test_uncaught_errors_have_headers(make: Callable[..., Any]) -> None:
    app = install(make(), policy=POLICY)
    answer = client(app).get("/broken", headers={"origin": A})
    assert (answer.status_code, answer.headers["access-control-allow-origin"], answer.headers["vary"]) == (500, A, "Origin")
    denied = client(app).get("/broken", headers={"origin": EVIL})
    assert (denied.status_code, "access-control-allow-origin" in denied.headers) == (500, False)
    debugged = install(make(), policy=POLICY)
    debugged.debug = True
    traced = client(debugged).get("/broken", headers={"origin": A})
    assert ("RuntimeError" in traced.text, traced.headers["access-control-allow-origin"]) == (True, A)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("how", ["add_middleware", "dispatch"])
def test_it_is_outside_of_other_middleware(make: Callable[..., Any], when: str, how: str) -> None:
    async def dispatch(request: Request, call_next: Next) -> Response:
        if "authorization" not in request.headers:
            return PlainTextResponse("no token", 401)
        return await call_next(request)

    def add(app: Any) -> None:
        if how == "add_middleware":
            app.add_middleware(NeedsToken)
        else:
            app.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)

    app = make()
    if when == "before":
        add(app)
    install(app, policy=POLICY)
    if when == "after":
        add(app)
    answer = client(app).get("/broken", headers={"origin": A})
    assert (answer.status_code, answer.text, answer.headers["access-control-allow-origin"]) == (401, "no token", A)
    preflight = client(app).options("/broken", headers=PREFLIGHT)
    assert (preflight.status_code, preflight.headers["access-control-allow-methods"]) == (204, "PUT")
    refused = client(app).options("/broken", headers={**PREFLIGHT, "origin": EVIL})
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (403, False)


def test_overrides_state_and_lifespan() -> None:
    begun: list[str] = []
    app = install(fastapi(begun), allow_origins=[A], allow_methods=["PUT"])
    app.dependency_overrides[name] = lambda: "a test"
    with client(app) as asked:
        answer = asked.put("/name", headers={"origin": A})
        assert answer.json() == ["a test", "the lifespan", "FastAPI"]
        assert (answer.headers["access-control-allow-origin"], begun) == (A, ["begin"])
        assert asked.get("/openapi.json").json()["paths"].keys() == {"/broken", "/name"}
    assert begun == ["begin", "end"]


def test_lifespan_of_starlette() -> None:
    begun: list[str] = []
    with client(install(starlette(begun), policy=POLICY)):
        assert begun == ["begin"]
    assert begun == ["begin", "end"]


def test_mounted_applications(make: Callable[..., Any]) -> None:
    inner = install(make(), policy=POLICY)
    outer = Starlette(routes=[Mount("/api", inner), Mount("/", make())])
    assert client(outer).get("/api/broken", headers={"origin": A}).headers["access-control-allow-origin"] == A
    assert "access-control-allow-origin" not in client(outer).get("/x", headers={"origin": A}).headers
    around = install(FastAPI(), policy=POLICY.replace(allow_origins=[EVIL]))
    around.mount("/api", inner)
    # The outer one decides alone.
    assert "access-control-allow-origin" not in client(around).get("/api/none", headers={"origin": A}).headers
    assert client(around).get("/api/none", headers={"origin": EVIL}).headers["access-control-allow-origin"] == EVIL


def test_websockets(make: Callable[..., Any]) -> None:
    own = "https://own.example.com"
    app = install(make(), allow_origins=[A], own_origins=[own], websocket_origins="listed")
    for origin in (A, own):
        with client(app).websocket_connect("/socket", headers={"origin": origin}) as socket:
            assert socket.receive_text() == "hello"
    with pytest.raises(WebSocketDisconnect):
        client(app).websocket_connect("/socket", headers={"origin": EVIL}).__enter__()
    # Without the setting they pass.
    with client(install(make(), policy=POLICY)).websocket_connect("/socket", headers={"origin": EVIL}) as socket:
        assert socket.receive_text() == "hello"


def test_engines() -> None:
    document = f'version = 1\n[policy.a]\nallow_origins = ["{A}"]\n[policy.b]\nallow_origins = ["{EVIL}"]\n'
    engine = corsac.Engine.from_text(document)
    app = install(starlette(), engine=engine, policy_name="b")
    assert client(app).get("/", headers={"origin": EVIL}).headers["access-control-allow-origin"] == EVIL
    assert engine.reload_text(document.replace(EVIL, f"{EVIL}:8443"))
    assert "access-control-allow-origin" not in client(app).get("/", headers={"origin": EVIL}).headers


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"allow_origins": ["*"], "allow_credentials": True}, r"error\[any-origin/credentials\]"),
        ({"allow_origin": [A]}, r"error\[settings/unknown\]: unknown keyword `allow_origin` \(did you mean `allow_origins`\?\)"),
        ({"allow_origins": [A + "/"], "own_origins": ["own.example.com"]}, r"2 errors"),
        ({"policy": POLICY, "own_origins": [A]}, r"policy cannot be combined"),
        ({"policy": POLICY, "policy_name": "x"}, r"policy_name"),
    ],
)
def test_settings_are_checked_at_once(make: Callable[..., Any], options: dict[str, Any], error: str) -> None:
    app = make()
    kind = type(app)
    with pytest.raises((corsac.ConfigError, TypeError), match=error):
        install(app, **options)
    assert type(app) is kind


def test_only_once(make: Callable[..., Any]) -> None:
    app = install(make(), policy=POLICY)
    with pytest.raises(corsac.ConfigError, match=r"error\[settings/several\]: CORS is installed in this application already"):
        install(app, policy=POLICY)
    with pytest.raises(RuntimeError, match="copy"):
        ask(copy.copy(app), "GET")


@pytest.mark.parametrize("app", [lambda scope, receive, send: None, Starlette, print, len, None, 3])
def test_only_in_objects(app: Any) -> None:
    with pytest.raises(TypeError, match="application object"):
        install(app, policy=POLICY)


def test_tracing_that_replaces_how_the_middleware_is_built(make: Callable[..., Any]) -> None:
    app = install(make(), policy=POLICY)
    built: list[type] = []
    original = app.build_middleware_stack

    def build() -> ASGIApp:
        stack: ASGIApp = original()
        built.append(type(stack))
        return CORSMiddleware(stack, allow_origins=[EVIL])

    app.build_middleware_stack = build
    answer = client(app).get("/broken", headers={"origin": A})
    # It finds what it expects, and corsac is outside of what it adds.
    assert built == [ServerErrorMiddleware]
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (500, A)


def test_subclasses_and_slots() -> None:
    class Slotted:
        __slots__ = ("answers",)

        def __init__(self) -> None:
            self.answers = 0

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            self.answers += 1
            await send({"type": "http.response.start", "status": 299, "headers": []})

    app = Slotted()
    sent = ask(install(app, policy=POLICY), "GET", [(b"origin", A.encode())])
    assert (app.answers, sent[0]["status"]) == (1, 299)
    assert (b"access-control-allow-origin", A.encode()) in sent[0]["headers"]
