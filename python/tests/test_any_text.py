"""What a client sends never raises: text and bytes of any kind, through every middleware."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from asgi_client import handshake, run
from flask import Flask

import corsac
import corsac.flask
from corsac.asgi import CORSMiddleware, Receive, Scope, Send
from corsac.testing import assert_denies
from corsac.wsgi import CORSMiddleware as WSGIMiddleware

A = "https://a.example.com"
DOCUMENT = f"""
version = 1
[policy.a]
allow_origins = ["{A}", "https://*.b.example.com"]
allow_methods = ["PUT"]
allow_headers = ["x-a"]
denied_requests = "reject"
own_origins = ["https://own.example.com"]
[policy.b]
allow_origins = ["*"]
[[route]]
path = "/a"
policy = "a"
[[route]]
host = "b.example"
policy = "b"
"""
REQUEST_HEADERS = ("origin", "access-control-request-method", "access-control-request-headers", "access-control-request-private-network", "host")

#: Pieces of values: valid ones, separators, and what no header, no UTF-8 or no text can contain.
PIECES = (
    A, "https://", "a", ".example.com", ":", "8443", "/", "..", "%2f", "PUT", "OPTIONS", "x-a", ",", " ", "\t", "*", "null", "true",
    "\0", "\r\n", "\x7f", "\x80", "\xff", "\xe4", "\u20ac", "\u2028", "\U0001f600", "\ud800", "\udcff", "\udfff", "\ud83d\ude00",
)
ROUNDS = 1500


def texts(seed: int) -> Iterator[str]:
    """Random text, the same for each seed."""
    chosen = random.Random(seed)
    while True:
        yield "".join(chosen.choices(PIECES, k=chosen.randrange(6)))


def latin_1(texts: Iterable[str]) -> Iterator[str]:
    """What a WSGI server makes of the same bytes: one character for each."""
    return (text.encode("utf-8", "surrogatepass").decode("latin-1") for text in texts)


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


UNENCODABLE = ("https://a\udcff", "https://\ud800.example.com", "https://\u20ac.example.com", f"{A}\u20ac", f"\ufeff{A}", "\udcff", f"{A}\U0001f600")


@pytest.mark.parametrize("origin", UNENCODABLE)
@pytest.mark.parametrize("kind", [str, type("Text", (str,), {"encode": None})])
def test_text_that_no_header_can_contain_is_malformed(origin: str, kind: type[str]) -> None:
    engine = corsac.Engine.from_policy(corsac.Policy(allow_origins=[A, "https://*.example.com"], allow_methods=["PUT"], allow_headers=["x-a"]))
    for headers in (None, {"origin": kind(origin)}, [("Origin", origin)], {}):
        decision = engine.decide(kind(origin), "GET", headers)
        assert (decision.verdict, decision.reason) == ("denied", "origin-malformed")
        assert engine.origin_allowed(kind(origin), headers) is False
    preflight = engine.decide(A, "OPTIONS", {"access-control-request-method": kind(origin)})
    assert (preflight.verdict, preflight.reason) == ("preflight-denied", "method-malformed")
    lines = {"access-control-request-method": "PUT", "access-control-request-headers": f"x-a,{origin}"}
    assert engine.decide(A, "OPTIONS", lines).reason in ("headers-malformed", "header-not-allowed")
    assert engine.decide(kind(origin), kind(origin)).reason == "origin-malformed"
    assert_denies(corsac.Policy(allow_origins=[A]), origin=origin)


def test_decide_takes_every_text() -> None:
    engine = corsac.Engine.from_text(DOCUMENT)
    text, chosen = texts(1), random.Random(1)

    def value() -> Any:
        found = next(text)
        return chosen.choice([found, as_bytes(found), found.encode("utf-16-le", "surrogatepass")])

    for _ in range(ROUNDS):
        origin = chosen.choice([None, value()])
        headers = chosen.choice([None, [(chosen.choice([*REQUEST_HEADERS, value()]), value()) for _ in range(chosen.randrange(4))]])
        place: dict[str, Any] = chosen.choice([{"policy": next(text)}, {"policy": "a"}, {"host": value(), "path": value()}, {"path": value()}])
        method = chosen.choice(["GET", "OPTIONS", value()])
        decision = engine.decide(origin, method, headers, **place)
        assert engine.origin_allowed(origin, headers, **place) in (None, True, False)
        given = origin.decode("latin-1") if isinstance(origin, bytes) else origin or ""
        if decision.policy == "a" and not given.isascii():
            assert decision.reason in ("origin-malformed", "origin-repeated")


def scope(text: Iterator[str], chosen: random.Random, kind: str) -> Scope:
    """A scope with such values. `raw_path` is left to the server, and so is whether `path` has surrogates."""
    path = "/" + next(text)
    return {
        "type": kind,
        "method": chosen.choice(["GET", "HEAD", "OPTIONS", next(text)]),
        "path": path,
        "raw_path": chosen.choice([None, b"", as_bytes(path)]),
        "query_string": b"",
        "headers": [
            (as_bytes(chosen.choice([*REQUEST_HEADERS, next(text)])), as_bytes(chosen.choice([A, next(text)])))
            for _ in range(chosen.randrange(5))
        ],
    }


def test_asgi_takes_every_scope() -> None:
    engine = corsac.Engine.from_text(DOCUMENT)
    text, chosen = texts(2), random.Random(2)
    for options in ({"engine": engine}, {"engine": engine, "policy_name": "a"}, {"allow_origins": [A]}):
        app = CORSMiddleware(plain, websocket_origins="listed", **options)
        for _ in range(ROUNDS):
            sent = run(app, scope(text, chosen, "http"), [{"type": "http.request", "body": b""}])
            assert sent[0]["status"] in (200, 204, 400, 403)
            place = scope(text, chosen, "websocket")
            assert len(handshake(app, place["headers"], path=place["path"], raw_path=place["raw_path"])) == 1


def environ(text: Iterator[str], chosen: random.Random) -> dict[str, Any]:
    """An environ with such values."""
    keys = ["HTTP_" + name.upper().replace("-", "_") for name in REQUEST_HEADERS]
    return {
        "REQUEST_METHOD": chosen.choice(["GET", "HEAD", "OPTIONS", next(text) or "GET"]),
        "SCRIPT_NAME": chosen.choice(["", "/a", next(text)]),
        "PATH_INFO": "/" + next(text),
        "QUERY_STRING": next(text),
        "SERVER_NAME": "a.example",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        **{key: chosen.choice([A, next(text)]) for key in keys if chosen.random() < 0.7},
    }


def answer(app: Any, environ: dict[str, Any]) -> int:
    """The status of a WSGI application's answer."""
    began: list[str] = []
    body = app(environ, lambda status, headers, exc_info=None: began.append(status))
    b"".join(body)
    return int(began[-1].partition(" ")[0])


def test_wsgi_takes_every_environ() -> None:
    def application(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return []

    engine = corsac.Engine.from_text(DOCUMENT)
    chosen = random.Random(3)
    for text in (latin_1(texts(3)), texts(4)):
        for app in (WSGIMiddleware(application, engine=engine), WSGIMiddleware(application, [A])):
            for _ in range(ROUNDS):
                assert answer(app, environ(text, chosen)) in (200, 204, 400, 403)


def test_flask_takes_every_environ() -> None:
    app = Flask("app")
    corsac.flask.CORS(app, resources={"/a/*": {"origins": [A]}, r"/[a-z].*": {"engine": corsac.Engine.from_text(DOCUMENT)}})

    @app.route("/", defaults={"path": ""}, methods=["GET", "PUT"])
    @app.route("/<path:path>", methods=["GET", "PUT"])
    def view(path: str) -> str:
        return "view"

    text, chosen = latin_1(texts(5)), random.Random(5)
    for _ in range(ROUNDS // 3):
        # Flask refuses some hosts and methods itself.
        assert answer(app, environ(text, chosen)) < 500


@pytest.fixture(scope="module")
def django() -> Any:
    import django_site

    return django_site


def test_django_takes_every_request(django: Any) -> None:
    from django.core.handlers.asgi import ASGIRequest
    from django.core.handlers.wsgi import WSGIRequest
    from django.http import HttpResponse
    from django.test import override_settings

    import corsac.django

    text, chosen = latin_1(texts(6)), random.Random(6)
    for settings in ({"CORS_ALLOWED_ORIGINS": [A]}, {"CORSAC_ENGINE": corsac.Engine.from_text(DOCUMENT)}):
        with override_settings(**settings):
            middleware = corsac.django.CorsMiddleware(lambda request: HttpResponse("view"))

            async def view(request: Any) -> HttpResponse:
                return HttpResponse("view")

            in_asgi: Any = corsac.django.CorsMiddleware(view)
        for _ in range(ROUNDS // 3):
            # Django itself decodes this one, which no client chooses.
            response: Any = middleware(WSGIRequest({**environ(text, chosen), "SCRIPT_NAME": ""}))
            assert response.status_code in (200, 204, 403)
        other = texts(7)

        async def ask(scope: Scope) -> Any:
            return await in_asgi(ASGIRequest(scope, io.BytesIO()))

        for _ in range(ROUNDS // 3):
            asked = {**scope(other, chosen, "http"), "root_path": ""}
            assert asyncio.run(ask(asked)).status_code in (200, 204, 403)
