"""One site in Starlette, Django and Flask, behind the original package or behind the drop-in, on a port of its own."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
import flask_cors
import uvicorn
from chromium import DEADLINE
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import re_path
from flask import Flask, request as flask_request
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware as StarlettesMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import corsac.asgi
import corsac.flask

#: The methods that have a handler.
HANDLED = ["GET", "POST", "PUT"]


class Site:
    """A running site."""

    def __init__(self) -> None:
        self.port = 0
        #: Method and path of each request that reached the handler.
        self.handled: list[tuple[str, str]] = []

    @property
    def origin(self) -> str:
        return f"http://api.test:{self.port}"


Settings = Mapping[str, Any]


@contextmanager
def starlette(is_ours: bool, settings: Settings) -> Iterator[Site]:
    site = Site()

    async def handle(request: Request) -> PlainTextResponse:
        site.handled.append((request.method, request.url.path))
        return PlainTextResponse("secret")

    made: Any = corsac.asgi.CORSMiddleware if is_ours else StarlettesMiddleware
    app = made(Starlette(routes=[Route("/{path:path}", handle, methods=HANDLED)]), **settings)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + DEADLINE
        while not server.started:
            assert thread.is_alive(), "the server ended"
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.005)
        site.port = server.servers[0].sockets[0].getsockname()[1]
        yield site
    finally:
        server.should_exit = True
        thread.join(DEADLINE)


@contextmanager
def flask(is_ours: bool, settings: Settings) -> Iterator[Site]:
    site = Site()
    app = Flask("site", static_folder=None)
    names = {"allow_origins": "origins", "allow_methods": "methods"}
    made: Any = corsac.flask.CORS if is_ours else flask_cors.CORS
    made(app, **{names.get(key, key): value for key, value in settings.items()})

    def handle(path: str) -> str:
        site.handled.append((flask_request.method, f"/{path}"))
        return "secret"

    app.add_url_rule("/<path:path>", "handle", handle, methods=HANDLED)
    with wsgi(app, site):
        yield site


_ORIGINAL = "corsheaders.middleware.CorsMiddleware"
_OURS = "corsac.django.CorsMiddleware"
_SITE = "corsac.test.site"
#: The original reads the settings at each request, so one request at a time has its site's.
_LOCK = threading.Lock()


def _django_view(request: HttpRequest) -> HttpResponse:
    request.META[_SITE].handled.append((request.method, request.path))
    return HttpResponse("secret", content_type="text/plain")


urlpatterns = [re_path(r"", _django_view)]


@contextmanager
def django_(is_ours: bool, settings: Settings) -> Iterator[Site]:
    if not django_settings.configured:
        django_settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x")
        django.setup()
    site = Site()
    names = {"allow_origins": "CORS_ALLOWED_ORIGINS", "max_age": "CORS_PREFLIGHT_MAX_AGE"}
    given = {names.get(key, f"CORS_{key.upper()}"): value for key, value in settings.items()}
    given["MIDDLEWARE"] = [_OURS if is_ours else _ORIGINAL]
    with override_settings(**given):
        handler = WSGIHandler()

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with _LOCK, override_settings(**given):
            return list(handler({**environ, _SITE: site}, start_response))

    with wsgi(app, site):
        yield site


@contextmanager
def page() -> Iterator[Site]:
    """A site of one empty page."""
    site = Site()

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("content-type", "text/html")])
        return [b"<!doctype html><title>page</title>"]

    with wsgi(app, site):
        yield site


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    """A thread for each connection: a browser keeps some open."""

    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def wsgi(app: Callable[..., Iterable[bytes]], site: Site) -> Iterator[None]:
    with make_server("127.0.0.1", 0, app, _Server, _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        site.port = server.server_port
        try:
            yield
        finally:
            server.shutdown()
            thread.join(DEADLINE)


FRAMEWORKS = {"Starlette": starlette, "Django": django_, "Flask": flask}


@contextmanager
def both(framework: str, settings: Settings) -> Iterator[dict[str, Site]]:
    """The site behind the original and behind the drop-in."""
    with ExitStack() as stack:
        make = FRAMEWORKS[framework]
        yield {name: stack.enter_context(make(name == "drop-in", settings)) for name in ("original", "drop-in")}
