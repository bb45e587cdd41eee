"""Notes, for the pages of one site and its staging hosts."""

from __future__ import annotations

import corsac
from corsac.asgi import CORSMiddleware
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

api = FastAPI()
notes = {1: "buy milk"}


@api.get("/notes/{number}")
async def read(number: int) -> str:
    if number not in notes:
        raise HTTPException(404)
    return notes[number]


@api.put("/notes/{number}")
async def write(number: int, text: str = Body()) -> str:
    notes[number] = text
    return text


@api.get("/broken")
async def broken() -> None:
    raise RuntimeError("nobody catches this")


# Around the whole application, so that pages can also read the response to an unhandled error.
# `api.add_middleware(CORSMiddleware, policy=policy)` would not cover that response.
app = CORSMiddleware(api, policy=policy)
