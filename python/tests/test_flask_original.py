"""The same requests to flask-cors and to the extension: every difference is listed, with its reason, in
docs/python-differences.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import flask_cors
from differences import listed
from flask import Flask, Response, request

from corsac.flask import CORS, cross_origin
from corsac.flask._options import DEFAULTS

APP, PARTNER = "https://app.example.com", "https://partner.example.com"
REGEX = r"https://\w+\.example\.net"

OPTIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "wildcard sent": {"send_wildcard": True, "expose_headers": ["x-a"]},
    "one": {"origins": APP},
    "several": {"origins": [APP, PARTNER], "supports_credentials": True, "expose_headers": ["x-a", "x-b"], "max_age": 60},
    "expressions": {"origins": [REGEX, re.compile(r"https://a\.example\.org")]},
    "own lists": {"origins": [APP, PARTNER], "methods": ["GET", "PUT"], "allow_headers": ["X-A", "x-b"]},
    "one method": {"origins": [APP, PARTNER], "methods": ["PUT", "*"], "allow_headers": "x-a"},
    "private network": {"origins": [APP], "allow_private_network": True},
    "not always": {"always_send": False},
    "resources": {"resources": {"/api/*": {"origins": APP}, r"/v[0-9]": {"origins": PARTNER}}},
}
ORIGINS = (None, APP, PARTNER, "https://a.example.net.evil.net", "https://x.example", "null", "", "https://APP.example.com")
PATHS = ("/api/x", "/apix", "/v1/x", "/v1", "/missing")


def site(extend: Callable[..., object] | None, decorate: Callable[..., Any] | None, options: dict[str, Any]) -> Flask:
    app = Flask("site", static_folder=None)
    if extend is not None:
        extend(app, **options)

    def view() -> Response:
        return Response("from the view", headers={"x-view": "reached", **request.environ.get("test.response", {})})

    for path in PATHS[:-1]:
        decorated = view if decorate is None else decorate(**options)(view)
        app.add_url_rule(path, path, decorated, methods=["GET", "PUT"])
    return app


#: Method asked for, headers asked for, and whether a private network is.
QUESTIONS = [
    *product((None, "GET", "POST", "PUT", "DELETEX", "put", "T"), (None, "x-a", "x-b,x-a", "x-not"), (False,)),
    *product((None, "PUT"), (None,), (True,)),
]


def requests(options: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, str], dict[str, str]]]:
    """Method, path, headers, and the headers that the view sets."""
    for origin, path in product(ORIGINS, PATHS if "resources" in options else ("/api/x", "/missing")):
        headers = {} if origin is None else {"origin": origin}
        for theirs in ({}, {"Vary": "Cookie"}, {"Access-Control-Allow-Origin": "https://own.example"}):
            yield "GET", path, headers, theirs
        yield "GET", path, {**headers, "access-control-request-private-network": "true"}, {}
        for asked, names, network in QUESTIONS:
            more = {} if asked is None else {"access-control-request-method": asked}
            more |= {} if names is None else {"access-control-request-headers": names}
            more |= {"access-control-request-private-network": "true"} if network else {}
            yield "OPTIONS", path, headers | more, {}


def seen(app: Flask, method: str, path: str, headers: dict[str, str], theirs: dict[str, str]) -> dict[str, Any]:
    response = app.test_client().open(path, method=method, headers=headers, environ_overrides={"test.response": theirs})
    found = {name.lower(): response.headers.getlist(name) for name in response.headers.keys()}
    vary = {name.strip().lower() for line in found.pop("vary", []) for name in line.split(",")} - {""}
    if "allow" in found:
        found["allow"] = sorted(found["allow"][0].split(", "))
    return {**found, "vary": vary, "vary lines": sorted(response.headers.getlist("vary")), "status": response.status_code, "body": response.data}


@dataclass(frozen=True)
class Difference:
    """One header, the status or the body, that the two answers do not share."""

    options: dict[str, Any]
    method: str
    path: str
    headers: dict[str, str]
    view: dict[str, str]
    what: str
    was: Any
    now: Any

    @property
    def origin(self) -> str | None:
        return self.headers.get("origin")

    @property
    def asked(self) -> str | None:
        return self.headers.get("access-control-request-method") if self.method == "OPTIONS" else None

    @property
    def is_unlisted(self) -> bool:
        return self.asked not in self.options.get("methods", DEFAULTS["methods"])

    @property
    def is_cors(self) -> bool:
        return self.what.startswith("access-control-")

    @property
    def is_any(self) -> bool:
        return "origins" not in self.options and "resources" not in self.options

    @property
    def is_removed(self) -> bool:
        return self.is_cors and self.now is None


#: What each listed difference accounts for. The first that does is the one.
DIFFERENCES: dict[str, Callable[[Difference], bool]] = {
    "whole-paths": lambda it: "resources" in it.options and it.path in ("/apix", "/v1/x") and it.now in (None, set(), {"cookie"}),
    "preflights-of-nothing": lambda it: (
        it.path == "/missing" and it.asked is not None and not it.is_cors and it.what != "vary" and it.origin is not None
    ),
    "vary-merged": lambda it: it.what == "vary lines" and len(it.was) > len(it.now),
    "vary-options": lambda it: it.what == "vary" and it.method == "OPTIONS" and it.was <= it.now | {"origin"} and len(it.now) >= 3,
    "vary-any-origin": lambda it: it.what == "vary" and it.is_any and it.now == it.was - {"origin"},
    "vary-always": lambda it: it.what == "vary" and not it.is_any and it.now == it.was | {"origin"},
    "headers-of-the-view": lambda it: it.is_cors and "Access-Control-Allow-Origin" in it.view,
    "private-network-false": lambda it: it.was == ["false"] and it.now is None,
    "private-network-in-preflights": lambda it: it.was == ["true"] and it.what.endswith("private-network") and it.asked is None,
    "private-network-refused": lambda it: (
        it.is_removed
        and it.asked is not None
        and "access-control-request-private-network" in it.headers
        and "allow_private_network" not in it.options
    ),
    "any-origin-static": lambda it: it.is_any and it.what.endswith(("allow-origin", "expose-headers")) and it.now in (["*"], ["x-a"]),
    "no-origin": lambda it: it.is_removed and not it.origin,
    "empty-origin": lambda it: it.is_any and it.origin == "" and it.was is None and it.is_cors,
    "whole-expressions": lambda it: it.is_removed and str(it.origin).endswith(".example.net.evil.net"),
    "not-an-origin": lambda it: it.is_removed and it.origin == "https://APP.example.com",
    "expose-in-preflights": lambda it: it.is_removed and it.asked is not None and it.what.endswith("expose-headers"),
    "method-in-another-case": lambda it: it.asked == "put" and it.what.endswith("allow-methods") and it.now == ["GET, HEAD"],
    "reading-methods": lambda it: it.asked == "GET" and it.is_unlisted and it.was is None,
    "unlisted-methods": lambda it: it.is_unlisted and (it.asked == "POST" or it.now == ["GET, HEAD"]) and it.is_cors,
    "refused-methods": lambda it: it.asked == "DELETEX" and it.was is None and it.is_cors,
    "requested-method-alone": lambda it: it.what.endswith("allow-methods") and it.now in (["GET, HEAD"], [it.asked]),
    "requested-order": lambda it: it.what.endswith("allow-headers") and (it.was, it.now) == (["x-a, x-b"], ["x-b,x-a"]),
    "refused-headers": lambda it: it.what.endswith("allow-headers") and it.is_removed and "allow_headers" in it.options,
}


def test_every_difference_is_listed() -> None:
    used = set()
    unlisted = []
    for options, is_decorated in product(OPTIONS.values(), (False, True)):
        if is_decorated and "resources" in options:
            continue
        original = site(None, flask_cors.cross_origin, options) if is_decorated else site(flask_cors.CORS, None, options)
        ours = site(None, cross_origin, options) if is_decorated else site(CORS, None, options)
        for method, path, headers, view in requests(options):
            theirs, now = (seen(app, method, path, headers, view) for app in (original, ours))
            for what in sorted(theirs.keys() | now.keys()):
                if what == "vary lines" and theirs["vary"] != now["vary"]:
                    continue
                if theirs.get(what) != now.get(what):
                    it = Difference(options, method, path, headers, view, what, theirs.get(what), now.get(what))
                    name = next((name for name, accounts in DIFFERENCES.items() if accounts(it)), None)
                    used.add(name)
                    unlisted += [it] if name is None else []
    assert unlisted == []
    assert used == set(listed("Flask")) == DIFFERENCES.keys()
