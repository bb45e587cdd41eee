"""What the ASGI middleware costs over the bare application, compared with Starlette's own, as ratios of one
run. Starlette is given a list, as people do, and a set, which it looks up fastest.

    asgi_cost.py [FILE]    (FILE: where the record of ``make bench`` reads the ratios to the set)
"""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any

from starlette.middleware.cors import CORSMiddleware as Theirs
from timing import Call, Table, beside_peer, nanoseconds

from corsac.asgi import ASGIApp, Message, Receive, Scope, Send
from corsac.asgi import CORSMiddleware as Ours

TIMES, ROUNDS = 500, 60


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


async def receive() -> Message:
    return {"type": "http.request", "body": b""}


async def send(message: Message) -> None: ...


def call(app: ASGIApp, method: str, lines: list[tuple[bytes, bytes]], send: Send = send) -> Call:
    """One request, whose coroutine never has to wait."""

    def once() -> None:
        coroutine = app({"type": "http", "method": method, "path": "/", "headers": lines}, receive, send)
        assert isinstance(coroutine, Coroutine)
        try:
            coroutine.send(None)
        except StopIteration:
            return
        raise AssertionError("the application waits for something")

    return once


def main() -> None:
    logging.getLogger("corsac").setLevel(logging.INFO)
    usual = [(b"host", b"api.example.com"), (b"accept", b"*/*"), (b"user-agent", b"x" * 80), (b"cookie", b"y" * 40)] * 2
    print(f"{'':<40} {'corsac':>11} {'theirs, set':>14} {'list':>14}   set/ours  list/ours")
    table, bound = Table("the ASGI middleware: how much more Starlette's costs, given a set"), "≥ 5 ×"
    for count in (1, 100, 10_000):
        origins = [f"https://tenant-{number}.example.com" for number in range(count)]
        options: dict[str, Any] = {"allow_methods": ["PUT"], "allow_credentials": True}
        apps: list[ASGIApp] = [application, Ours(application, origins, **options)]
        apps += [Theirs(application, set(origins), **options), Theirs(application, origins, **options)]
        asked = {
            "allowed": [*usual, (b"origin", origins[-1].encode())],
            "denied": [*usual, (b"origin", b"https://tenant-x.example.com")],
            "no Origin": usual,
        }
        for title, lines in asked.items():
            calls = [call(app, "GET", lines) for app in apps]
            case = f"{count:,} origins, {title}"
            table.add(case, beside_peer(case, *nanoseconds(calls, TIMES, ROUNDS)), bound)
        preflight = [*asked["allowed"], (b"access-control-request-method", b"PUT")]
        # No application responds to it, so no base cost is subtracted.
        calls = [call(app, "OPTIONS", preflight) for app in apps[1:]]
        case = f"{count:,} origins, preflight"
        table.add(case, beside_peer(case, 0.0, *nanoseconds(calls, TIMES, ROUNDS)), bound)
    table.write()


if __name__ == "__main__":
    main()
