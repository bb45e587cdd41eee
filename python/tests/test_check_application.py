"""``python -m corsac check MODULE:APP``: what a server would reject, before it starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

MODULE = '''
import os
import corsac, corsac.asgi, corsac.flask, corsac.wsgi
import flask_cors
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware as Original
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount

print("the module talks")

def asgi(**options):
    return Starlette(middleware=[Middleware(corsac.asgi.CORSMiddleware, **options)])

fine = asgi(allow_origins=["https://a.example.com"], allow_methods=["GET", "POST"])
refused = asgi(allow_origins=["*"], allow_credentials=True)
mounted = Starlette(routes=[Mount("/api", fine), Mount("/old", routes=[Mount("/x", refused)])])
around = corsac.asgi.CORSMiddleware(refused, allow_origins=["https://a.example.com"])

def flask():
    app = Flask("app")
    @app.route("/")
    @corsac.flask.cross_origin(supports_credentials=True)
    def view():
        return "view"
    return app

def wsgi():
    return corsac.wsgi.CORSMiddleware(flask(), allow_origins=["https://a.example.com/"])

def hidden():
    try:
        corsac.Policy(allow_origins=["null"])
    except corsac.ConfigError as error:
        raise RuntimeError("the service is not configured") from error

def django():
    from django.conf import settings
    settings.configure(
        SECRET_KEY="x", MIDDLEWARE=["corsac.django.CorsMiddleware"], CORS_ALLOWED_ORIGINS=["https://*.example.com"]
    )
    from django.core.wsgi import get_wsgi_application
    return get_wsgi_application()

def broken():
    raise SystemExit("no database")

class Auth:
    def __init__(self, app):
        self.app = app
    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)

A = ["https://a.example.com"]
M = ["GET", "POST"]
SETTINGS = dict(SECRET_KEY="x", CORS_ALLOWED_ORIGINS=A, CORS_PREFLIGHT_MAX_AGE=600)

def installed(app=None):
    app = FastAPI() if app is None else app
    app.add_middleware(Auth)
    return corsac.asgi.install(app, allow_origins=A, allow_methods=M)

def before():
    app = FastAPI()
    app.add_middleware(corsac.asgi.CORSMiddleware, allow_origins=A)
    app.add_middleware(GZipMiddleware)
    app.add_middleware(Auth)
    @app.middleware("http")
    async def needs_token(request, call_next):
        return await call_next(request)
    return app

def twice():
    app = asgi(allow_origins=A)
    app.add_middleware(corsac.asgi.CORSMiddleware, allow_origins=A)
    return app

def both():
    return corsac.asgi.install(Starlette(middleware=[Middleware(Original, allow_origins=A)]), allow_origins=A)

def in_a_function():
    inner = corsac.asgi.CORSMiddleware(Starlette(), allow_origins=A)
    async def needs_token(scope, receive, send):
        await inner(scope, receive, send)
    return needs_token

def handshakes():
    return corsac.asgi.install(FastAPI(), allow_origins=A, websocket_origins="listed")

def original():
    return Starlette(middleware=[Middleware(Original, allow_origins=A)])

def flask_wrapped():
    app = Flask("app")
    app.wsgi_app = corsac.wsgi.CORSMiddleware(app.wsgi_app, allow_origins=A, allow_methods=M)
    return app

def flask_late():
    app = Flask("app")
    @app.before_request
    def needs_token():
        return None
    corsac.flask.CORS(app, origins=A)
    return app

def flask_twice():
    app = flask_wrapped()
    corsac.flask.CORS(app, origins=A)
    corsac.flask.CORS(app, origins=A, resources="/api/*")
    return app

def flask_original():
    app = Flask("app")
    flask_cors.CORS(app, origins=A)
    return app

def django_with(*middleware, **options):
    from django.conf import settings
    settings.configure(MIDDLEWARE=middleware, **SETTINGS, **options)
    from django.core.asgi import get_asgi_application
    return get_asgi_application()

OURS, COMMON = "corsac.django.CorsMiddleware", "django.middleware.common.CommonMiddleware"
SECURITY, THEIRS = "django.middleware.security.SecurityMiddleware", "corsheaders.middleware.CorsMiddleware"

def django_first():
    return django_with(SECURITY, OURS, COMMON)

def django_late():
    return django_with(SECURITY, COMMON, OURS, SECURE_SSL_REDIRECT=True)

def django_twice():
    return django_with(OURS, THEIRS)

def django_around():
    return corsac.asgi.CORSMiddleware(django_with(OURS), allow_origins=A)

def django_none():
    return django_with(COMMON)

def django_original():
    return django_with(THEIRS)

plain = FastAPI()
number = 3
needs_more = Auth

async def asgi_function(scope, receive, send): ...

def wsgi_function(environ, start_response): ...

def other(one): ...
'''


#: Runs commands, each in a process of its own, after importing what all of them import.
COMMANDS = """
import contextlib, io, json, os, sys
import flask_cors, fastapi, starlette.testclient, django.core.handlers.asgi, corsac.flask
from corsac.__main__ import main
with os.fdopen(os.dup(1), "w") as out:
    for arguments in json.loads(sys.argv[1]):
        if os.fork() == 0:
            streams = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
                status = main(["check", *arguments])
            out.write(json.dumps([status, *(stream.getvalue() for stream in streams)]) + "\\n")
            out.flush()
            os._exit(0)
        assert os.wait()[1] == 0, arguments
"""


@dataclass(frozen=True)
class Checked:
    """What a command ended with and printed."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("application")
    (folder / "main.py").write_text(MODULE)
    return folder


def commands(folder: Path, *arguments: Sequence[str]) -> list[Checked]:
    """``python -m corsac check`` with each of these arguments."""
    command = [sys.executable, "-c", COMMANDS, json.dumps(arguments)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return [Checked(*json.loads(line)) for line in done.stdout.splitlines()]


def check(folder: Path, *arguments: str) -> Checked:
    return commands(folder, arguments)[0]


REFUSED = [
    ("refused", "any-origin/credentials"),
    ("mounted", "any-origin/credentials"),
    ("around", "any-origin/credentials"),
    ("flask()", "any-origin/credentials"),
    ("wsgi()", "origin/trailing-slash"),
    ("hidden()", "origin/null"),
    ("django()", "settings/never-matched"),
]


def test_what_is_refused(folder: Path) -> None:
    shown = commands(folder, *([f"main:{name}"] for name, _ in REFUSED))
    reports = commands(folder, *(["--format", "json", f"main:{name}"] for name, _ in REFUSED))
    for (name, code), found, report in zip(REFUSED, shown, reports, strict=True):
        assert found.returncode == 1
        assert f"error[{code}]: " in found.stdout
        assert f"\nmain:{name}: 1 error" in found.stdout
        said = json.loads(report.stdout)
        assert (said["ok"], [each["code"] for each in said["diagnostics"] if each["severity"] == "error"]) == (False, [code])


FINE = [
    ("installed()", ["corsac.asgi.install at `/`"]),
    ("flask_wrapped()", ["corsac.wsgi.CORSMiddleware at `/`"]),
    ("django_first()", ["corsac.django.CorsMiddleware at `/`"]),
]


def test_what_is_fine(folder: Path) -> None:
    for (name, checked), fine in zip(FINE, commands(folder, *([f"main:{name}"] for name, _ in FINE)), strict=True):
        shown = "".join(f"checked {each}\n" for each in checked)
        assert (fine.returncode, fine.stdout) == (0, f"{shown}main:{name}: all policies are accepted\n")
        assert fine.stderr == "the module talks\n"


def test_what_was_checked(folder: Path) -> None:
    report = json.loads(check(folder, "--format", "json", "main:fine").stdout)
    assert (report["ok"], report["checked"]) == (True, ["corsac.asgi.CORSMiddleware at `/`"])
    # Starlette's own place for middleware does not reach uncaught errors.
    assert [(each["severity"], each["code"]) for each in report["diagnostics"]] == [("note", "settings/order")]


ORDER, SEVERAL = "settings/order", "settings/several"


WARNED: list[tuple[str, list[tuple[str, str]]]] = [
    ("before()", [(ORDER, "`main.before.<locals>.needs_token` is outside"), (ORDER, "`main.Auth` is outside")]),
    ("twice()", [(SEVERAL, "is inside of `corsac.asgi.CORSMiddleware at /`")]),
    ("both()", [(SEVERAL, "`starlette.middleware.cors.CORSMiddleware` at `/` is inside of `corsac.asgi.install at /`")]),
    ("in_a_function()", [(ORDER, "`main.in_a_function.<locals>.needs_token` is outside")]),
    ("handshakes()", [("reject/own-origins-missing", "handshakes")]),
    ("flask_late()", [(ORDER, "`main.flask_late.<locals>.needs_token` is outside of `corsac.flask.CORS`")]),
    ("flask_twice()", [(SEVERAL, "inside of `corsac.wsgi.CORSMiddleware at /`"), (SEVERAL, "`corsac.flask.CORS` at `/` is inside")]),
    ("django_late()", [(ORDER, "`SECURE_SSL_REDIRECT` redirects"), (ORDER, "CommonMiddleware` is before `corsac.django.CorsMiddleware`")]),
    ("django_twice()", [(SEVERAL, "`corsheaders.middleware.CorsMiddleware` in `MIDDLEWARE` is inside")]),
    ("django_around()", [(SEVERAL, "`corsac.django.CorsMiddleware` at `/` is inside of `corsac.asgi.CORSMiddleware at /`")]),
]


def test_order_and_doubles(folder: Path) -> None:
    done = commands(folder, *(["--format", "json", f"main:{name}"] for name, _ in WARNED))
    for (name, expected), found in zip(WARNED, done, strict=True):
        warnings = [each for each in json.loads(found.stdout)["diagnostics"] if each["severity"] == "warning"]
        assert (found.returncode, len(warnings)) == (1, len(expected)), found.stdout
        for warning, (code, message) in zip(warnings, expected, strict=True):
            assert (warning["code"], message in warning["message"]) == (code, True), (name, warning)
            assert warning["help"]


NOTHING = [
    ("plain", "nothing to check: no middleware of corsac was found in `main:plain`"),
    ("installed", "`main:installed` is no application: it is called without arguments, like a factory; write `main:installed()`"),
    ("number", "`main:number` is no application: it is of the type `int`, which cannot be called"),
    ("needs_more", "`main:needs_more` is no application: it is called with other arguments, (app); name what it returns"),
    ("other", "`main:other` is no application: it is called with other arguments, (one); name what it returns"),
    ("asgi_function", "no middleware of corsac was found"),
    ("wsgi_function", "no middleware of corsac was found"),
    ("django_none()", "no middleware of corsac was found"),
    ("original()", "is `starlette.middleware.cors.CORSMiddleware`, not corsac's; `python -m corsac import-starlette main:original()` shows"),
    ("flask_original()", "is `flask_cors.CORS`, not corsac's; `python -m corsac import-flask main:flask_original()` shows"),
    ("django_original()", "is `corsheaders.middleware.CorsMiddleware`, not corsac's; `python -m corsac import-django` shows"),
]


def test_nothing_to_check(folder: Path) -> None:
    for (name, why), failed in zip(NOTHING, commands(folder, *([f"main:{name}"] for name, _ in NOTHING)), strict=True):
        assert (failed.returncode, failed.stdout) == (2, ""), name
        assert why in failed.stderr


def test_what_does_not_load(folder: Path) -> None:
    names = ["main:broken()", "main:missing", "missing:app"]
    for name, failed in zip(names, commands(folder, *([name] for name in names)), strict=True):
        assert (failed.returncode, failed.stdout) == (2, "")
        assert f"error: cannot load `{name}`: " in failed.stderr


def test_a_file_with_a_colon_is_a_document(folder: Path) -> None:
    (folder / "main:fine").write_text('version = 1\n[policy.p]\nallow_origins = ["https://a.example.com/"]\n')
    command = [sys.executable, "-m", "corsac", "check", "main:fine"]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    (folder / "main:fine").unlink()
    assert (found.returncode, "origin/trailing-slash" in found.stdout) == (1, True)
