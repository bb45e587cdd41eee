"""Refused settings keep a server from starting, however late an application makes its middleware."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from asgi_client import ask
from server import DEADLINE
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

import corsac
from corsac.asgi import CORSMiddleware

MODULE = """
import corsac
from corsac.asgi import CORSMiddleware
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

engine = corsac.Engine.from_policies({"a": corsac.Policy(allow_origins=[]), "b": corsac.Policy(allow_origins=[])})
refused = Starlette(middleware=[Middleware(GZipMiddleware), Middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)])
unknown = FastAPI()
unknown.add_middleware(CORSMiddleware, allow_origin=["https://a.example.com"])
unnamed = FastAPI()
unnamed.add_middleware(CORSMiddleware, engine=engine)
"""

SERVERS = {
    "uvicorn": ["uvicorn", "--host", "127.0.0.1", "--port", "0"],
    "hypercorn": ["hypercorn", "--bind", "127.0.0.1:0"],
    "granian": ["granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", "0", "--workers", "1"],
    "gunicorn": ["gunicorn", "--worker-class", "asgi", "--bind", "127.0.0.1:0"],
}
MESSAGES = {
    "refused": "error[any-origin/credentials]: `*` allows any origin",
    "unknown": "unknown keyword `allow_origin` (did you mean `allow_origins`?)",
    "imported": "error[regex/",
    "unnamed": "the engine has 2 policies and no routes; set policy_name",
}


def start(server: str, app: str, folder: Path) -> tuple[int | None, str]:
    """Runs the server until it ends by itself: its status, none if it does not; and what it said."""
    command = [sys.executable, "-m", SERVERS[server][0], f"main:{app}", *SERVERS[server][1:]]
    log = folder / "log"
    environment = {**os.environ, "HOME": str(folder), "PYTHONPATH": str(folder)}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    status = None
    try:
        status = process.wait(2 * DEADLINE)
    except subprocess.TimeoutExpired:
        pass
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait(DEADLINE)
    return status, log.read_text(encoding="utf-8", errors="replace")


STARTS = [(server, "refused") for server in SERVERS] + [("uvicorn", app) for app in ("unknown", "unnamed", "imported")]


@pytest.mark.parametrize(("server", "app"), STARTS)
def test_no_server_starts(server: str, app: str, tmp_path: Path) -> None:
    module = MODULE if app != "imported" else MODULE + "imported = CORSMiddleware(refused, [], allow_origin_regex='.*')\n"
    (tmp_path / "main.py").write_text(module)
    status, log = start(server, app, tmp_path)
    assert MESSAGES[app] in log
    # hypercorn ends with 0 whatever its workers end with.
    assert status == 0 if server == "hypercorn" else status, log


def starlette(**options: Any) -> Starlette:
    return Starlette(middleware=[Middleware(CORSMiddleware, **options)])


def test_a_test_client_raises_it() -> None:
    with pytest.raises(corsac.ConfigError, match="any-origin/credentials"):
        with TestClient(starlette(allow_origins=["*"], allow_credentials=True)):
            pass
    with pytest.raises(TypeError, match="policy and engine"):
        policy = corsac.Policy(allow_origins=[])
        with TestClient(starlette(policy=policy, engine=corsac.Engine.from_policy(policy))):
            pass


def test_a_server_without_lifespan_gets_it_at_each_request() -> None:
    app = starlette(allow_origins=["null"])
    for _ in range(2):
        with pytest.raises(corsac.ConfigError, match="origin/null"):
            ask(app, "GET")


def test_what_is_made_elsewhere_raises_at_once() -> None:
    made: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            CORSMiddleware(app, allow_origins=["null"])
        except corsac.ConfigError:
            made.append("refused")
        yield

    with TestClient(Starlette(lifespan=lifespan)):
        assert made == ["refused"]

    async def make(scope: str) -> None:
        CORSMiddleware(Starlette(), allow_origins=["null"])

    with pytest.raises(corsac.ConfigError):
        make("lifespan").send(None)
