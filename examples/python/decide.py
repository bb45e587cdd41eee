"""Decides requests as a proxy does, and prints the head of each response. To start from.

decide.py DOCUMENT POLICY      reads requests from standard input, one a line:
                               METHOD ORIGIN [REQUEST-METHOD [REQUEST-HEADERS]]
"""

from __future__ import annotations

import logging
import sys

import corsac

#: What the upstream answers to every request that is forwarded.
UPSTREAM = [
    ("content-type", "application/json"),
    ("vary", "accept-encoding"),
    ("access-control-allow-origin", "*"),
]


def decided(engine: corsac.Engine, policy: str, line: str) -> corsac.Decision:
    method, origin, request_method, request_headers = (line.split() + [None] * 4)[:4]
    asked = {
        "access-control-request-method": request_method,
        "access-control-request-headers": request_headers,
    }
    headers = {name: value for name, value in asked.items() if value is not None}
    return engine.decide(origin, method or "", headers, policy=policy)


def respond(decision: corsac.Decision) -> None:
    print(decision.status or 200, decision.verdict, decision.reason)
    # Without the upstream's managed headers, with the decision's, and with `Vary` merged.
    for name, value in decision.apply_str(UPSTREAM if decision.status is None else []):
        print(f"{name}: {value}")
    print(flush=True)


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: decide.py DOCUMENT POLICY", file=sys.stderr)
        return 2
    document, policy = sys.argv[1:]
    # Where a changed document is refused, this says so, and the last good policies serve.
    logging.basicConfig(level=logging.INFO)
    try:
        engine = corsac.Engine.from_file(document)
    except (OSError, corsac.ConfigError) as error:
        print(f"{document}: {error}", file=sys.stderr)
        return 2
    if policy not in engine.policies:
        print(f"{document}: there is no policy `{policy}`", file=sys.stderr)
        return 2
    for line in sys.stdin:
        # From a timer, or as here before each request: costs a few calls of stat while nothing changed.
        if engine.changed():
            engine.poll()
        respond(decided(engine, policy, line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
