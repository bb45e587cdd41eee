"""For gunicorn's `sync` and `gthread` workers, or any other WSGI server."""

from __future__ import annotations

from corsac.wsgi import CORSMiddleware
from flask import Flask, Response, jsonify

import shared

api = Flask(__name__)


@api.get("/")
def hello() -> str:
    return "hello"


@api.get("/status")
def status() -> Response:
    return jsonify(shared.status())


app = CORSMiddleware(api, engine=shared.engine)
