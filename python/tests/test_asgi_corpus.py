"""The corpus through the ASGI middleware: by hand, where every byte arrives, and by Starlette's client."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from asgi_client import ask
from corpus import CASES, Case
from starlette.testclient import TestClient
from wire import answer, expected, made

from corsac.asgi import CORSMiddleware, Message, Receive, Scope, Send


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": [(b"x-app", b"1")]})
    await send({"type": "http.response.body", "body": b"app"})


@cache
def middleware(document: str, policy: str | None) -> CORSMiddleware:
    return made(lambda engine, name: CORSMiddleware(plain, engine=engine, policy_name=name), document, policy)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case) -> None:
    asked = case.target
    headers = [*case.headers, (b"host", asked.get("host", b""))]
    app = middleware(case.document, asked.get("policy"))
    sent = ask(app, case.method.decode("latin-1"), headers, path="", raw_path=asked.get("path", b""))
    assert answer(sent[0]["status"], sent[0]["headers"]) == expected(case)


def not_carried(case: Case) -> str | None:
    """Why Starlette's client cannot send such a request."""
    if case.method != case.method.upper():
        return "methods are sent in upper case"
    if not all(is_utf_8(value) for _, value in case.headers):
        return "values that are not UTF-8 arrive as others"
    path = case.target.get("path", b"/")
    if not path.startswith(b"/"):
        return "every URL has a path"
    return None if path.partition(b"?")[0] == arrives(path) else "paths are rewritten"


def is_utf_8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


@cache
def arrives(path: bytes) -> bytes:
    """The path as the client sends it."""
    seen: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await plain(scope, receive, send)

    TestClient(app).get("http://testserver" + path.decode())
    raw: bytes = seen[0]["raw_path"]
    return raw


def test_cases_by_starlettes_client() -> None:
    missed: Counter[str] = Counter()
    for case in CASES:
        reason = not_carried(case)
        if reason is not None:
            missed[reason] += 1
            continue
        asked = case.target
        host = [(b"host", asked["host"])] if "host" in asked else []
        client = TestClient(middleware(case.document, asked.get("policy")))
        url = "http://testserver" + asked.get("path", b"/").decode()
        response = client.request(case.method.decode(), url, headers=[*case.headers, *host])
        assert answer(response.status_code, response.headers.raw) == expected(case), case.id
    assert missed == {
        "every URL has a path": 8,
        "methods are sent in upper case": 2,
        "paths are rewritten": 38,
        "values that are not UTF-8 arrive as others": 7,
    }
