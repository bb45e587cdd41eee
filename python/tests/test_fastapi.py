"""The application that FastAPI's users write, behind Starlette's middleware and behind the drop-in: what they rely on."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi import Body, Depends, FastAPI, Header, HTTPException
from fastapi.middleware.cors import CORSMiddleware as Theirs
from fastapi.testclient import TestClient

from corsac.asgi import CORSMiddleware as Ours

APP = "http://localhost:8080"

SETTINGS: dict[str, dict[str, Any]] = {
    "as in FastAPI's tutorial": {
        "allow_origins": ["http://localhost", APP],
        "allow_credentials": True,
        "allow_methods": ["*"],
        "allow_headers": ["*"],
    },
    "origins alone": {"allow_origins": [APP]},
    "lists": {"allow_origins": [APP], "allow_methods": ["GET", "POST"], "allow_headers": ["X-Token"], "expose_headers": ["x-total"]},
    "public": {"allow_origins": ["*"], "allow_methods": ["GET"]},
}


def user(authorization: Annotated[str | None, Header()] = None) -> str:
    if authorization is None:
        raise HTTPException(401, headers={"www-authenticate": "Bearer"})
    return authorization


def application(middleware: Any, settings: dict[str, Any]) -> FastAPI:
    app = FastAPI()
    app.add_middleware(middleware, **settings)

    @app.get("/items")
    async def items() -> list[str]:
        return ["one"]

    @app.post("/items", status_code=201)
    async def add(item: Annotated[str, Body(embed=True)]) -> str:
        return item

    @app.get("/me")
    async def me(name: Annotated[str, Depends(user)]) -> str:
        return name

    return app


#: Method, path, headers and JSON body; the answer to each is the same, whichever middleware is there.
REQUESTS: list[tuple[str, str, dict[str, str], Any]] = [
    ("GET", "/items", {}, None),
    ("GET", "/items", {"origin": APP}, None),
    ("GET", "/missing", {"origin": APP}, None),
    ("DELETE", "/items", {"origin": APP}, None),
    ("POST", "/items", {"origin": APP}, {"item": "two"}),
    ("POST", "/items", {"origin": APP}, {"wrong": 1}),
    ("GET", "/me", {"origin": APP}, None),
    ("GET", "/me", {"origin": APP, "authorization": "Bearer x"}, None),
    ("GET", "/items", {"origin": "https://evil.example"}, None),
    ("GET", "/openapi.json", {"origin": APP}, None),
    ("OPTIONS", "/items", {"origin": APP, "access-control-request-method": "GET"}, None),
    ("OPTIONS", "/items", {"origin": APP, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}, None),
    ("OPTIONS", "/me", {"origin": APP, "access-control-request-method": "GET", "access-control-request-headers": "authorization"}, None),
    ("OPTIONS", "/missing", {"origin": APP, "access-control-request-method": "GET"}, None),
]


def seen(client: TestClient, method: str, path: str, headers: dict[str, str], body: Any) -> tuple[int, bytes, dict[str, str]]:
    """Status, body, and the headers that a browser reads for CORS."""
    response = client.request(method, path, headers=headers, json=body)
    cors = {name: value for name, value in response.headers.items() if name.startswith("access-control-")}
    return response.status_code, response.content, cors


@pytest.mark.parametrize("name", SETTINGS)
def test_pages_see_the_same(name: str) -> None:
    settings = SETTINGS[name]
    theirs, ours = (TestClient(application(middleware, settings)) for middleware in (Theirs, Ours))
    is_any = "*" in settings["allow_origins"]
    for request in REQUESTS:
        was, now = seen(theirs, *request), seen(ours, *request)
        if is_any and "origin" not in request[2]:
            # Here alone: see `any-origin-static` in docs/python-differences.md.
            assert now[2].pop("access-control-allow-origin") == "*"
        is_grant = 200 <= was[0] <= 299 and "access-control-allow-origin" in was[2]
        if is_grant or request[0] != "OPTIONS":
            allowed = {key: value for key, value in was[2].items() if key != "access-control-allow-credentials"}
            assert now[:2] == was[:2], request
            assert allowed.items() <= now[2].items() or "access-control-allow-origin" not in was[2], request
        else:
            assert not is_granted(now), request


def is_granted(answer: tuple[int, bytes, dict[str, str]]) -> bool:
    return 200 <= answer[0] <= 299 and answer[1] == b"OK"


def test_what_a_test_suite_of_fastapi_does() -> None:
    app = application(Ours, SETTINGS["as in FastAPI's tutorial"])
    app.dependency_overrides[user] = lambda: "somebody"
    with TestClient(app) as client:
        response = client.get("/me", headers={"origin": APP})
    assert (response.json(), response.headers["access-control-allow-origin"]) == ("somebody", APP)
    assert response.headers["access-control-allow-credentials"] == "true"
