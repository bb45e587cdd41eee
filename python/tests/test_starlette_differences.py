"""Starlette's own middleware and ours, asked the same: every difference is a listed one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from asgi_client import ask
from differences import listed, section
from settings_corpus import cases
from starlette.middleware.cors import CORSMiddleware as Theirs

from corsac.asgi import ASGIApp, Message, Receive, Scope, Send
from corsac.asgi import CORSMiddleware as Ours

A, B, SUB = "https://a.example.com", "https://b.example.com", "https://x.sub.example.com"

SETTINGS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "one": {"allow_origins": [A]},
    "credentials": {"allow_origins": [A], "allow_credentials": True, "expose_headers": ["X-One", "X-Two"]},
    "lists": {"allow_origins": [B, A], "allow_methods": ["PUT", "GET", "PATCH"], "allow_headers": ["X-B", "X-a"], "max_age": 5},
    "every method and header": {"allow_origins": [A], "allow_methods": ["*"], "allow_headers": ["*"]},
    "the same with credentials": {
        "allow_origins": [A],
        "allow_methods": ["*"],
        "allow_headers": ["*", "X-A"],
        "allow_credentials": True,
    },
    "any origin": {"allow_origins": ["*"], "allow_methods": ["PUT"], "expose_headers": ["X-One"]},
    "everything": {"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"]},
    "regex": {"allow_origins": [B], "allow_origin_regex": r"https://[a-z]+\.sub\.example\.com"},
    "private network": {"allow_origins": [A], "allow_private_network": True},
    "safelisted again": {"allow_origins": [A], "allow_headers": ["content-type", "X-A"]},
}

ORIGINS: dict[str, list[str]] = {
    "none": [],
    "a": [A],
    "b": [B],
    "below": [SUB],
    "other": ["https://evil.example"],
    "lookalike": [A + ".evil.example"],
    "null": ["null"],
    "empty": [""],
    "two": [A, B],
}

METHODS: dict[str, tuple[str, list[str]]] = {
    "GET": ("GET", []),
    "DELETE": ("DELETE", []),
    "plain OPTIONS": ("OPTIONS", []),
    **{f"for {asked}": ("OPTIONS", [asked]) for asked in ("GET", "POST", "PUT", "QUERY", "TRACE", "X", "put", "")},
    "for two": ("OPTIONS", ["PUT", "DELETE"]),
}

HEADERS: dict[str, list[str]] = {
    "none": [],
    "safelisted": ["accept,content-type"],
    "x-a": ["x-a"],
    "listed": ["X-A, x-b"],
    "x-c": ["x-a,x-c"],
    "authorization": ["authorization"],
    "two lines": ["x-a", "x-c"],
    "empty": [""],
    "space": ["x-a,    x-b"],
    "star": ["*"],
    "no name": ["x a"],
}

APPLICATION: dict[str, list[tuple[bytes, bytes]]] = {
    "plain": [],
    "vary": [(b"vary", b"Cookie"), (b"vary", b"Accept")],
    "vary origin": [(b"vary", b"origin")],
    "vary star": [(b"vary", b"*")],
    "cors": [(b"access-control-allow-origin", b"https://theirs.example"), (b"access-control-expose-headers", b"X-App")],
}


@dataclass(frozen=True)
class Request:
    """One request, and what the application answers it by."""

    settings: dict[str, Any]
    method: str
    origins: list[str]
    methods: list[str]
    headers: list[str]
    private_network: str | None
    application: list[tuple[bytes, bytes]]

    @property
    def lines(self) -> list[tuple[bytes, bytes]]:
        lines = [(b"origin", origin) for origin in self.origins]
        lines += [(b"access-control-request-method", method) for method in self.methods]
        lines += [(b"access-control-request-headers", names) for names in self.headers]
        if self.private_network is not None:
            lines.append((b"access-control-request-private-network", self.private_network))
        return [(name, value.encode()) for name, value in lines]

    @property
    def is_preflight(self) -> bool:
        return bool(self.method == "OPTIONS" and self.origins and self.methods)

    @property
    def is_any_origin(self) -> bool:
        return "*" in self.settings.get("allow_origins", ())

    @property
    def is_any_header(self) -> bool:
        return "*" in self.settings.get("allow_headers", ())

    @property
    def has_credentials(self) -> bool:
        return bool(self.settings.get("allow_credentials"))


@dataclass(frozen=True)
class Answer:
    """What came back. Header names have no case; a list is a list, however it is spread over lines."""

    status: int
    body: bytes
    headers: dict[str, str]

    @classmethod
    def of(cls, sent: list[Message]) -> Answer:
        headers: dict[str, str] = {}
        for name, value in sent[0]["headers"]:
            key = name.decode().lower()
            headers[key] = f"{headers[key]}, {value.decode()}" if key in headers else value.decode()
        return cls(sent[0]["status"], sent[1]["body"], headers)

    @property
    def vary(self) -> list[str]:
        tokens = (token.strip().lower() for token in self.headers.get("vary", "").split(","))
        return [token for token in tokens if token]

    @property
    def failed(self) -> set[str]:
        """The checks of a preflight that failed, by its body."""
        return set(self.body.decode().removeprefix("Disallowed CORS ").split(", ")) - {"OK"}

    def says(self) -> str | None:
        """What the body is, if it is one of Starlette's."""
        return "preflight" if self.body == b"OK" or self.body.startswith(b"Disallowed CORS ") else None


def requests(settings: dict[str, Any]) -> Iterator[Request]:
    for origins, (method, asked) in product(ORIGINS.values(), METHODS.values()):
        if method == "OPTIONS" and asked:
            for names, network in product(HEADERS.values(), (None, "true", "false")):
                yield Request(settings, method, origins, asked, names, network, [])
        else:
            for application in APPLICATION.values():
                yield Request(settings, method, origins, asked, [], None, application)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": list(scope["application"])})
    await send({"type": "http.response.body", "body": b"app"})


def answer(middleware: ASGIApp, request: Request) -> Answer:
    return Answer.of(ask(middleware, request.method, request.lines, application=request.application))


@dataclass(frozen=True)
class Item:
    """One thing that is not the same: ``status``, ``+CHECK`` or ``-CHECK`` for one that fails only
    with us or only with them, or the name of a header."""

    what: str
    theirs: Any
    ours: Any


def items(request: Request, theirs: Answer, ours: Answer) -> Iterator[Item]:
    if theirs.status != ours.status:
        yield Item("status", theirs.status, ours.status)
    if request.is_preflight:
        assert theirs.says() == ours.says() == "preflight"
        yield from (Item(f"+{check}", None, check) for check in ours.failed - theirs.failed)
        yield from (Item(f"-{check}", check, None) for check in theirs.failed - ours.failed)
    elif theirs.body != ours.body:
        yield Item("body", theirs.body, ours.body)
    for name in sorted(theirs.headers.keys() | ours.headers.keys()):
        one, other = theirs.headers.get(name), ours.headers.get(name)
        # The list is as long as the number of comparisons.
        if one != other and name != "content-length":
            yield Item(name, one, other)


Explains = Callable[[Request, Item, Answer, Answer], bool]

ORIGIN, METHODS_, HEADERS_ = (f"access-control-allow-{name}" for name in ("origin", "methods", "headers"))
CREDENTIALS, EXPOSE = "access-control-allow-credentials", "access-control-expose-headers"
NETWORK = "access-control-allow-private-network"
ASKED = {"access-control-request-method", "access-control-request-headers"}
ASKED_NETWORK = "access-control-request-private-network"


def _vary_merged(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    return item.what == "vary" and set(theirs.vary) == set(ours.vary)


def _vary_star(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    return item.what == "vary" and ours.vary == ["*"] and set(theirs.vary) == {"*", "origin"}


def _vary_of_options(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_plain = request.method == "OPTIONS" and not request.is_preflight
    wanted = ASKED | ({ASKED_NETWORK} if request.settings.get("allow_private_network") else set())
    return is_plain and item.what == "vary" and set(ours.vary) == set(theirs.vary) | wanted


def _vary_of_any_origin(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_actual = request.is_any_origin and request.method != "OPTIONS"
    return is_actual and item.what == "vary" and set(theirs.vary) - set(ours.vary) == {"origin"} and set(ours.vary) <= set(theirs.vary)


def _vary_private_network(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_off = request.is_preflight and not request.settings.get("allow_private_network")
    return is_off and item.what == "vary" and theirs.vary == [*ours.vary, ASKED_NETWORK]


def _applications_own(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    own = {name.decode(): value.decode() for name, value in request.application}
    return item.what in own and item.theirs == own[item.what] and item.ours != item.theirs and item.what in (ORIGIN, EXPOSE)


def _denied_origin(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_denied = not request.is_preflight and ORIGIN not in ours.headers
    return is_denied and item.what in (CREDENTIALS, EXPOSE) and item.ours is None


def _several_origins(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_so = len(request.origins) > 1 and not request.is_any_origin
    return is_so and (item.what == "+origin" or item == Item("status", 200, 400) or item.what == ORIGIN and item.ours is None)


def _any_origin_without_one(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_so = request.is_any_origin and not request.origins
    return is_so and item.what in (ORIGIN, EXPOSE) and item.ours is not None


def _refused_lists_nothing(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_refused = request.is_preflight and ours.status == 400
    return is_refused and item.what.startswith("access-control-") and item.ours is None


def _browser_refuses(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    refused = request.is_preflight and ours.status == 200 and bool(ours.failed) and ours.failed <= {"method", "headers"}
    if item == Item("status", 400, 200):
        return refused
    # Values that a lax browser might accept as a match are excluded.
    is_near = {
        (METHODS_, "GET, HEAD"): "method" in ours.failed
        and (request.is_any_header or request.methods[0].upper() in str(item.theirs).split(", ")),
        (HEADERS_, None): "headers" in ours.failed and request.is_any_header,
    }
    return refused and is_near.get((item.what, item.ours), False)


def _reading_methods(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_so = request.is_preflight and request.methods[0] in ("GET", "HEAD")
    return is_so and (item.what == "-method" or item == Item("status", 400, 200) and "method" in theirs.failed)


def _private_network_true(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_so = request.is_preflight and request.private_network not in (None, "true")
    is_status = item == Item("status", 400, 200) and "private-network" in theirs.failed
    return is_so and (item.what == "-private-network" or is_status or item == Item(NETWORK, "true", None))


def _several_header_lines(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_so = request.is_preflight and len(request.headers) > 1
    joined = item.what == HEADERS_ and request.is_any_header and item.ours == ", ".join(request.headers)
    return is_so and (item.what == "+headers" or joined)


def _empty_elements(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_so = request.is_preflight and request.headers == [""]
    is_status = item == Item("status", 400, 200) and "headers" in theirs.failed
    return is_so and (item.what == "-headers" or is_status or item == Item(HEADERS_, "", None))


def _header_syntax(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_so = request.is_preflight and request.headers in (["x-a,    x-b"], ["*"], ["x a"])
    return is_so and (item.what == "+headers" or item == Item("status", 200, 400))


def _asked_method_alone(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_so = request.is_preflight and request.is_any_header and not request.has_credentials
    return is_so and item.what == METHODS_ and item.ours in (None, *request.methods) and ours.status == 200


def _method_lines(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_so = request.is_preflight and len(request.methods) > 1
    return is_so and (item.what == "+method" or item == Item("status", 200, 400))


def _safelisted_once(request: Request, item: Item, theirs: Answer, ours: Answer) -> bool:
    is_so = request.settings == SETTINGS["safelisted again"] and item.what == HEADERS_
    return is_so and item.theirs == f"{item.ours}, content-type"


#: By the names that they have on the page.
DIFFERENCES: dict[str, Explains] = {
    "vary-merged": _vary_merged,
    "vary-star": _vary_star,
    "vary-options": _vary_of_options,
    "vary-any-origin": _vary_of_any_origin,
    "vary-private-network": _vary_private_network,
    "headers-of-the-view": _applications_own,
    "denied-origins": _denied_origin,
    "several-origins": _several_origins,
    "any-origin-static": _any_origin_without_one,
    "refused-preflights": _refused_lists_nothing,
    "refused-by-the-browser": _browser_refuses,
    "reading-methods": _reading_methods,
    "private-network-true": _private_network_true,
    "header-lines": _several_header_lines,
    "empty-elements": _empty_elements,
    "header-syntax": _header_syntax,
    "requested-method-alone": _asked_method_alone,
    "method-lines": _method_lines,
    "safelisted-headers": _safelisted_once,
}

#: What Starlette takes and we refuse: the corpus has the settings.
REFUSED = {code for case in cases("starlette") if case.imported is not None for code in case.errors}


def test_every_difference_is_listed() -> None:
    seen: set[str] = set()
    count = 0
    for name, settings in SETTINGS.items():
        theirs, ours = Theirs(application, **settings), Ours(application, **settings)
        for request in requests(settings):
            their_answer, our_answer = answer(theirs, request), answer(ours, request)
            for item in items(request, their_answer, our_answer):
                found = {title for title, is_it in DIFFERENCES.items() if is_it(request, item, their_answer, our_answer)}
                assert found, (name, item, request, their_answer, our_answer)
                seen |= found
            count += 1
    assert count > 30_000
    assert seen == DIFFERENCES.keys() == set(listed("Starlette"))


def test_the_page_lists_what_is_refused() -> None:
    codes = set(re.findall(r"\| `([a-z-]+/[a-z-]+)` \|", section("Starlette")))
    assert codes == REFUSED
