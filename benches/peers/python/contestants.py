"""The contestants. Each is configured for a policy, and has a call for each request and a way to read its
answer. They work as in ``python/bench``."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

import asgi_cost
import django
import django_cost
import flask_cost
import flask_cors
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from starlette.middleware.cors import CORSMiddleware as StarletteMiddleware
from timing import Call

import corsac
import corsac.asgi
import corsac.flask

Policy = dict[str, Any]
#: A method, and lines with names in lower case.
Request = tuple[str, list[tuple[str, str]]]
#: Converts the result of a call to an answer of the protocol.
Answer = Callable[[Any], dict[str, Any]]


class Prepared(NamedTuple):
    """A contestant that was configured for a scenario."""

    calls: Sequence[Call]
    answer: Answer


class Contestant(NamedTuple):
    """A library that can be configured, with its description."""

    name: str
    version: str
    is_corsac: bool
    prepare: Callable[[Policy, list[Request]], Prepared]


def _answered(status: int, headers: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Without the headers that the application set itself."""
    lower = [(name.lower(), value) for name, value in headers]
    return {"status": status, "headers": [each for each in lower if each[0] == "vary" or each[0].startswith("access-control-")]}


def _is_any(policy: Policy) -> bool:
    return "*" in policy["allow_origins"]


def _exact(policy: Policy) -> list[str]:
    return [origin for origin in policy["allow_origins"] if "*" not in origin]


def _expressions(policy: Policy) -> list[str]:
    """Wildcards as expressions, which users of the originals must write."""
    wild = (origin.split("*") for origin in policy["allow_origins"] if "*" in origin)
    return [f"^{re.escape(before)}.+{re.escape(after)}$" for before, after in wild]


def _own(policy: Policy) -> corsac.Policy:
    return corsac.Policy(**policy)


# ASGI.


def _asgi(wrap: Callable[[Policy], Any], policy: Policy, requests: list[Request]) -> Prepared:
    app = wrap(policy)
    started: dict[str, Any] = {}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started["last"] = message

    def answer(_: None) -> dict[str, Any]:
        start = started["last"]
        return _answered(start["status"], [(name.decode(), value.decode()) for name, value in start["headers"]])

    return Prepared([asgi_cost.call(app, method, _bytes(lines), send) for method, lines in requests], answer)


def _bytes(lines: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in lines]


async def _application(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _starlette(policy: Policy) -> Any:
    options = {**policy, "allow_origins": ["*"] if _is_any(policy) else _exact(policy)}
    expressions = [] if _is_any(policy) else _expressions(policy)
    return StarletteMiddleware(_application, **options, allow_origin_regex="|".join(expressions) or None)


def _corsac_asgi(policy: Policy) -> Any:
    return corsac.asgi.CORSMiddleware(_application, policy=_own(policy))


# Django.

_settings: Any = None


def _set(**wanted: Any) -> None:
    """django-cors-headers reads the settings in each request, so they stay in place until the next contestant."""
    global _settings
    if _settings is not None:
        _settings.disable()
    _settings = override_settings(**wanted)
    _settings.enable()


def _view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"")


def _django(middleware: Any, requests: list[Request]) -> Prepared:
    def answer(response: HttpResponse) -> dict[str, Any]:
        return _answered(response.status_code, list(response.items()))

    return Prepared([django_cost.call(middleware, method, lines) for method, lines in requests], answer)


def _django_original(policy: Policy, requests: list[Request]) -> Prepared:
    from corsheaders.middleware import CorsMiddleware

    options = {
        "CORS_ALLOW_METHODS": policy["allow_methods"],
        "CORS_ALLOW_HEADERS": policy["allow_headers"],
        "CORS_ALLOW_CREDENTIALS": policy["allow_credentials"],
        "CORS_PREFLIGHT_MAX_AGE": policy["max_age"],
    }
    if _is_any(policy):
        _set(**options, CORS_ALLOW_ALL_ORIGINS=True)
    else:
        _set(**options, CORS_ALLOWED_ORIGINS=_exact(policy), CORS_ALLOWED_ORIGIN_REGEXES=_expressions(policy))
    return _django(CorsMiddleware(_view), requests)


def _corsac_django(policy: Policy, requests: list[Request]) -> Prepared:
    from corsac.django import CorsMiddleware

    _set(CORSAC_POLICY=_own(policy))
    return _django(CorsMiddleware(_view), requests)


# Flask.


def _flask(wrap: Callable[..., object] | None, options: dict[str, Any], requests: list[Request]) -> Prepared:
    app, answered = flask_cost.application(wrap, **options), [("", [("", "")])]

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Callable[[bytes], object]:
        answered[0] = (status, headers)
        return lambda _: None

    def answer(_: None) -> dict[str, Any]:
        status, headers = answered[0]
        return _answered(int(status.split(" ")[0]), headers)

    calls = [flask_cost.call(app, method, lines, start_response) for method, lines in requests]
    return Prepared(calls, answer)


def _flask_original(policy: Policy, requests: list[Request]) -> Prepared:
    options = {
        "origins": "*" if _is_any(policy) else _exact(policy) + _expressions(policy),
        "methods": policy["allow_methods"],
        "allow_headers": policy["allow_headers"],
        "supports_credentials": policy["allow_credentials"],
        "max_age": policy["max_age"],
    }
    return _flask(flask_cors.CORS, options, requests)


def _corsac_flask(policy: Policy, requests: list[Request]) -> Prepared:
    return _flask(corsac.flask.CORS, {"policy": _own(policy)}, requests)


def contestants() -> list[Contestant]:
    """All contestants. Django is set up for the rest of the process."""
    settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="for measuring", INSTALLED_APPS=["corsheaders"])
    django.setup()
    logging.getLogger("corsac").setLevel(logging.INFO)
    own = version("corsac")

    def asgi(wrap: Callable[[Policy], Any]) -> Callable[[Policy, list[Request]], Prepared]:
        return lambda policy, requests: _asgi(wrap, policy, requests)

    return [
        Contestant("starlette CORSMiddleware", version("starlette"), False, asgi(_starlette)),
        Contestant("corsac.asgi", own, True, asgi(_corsac_asgi)),
        Contestant("bare ASGI handler", "", False, asgi(lambda _: _application)),
        Contestant("django-cors-headers", version("django-cors-headers"), False, _django_original),
        Contestant("corsac.django", own, True, _corsac_django),
        Contestant("bare Django handler", version("django"), False, lambda _, requests: _django(_view, requests)),
        Contestant("flask-cors", version("flask-cors"), False, _flask_original),
        Contestant("corsac.flask", own, True, _corsac_flask),
        Contestant("bare Flask handler", version("flask"), False, lambda _, requests: _flask(None, {}, requests)),
    ]
