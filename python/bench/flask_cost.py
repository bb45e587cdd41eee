"""What ``corsac.flask.CORS`` costs over the bare application, compared with flask-cors, as ratios of one
run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import flask_cors
from flask import Flask
from timing import Call, beside_peer, nanoseconds
from werkzeug.test import EnvironBuilder

import corsac.flask

ROUNDS = 24


StartResponse = Callable[..., Callable[[bytes], object]]


def application(extension: Callable[..., object] | None, **options: Any) -> Flask:
    app = Flask("measured")

    @app.get("/")
    def view() -> dict[str, str]:
        return {}

    if extension is not None:
        extension(app, **options)
    return app


def accept(status: str, _headers: list[tuple[str, str]], _exc_info: Any = None) -> Callable[[bytes], object]:
    assert status == "200 OK", status
    return lambda _: None


def call(app: Flask, method: str, lines: list[tuple[str, str]], start_response: StartResponse = accept) -> Call:
    environ = EnvironBuilder(path="/", method=method, headers=lines).get_environ()

    def once() -> None:
        # Each request has an environ of its own.
        for _ in app(dict(environ), start_response):
            pass

    return once


def main() -> None:
    logging.getLogger("corsac").setLevel(logging.INFO)
    print(f"{'':<40} {'corsac':>11} {'theirs':>14}   theirs/ours")
    for count in (1, 100, 10_000):
        origins = [f"https://tenant-{number}.example.com" for number in range(count)]
        options: dict[str, Any] = {"origins": origins, "supports_credentials": True}
        apps = [application(extension, **options) for extension in (None, corsac.flask.CORS, flask_cors.CORS)]
        asked = {"allowed": origins[-1], "denied": "https://tenant-x.example.com", "no Origin": None}
        cases = [(title, "GET", origin) for title, origin in asked.items()]
        for title, method, origin in [*cases, ("preflight", "OPTIONS", origins[-1])]:
            lines = [] if origin is None else [("Origin", origin)]
            if method == "OPTIONS":
                lines.append(("Access-Control-Request-Method", "PUT"))
            calls = [call(app, method, lines) for app in apps]
            costs = nanoseconds(calls, max(20, 200 // max(1, count // 100)), ROUNDS)
            # The application does not run for a preflight.
            bare = 0.0 if method == "OPTIONS" else costs[0]
            beside_peer(f"{count:,} origins, {title}", bare, *costs[1:])


if __name__ == "__main__":
    main()
