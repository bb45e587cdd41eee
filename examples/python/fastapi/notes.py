"""Notes, for the pages of one site and its staging hosts."""

from __future__ import annotations

import corsac
from corsac.asgi import install
from fastapi import Body, FastAPI, HTTPException

# Created when the module is imported, so a policy with a mistake keeps the server from starting.
policy = corsac.Policy(
    allow_origins=["https://app.example.com", "https://*.staging.example.com"],
    allow_methods=["GET", "POST", "PUT", "DELETE"],
    allow_headers=["content-type"],
    expose_headers=["x-notes"],
    allow_credentials=True,
    max_age=600,
)

# `app` stays the FastAPI object, for `fastapi run` and for tests. CORS is outside of everything in it: pages can also read
# responses to unhandled errors, and preflights are answered before any other middleware.
app = install(FastAPI(), policy=policy)
notes = {1: "buy milk"}


@app.get("/notes/{number}")
async def read(number: int) -> str:
    if number not in notes:
        raise HTTPException(404)
    return notes[number]


@app.put("/notes/{number}")
async def write(number: int, text: str = Body()) -> str:
    notes[number] = text
    return text


@app.get("/broken")
async def broken() -> None:
    raise RuntimeError("nobody catches this")
