"""The corpus of settings, through every middleware that accepts them and through the imports."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import flask_cors
import pytest
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django_site import ORIGINAL, Site
from flask import Blueprint, Flask
from settings_corpus import Case, cases, check, name
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount

import corsac
import corsac.asgi
import corsac.django
import corsac.flask
import corsac.wsgi
from corsac.__main__ import main

STARLETTE, DJANGO, FLASK, ENVIRONMENT = map(cases, ("starlette", "django", "flask", "environment"))
SOURCE = Path(__file__).resolve().parents[1] / "python" / "corsac"


def found(make: Callable[[], Any]) -> tuple[corsac.Diagnostic, ...]:
    """What is found where something is made that has no warnings of its own."""
    try:
        make()
    except corsac.ConfigError as error:
        return error.diagnostics
    return ()


def told(command: str, application: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, list[corsac.Diagnostic]]:
    """Exit status, document and findings of an import."""
    arguments = [command, "--format", "json"]
    if application is not None:
        module = ModuleType("corpus_application")
        setattr(module, "made", application)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        arguments.append("corpus_application:made")
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        status = main(arguments)
    report = json.loads(err.getvalue())
    diagnostics = [corsac.Diagnostic(**each) for each in report["diagnostics"]]
    assert report["ok"] == all(each.severity != "error" for each in diagnostics)
    return status, out.getvalue(), diagnostics


def check_import(case: Case, command: str, application: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert case.imported is not None
    errors, warnings = case.imported
    status, document, diagnostics = told(command, application, monkeypatch)
    assert [each.code for each in diagnostics if each.severity == "error"] == errors
    if errors:
        assert (status, document) == (1, "")
        return
    assert [each.code for each in diagnostics if each.severity == "warning"] == warnings
    notes = [each.code for each in diagnostics if each.severity == "note"]
    assert [code for code in notes if code.startswith("settings/")] == case.notes
    assert status == bool(warnings)
    assert corsac.Engine.from_text(document).policies


@pytest.mark.parametrize("case", [case for case in STARLETTE if case.entry["settings"] is not None], ids=name)
@pytest.mark.parametrize("middleware", [corsac.asgi.CORSMiddleware, corsac.wsgi.CORSMiddleware])
def test_starlettes_keywords(case: Case, middleware: Any) -> None:
    check(case, found(lambda: middleware(None, **case.given("settings"))))


class OurCorsMiddleware:
    """One that nobody can read."""

    def __init__(self, app: corsac.asgi.ASGIApp) -> None: ...

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class Derived(CORSMiddleware):
    """One that may do more than Starlette's."""


def starlette(case: Case) -> Starlette:
    own = [case.given(key) for key in ("settings", "inner") if case.entry.get(key) is not None]
    made = Derived if case.entry.get("subclass") else CORSMiddleware
    middleware = [Middleware(made, **each) for each in own]
    if case.entry.get("unknown") == OurCorsMiddleware.__name__:
        middleware.append(Middleware(OurCorsMiddleware))
    mounted = case.given("mounted") or {}
    bare = Starlette()
    routes = [Mount(path, bare if each is None else CORSMiddleware(bare, **each)) for path, each in mounted.items()]
    return Starlette(routes=routes, middleware=middleware)


@pytest.mark.parametrize("case", [case for case in STARLETTE if case.imported is not None], ids=name)
def test_import_starlette(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    check_import(case, "import-starlette", starlette(case), monkeypatch)


@pytest.mark.parametrize("case", DJANGO, ids=name)
def test_djangos_settings(case: Case) -> None:
    settings = case.given("settings")
    diagnostics: tuple[corsac.Diagnostic, ...] = ()
    try:
        Site(**settings)
    except corsac.django.ConfigError as error:
        assert isinstance(error, ImproperlyConfigured)
        diagnostics = error.diagnostics
        check(case, diagnostics)
    else:
        assert case.errors == []
    with override_settings(**settings):
        checked = checks.run_checks(tags=[checks.Tags.security])
    ours = [each for each in checked if (each.id or "").startswith("corsac.")]
    assert [each.id for each in ours if each.level == checks.ERROR] == [f"corsac.{code}" for code in case.errors]
    if not case.errors:
        assert [each.id for each in ours if each.level == checks.WARNING] == [f"corsac.{code}" for code in case.warnings]
    else:
        assert len(ours) == len(diagnostics)


@pytest.fixture
def receiver() -> Iterator[Callable[[], None]]:
    """Connects a receiver of the signal until the test ends."""

    def receive(sender: object, **_more: Any) -> bool:
        return False

    yield lambda: corsac.django.check_request_enabled.connect(receive)
    corsac.django.check_request_enabled.disconnect(receive)


@pytest.mark.parametrize("case", [case for case in DJANGO if case.imported is not None], ids=name)
def test_import_django(case: Case, receiver: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    if case.entry.get("receiver"):
        receiver()
    with override_settings(**case.given("settings"), MIDDLEWARE=[ORIGINAL]):
        check_import(case, "import-django", None, monkeypatch)


def seen(**_more: str) -> str:
    """A view."""
    return "view"


def flask(case: Case, extend: Callable[..., object], decorate: Callable[..., Any]) -> Flask:
    app = Flask("site", static_folder=None)
    app.config.update(case.given("config") or {})
    for path, options in (case.given("blueprints") or {}).items():
        blueprint = Blueprint(path.strip("/"), "blueprint", url_prefix=path)
        extend(blueprint, **options)
        blueprint.add_url_rule("/x", "x", lambda: "x")
        blueprint.add_url_rule("/y", "y", lambda: "y")
        app.register_blueprint(blueprint)
    for path, options in (case.given("views") or {}).items():
        app.add_url_rule(path, path, seen if options is None else decorate(**options)(seen))
    app.add_url_rule("/", "root", lambda: "root")
    if case.entry["options"] is not None:
        extend(app, **case.given("options"))
    return app


@pytest.mark.parametrize("case", [case for case in FLASK if not case.entry.keys() & {"views", "blueprints"}], ids=name)
def test_flasks_options(case: Case) -> None:
    check(case, found(lambda: flask(case, corsac.flask.CORS, corsac.flask.cross_origin)))
    if "config" not in case.entry:
        check(case, found(lambda: corsac.flask.CORS(Blueprint("b", "b"), **case.given("options"))))
    if {"origins", "policy", "engine"} & case.entry["options"].keys():
        decorated = found(lambda: corsac.flask.cross_origin(**case.given("options")))
        assert [each.code for each in decorated if each.severity == "error"] == case.errors


@pytest.mark.parametrize("case", [case for case in FLASK if case.imported is not None], ids=name)
def test_import_flask(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    check_import(case, "import-flask", flask(case, flask_cors.CORS, flask_cors.cross_origin), monkeypatch)


@pytest.mark.parametrize("case", ENVIRONMENT, ids=name)
def test_environment(case: Case) -> None:
    def make() -> None:
        policy = corsac.Policy.from_env(environ=case.given("variables"))
        check(case, policy.warnings)

    diagnostics = found(make)
    if case.errors:
        check(case, diagnostics)
    else:
        assert diagnostics == ()


def test_every_code_of_settings_occurs() -> None:
    used = {code for path in SOURCE.rglob("*.py") for code in re.findall(r'"(settings/[a-z-]+)"', path.read_text(encoding="utf-8"))}
    expected = set()
    for case in (*STARLETTE, *DJANGO, *FLASK, *ENVIRONMENT):
        expected |= {*case.errors, *case.warnings, *case.notes, *(code for codes in case.imported or () for code in codes)}
    # Of whole applications: `test_check_application.py`.
    assert used - {"settings/order"} == {code for code in expected if code.startswith("settings/")}


def test_what_is_shown_has_one_name() -> None:
    for group in (STARLETTE, DJANGO, FLASK, ENVIRONMENT):
        names = [name(case) for case in group]
        assert len(set(names)) == len(names)
