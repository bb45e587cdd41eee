"""The WSGI middleware: what it passes on, answers and merges."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from werkzeug.test import Client

import corsac
from corsac.wsgi import CORSMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

A = "https://a.example.com"
OTHER = "https://b.example.com"
POLICY = corsac.Policy(allow_origins=[A], allow_methods=["PUT"], allow_credentials=True)


def plain(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("299 Fine", [("Content-Type", "text/plain"), ("Vary", "Cookie")])
    return [b"app"]


def ask(app: WSGIApplication, method: str = "GET", **environ: str) -> tuple[str, dict[str, str], bytes]:
    """The answer to a request, which wsgiref finds no fault with."""
    given: dict[str, Any] = {"REQUEST_METHOD": method, "QUERY_STRING": "", **environ}
    setup_testing_defaults(given)
    began: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
        began.append((status, headers))
        return lambda body: None

    result = validator(app)(given, start_response)
    body = b"".join(result)
    result.close()  # type: ignore[attr-defined]
    status, headers = began[-1]
    assert len(dict(headers)) == len(headers)
    return status, dict(headers), body


def test_an_actual_request() -> None:
    middleware = CORSMiddleware(plain, policy=POLICY)
    assert ask(middleware, HTTP_ORIGIN=A) == (
        "299 Fine",
        {
            "Content-Type": "text/plain",
            "Vary": "Cookie, Origin",
            "access-control-allow-origin": A,
            "access-control-allow-credentials": "true",
        },
        b"app",
    )
    for environ in ({"HTTP_ORIGIN": OTHER}, {"HTTP_ORIGIN": f"{A},{A}"}, {"HTTP_ORIGIN": ""}, {}):
        assert ask(middleware, **environ)[1] == {"Content-Type": "text/plain", "Vary": "Cookie, Origin"}


def test_a_preflight_is_answered_without_the_application() -> None:
    asked = {"HTTP_ORIGIN": A, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT"}
    status, headers, body = ask(CORSMiddleware(plain, policy=POLICY), "OPTIONS", **asked)
    assert (status, body) == ("204 No Content", b"")
    assert headers["access-control-allow-methods"] == "PUT"
    status, headers, body = ask(CORSMiddleware(plain, [A], ["PUT"], allow_private_network=True), "OPTIONS", **asked)
    assert (status, body, headers["content-length"]) == ("200 OK", b"OK", "2")
    asked["HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK"] = "true"
    asked["HTTP_ACCESS_CONTROL_REQUEST_HEADERS"] = "x-a"
    assert ask(CORSMiddleware(plain, [A], ["PUT"], allow_private_network=True), "OPTIONS", **asked)[2] == (
        b"Disallowed CORS headers"
    )
    asked["HTTP_ORIGIN"] = OTHER
    status, headers, body = ask(CORSMiddleware(plain, [A]), "OPTIONS", **asked)
    assert (status, body) == ("400 Bad Request", b"Disallowed CORS origin, method, headers, private-network")
    assert not [name for name in headers if name.startswith("access-control-")]


def test_denied_requests_may_be_rejected() -> None:
    rejects = CORSMiddleware(plain, policy=corsac.Policy(allow_origins=[A], denied_requests="reject"))
    assert ask(rejects, HTTP_ORIGIN=OTHER)[::2] == ("403 Forbidden", b"Disallowed CORS origin")
    status, headers, body = ask(rejects, "HEAD", HTTP_ORIGIN=OTHER)
    assert (status, headers["content-length"], body) == ("403 Forbidden", "22", b"")


def test_an_error_replaces_the_response_that_was_begun() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        try:
            raise RuntimeError("it failed")
        except RuntimeError:
            start_response("500 Oops", [("Content-Type", "text/html")], sys.exc_info())
        return [b"oops"]

    status, headers, body = ask(CORSMiddleware(app, policy=POLICY), HTTP_ORIGIN=A)
    assert (status, body) == ("500 Oops", b"oops")
    assert (headers["Content-Type"], headers["access-control-allow-origin"]) == ("text/html", A)


def test_exc_info_and_write_are_the_servers() -> None:
    seen: list[Any] = []

    def start_response(*arguments: Any) -> Callable[[bytes], object]:
        seen.append(arguments)
        return seen.append

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])(b"written")
        start("200 OK", [], (ValueError, ValueError("x"), None))  # type: ignore[arg-type]
        return []

    assert CORSMiddleware(app, policy=POLICY)({"REQUEST_METHOD": "GET"}, start_response) == []
    first, written, second = seen
    assert (first, written) == (("200 OK", [("vary", "Origin")]), b"written")
    assert second[2][0] is ValueError


def test_an_application_that_begins_late() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"late"

    status, headers, body = ask(CORSMiddleware(app, policy=POLICY), HTTP_ORIGIN=A)
    assert (headers["access-control-allow-origin"], body) == (A, b"late")


def test_werkzeug() -> None:
    response = Client(CORSMiddleware(plain, policy=POLICY)).get("/", headers={"Origin": A})
    assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (299, A)


def test_engine_and_routes() -> None:
    engine = corsac.Engine.from_text(
        f'version = 1\n[policy.p]\nallow_origins = ["{A}"]\n[policy.q]\nallow_origins = ["{OTHER}"]\n'
        '[[route]]\npath = "/p"\npolicy = "p"\n[[route]]\nhost = "q.example"\npolicy = "q"\n'
    )

    def is_allowed(middleware: CORSMiddleware, **environ: str) -> bool:
        return "access-control-allow-origin" in ask(middleware, **environ)[1]

    routed = CORSMiddleware(plain, engine=engine)
    assert is_allowed(routed, HTTP_ORIGIN=A, SCRIPT_NAME="/p", PATH_INFO="/x")
    assert is_allowed(routed, HTTP_ORIGIN=A, SCRIPT_NAME="", PATH_INFO="/p")
    assert not is_allowed(routed, HTTP_ORIGIN=A, SCRIPT_NAME="", PATH_INFO="/px")
    assert is_allowed(routed, HTTP_ORIGIN=OTHER, HTTP_HOST="q.example:80")
    assert is_allowed(routed, HTTP_ORIGIN=OTHER, SERVER_NAME="q.example")
    assert not is_allowed(routed, HTTP_ORIGIN=OTHER, HTTP_HOST="", SERVER_NAME="q.example")
    assert not is_allowed(routed, HTTP_ORIGIN=OTHER, HTTP_HOST="q.example", SCRIPT_NAME="", PATH_INFO="/p/../x")
    named = CORSMiddleware(plain, engine=engine, policy_name="q")
    assert is_allowed(named, HTTP_ORIGIN=OTHER)
    assert not is_allowed(named, HTTP_ORIGIN=A)
    with pytest.raises(TypeError):
        CORSMiddleware(plain, [A], engine=engine)
    with pytest.raises(corsac.ConfigError):
        CORSMiddleware(plain, ["*"], allow_credentials=True)
