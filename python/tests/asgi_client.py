"""One request to an ASGI application by hand: every byte arrives as it is written."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import Any

from corsac.asgi import ASGIApp, Message, Scope

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

    coroutine = app(scope, receive, send)
    assert isinstance(coroutine, Coroutine)
    # Nothing here awaits, so no event loop is needed.
    try:
        coroutine.send(None)
    except StopIteration:
        return sent
    raise AssertionError("it waits")
