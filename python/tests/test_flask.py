"""The Flask extension and decorator: options, resources, blueprints, other headers."""

from __future__ import annotations

import doctest
import importlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, Response, abort, request
from flask_cors.core import get_regexp_pattern, parse_resources

import corsac
from corsac.flask import CORS, cross_origin
from corsac.flask._resource import Resource

APP = "https://app.example.com"
OTHER = "https://other.example.com"
PREFLIGHT = {"origin": APP, "access-control-request-method": "PUT"}


def flask(**config: Any) -> Flask:
    app = Flask("site")
    app.config.update(config)

    @app.route("/", methods=["GET", "PUT"])
    @app.route("/<path:path>", methods=["GET", "PUT"])
    def view(path: str = "") -> str:
        if path == "error":
            raise ValueError("the view failed")
        if path == "gone":
            abort(410)
        return "from the view"

    return app


def allowed(app: Flask, path: str = "/", origin: str = APP, **more: Any) -> str | None:
    response = app.test_client().get(path, headers={"origin": origin}, **more)
    return response.headers.get("access-control-allow-origin")


def test_options() -> None:
    app = flask()
    CORS(
        app,
        origins=[APP, r"^https://\w+\.example\.org$", re.compile(r"https://pr-\d+\.example\.net"), "http://[::1]:3000"],
        methods=["put", "GET"],
        allow_headers=["x-b", "X-A"],
        expose_headers="x-d, x-c",
        max_age=timedelta(minutes=10),
        allow_private_network=True,
    )
    for origin in (APP, "https://a.example.org", "https://pr-7.example.net", "http://[::1]:3000"):
        assert allowed(app, origin=origin) == origin
    for origin in ("https://a.example.org.evil.net", "https://pr-.example.net", "null", OTHER):
        assert allowed(app, origin=origin) is None
    asked = {"access-control-request-headers": "x-a,x-b", "access-control-request-private-network": "true"}
    response = app.test_client().options("/", headers={**PREFLIGHT, **asked})
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["allow"]
    assert response.headers["access-control-allow-methods"] == "PUT"
    assert response.headers["access-control-allow-headers"] == "x-a,x-b"
    assert response.headers["access-control-max-age"] == "600"
    assert response.headers["access-control-allow-private-network"] == "true"
    assert app.test_client().get("/", headers={"origin": APP}).headers["access-control-expose-headers"] == "x-c, x-d"


def test_defaults_allow_any_origin_without_credentials() -> None:
    app = flask()
    CORS(app)
    assert allowed(app) == "*"
    response = app.test_client().options("/", headers={**PREFLIGHT, "access-control-request-headers": "authorization,x-a"})
    assert response.headers["access-control-allow-headers"] == "authorization,x-a"
    assert "access-control-allow-credentials" not in response.headers


def test_where_options_come_from() -> None:
    app = flask(CORS_ORIGINS=[APP], CORS_MAX_AGE=60, CORS_EXPOSE_HEADERS=["x-config"])
    cors = CORS(max_age=61, expose_headers=["x-init"])
    cors.init_app(app, expose_headers=["x-app"], resources={"/api/*": {"origins": OTHER}, "/*": {}})
    assert (allowed(app, "/api/x"), allowed(app, "/api/x", OTHER)) == (None, OTHER)
    assert (allowed(app, "/x"), allowed(app, "/x", OTHER)) == (APP, None)
    assert app.test_client().options("/", headers=PREFLIGHT).headers["access-control-max-age"] == "61"
    assert app.test_client().get("/", headers={"origin": APP}).headers["access-control-expose-headers"] == "x-app"


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("/*", ["/", "/a", "/a/b"], []),
        ("*", ["/", "/a/b"], []),
        ("/api/*", ["/api", "/api/", "/api/a/b"], ["/", "/apix", "/x/api/"]),
        ("/v1.0/*", ["/v1.0/a"], ["/v1x0/a"]),
        ("/a/*/c", ["/a/b/c", "/a/b/b/c"], ["/a/c", "/a/b/c/d"]),
        ("/api", ["/api"], ["/api/", "/api/x", "/API"]),
        (r"/api/v[0-9]+/.*", ["/api/v1/x"], ["/api/v1", "/api/vx/x", "/x/api/v1/x"]),
        (r"/api/v[0-9]+", ["/api/v1"], ["/api/v1/x", "/api/v1x"]),
        (re.compile(r"/api/.*"), ["/api/x"], ["/api", "/API/x"]),
    ],
    ids=repr,
)
def test_resources_are_matched_whole(pattern: str | re.Pattern[str], inside: list[str], outside: list[str]) -> None:
    forms: list[Any] = [pattern, [pattern], {pattern: {}}]
    for resources in forms:
        app = flask()
        CORS(app, resources=resources, origins=APP)
        assert [path for path in inside + outside if allowed(app, path)] == inside


def test_a_resource_that_stops_short_is_not_made_up_for_by_a_later_one() -> None:
    app = flask()
    CORS(app, resources={r"/*": {}, r"/admin/[a-z]+": {"origins": APP}, "/admin/login": {"origins": OTHER}})
    assert allowed(app, "/x") == "*"
    assert allowed(app, "/admin/users") == APP
    assert allowed(app, "/admin/login") is None
    assert allowed(app, "/admin/login", OTHER) == OTHER
    # flask-cors applies the expression's options here, not those of the later resource.
    assert allowed(app, "/admin/users/7") is None


def test_resources_are_asked_in_the_order_of_flask_cors() -> None:
    patterns: list[Any] = ["/*", "/api/*", r"/api/[a-z]+", "/api/admin/secret/*", "/api/x", re.compile("/b/.*"), "/b/long/path/*", "/"]
    ours = [resource.text for resource in sorted(map(Resource, patterns), key=lambda resource: resource.rank)]
    theirs = [get_regexp_pattern(pattern) for pattern, _ in parse_resources({pattern: {} for pattern in patterns})]
    assert ours == theirs
    app = flask()
    CORS(app, resources={r"/api/[a-z]+": {"origins": OTHER}, "/api/admin/secret/*": {"origins": APP}})
    assert (allowed(app, "/api/admin/secret/x"), allowed(app, "/api/admin", OTHER)) == (APP, OTHER)


def test_blueprints() -> None:
    inner, outer, plain = (Blueprint(name, name) for name in ("inner", "outer", "plain"))
    for blueprint in (inner, outer, plain):
        blueprint.add_url_rule("/x", view_func=lambda: "x")
    CORS(inner, origins=APP)
    CORS(outer, origins=OTHER)
    outer.register_blueprint(inner, url_prefix="/inner")
    app = flask()
    app.register_blueprint(outer, url_prefix="/outer")
    app.register_blueprint(inner, url_prefix="/again", name="again")
    app.register_blueprint(plain, url_prefix="/plain")
    asked = ("/inner/x", "/outer/inner/x", "/outer/x", "/again/x", "/plain/x", "/x")
    assert [path for path in asked if allowed(app, path, APP)] == ["/outer/inner/x", "/again/x"]
    assert [path for path in asked if allowed(app, path, OTHER)] == ["/outer/x"]
    # The application's options apply only if the blueprint has none.
    CORS(app, origins="*")
    assert [path for path in asked if allowed(app, path, "https://x.example")] == ["/inner/x", "/plain/x", "/x"]
    preflight = app.test_client().options("/outer/x", headers={**PREFLIGHT, "origin": "https://x.example"})
    assert "access-control-allow-origin" not in preflight.headers


@pytest.mark.parametrize("has_extension", [False, True])
def test_decorator(has_extension: bool) -> None:
    app = flask()

    @app.route("/decorated", methods=["GET", "PUT"])
    @cross_origin(origins=APP, supports_credentials=True)
    def decorated() -> Response:
        """What it does."""
        return Response("x", headers={"Access-Control-Allow-Origin": "*", "Vary": "Cookie"})

    @app.route("/late")
    @cross_origin(supports_credentials=True)
    async def late() -> str:
        return "late"

    @app.route("/own", methods=["GET", "OPTIONS"])
    @cross_origin(origins=APP, automatic_options=False)
    def own() -> tuple[str, int]:
        return "own", 299

    app.config["CORS_ORIGINS"] = OTHER
    if has_extension:
        CORS(app, origins="*")
    client = app.test_client()
    response = client.get("/decorated", headers={"origin": APP})
    assert response.headers.getlist("access-control-allow-origin") == [APP]
    assert response.headers.getlist("vary") == ["Cookie, Origin"]
    assert (decorated.__name__, decorated.__doc__) == ("decorated", "What it does.")
    preflight = client.options("/decorated", headers=PREFLIGHT)
    assert (preflight.status_code, preflight.headers["access-control-allow-credentials"]) == (200, "true")
    assert "PUT" in preflight.headers["allow"]
    assert client.options("/decorated").status_code == 200
    assert (allowed(app, "/decorated", OTHER), allowed(app, "/x", OTHER)) == (None, "*" if has_extension else None)
    assert client.options("/own", headers=PREFLIGHT).status_code == 299
    assert client.options("/own", headers=PREFLIGHT).headers["access-control-allow-origin"] == APP


def test_a_decorator_without_origins_waits_for_the_application() -> None:
    @cross_origin(supports_credentials=True)
    def view() -> str:
        return "x"

    for config, expected in (({"CORS_ORIGINS": [APP]}, APP), ({"CORS_ORIGINS": [OTHER]}, None)):
        app = Flask("site")
        app.config.update(config)
        app.add_url_rule("/", view_func=view)
        assert allowed(app) == expected
    app = Flask("site")
    app.testing = True
    app.add_url_rule("/", view_func=view)
    with pytest.raises(corsac.ConfigError, match="any-origin/credentials"):
        app.test_client().get("/")


def test_every_port_and_rows() -> None:
    app = flask()
    CORS(app, origins=["http://localhost:*", {"pattern": "https://*.example.org"}])
    for origin in ("http://localhost", "http://localhost:5173", "https://a.example.org"):
        assert allowed(app, "/x", origin) == origin
    assert allowed(app, "/x", "http://localhost.example.org") is None


def test_errors_have_headers() -> None:
    app = flask()
    CORS(app, origins=APP)
    for path, status in (("/error", 500), ("/gone", 410), ("/", 200)):
        response = app.test_client().get(path, headers={"origin": APP})
        assert (response.status_code, response.headers["access-control-allow-origin"]) == (status, APP)
    assert app.test_client().post("/", headers={"origin": APP}).headers["access-control-allow-origin"] == APP


def test_a_hook_that_answers_does_not_shut_out() -> None:
    app = flask()
    app.before_request(lambda: ("no", 401))
    CORS(app, origins=APP)
    response = app.test_client().get("/", headers={"origin": APP})
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (401, APP)


def test_an_application_within_another_decides_for_itself() -> None:
    inner, outer = flask(), Flask("outer")
    CORS(inner, origins=OTHER)
    CORS(outer, origins=APP)
    seen = []

    @outer.route("/mounted")
    def mounted() -> Response:
        response = outer.make_response(Response.from_app(inner, request.environ))
        seen.append(response.headers.get("access-control-allow-origin"))
        return response

    assert (allowed(outer, "/mounted"), allowed(outer, "/mounted", OTHER), seen) == (APP, None, [None, OTHER])


def test_policy_and_engine() -> None:
    app = flask(CORS_ORIGINS="*")
    CORS(app, policy=corsac.Policy(allow_origins=[APP], denied_requests="reject"))
    assert allowed(app) == APP
    rejected = app.test_client().get("/", headers={"origin": OTHER})
    assert (rejected.status_code, rejected.data, rejected.headers["cache-control"]) == (403, b"", "no-store")

    document = f'version = 1\n[policy.a]\nallow_origins = ["{APP}"]\n[policy.b]\nallow_origins = ["{OTHER}"]\n'
    engine = corsac.Engine.from_text(document)
    app = flask()
    CORS(app, engine=engine, resources={"/a/*": {"policy_name": "a"}, "/b/*": {"policy_name": "b"}})
    assert [allowed(app, path) for path in ("/a/x", "/b/x", "/x")] == [APP, None, None]
    engine.reload_text(document.replace("app", "new"))
    assert [allowed(app, path) for path in ("/a/x", "/b/x", "/x")] == [None, None, None]

    routes = '[[route]]\npath = "/b"\npolicy = "b"\n'
    app = flask()
    CORS(app, engine=corsac.Engine.from_text(document + routes))
    assert [allowed(app, path, OTHER) for path in ("/b/x", "/a")] == [OTHER, None]


def test_documentation() -> None:
    result = doctest.testmod(importlib.import_module("corsac.flask._cors"))
    assert (result.failed, result.attempted) == (0, 5)
    page = Path(__file__).resolve().parents[1] / "docs" / "flask.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(page), "exec"), names)
    app = names["app"]
    app.add_url_rule("/api/x", view_func=lambda: "x")
    assert (allowed(app, "/api/x"), allowed(app, "/public/x"), allowed(app, "/")) == (APP, "*", None)
    assert allowed(app, "/hook", "https://a.partner.example") == "https://a.partner.example"
