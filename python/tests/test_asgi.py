"""The ASGI middleware: what it passes on, answers, merges and refuses."""

from __future__ import annotations

from collections import UserDict
from pathlib import Path
from typing import Any

import anyio
import pytest
from asgi_client import ask, handshake, run
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

import corsac
from corsac.asgi import CORSMiddleware, Message, Receive, Scope, Send, install

A = "https://a.example.com"
ORIGIN = (b"origin", A.encode())
OTHER = (b"origin", b"https://b.example.com")
PUT = (b"access-control-request-method", b"PUT")
POLICY = corsac.Policy(allow_origins=[A], allow_methods=["PUT"], allow_credentials=True)


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers everything, and says what it was asked."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 299, "headers": [(b"x-app", b"1")]})
    await send({"type": "http.response.body", "body": b"app"})


def headers_of(sent: list[Message]) -> dict[bytes, bytes]:
    headers: list[tuple[bytes, bytes]] = sent[0]["headers"]
    assert len(dict(headers)) == len(headers)
    return dict(headers)


def test_an_actual_request() -> None:
    sent = ask(CORSMiddleware(plain, policy=POLICY), "GET", [ORIGIN])
    assert (sent[0]["status"], sent[1]["body"]) == (299, b"app")
    assert headers_of(sent) == {
        b"x-app": b"1",
        b"access-control-allow-origin": A.encode(),
        b"access-control-allow-credentials": b"true",
        b"vary": b"Origin",
    }
    denied = ask(CORSMiddleware(plain, policy=POLICY), "GET", [OTHER])
    assert headers_of(denied) == {b"x-app": b"1", b"vary": b"Origin"}


def test_a_preflight_is_answered_without_the_application() -> None:
    by_policy = ask(CORSMiddleware(plain, policy=POLICY), "OPTIONS", [ORIGIN, PUT])
    assert (by_policy[0]["status"], by_policy[1]["body"]) == (204, b"")
    assert b"content-length" not in headers_of(by_policy)
    by_keywords = ask(CORSMiddleware(plain, [A], ["PUT"]), "OPTIONS", [ORIGIN, PUT])
    assert (by_keywords[0]["status"], by_keywords[1]["body"]) == (200, b"OK")
    assert headers_of(by_keywords)[b"content-length"] == b"2"
    refused = ask(CORSMiddleware(plain, [A]), "OPTIONS", [OTHER, PUT, (b"access-control-request-headers", b"x-a")])
    assert (refused[0]["status"], refused[1]["body"]) == (400, b"Disallowed CORS origin, method, headers")
    assert not [name for name in headers_of(refused) if name.startswith(b"access-control-")]


def test_a_row_among_starlettes_origins() -> None:
    rows = CORSMiddleware(plain, [{"pattern": "https://*.example.org"}, A], allow_origin_regex=r"https://[a-z]+\.example\.net")
    for origin in (b"https://x.example.org", A.encode(), b"https://x.example.net"):
        assert headers_of(ask(rows, "GET", [(b"origin", origin)]))[b"access-control-allow-origin"] == origin
    with pytest.raises(corsac.ConfigError) as raised:
        CORSMiddleware(plain, ["https://*.example.org", f"{A}/"])
    assert [error.code for error in raised.value.errors] == ["settings/never-matched", "origin/trailing-slash"]


def test_denied_requests_may_be_rejected() -> None:
    rejects = CORSMiddleware(plain, policy=corsac.Policy(allow_origins=[A], denied_requests="reject"))
    sent = ask(rejects, "GET", [OTHER])
    assert (sent[0]["status"], sent[1]["body"]) == (403, b"Disallowed CORS origin")
    assert headers_of(sent)[b"cache-control"] == b"no-store"
    head = ask(rejects, "HEAD", [OTHER])
    assert (headers_of(head)[b"content-length"], head[1]["body"]) == (b"22", b"")


def test_an_answer_may_be_changed_by_who_gets_it() -> None:
    rejects = CORSMiddleware(plain, policy=POLICY.replace(denied_requests="reject"))
    for method, lines in (("OPTIONS", [ORIGIN, PUT]), ("GET", [OTHER]), ("HEAD", [OTHER])):
        first = ask(rejects, method, lines)
        expected = [dict(first[0], headers=list(first[0]["headers"])), dict(first[1])]
        first[0]["headers"].append((b"x", b"y"))
        first[0].update(status=500, trailers=True)
        first[1].update(body=b"changed", more_body=True)
        assert ask(rejects, method, lines) == expected


def test_lines_of_any_form_are_read() -> None:
    class Name(bytes): ...

    class Pair(tuple[bytes, bytes]): ...

    long = b"access-control-request-" + b"x" * 6
    for unasked in ((b"accept", b"*/*"), (long, b""), (Name(b"x"), b""), Pair((b"host", b"h")), [b"host", b"h"], ("host", "h")):
        for pair in (ORIGIN, (b"ORIGIN", ORIGIN[1]), (Name(b"origin"), ORIGIN[1]), Pair(ORIGIN), [*ORIGIN], ("origin", A)):
            scope = {"type": "http", "method": "GET", "path": "/", "headers": [unasked, pair, unasked]}
            sent = run(CORSMiddleware(plain, policy=POLICY), scope, [])
            assert headers_of(sent)[b"access-control-allow-origin"] == A.encode()
    for wrong in ((b"host",), (b"host", b"h", b""), (1, b"h"), b"ab"):
        with pytest.raises(TypeError):
            ask(CORSMiddleware(plain, policy=POLICY), "GET", [ORIGIN, wrong])  # type: ignore[list-item]


def test_a_message_that_is_sent_again_is_not_changed() -> None:
    start = {"type": "http.response.start", "status": 200}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start)

    middleware = CORSMiddleware(app, policy=POLICY)
    assert ask(middleware, "GET", [ORIGIN]) == ask(middleware, "GET", [ORIGIN])
    assert start == {"type": "http.response.start", "status": 200}


def test_messages_of_any_form() -> None:
    start: dict[str, Any] = {"type": "http.response.start", "status": 200}
    allowed = (b"access-control-allow-origin", A.encode())

    def answer(message: Message) -> list[Message]:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send(message)

        return ask(CORSMiddleware(app, policy=POLICY), "GET", [ORIGIN])

    # No headers, a mapping that is not a dict, pairs that are lists.
    for message in (start, UserDict(start), {**start, "headers": [[b"x", b"y"]]}, {**start, "headers": iter([(b"x", b"y")])}):
        (sent,) = answer(message)
        assert sent["status"] == 200 and allowed in sent["headers"]
    with pytest.raises(KeyError):
        answer({"status": 200})
    with pytest.raises(TypeError, match="pairs of bytes"):
        answer({**start, "headers": [("x", "y")]})


def test_headers_of_any_form_reach_the_application() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(scope["headers"])})

    for headers in (iter([ORIGIN]), (ORIGIN,), [[*ORIGIN]]):
        scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
        sent = run(CORSMiddleware(app, policy=POLICY), scope, [])
        assert [tuple(pair) for pair in sent[0]["headers"]][:2] == [ORIGIN, (b"access-control-allow-origin", A.encode())]


def test_other_scopes_are_passed_through() -> None:
    seen: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope, receive, send))

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None: ...

    scope: Scope = {"type": "lifespan"}
    anyio.run(CORSMiddleware(app, policy=POLICY), scope, receive, send)
    assert seen == [(scope, receive, send)]
    assert seen[0][0] is scope


def test_lifespan_of_an_application() -> None:
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    begun: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        begun.append("begin")
        yield
        begun.append("end")

    with TestClient(CORSMiddleware(Starlette(lifespan=lifespan), policy=POLICY)):
        assert begun == ["begin"]
    assert begun == ["begin", "end"]


ACCEPTED: list[Message] = [{"type": "websocket.accept"}]
CLOSED: list[Message] = [{"type": "websocket.close", "code": 1008, "reason": ""}]


@pytest.mark.parametrize(
    ("lines", "unchecked", "listed", "required"),
    [
        ([ORIGIN], ACCEPTED, ACCEPTED, ACCEPTED),
        ([(b"origin", b"https://own.example.com")], ACCEPTED, ACCEPTED, ACCEPTED),
        ([OTHER], ACCEPTED, CLOSED, CLOSED),
        ([ORIGIN, OTHER], ACCEPTED, CLOSED, CLOSED),
        ([(b"origin", b"null")], ACCEPTED, CLOSED, CLOSED),
        ([(b"origin", b"")], ACCEPTED, CLOSED, CLOSED),
        ([], ACCEPTED, ACCEPTED, CLOSED),
    ],
)
def test_websocket(
    lines: list[tuple[bytes, bytes]], unchecked: list[Message], listed: list[Message], required: list[Message]
) -> None:
    policy = POLICY.replace(own_origins=["https://own.example.com"])
    assert handshake(CORSMiddleware(plain, policy=policy), lines) == unchecked
    assert handshake(CORSMiddleware(plain, policy=policy, websocket_origins="listed"), lines) == listed
    assert handshake(CORSMiddleware(plain, policy=policy, websocket_origins="required"), lines) == required


def test_websocket_of_an_any_origin_policy() -> None:
    checked = CORSMiddleware(plain, ["*"], websocket_origins="listed")
    assert handshake(checked, [ORIGIN]) == CLOSED
    with pytest.raises(ValueError, match="websocket_origins"):
        CORSMiddleware(plain, websocket_origins="all")  # type: ignore[arg-type]


def starlette(**keywords: Any) -> Starlette:
    def fail(request: Request) -> Response:
        raise RuntimeError("it failed")

    def long(request: Request) -> Response:
        return PlainTextResponse("x" * 5000, headers={"vary": "Cookie"})

    routes = [Route("/fail", fail), Route("/long", long)]
    middleware = [Middleware(GZipMiddleware), Middleware(CORSMiddleware, **keywords)]
    return Starlette(routes=routes, middleware=middleware)


def test_errors_of_the_application() -> None:
    client = TestClient(starlette(policy=POLICY), raise_server_exceptions=False)
    missing = client.get("/none", headers={"origin": A})
    assert (missing.status_code, missing.headers["access-control-allow-origin"]) == (404, A)
    # Starlette responds to uncaught exceptions outside all middleware.
    assert "access-control-allow-origin" not in client.get("/fail", headers={"origin": A}).headers
    around = TestClient(CORSMiddleware(Starlette(routes=starlette().routes), policy=POLICY), raise_server_exceptions=False)
    failed = around.get("/fail", headers={"origin": A})
    assert (failed.status_code, failed.headers["access-control-allow-origin"]) == (500, A)


def test_vary_of_other_middleware() -> None:
    response = TestClient(starlette(policy=POLICY)).get("/long", headers={"origin": A})
    assert response.headers.get_list("vary", split_commas=True) == ["Cookie", "Origin", "Accept-Encoding"]


def test_trio() -> None:
    client = TestClient(starlette(policy=POLICY), backend="trio")
    assert client.get("/long", headers={"origin": A}).headers["access-control-allow-origin"] == A


def test_an_engine_is_reloaded_under_the_middleware() -> None:
    engine = corsac.Engine.from_policy(POLICY)
    middleware = CORSMiddleware(plain, engine=engine)
    assert b"access-control-allow-origin" not in headers_of(ask(middleware, "GET", [OTHER]))
    assert engine.reload_text('version = 1\n[policy.default]\nallow_origins = ["https://b.example.com"]\n')
    assert headers_of(ask(middleware, "GET", [OTHER]))[b"access-control-allow-origin"] == b"https://b.example.com"


TWO = f'version = 1\n[policy.p]\nallow_origins = ["{A}"]\n[policy.q]\nallow_origins = ["https://b.example.com"]\n'
ROUTES = TWO + '[[route]]\npath = "/p"\npolicy = "p"\n[[route]]\nhost = "q.example"\npolicy = "q"\n'


def test_an_engine_of_several_policies() -> None:
    engine = corsac.Engine.from_text(TWO)
    named = CORSMiddleware(plain, engine=engine, policy_name="q", websocket_origins="listed")
    assert b"access-control-allow-origin" in headers_of(ask(named, "GET", [OTHER]))
    assert b"access-control-allow-origin" not in headers_of(ask(named, "GET", [ORIGIN]))
    assert (handshake(named, [OTHER]), handshake(named, [ORIGIN])) == (ACCEPTED, CLOSED)
    with pytest.raises(ValueError, match="2 policies and no routes"):
        CORSMiddleware(plain, engine=engine)
    with pytest.raises(ValueError, match="no policy `r`"):
        CORSMiddleware(plain, engine=engine, policy_name="r")


def test_routes() -> None:
    routed = CORSMiddleware(plain, engine=corsac.Engine.from_text(ROUTES), websocket_origins="listed")

    def is_allowed(line: tuple[bytes, bytes], **place: Any) -> bool:
        host = place.pop("host", b"other.example")
        return b"access-control-allow-origin" in headers_of(ask(routed, "GET", [line, (b"Host", host)], **place))

    assert is_allowed(ORIGIN, path="/p/x")
    assert is_allowed(ORIGIN, path="/p/x", raw_path=b"")
    assert is_allowed(ORIGIN, path="/", raw_path=b"/p/x?y")
    assert not is_allowed(ORIGIN, path="/q")
    assert is_allowed(OTHER, path="/", host=b"q.example:8080")
    # Servers may read this path in two ways, and each leads to another policy.
    assert is_allowed(OTHER, path="/x", raw_path=b"/x", host=b"q.example")
    assert not is_allowed(OTHER, path="/p/x", raw_path=b"/%70/x", host=b"q.example")
    assert handshake(routed, [ORIGIN], path="/p") == ACCEPTED
    assert handshake(routed, [ORIGIN], path="/q") == CLOSED


def test_one_configuration_only(tmp_path: Path) -> None:
    engine = corsac.Engine.from_policy(POLICY)
    wrong: list[dict[str, Any]] = [
        {"policy": POLICY, "engine": engine},
        {"policy": POLICY, "policy_name": "default"},
        {"policy_name": "default"},
        {"policy": POLICY, "allow_origins": [A]},
        {"engine": engine, "max_age": 5},
        {"policy": engine},
        {"engine": POLICY},
    ]
    for keywords in wrong:
        with pytest.raises(TypeError):
            CORSMiddleware(plain, **keywords)


RENAMED = 'version = 1\n[policy.renamed]\nallow_origins = ["https://a.example.com"]\n'


def test_a_reload_without_the_named_policy_is_refused(tmp_path: Path) -> None:
    """Or a request that the policy rejects would reach the application."""
    path = tmp_path / "policy.toml"
    path.write_text(RENAMED.replace("renamed", "api").replace("\nallow", '\ndenied_requests = "reject"\nown_origins = ["https://own.example.com"]\nallow'))
    engine = corsac.Engine.from_file(path)
    for app in (CORSMiddleware(plain, engine=engine, policy_name="api"), install(Starlette(), engine=engine, policy_name="api")):
        assert ask(app, "POST", [OTHER])[0]["status"] == 403
        path.write_text(RENAMED)
        with pytest.raises(corsac.ConfigError) as raised:
            engine.reload()
        assert [error.code for error in raised.value.errors] == ["reload/policy-missing"]
        with pytest.raises(corsac.ConfigError, match="reload/policy-missing"):
            engine.reload_policies({"renamed": corsac.Policy(allow_origins=[A])})
        assert engine.status()["last_error"]["diagnostics"][0]["code"] == "reload/policy-missing"
        assert ask(app, "POST", [OTHER])[0]["status"] == 403
        assert (engine.generation, engine.policies) == (1, ("api",))
