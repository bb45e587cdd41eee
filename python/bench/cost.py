"""What ``decide`` costs, as ratios of one run: compared with a native call of the same signature that does
nothing, and beside looking the origin up in a ``set``.

    cost.py [FILE]    (FILE: where the record of ``make bench`` reads what has a bound)

Build the module with its feature ``floor`` first: ``make bench-python`` does.
"""

from __future__ import annotations

import logging
import sys

from timing import Call, Table, nanoseconds

import corsac
from corsac import _corsac

TIMES, ROUNDS = 10_000, 80

TABLE = Table("decide in Python, beside an empty native call")


def row(title: str, floor: Call, call: Call, bound: float | None = None) -> None:
    floor_ns, call_ns = nanoseconds([floor, call], TIMES, ROUNDS)
    ratio = call_ns / floor_ns
    limit = "" if bound is None else f"  (at most {bound})"
    if bound is not None:
        TABLE.add(title, ratio, f"≤ {bound} ×")
    print(f"{title:<58} {floor_ns:8.0f} ns {call_ns:8.0f} ns {ratio:6.2f}{limit}")


def main() -> None:
    if not hasattr(_corsac, "Floor"):
        sys.exit("the module has no floor: build it with the feature `floor`")
    nothing = _corsac.Floor().decide
    origins = [f"https://tenant-{number}.example.com" for number in range(10_000)]
    known = set(origins)
    policy = corsac.Policy(allow_origins=[*origins, "https://*.preview.example.com"], allow_methods=["PUT"])
    decide = corsac.Engine.from_policy(policy).decide
    logging.getLogger("corsac").setLevel(logging.INFO)

    hit, miss, below = origins[5000], "https://tenant-x.example.com", "https://pr-7.preview.example.com"
    hit_bytes = hit.encode()
    plain = [(b"host", b"api.example.com"), (b"accept", b"*/*"), (b"user-agent", b"x" * 80), (b"cookie", b"y" * 40)] * 2
    asgi = [*plain, (b"origin", hit_bytes)]
    preflight = [*asgi, (b"access-control-request-method", b"PUT")]

    print(f"{'':<58} {'floor':>11} {'corsac':>11}  ratio")
    row("str, exact of 10,000, allowed", lambda: nothing(hit, "GET"), lambda: decide(hit, "GET"), 1.6)
    row("bytes, exact of 10,000, allowed", lambda: nothing(hit_bytes, b"GET"), lambda: decide(hit_bytes, b"GET"), 1.6)
    row("str, denied", lambda: nothing(miss, "GET"), lambda: decide(miss, "GET"), 1.6)
    row("no Origin", lambda: nothing(None, "GET"), lambda: decide(None, "GET"), 1.6)
    row("str, wildcard (a new decision each time)", lambda: nothing(below, "GET"), lambda: decide(below, "GET"))
    row("ASGI, 9 header lines", lambda: nothing(None, "GET", asgi), lambda: decide(None, "GET", asgi))
    row("ASGI, preflight, 10 header lines", lambda: nothing(None, "OPTIONS", preflight), lambda: decide(None, "OPTIONS", preflight))
    row("policy by name", lambda: nothing(hit, "GET", policy="default"), lambda: decide(hit, "GET", policy="default"))
    row("beside `origin in set` of str", lambda: hit in known, lambda: decide(hit, "GET"))
    decision = decide(hit, "GET")
    response = [(b"content-type", b"application/json"), (b"content-length", b"17"), (b"vary", b"accept-encoding")]
    row("apply to 3 headers, beside copying the list", lambda: list(response), lambda: decision.apply(response))
    TABLE.write()


if __name__ == "__main__":
    main()
