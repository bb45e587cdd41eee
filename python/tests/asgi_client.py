"""One request to an ASGI application by hand: every byte arrives as it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from corsac.asgi import ASGIApp, Message, Receive, Scope, Send

Lines = Iterable[tuple[bytes, bytes]]


def ask(app: ASGIApp, method: str, headers: Lines = (), **more: Any) -> list[Message]:
    """What is sent in answer to an HTTP request."""
    scope = {"type": "http", "method": method, "path": "/", "headers": list(headers), **more}
    return run(app, scope, [{"type": "http.request", "body": b""}])


def handshake(app: ASGIApp, headers: Lines = (), **more: Any) -> list[Message]:
    """What is sent in answer to a WebSocket handshake."""
    scope = {"type": "websocket", "path": "/", "headers": list(headers), **more}
    return run(app, scope, [{"type": "websocket.connect"}])


def run(app: ASGIApp, scope: Scope, received: list[Message]) -> list[Message]:
    """What is sent in one scope."""
    sent: list[Message] = []

    async def receive() -> Message:
        return received.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(_to_coroutine(app, scope, receive, send))
    return sent


async def _to_coroutine(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)
