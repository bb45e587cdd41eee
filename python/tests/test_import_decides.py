"""What an import prints decides as the drop-in does with the same settings: the same requests to both."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import flask_cors
import pytest
from asgi_client import ask
from django.test import override_settings
from django_site import ORIGINAL, OURS, Site
from flask import Flask
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware as Theirs

import corsac
import corsac.flask
from corsac._import import _django, _flask, _starlette
from corsac._import._document import Document
from corsac.asgi import CORSMiddleware, Receive, Scope, Send

A, B, SUB = "https://a.example.com", "https://b.example.com", "https://x.sub.example.com"
REGEX = r"https://[a-z]+\.sub\.example\.com"

STARLETTE: dict[str, list[Any]] = {
    "allow_origins": [[], [A], [A, B], (B,), {A, B}, ["*"], ["*", A], ["https://*.example.com"], [f"{A}/"], A, ["http://a.example.com"]],
    "allow_origin_regex": [None, None, REGEX, ".*", r"https://.*example\.com"],
    "allow_methods": [["GET"], ["*"], ["PUT", "GET"], ["put"], "PUT", [], ("POST",), ["*", "PUT"]],
    "allow_headers": [[], ["*"], ["X-A", "content-type"], ["*", "X-A"]],
    "allow_credentials": [False, False, True],
    "allow_private_network": [False, True],
    "expose_headers": [[], ["X-One"], ["*"]],
    "max_age": [600, 0, 90000],
}

DJANGO: dict[str, list[Any]] = {
    "CORS_ALLOWED_ORIGINS": [[], [A], (A, B), ["*"], ["https://*.example.com"], [f"{A}/"], A, ["http://a.example.com"]],
    "CORS_ALLOWED_ORIGIN_REGEXES": [[], [], [REGEX], [re.compile(REGEX)], ["^.*$"]],
    "CORS_ALLOW_ALL_ORIGINS": [False, False, False, True],
    "CORS_ALLOW_CREDENTIALS": [False, False, True],
    "CORS_ALLOW_METHODS": [("GET", "PUT"), ["*"], ["put"], [], ["POST", "PUT"]],
    "CORS_ALLOW_HEADERS": [("x-a", "x-b"), ["*"], [], ["*", "x-a"]],
    "CORS_EXPOSE_HEADERS": [[], ["x-one"]],
    "CORS_PREFLIGHT_MAX_AGE": [86400, 0, -1],
    "CORS_ALLOW_PRIVATE_NETWORK": [False, True],
    "CORS_URLS_REGEX": [None, r"^.*$", r"^/api(/.*)?$", r"^/api(?:/.*)?$"],
}

FLASK: dict[str, list[Any]] = {
    "origins": ["*", A, [A, B], {A, B}, [REGEX], re.compile(REGEX), ["https://*.example.com"], "http://localhost:*", ".*", [f"{A}/"]],
    "methods": [["GET", "PUT"], "PUT", "put, get", None, "*", ["POST", "*"], []],
    "allow_headers": ["*", ".*", ["X-A", "x-b"], "x-a", [], None, "x-.*", "x-a, x-b"],
    "expose_headers": [None, ["x-one", "a"], "x-one"],
    "supports_credentials": [False, False, True],
    "max_age": [None, 60, "60", 100_000],
    "allow_private_network": [False, True],
    "vary_header": [True, True, True, False],
    "send_wildcard": [False],
}

RESOURCES: list[Any] = [
    "/*",
    r".*",
    "*",
    "/api/*",
    ["/api/*", "/b/*"],
    {"/api/*": {"origins": B}, "/api/v1/*": {"origins": [A, SUB]}, "/*": {"origins": "*", "supports_credentials": False}},
    {r"/api/.*": {}, "/one": {"origins": [B], "max_age": 5}},
    {"/api(/.*)?": {"methods": ["GET"]}},
]

ORIGINS = (None, A, B, SUB, "http://a.example.com", "http://localhost:5173", "https://evil.example", "null", "", f"{A}.evil.example")
ASKED = (None, "GET", "PUT", "put", "DELETEX")
NAMES = (None, "x-a", "x-b, x-a", "authorization", "x-not")


def some(choices: Mapping[str, list[Any]], count: int) -> Iterator[dict[str, Any]]:
    """Settings drawn from these, the same at each run."""
    chosen = random.Random(len(choices))
    for _ in range(count):
        names = chosen.sample(sorted(choices), chosen.randint(0, len(choices)))
        yield {name: chosen.choice(choices[name]) for name in names}


def requests() -> Iterator[tuple[str, dict[str, str]]]:
    """Methods and header lines."""
    for origin, asked, names, network in product(ORIGINS, ASKED, NAMES, (False, True)):
        lines = {} if origin is None else {"origin": origin}
        if asked is None:
            if names is None:
                yield "GET", lines
                yield "OPTIONS", lines
            continue
        lines["access-control-request-method"] = asked
        if names is not None:
            lines["access-control-request-headers"] = names
        if network:
            lines["access-control-request-private-network"] = "true"
        yield "OPTIONS", lines


REQUESTS = list(requests())


def codes(make: Callable[[], object]) -> list[str]:
    """What is refused where something is made."""
    try:
        make()
    except corsac.ConfigError as error:
        return [each.code for each in error.errors]
    return []


def refused(document: Document) -> list[str]:
    return [each.code for each in document.findings if each.severity == "error"]


def loaded(document: Document) -> corsac.Engine:
    """As it is printed. What it allows more or less than the original is told."""
    assert {each.code for each in document.findings} <= {"settings/narrower", "settings/wider", "settings/never-matched"}
    return corsac.Engine.from_text(document.text())


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"app"})


def test_starlette() -> None:
    accepted = 0
    for settings in some(STARLETTE, 1500):
        errors = codes(lambda: CORSMiddleware(plain, **settings))
        kept = _starlette.document(Starlette(middleware=[Middleware(Theirs, **settings)]))
        assert refused(kept) == errors, settings
        if errors or accepted >= 120:
            continue
        accepted += 1
        # Instances are read as well as classes.
        assert _starlette.document(Theirs(Starlette(), **settings)).text() == kept.text()
        ours, printed = CORSMiddleware(plain, **settings), CORSMiddleware(plain, engine=loaded(kept))
        for method, lines in REQUESTS:
            headers = [(name.encode(), value.encode()) for name, value in lines.items()]
            assert ask(ours, method, headers) == ask(printed, method, headers), (settings, method, lines)
    assert accepted == 120


def test_django() -> None:
    accepted = 0
    for settings in some(DJANGO, 1500):
        errors = codes(lambda: Site(OURS, **settings))
        with override_settings(**settings, MIDDLEWARE=[ORIGINAL]):
            document = _django.document(None)
        assert refused(document) == errors, settings
        if errors or accepted >= 15:
            continue
        accepted += 1
        ours, printed = Site(OURS, **settings), Site(OURS, CORSAC_ENGINE=loaded(document))
        for path, (method, lines) in product(("/api/x", "/x"), REQUESTS):
            environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in lines.items()}
            one, other = (site.ask(method, environ, path=path) for site in (ours, printed))
            seen = [(each.status_code, each.content, sorted(each.headers.items())) for each in (one, other)]
            assert seen[0] == seen[1], (settings, method, lines)
    assert accepted == 15


def flask(extend: Callable[..., object], options: dict[str, Any]) -> Flask:
    app = Flask("site", static_folder=None)
    extend(app, **options)
    for path in ("/api/x", "/api/v1/x", "/one", "/x"):
        app.add_url_rule(path, path, lambda: "view", methods=["GET", "PUT"])
    return app


@pytest.mark.parametrize("resources", RESOURCES, ids=repr)
def test_flask(resources: Any) -> None:
    accepted = 0
    for drawn in some(FLASK, 400):
        options = {**drawn, "resources": resources}
        try:
            theirs = flask(flask_cors.CORS, options)
        except ValueError:
            continue
        errors = codes(lambda: flask(corsac.flask.CORS, options))
        document = _flask.document(theirs)
        assert set(refused(document)) == set(errors), options
        if errors or accepted >= 6:
            continue
        accepted += 1
        ours, printed = flask(corsac.flask.CORS, options), flask(corsac.flask.CORS, {"engine": loaded(document)})
        for path, (method, lines) in product(("/api/x", "/api/v1/x", "/one", "/x"), REQUESTS[::3]):
            answers = [app.test_client().open(path, method=method, headers=lines) for app in (ours, printed)]
            seen = [(each.status_code, each.data, sorted(each.headers.items())) for each in answers]
            assert seen[0] == seen[1], (options, path, method, lines)
    assert accepted == 6
