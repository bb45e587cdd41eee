"""Pages against the original packages and against the drop-ins, with settings and requests drawn at random: no page
may do with a drop-in what the original refuses, but for reading with GET and HEAD behind a preflight."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import flask_cors
import pytest
from asgi_client import ask
from differences import PAGE
from django_site import ORIGINAL, OURS, Site
from flask import Flask
from pages import Lines, Page, Request, Server
from starlette.middleware.cors import CORSMiddleware as StarlettesMiddleware

import corsac
import corsac.flask
from corsac.asgi import CORSMiddleware, Receive, Scope, Send
from corsac.flask._cross_origin import check

A, B, OTHER = "https://a.example.com", "https://b.example.com", "https://other.example"

#: How many requests are compared, for each package and browser.
REQUESTS = int(os.environ.get("CORSAC_PAGES", "2500"))

Choices = Mapping[str, Sequence[Any]]

_METHODS: list[Any] = [
    [],
    ["*"],
    ["GET"],
    ["GET", "HEAD"],
    ["POST"],
    ["PUT"],
    ["PUT", "POST"],
    ["GET", "PUT", "*"],
    ["PATCH", "DELETE", "GET"],
    ["QUERY"],
]
_HEADERS: list[Any] = [[], ["*"], ["X-A"], ["content-type"], ["X-A", "content-type"], ["*", "X-A"], ["authorization", "x-b"], ["*", "authorization"]]

STARLETTE: Choices = {
    "allow_origins": [["*"], [A], [A, B]],
    "allow_methods": _METHODS,
    "allow_headers": _HEADERS,
    "allow_credentials": [False, True],
    "max_age": [0, 600],
}
DJANGO: Choices = {
    "CORS_ALLOWED_ORIGINS": [[A], [A, B]],
    "CORS_ALLOW_ALL_ORIGINS": [False, False, True],
    "CORS_ALLOW_METHODS": _METHODS,
    "CORS_ALLOW_HEADERS": _HEADERS,
    "CORS_ALLOW_CREDENTIALS": [False, True],
    "CORS_PREFLIGHT_MAX_AGE": [0, 600],
}
FLASK: Choices = {
    "origins": ["*", A, [A, B]],
    "methods": [*_METHODS, "*", None, "GET", "put, post", "patch"],
    "allow_headers": [*_HEADERS, "*", ".*", "X-A", None],
    "supports_credentials": [False, True],
    "max_age": [None, 0, 600],
}

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY", "patch", "CHICKEN")
NAMES = ((), ("content-type",), ("x-a",), ("content-type", "x-a"), ("authorization",), ("x-b",), ("x-c",), ("authorization", "content-type"))


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"app"})


def starlette(is_ours: bool, settings: Mapping[str, Any]) -> Server:
    middleware: Any = CORSMiddleware if is_ours else StarlettesMiddleware
    app = middleware(plain, **settings)

    def answer(method: str, lines: Lines) -> tuple[int, Lines]:
        start = ask(app, method, [(name.encode(), value.encode()) for name, value in lines])[0]
        return start["status"], [(name.decode(), value.decode()) for name, value in start["headers"]]

    return answer


def django(is_ours: bool, settings: Mapping[str, Any]) -> Server:
    site = Site(OURS if is_ours else ORIGINAL, **settings)

    def answer(method: str, lines: Lines) -> tuple[int, Lines]:
        response = site.ask(method, {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in lines})
        return response.status_code, list(response.headers.items())

    return answer


def flask(is_ours: bool, settings: Mapping[str, Any], *, is_decorated: bool = False) -> Server:
    app = Flask("site", static_folder=None)
    verbs = sorted({method.upper() for method in METHODS})
    extend: Any
    decorate: Any
    extend, decorate = (corsac.flask.CORS, corsac.flask.cross_origin) if is_ours else (flask_cors.CORS, flask_cors.cross_origin)

    def view() -> str:
        return "view"

    app.add_url_rule("/", "view", decorate(**settings)(view) if is_decorated else view, methods=verbs)
    if not is_decorated:
        extend(app, **settings)
    elif is_ours:
        check(app)
    client = app.test_client()

    def answer(method: str, lines: Lines) -> tuple[int, Lines]:
        response = client.open("/", method=method, headers=list(lines))
        return response.status_code, list(response.headers.items())

    return answer


PACKAGES: dict[str, tuple[Choices, Callable[[bool, Mapping[str, Any]], Server]]] = {
    "Starlette": (STARLETTE, starlette),
    "Django": (DJANGO, django),
    "Flask": (FLASK, flask),
    "Flask, decorated": (FLASK, partial(flask, is_decorated=True)),
}


def some(choices: Choices, chosen: random.Random) -> dict[str, Any]:
    names = chosen.sample(sorted(choices), chosen.randint(1, len(choices)))
    return {name: chosen.choice(choices[name]) for name in names}


def sequences(chosen: random.Random) -> Iterator[tuple[Request, ...]]:
    """Requests of one page after another: what a preflight allowed is kept for the next."""
    while True:
        yield tuple(
            Request(chosen.choice(METHODS), chosen.choice(NAMES), chosen.random() < 0.3, chosen.random() < 0.2)
            for _ in range(chosen.randint(1, 3))
        )


@dataclass(frozen=True)
class Stricter:
    """A request that the original lets a page make, and the drop-in refuses."""

    settings: Mapping[str, Any]
    request: Request

    @property
    def methods(self) -> Any:
        return self.settings.get("allow_methods", self.settings.get("CORS_ALLOW_METHODS", self.settings.get("methods")))

    def lists(self, *methods: str) -> bool:
        """Whether the setting lists one of these methods; unset, it lists every method that is drawn here, but these."""
        if self.methods is None and not self.settings.keys() & {"methods"}:
            return not {"QUERY", "CHICKEN", "patch"} & set(methods)
        listed = self.methods.split(",") if isinstance(self.methods, str) else self.methods or []
        return not {each.strip().upper() for each in listed}.isdisjoint(methods)

    @property
    def headers(self) -> Any:
        return self.settings.get("allow_headers", self.settings.get("CORS_ALLOW_HEADERS"))


def lists_a_method(settings: Mapping[str, Any]) -> bool:
    """Whether the original allows a preflight for any method."""
    return settings.get("allow_methods") != [] and settings.get("methods", ["GET"]) not in ([], None, "*", ["*"])


#: Why a drop-in is stricter, by the names that the reasons have on the page. The first that accounts for it is the one.
STRICTER: dict[str, dict[str, Callable[[Stricter], bool]]] = {
    "Starlette": {},
    "Django": {
        "star-with-credentials": lambda it: (
            bool(it.settings.get("CORS_ALLOW_CREDENTIALS"))
            and not it.request.has_credentials
            and ("*" in (it.methods or ()) or "*" in (it.headers or ()))
        ),
        "authorization-apart": lambda it: (
            "*" in (it.headers or ())
            and "authorization" in it.request.names
            and "authorization" not in [name.lower() for name in it.headers or ()]
        ),
        "unlisted-post": lambda it: it.request.method == "POST" and not it.lists("*", "POST"),
    },
    "Flask": {
        "unlisted-methods": lambda it: not it.lists(it.request.method),
    },
}


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("browser", ["standard", "chromium"])
def test_no_page_may_do_what_the_original_refuses(package: str, browser: Any) -> None:
    choices, make = PACKAGES[package]
    chosen = random.Random(f"{package} {browser}")
    is_reading: set[str] = set()
    stricter: set[str] = set()
    counts = {True: 0, False: 0}
    while sum(counts.values()) < REQUESTS:
        settings = some(choices, chosen)
        try:
            servers = [make(is_ours, settings) for is_ours in (False, True)]
        except (corsac.ConfigError, ValueError):
            continue
        for requests, _ in zip(sequences(chosen), range(8)):
            origin = chosen.choice((A, A, A, A, B, OTHER))
            theirs, ours = (Page(origin, server, browser) for server in servers)
            for request in requests:
                was, now = theirs.may(request), ours.may(request)
                counts[now] += 1
                if now and not was:
                    assert request.method in ("GET", "HEAD"), (settings, origin, requests, request)
                    is_reading.add(request.method)
                    if lists_a_method(settings):
                        # What the browser keeps differs from here on; with the original, it would keep
                        # the same after a method that is listed.
                        break
                if was and not now:
                    reasons = STRICTER[package.partition(",")[0]]
                    it = Stricter(settings, request)
                    found = next((name for name, accounts in reasons.items() if accounts(it)), None)
                    assert found is not None, (settings, origin, requests, request)
                    stricter.add(found)
                    break
    assert min(counts.values()) > REQUESTS / 50, counts
    assert is_reading == (set() if package == "Django" else {"GET", "HEAD"})
    expected = set(STRICTER[package.partition(",")[0]])
    if browser == "standard":
        expected -= {"authorization-apart"}
    assert stricter == expected
    assert all(f"`{name}`" in PAGE.read_text(encoding="utf-8") for name in stricter)
