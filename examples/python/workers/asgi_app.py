"""For uvicorn, or for gunicorn's own `asgi` workers."""

from __future__ import annotations

from typing import Any

from corsac.asgi import CORSMiddleware
from fastapi import FastAPI

import shared

api = FastAPI()


@api.get("/")
async def hello() -> str:
    return "hello"


@api.get("/status")
async def status() -> dict[str, Any]:
    return shared.status()


app = CORSMiddleware(api, engine=shared.engine)
