"""The setting that would allow a denied request, as a line to paste."""

from __future__ import annotations

from collections.abc import Sequence

from corsac._corsac import Decision

_LONGEST = 200


def shown(value: bytes) -> str:
    """Bytes of a request as one line of text, with control characters escaped."""
    text = value[:_LONGEST].decode("latin-1").encode("unicode_escape").decode("ascii")
    text = text.replace('"', '\\"')
    return text + "…" if len(value) > _LONGEST else text


def to_bytes(text: str) -> bytes:
    """Text of a request as the bytes by which the engine decides it."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def advice(
    decision: Decision,
    origin: bytes | None,
    request_method: bytes | None,
    requested: Sequence[bytes],
) -> str:
    """The change that would allow the request, or the mistake in the request."""
    match decision.reason:
        case "origin-not-allowed":
            return f'allow_origins = ["{shown(origin or b"")}"] would allow it'
        case "origin-null":
            return 'allow_origins = [{ pattern = "null", dangerously_allow_null = true }] would allow it, and every sandboxed page'
        case "origin-malformed":
            return "no browser sends an origin in this form, so no row can allow it"
        case "origin-repeated":
            return "browsers send one origin; check whether a proxy adds or joins header lines"
        case "own-origin":
            return "it is in own_origins but in no grant; a same-origin page needs no preflight"
        case "method-not-allowed":
            # A list that is set in place of none would lack `POST`.
            return f'"{shown(request_method or b"")}" in allow_methods would allow it'
        case "header-not-allowed":
            names = [name.strip() for line in requested for name in line.split(b",") if name.strip()]
            listed = ", ".join(f'"{shown(name).lower()}"' for name in names[:16])
            return f"allow_headers = [{listed}] would allow it"
        case "headers-over-budget":
            return "the request lists more header names than the limit for allow_headers"
        case "method-malformed" | "headers-malformed":
            return "no browser sends a preflight in this form, so nothing can allow it"
        case "private-network-not-allowed":
            return "allow_private_network = true would allow it"
        case "no-policy":
            return "no policy covers it; check the policy name or the routes"
        case "path-ambiguous":
            return "the path is ambiguous; send it normalised"
        case _:
            return "please report it"
