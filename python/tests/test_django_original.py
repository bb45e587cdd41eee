"""The same requests to django-cors-headers and to the middleware: every difference is listed, with its
reason, in docs/python-differences.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from differences import listed
from django_site import ORIGINAL, OURS, Site

APP = "https://app.example.com"
REGEX = r"^https://\w+\.example\.org$"

SETTINGS: dict[str, dict[str, Any]] = {
    "a list": {"CORS_ALLOWED_ORIGINS": [APP]},
    "credentials": {"CORS_ALLOWED_ORIGINS": [APP], "CORS_ALLOW_CREDENTIALS": True, "CORS_EXPOSE_HEADERS": ["x-a", "x-b"]},
    "expressions": {"CORS_ALLOWED_ORIGIN_REGEXES": [REGEX, r"https://\w+\.example\.net"]},
    "all": {"CORS_ALLOW_ALL_ORIGINS": True, "CORS_EXPOSE_HEADERS": ["x-a"]},
    "own lists": {
        "CORS_ALLOWED_ORIGINS": [APP],
        "CORS_ALLOW_METHODS": ["GET", "PUT"],
        "CORS_ALLOW_HEADERS": ["X-A", "x-b"],
        "CORS_PREFLIGHT_MAX_AGE": 0,
    },
    "any header with credentials": {
        "CORS_ALLOWED_ORIGINS": [APP],
        "CORS_ALLOW_HEADERS": ["*"],
        "CORS_ALLOW_METHODS": ["*"],
        "CORS_ALLOW_CREDENTIALS": True,
    },
    "any header": {"CORS_ALLOWED_ORIGINS": [APP], "CORS_ALLOW_HEADERS": ["*"], "CORS_ALLOW_METHODS": ["*"]},
    "private network": {"CORS_ALLOWED_ORIGINS": [APP], "CORS_ALLOW_PRIVATE_NETWORK": True},
    "some paths": {"CORS_ALLOWED_ORIGINS": [APP], "CORS_URLS_REGEX": r"^/api"},
}
ORIGINS = (None, APP, "https://a.example.org", "https://a.example.net.evil.net", "https://x.example", "null", "", "HTTPS://app.example.com", APP + "/x")
METHODS = (None, "GET", "POST", "PUT", "DELETEX", "put")
HEADERS = (None, "x-a", "x-a,x-b", "content-type", "x-not", "authorization")
PATHS = ("/api/x", "/x")


def requests() -> Iterator[tuple[str, dict[str, str], str, dict[str, str]]]:
    """Method, environ, path, and the headers that the view sets."""
    for origin, path in product(ORIGINS, PATHS):
        environ = {} if origin is None else {"HTTP_ORIGIN": origin}
        for theirs in ({}, {"Vary": "Cookie"}, {"Access-Control-Allow-Origin": "https://own.example"}):
            yield "GET", environ, path, theirs
        yield "GET", {**environ, "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK": "true"}, path, {}
        for asked, names, network in product(METHODS, HEADERS, (False, True)):
            more = {} if asked is None else {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": asked}
            more |= {} if names is None else {"HTTP_ACCESS_CONTROL_REQUEST_HEADERS": names}
            more |= {"HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK": "true"} if network else {}
            yield "OPTIONS", environ | more, path, {}


def seen(site: Site, method: str, environ: dict[str, str], path: str, theirs: dict[str, str]) -> dict[str, Any]:
    response = site.ask(method, environ, path=path, response=theirs)
    headers = {name.lower(): value for name, value in response.headers.items()}
    vary = {name.strip().lower() for name in headers.pop("vary", "").split(",")} - {""}
    return {**headers, "vary": vary, "status": response.status_code, "body": response.content}


@dataclass(frozen=True)
class Difference:
    """One header, or the status, that the two answers do not share."""

    options: dict[str, Any]
    method: str
    environ: dict[str, str]
    what: str
    was: Any
    now: Any

    @property
    def origin(self) -> str | None:
        return self.environ.get("HTTP_ORIGIN")

    @property
    def asked(self) -> str | None:
        return self.environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD") if self.method == "OPTIONS" else None

    @property
    def names(self) -> str | None:
        return self.environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS") if self.method == "OPTIONS" else None

    @property
    def is_any(self) -> bool:
        return "CORS_ALLOW_ALL_ORIGINS" in self.options

    @property
    def is_removed(self) -> bool:
        return self.what.startswith("access-control-") and self.now is None


#: What each listed difference accounts for. The first that does is the one.
DIFFERENCES: dict[str, Callable[[Difference], bool]] = {
    "vary-options": lambda it: it.what == "vary" and it.method == "OPTIONS" and it.was <= it.now | {"origin"} and len(it.now) >= 3,
    "vary-any-origin": lambda it: it.what == "vary" and it.is_any and it.now == it.was - {"origin"},
    "no-origin": lambda it: it.what in ("body", "x-view", "content-length") and it.asked is not None and it.origin is None,
    "headers-of-the-view": lambda it: it.was == "https://own.example" and it.now in (None, "*"),
    "any-origin-static": lambda it: it.is_any and not it.origin and it.was is None,
    "whole-expressions": lambda it: it.is_removed and str(it.origin).endswith(".example.net.evil.net"),
    "not-an-origin": lambda it: it.is_removed and it.origin in (APP + "/x", "HTTPS://app.example.com"),
    "private-network-in-preflights": lambda it: (
        it.what == "access-control-allow-private-network" and it.asked is None and it.now is None
    ),
    "options-without-question": lambda it: it.is_removed and it.method == "OPTIONS" and it.asked is None,
    "private-network-refused": lambda it: (
        it.is_removed and "PRIVATE_NETWORK" in str(it.environ) and "CORS_ALLOW_PRIVATE_NETWORK" not in it.options
    ),
    "expose-in-preflights": lambda it: it.is_removed and it.asked is not None and it.what.endswith("expose-headers"),
    "star-with-credentials": lambda it: it.was == "*" and "CORS_ALLOW_CREDENTIALS" in it.options and it.what != "vary",
    "authorization-apart": lambda it: it.was == "*" and it.names == "authorization" and it.what.endswith("allow-headers"),
    "unlisted-post": lambda it: it.is_removed and it.asked == "POST" and "POST" not in it.options.get("CORS_ALLOW_METHODS", ["POST"]),
    "method-in-another-case": lambda it: it.asked == "put" and it.what.endswith("allow-methods") and it.now == "GET, HEAD",
}


def test_every_difference_is_listed() -> None:
    used = set()
    unlisted = []
    for options in SETTINGS.values():
        original, ours = Site(ORIGINAL, **options), Site(OURS, **options)
        for method, environ, path, view in requests():
            theirs, now = (seen(site, method, environ, path, view) for site in (original, ours))
            for what in sorted(theirs.keys() | now.keys()):
                if theirs.get(what) != now.get(what):
                    it = Difference(options, method, environ, what, theirs.get(what), now.get(what))
                    name = next((name for name, accounts in DIFFERENCES.items() if accounts(it)), None)
                    used.add(name)
                    unlisted += [it] if name is None else []
    assert unlisted == []
    assert used == set(listed("Django")) == DIFFERENCES.keys()
