"""The Django middleware: settings, checks, signal, other headers."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.test import override_settings
from django_site import Site

import corsac
from corsac.django import check_request_enabled

APP = "https://app.example.com"
PREFLIGHT = {"HTTP_ORIGIN": APP, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT"}


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def is_async(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def receiver() -> Iterator[list[Any]]:
    """What the receiver of the signal is to answer; it notes the paths that it is asked about."""
    answers: list[Any] = [False, []]

    def receive(sender: object, request: Any, **_more: Any) -> object:
        answers[1].append(request.path)
        return answers[0]

    check_request_enabled.connect(receive)
    yield answers
    check_request_enabled.disconnect(receive)


def test_settings(is_async: bool) -> None:
    site = Site(
        is_async=is_async,
        CORS_ALLOWED_ORIGINS=[APP],
        CORS_ALLOWED_ORIGIN_REGEXES=[r"^https://\w+\.example\.org$", re.compile(r"https://pr-\d+\.example\.net")],
        CORS_ALLOW_CREDENTIALS=True,
        CORS_ALLOW_HEADERS=("x-a", "x-b"),
        CORS_ALLOW_METHODS=["GET", "PUT"],
        CORS_EXPOSE_HEADERS=["x-c"],
        CORS_PREFLIGHT_MAX_AGE=600,
        CORS_ALLOW_PRIVATE_NETWORK=True,
    )
    for origin in (APP, "https://a.example.org", "https://pr-7.example.net"):
        response = site.ask(environ={"HTTP_ORIGIN": origin})
        assert response["access-control-allow-origin"] == origin
        assert response["access-control-allow-credentials"] == "true"
        assert response["access-control-expose-headers"] == "x-c"
        assert response["vary"] == "Origin"
        assert response.content == b"from the view"
    for origin in ("https://a.example.org.evil.net", "https://pr-.example.net", "null", "http://app.example.com"):
        assert "access-control-allow-origin" not in site.ask(environ={"HTTP_ORIGIN": origin})
    response = site.ask("OPTIONS", {**PREFLIGHT, "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK": "true"})
    assert (response.status_code, response.content, response["content-length"]) == (200, b"", "0")
    assert response["access-control-allow-headers"] == "x-a, x-b"
    assert response["access-control-allow-methods"] == "GET, PUT"
    assert response["access-control-max-age"] == "600"
    assert response["access-control-allow-private-network"] == "true"


def test_defaults_and_older_names() -> None:
    site = Site(CORS_ORIGIN_WHITELIST=[APP], CORS_ORIGIN_REGEX_WHITELIST=[r"https://\w+\.example\.org"])
    assert site.ask(environ={"HTTP_ORIGIN": "https://a.example.org"})["access-control-allow-origin"]
    response = site.ask("OPTIONS", PREFLIGHT)
    assert response["access-control-max-age"] == "86400"
    assert response["access-control-allow-methods"] == "DELETE, GET, OPTIONS, PATCH, POST, PUT"
    assert "x-csrftoken" in response["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in response
    assert Site(CORS_ORIGIN_ALLOW_ALL=True).ask()["access-control-allow-origin"] == "*"
    assert "access-control-max-age" not in Site(CORS_ALLOWED_ORIGINS=[APP], CORS_PREFLIGHT_MAX_AGE=0).ask("OPTIONS", PREFLIGHT)
    assert "access-control-allow-origin" not in Site().ask(environ={"HTTP_ORIGIN": APP})


def test_paths(is_async: bool) -> None:
    site = Site(is_async=is_async, CORS_ALLOWED_ORIGINS=[APP], CORS_URLS_REGEX=r"^/api/")
    assert "vary" in site.ask(path="/api/x")
    theirs = {"Access-Control-Allow-Origin": "https://x.example.com"}
    untouched = site.ask(environ={"HTTP_ORIGIN": APP}, path="/x", response=theirs)
    assert untouched["access-control-allow-origin"] == "https://x.example.com"
    assert "vary" not in untouched
    assert site.ask("OPTIONS", PREFLIGHT, path="/x").content == b"from the view"


def test_headers_of_the_view(is_async: bool) -> None:
    site = Site(is_async=is_async, CORS_ALLOWED_ORIGINS=[APP])
    theirs = {"Access-Control-Allow-Origin": "*", "ACCESS-CONTROL-MAX-AGE": "1", "Vary": "Cookie"}
    response = site.ask(environ={"HTTP_ORIGIN": APP}, response=theirs)
    assert response["access-control-allow-origin"] == APP
    assert "access-control-max-age" not in response
    assert response["vary"] == "Cookie, Origin"
    denied = site.ask(environ={"HTTP_ORIGIN": "https://evil.example"}, response=theirs)
    assert "access-control-allow-origin" not in denied


def test_errors_have_headers(is_async: bool, caplog: pytest.LogCaptureFixture) -> None:
    response = Site(is_async=is_async, CORS_ALLOWED_ORIGINS=[APP]).ask(environ={"HTTP_ORIGIN": APP}, path="/error")
    assert (response.status_code, response["access-control-allow-origin"]) == (500, APP)


def test_the_signal_enables_a_path(is_async: bool, receiver: list[Any]) -> None:
    site = Site(is_async=is_async, CORS_ALLOWED_ORIGINS=[APP], CORS_URLS_REGEX=r"^/api/")
    assert "vary" not in site.ask(environ={"HTTP_ORIGIN": APP}, path="/x")
    receiver[0] = True
    assert site.ask(environ={"HTTP_ORIGIN": APP}, path="/x")["access-control-allow-origin"] == APP
    assert receiver[1] == ["/x", "/x"]
    assert site.ask(environ={"HTTP_ORIGIN": APP}, path="/api/x")["access-control-allow-origin"] == APP
    assert receiver[1] == ["/x", "/x"]


def test_the_signal_lets_in_an_origin(is_async: bool, receiver: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    site = Site(is_async=is_async, CORS_ALLOWED_ORIGINS=[APP], CORS_ALLOW_CREDENTIALS=True)
    other = {"HTTP_ORIGIN": "https://other.example"}
    assert "access-control-allow-origin" not in site.ask(environ=other)
    receiver[0] = True
    response = site.ask(environ=other)
    assert response["access-control-allow-origin"] == "https://other.example"
    assert response["access-control-allow-credentials"] == "true"
    assert site.ask("OPTIONS", {**PREFLIGHT, **other})["access-control-allow-origin"] == "https://other.example"
    # Invalid origins, and those that no policy may list, are never allowed or treated as patterns.
    with caplog.at_level(logging.WARNING, "corsac"):
        for origin in ("null", "https://*.example", "https://*", "*", "HTTPS://A.example", "http://other.example", "https://a/"):
            assert "access-control-allow-origin" not in site.ask(environ={"HTTP_ORIGIN": origin}), origin
    anybody = Site(is_async=is_async, CORS_ALLOWED_ORIGINS=[APP])
    for origin in ("*", "https://*.example.com", "null"):
        assert "access-control-allow-origin" not in anybody.ask(environ={"HTTP_ORIGIN": origin}), origin
    assert [record.message for record in caplog.records if "http://other.example" in record.message]


def test_policy_and_engine(is_async: bool, tmp_path: Path) -> None:
    policy = corsac.Policy(allow_origins=[APP], denied_requests="reject", own_origins=["https://own.example.com"])
    site = Site(is_async=is_async, CORSAC_POLICY=policy)
    assert site.ask(environ={"HTTP_ORIGIN": APP})["access-control-allow-origin"] == APP
    rejected = site.ask(environ={"HTTP_ORIGIN": "https://evil.example"})
    assert (rejected.status_code, rejected.content, rejected["cache-control"]) == (403, b"", "no-store")

    document = 'version = 1\n[policy.a]\nallow_origins = ["https://app.example.com"]\n[policy.b]\nallow_origins = []\n'
    engine = corsac.Engine.from_text(document)
    site = Site(is_async=is_async, CORSAC_ENGINE=engine, CORSAC_POLICY_NAME="a")
    assert site.ask(environ={"HTTP_ORIGIN": APP})["access-control-allow-origin"] == APP
    engine.reload_text(document.replace("app", "new"))
    assert "access-control-allow-origin" not in site.ask(environ={"HTTP_ORIGIN": APP})
    assert site.ask(environ={"HTTP_ORIGIN": "https://new.example.com"})["access-control-allow-origin"]

    routed = corsac.Engine.from_text(
        'version = 1\n[policy.a]\nallow_origins = ["https://app.example.com"]\n[[route]]\npath = "/api"\npolicy = "a"\n'
    )
    site = Site(is_async=is_async, CORSAC_ENGINE=routed)
    assert site.ask(environ={"HTTP_ORIGIN": APP}, path="/api/é")["access-control-allow-origin"] == APP
    assert "access-control-allow-origin" not in site.ask(environ={"HTTP_ORIGIN": APP}, path="/x")


def test_warnings_are_reported() -> None:
    policy = corsac.Policy(allow_origins=["https://*.example.com"], allow_credentials=True, max_age=86400)
    with override_settings(CORSAC_POLICY=policy):
        found = {each.id: each.level for each in checks.run_checks() if (each.id or "").startswith("corsac.")}
    assert found == {"corsac.wildcard/siblings": checks.INFO, "corsac.max-age/above-cap": checks.WARNING}


def test_documentation() -> None:
    page = Path(__file__).resolve().parents[1] / "docs" / "django.md"
    (block,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(block, str(page), "exec"), names)
    assert Site(CORSAC_POLICY=names["CORSAC_POLICY"]).ask(environ={"HTTP_ORIGIN": APP})["access-control-allow-origin"] == APP
