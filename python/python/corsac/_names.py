"""The names of verdicts, reasons and checks."""

from typing import Literal

Verdict = Literal[
    "not-cors",
    "same-origin",
    "allowed",
    "denied",
    "preflight-allowed",
    "preflight-denied",
    "no-policy",
]

Reason = Literal[
    "ok",
    "no-origin",
    "own-origin",
    "origin-malformed",
    "origin-repeated",
    "origin-null",
    "origin-not-allowed",
    "method-malformed",
    "method-not-allowed",
    "headers-malformed",
    "headers-over-budget",
    "header-not-allowed",
    "private-network-not-allowed",
    "no-policy",
    "path-ambiguous",
    "internal",
]

Check = Literal["origin", "method", "headers", "private-network"]
