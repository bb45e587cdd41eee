"""What the ASGI middleware costs over the bare application, beside Starlette's own, as ratios of one
run. Starlette is given a list, as people do, and a set, which it looks up fastest."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Coroutine
from typing import Any

from starlette.middleware.cors import CORSMiddleware as Theirs

from corsac.asgi import ASGIApp, Message, Receive, Scope, Send
from corsac.asgi import CORSMiddleware as Ours

#: Requests in one run, and runs; what is shown is the median of the quietest quarter of the runs.
REQUESTS, RUNS = 500, 60


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


async def receive() -> Message:
    return {"type": "http.request", "body": b""}


async def send(message: Message) -> None: ...


def run(app: ASGIApp, method: str, lines: list[tuple[bytes, bytes]]) -> float:
    """Nanoseconds of thread time for a request."""
    begun = time.thread_time_ns()
    for _ in range(REQUESTS):
        coroutine = app({"type": "http", "method": method, "path": "/", "headers": lines}, receive, send)
        assert isinstance(coroutine, Coroutine)
        try:
            coroutine.send(None)
        except StopIteration:
            continue
    return (time.thread_time_ns() - begun) / REQUESTS


def nanoseconds(apps: list[ASGIApp], method: str, lines: list[tuple[bytes, bytes]]) -> list[float]:
    """Each in turns, so that noise meets all alike."""
    runs = [[run(app, method, lines) for app in apps] for _ in range(RUNS)]
    return [statistics.median(sorted(each)[: RUNS // 4]) for each in zip(*runs, strict=True)]


def main() -> None:
    logging.getLogger("corsac").setLevel(logging.INFO)
    usual = [(b"host", b"api.example.com"), (b"accept", b"*/*"), (b"user-agent", b"x" * 80), (b"cookie", b"y" * 40)] * 2
    print(f"{'':<44} {'corsac':>9} {'set':>9} {'list':>9}  set/corsac list/corsac")
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
            row(f"{count:,} origins, {title}", *nanoseconds(apps, "GET", lines))
        preflight = [*asked["allowed"], (b"access-control-request-method", b"PUT")]
        # No application answers it, so there is nothing to take off.
        row(f"{count:,} origins, preflight", 0.0, *nanoseconds(apps[1:], "OPTIONS", preflight))


def row(title: str, bare: float, *costs: float) -> None:
    corsac, of_set, of_list = (cost - bare for cost in costs)
    print(f"{title:<44} {corsac:6.0f} ns {of_set:6.0f} ns {of_list:6.0f} ns {of_set / corsac:10.1f} {of_list / corsac:11.1f}")


if __name__ == "__main__":
    main()
