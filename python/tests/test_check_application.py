"""``python -m corsac check MODULE:APP``: what a server would reject, before it starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = '''
import os
import corsac, corsac.asgi, corsac.flask, corsac.wsgi
from flask import Flask
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

print("the module talks")

def asgi(**options):
    return Starlette(middleware=[Middleware(corsac.asgi.CORSMiddleware, **options)])

fine = asgi(allow_origins=["https://a.example.com"])
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
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text(MODULE)
    return tmp_path


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "corsac", "check", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("refused", "any-origin/credentials"),
        ("mounted", "any-origin/credentials"),
        ("around", "any-origin/credentials"),
        ("flask()", "any-origin/credentials"),
        ("wsgi()", "origin/trailing-slash"),
        ("hidden()", "origin/null"),
        ("django()", "settings/never-matched"),
    ],
)
def test_what_is_refused(folder: Path, name: str, code: str) -> None:
    found = check(folder, f"main:{name}")
    assert found.returncode == 1
    assert found.stdout.startswith(f"error[{code}]: ")
    assert found.stdout.endswith(f"main:{name}: 1 error\n")
    report = json.loads(check(folder, "--format", "json", f"main:{name}").stdout)
    assert (report["ok"], [each["code"] for each in report["diagnostics"]]) == (False, [code])


def test_what_is_not(folder: Path) -> None:
    fine = check(folder, "main:fine")
    assert (fine.returncode, fine.stdout, fine.stderr) == (0, "main:fine: all policies are accepted\n", "the module talks\n")


@pytest.mark.parametrize("name", ["main:broken()", "main:missing", "missing:app"])
def test_what_does_not_load(folder: Path, name: str) -> None:
    failed = check(folder, name)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert f"error: cannot load `{name}`: " in failed.stderr


def test_a_file_with_a_colon_is_a_document(folder: Path) -> None:
    (folder / "main:fine").write_text('version = 1\n[policy.p]\nallow_origins = ["https://a.example.com/"]\n')
    found = check(folder, "main:fine")
    assert (found.returncode, "origin/trailing-slash" in found.stdout) == (1, True)
