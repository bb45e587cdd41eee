"""A starting point: decides requests as a proxy does, and prints the head of each response.

decide.py DOCUMENT POLICY      reads requests from standard input, one a line:
                               METHOD ORIGIN [REQUEST-METHOD [REQUEST-HEADERS]]
"""

from __future__ import annotations

import logging
import sys

import corsac

#: The upstream's response to every request that is forwarded.
UPSTREAM = [
    ("content-type", "application/json"),
    ("vary", "accept-encoding"),
    ("access-control-allow-origin", "*"),
]


def decided(engine: corsac.Engine, policy: str, line: str) -> corsac.Decision:
    method, origin, request_method, request_headers = (line.split() + [None] * 4)[:4]
    protocol_headers = {
        "access-control-request-method": request_method,
        "access-control-request-headers": request_headers,
    }
    headers = {name: value for name, value in protocol_headers.items() if value is not None}
    return engine.decide(origin, method or "", headers, policy=policy)


def respond(decision: corsac.Decision) -> None:
    print(decision.status or 200, decision.verdict, decision.reason)
    # Removes the upstream's managed headers, sets the decision's, and merges `Vary`.
    for name, value in decision.apply_str(UPSTREAM if decision.status is None else []):
        print(f"{name}: {value}")
    print(flush=True)


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: decide.py DOCUMENT POLICY", file=sys.stderr)
        return 2
    document, policy = sys.argv[1:]
    # Shows when a changed document is rejected; the last good policies stay in use.
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
        # From a timer, or before each request as here: it costs a few calls of stat if nothing changed.
        if engine.changed():
            engine.poll()
        respond(decided(engine, policy, line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
