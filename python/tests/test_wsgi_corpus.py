"""The corpus through the WSGI middleware: by hand, and by Werkzeug's client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from corpus import CASES, Case
from werkzeug.test import Client, EnvironBuilder
from wire import Answer, answer, expected, made

from corsac.wsgi import CORSMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def plain(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("299 Fine", [("x-app", "1")])
    return [b"app"]


@cache
def middleware(document: str, policy: str | None) -> CORSMiddleware:
    return made(lambda engine, name: CORSMiddleware(plain, engine=engine, policy_name=name), document, policy)


def to_bytes(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def environ_of(case: Case) -> dict[str, Any]:
    """The request as a server hands it over: repeated lines joined."""
    environ: dict[str, Any] = {"REQUEST_METHOD": case.method.decode("latin-1")}
    for name, value in case.headers:
        key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    environ["HTTP_HOST"] = case.target.get("host", b"").decode("latin-1")
    # Servers unquote paths; the corpus has them as sent.
    environ["PATH_INFO"] = case.target.get("path", b"").decode("latin-1")
    return environ


def by_hand(app: CORSMiddleware, environ: dict[str, Any]) -> Answer:
    began: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
        began.append((status, headers))
        return lambda body: None

    app(environ, start_response)
    ((status, headers),) = began
    return answer(int(status[:3]), to_bytes(headers))


def is_joined(case: Case) -> bool:
    """Whether several lines arrive as one, which is another request. Not so for the headers of which
    there may be one line: two lines and a comma are refused alike."""
    several = (b"access-control-request-headers", b"access-control-request-private-network")
    names = [name.lower() for name, _ in case.headers]
    return any(names.count(name) > 1 for name in several)


def test_cases_by_hand() -> None:
    missed: Counter[str] = Counter()
    for case in CASES:
        if is_joined(case):
            missed["several lines arrive as one"] += 1
            continue
        app = middleware(case.document, case.target.get("policy"))
        assert by_hand(app, environ_of(case)) == expected(case), case.id
    assert missed == {"several lines arrive as one": 27}


def not_carried(case: Case) -> str | None:
    """Why Werkzeug's client cannot send such a request."""
    if is_joined(case):
        return "several lines arrive as one"
    if case.method != case.method.upper():
        return "methods are sent in upper case"
    if any(b"\r" in value or b"\n" in value for _, value in case.headers):
        return "line breaks are refused"
    path = case.target.get("path", b"/").decode()
    if not path.startswith("/"):
        return "every URL has a path"
    sent = EnvironBuilder(path).get_environ()["PATH_INFO"]
    return None if sent == path.partition("?")[0] else "paths are rewritten"


def test_cases_by_werkzeugs_client() -> None:
    missed: Counter[str] = Counter()
    for case in CASES:
        reason = not_carried(case)
        if reason is not None:
            missed[reason] += 1
            continue
        asked = case.target
        lines = [*case.headers, *([(b"host", asked["host"])] if "host" in asked else [])]
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in lines]
        client = Client(middleware(case.document, asked.get("policy")))
        path = asked.get("path", b"/").decode()
        response = client.open(path, method=case.method.decode(), headers=headers)
        assert answer(response.status_code, to_bytes(response.headers)) == expected(case), case.id
    assert missed == {
        "every URL has a path": 8,
        "line breaks are refused": 38,
        "methods are sent in upper case": 2,
        "paths are rewritten": 125,
        "several lines arrive as one": 27,
    }
