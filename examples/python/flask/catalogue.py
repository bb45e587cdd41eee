"""A catalogue that every page may read, and a basket for the shop's own."""

from __future__ import annotations

from corsac.flask import CORS, cross_origin
from flask import Flask, Response, jsonify

app = Flask(__name__)
CORS(
    app,
    resources={
        "/catalogue/*": {"origins": "*", "methods": ["GET"]},
        "/basket/*": {
            "origins": ["https://shop.example.com", {"pattern": "https://*.shop.example.com"}],
            "methods": ["GET", "PUT"],
            "allow_headers": ["content-type"],
            "supports_credentials": True,
        },
    },
)


@app.get("/catalogue/<name>")
def item(name: str) -> Response:
    return jsonify(item=name, price=12)


@app.route("/basket/<name>", methods=["GET", "PUT"])
def basket(name: str) -> Response:
    return jsonify(basket=[name])


@app.get("/hook")
@cross_origin(origins=["https://partner.example.org"], methods=["GET"])
def hook() -> str:
    return "hook\n"
