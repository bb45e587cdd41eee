"""The corpus through the Flask extension and the decorator."""

from __future__ import annotations

from functools import cache

import pytest
from corpus import Case
from environ_corpus import EXPRESSIBLE, INEXPRESSIBLE, REPEATED, SLASHED, check, environ
from flask import Flask, Response

import corsac
from corsac.flask import CORS, cross_origin

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONSX"]


@cache
def app(document: str, policy: str | None, is_decorated: bool) -> Flask:
    options = {"engine": corsac.Engine.from_text(document), "policy_name": policy}
    app = Flask("site", static_folder=None)

    def view(path: str = "") -> Response:
        return Response("from the view", headers={"x-view": "reached"})

    if is_decorated:
        view = cross_origin(**options, automatic_options=False)(view)
    else:
        CORS(app, **options)
    for rule in ("/", "/<path:path>"):
        app.add_url_rule(rule, view_func=view, methods=[*METHODS, "OPTIONS"], merge_slashes=False)
    return app


#: Flask answers these itself, with 400, before anything of the application runs: no host is like that.
NO_HOST = [case for case in EXPRESSIBLE if case.target.get("host", b"").endswith(b"..")]


@pytest.mark.parametrize("case", [case for case in EXPRESSIBLE if case not in NO_HOST], ids=lambda case: case.id)
def test_case(case: Case) -> None:
    path = case.target.get("path", b"/").decode("latin-1")
    for is_decorated in (False, True):
        client = app(case.document, case.target.get("policy"), is_decorated).test_client()
        overrides = {**environ(case), "PATH_INFO": path, "REQUEST_METHOD": case.method.decode()}
        response = client.open("/", environ_overrides=overrides)
        check(case, response.status_code, response.headers, "x-view" in response.headers)


def test_cases_that_an_environ_cannot_express() -> None:
    assert INEXPRESSIBLE == {REPEATED: 27, SLASHED: 8}
    (case,) = NO_HOST
    client = app(case.document, None, False).test_client()
    assert client.get("/", environ_overrides=environ(case)).status_code == 400
