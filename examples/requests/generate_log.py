#!/usr/bin/env python3
"""Make a log of requests for one of the policy documents in ../policies.

    python3 generate_log.py --count 200000 --out requests.ndjson
    python3 generate_log.py --count 200000 --out access.log --access-log --document small-service

Python 3.9 or later, standard library only. The same arguments give the same bytes. `-` is standard output.
"""

import argparse
import base64
import json
import pathlib
import random
import sys

POLICIES = pathlib.Path(__file__).resolve().parent.parent / "policies"

# Origins that are not listed, the first ones far more often than the last.
UNLISTED = [
    "https://evil.example", "https://www.example.com.evil.example", "https://evil-example.com", "https://example.com.co",
    "http://www.example.com", "https://www.example.com:8443", "https://scraper.example.net", "http://localhost:3000",
    *(f"https://site-{number}.example.net" for number in range(2000)),
]

# Values that no browser sends, from careless clients and from attackers.
MALFORMED = [
    "", "https://", "https://www.example.com/", "https://www.example.com:443", "HTTPS://www.example.com",
    "https://WWW.example.com", "www.example.com", "https://user@www.example.com", "https://www.example.com:0",
    "https://www.example.com:99999", "https://www.example.com?", "https://exam ple.com", "https://www.example.com#",
    "https://0x7f.1", "https://127.1", "https://1.2.3.4.5", "https://[::1", "https://[::ffff:1.2.3.4]", "file://",
    "javascript:alert(1)", "https://caf\u00e9.example", "https://www.example.com\t", "https://www.example.com\\@evil.example",
    "\x1b[2J\x1b[31mhttps://www.example.com", "https://www.example.com%00.evil.example",
    "https://\u202emoc.elpmaxe", "*", "https://*", "undefined",
]

# Bytes that are not UTF-8 on their own.
BINARY = [b"https://\xff\xfe.example", b"\x80\x81\x82", b"https://www.example.com\xc0\xaf"]

ODD_METHODS = ["put", "PUT POST", "TRACE", "CONNECT", "G\u00cbT", "", "A" * 65, "PUT\n", "*"]
ODD_HEADERS = [
    ",", ",,,,,,,,,,,,,,,,,,,,,,,,", "content-type authorization", "x" * 300, "content-type,\tauthorization", "*",
    "content-type;q=1", "caf\u00e9", "content-type" + " " * 40 + ",authorization",
]
ODD_PATHS = [
    "/v1/catalogue/../orders/7", "/v1/orders/%2e%2e/catalogue", "/v1%2forders", "//v1/orders", "/v1/orders;x=1/7",
    "/v1\\orders", "/v1/orders-old", "/", "*", "/v1/orders?next=/v1/catalogue/../orders",
]


class Document:
    """What a policy document allows, and the form of its requests."""

    def __init__(self, targets, origins, methods, headers):
        self.targets = targets    # (policy, host, path): `policy` where the log names it, else the route
        self.origins = origins
        self.methods = methods
        self.headers = headers


def tenants():
    lines = (POLICIES / "tenants.txt").read_text(encoding="utf-8").splitlines()
    return [line.split(" #")[0].strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def documents():
    """By name, what ../policies/NAME.toml allows. Change both together."""
    return {
        "partners": lambda: Document(
            [(None, "api.example.com", "/v1/orders/7"), (None, "api.example.com", "/v1/orders?page=2"),
             (None, "API.example.com:443", "/v1/orders"), (None, "api.example.com", "/v1/catalogue/9"),
             (None, "status.example.com", "/now")],
            ["https://shop.example.com", "https://portal.example.org", "https://portal.example.org:8443",
             "https://acme.widgets.example.net", "https://north.resellers.example.net"],
            ["GET", "POST", "PUT", "DELETE"], ["authorization", "content-type", "idempotency-key"]),
        "saas": lambda: Document(
            [(None, "api.example.com", "/")], [*tenants(), "https://support.example.com"],
            ["GET", "POST", "PUT", "PATCH", "DELETE"], ["authorization", "content-type", "x-csrf-token"]),
        "small-service": lambda: Document(
            [("api", "api.example.com", "/"), ("api", "api.example.com", "/v1"), ("development", "localhost", "/")],
            ["https://example.com", "https://www.example.com", "https://pr-17.staging.example.com",
             "http://localhost:5173", "http://127.0.0.1:8080"],
            ["PUT", "PATCH", "DELETE"], ["authorization", "content-type"]),
        "desktop": lambda: Document(
            [(None, "api.example.com", "/")],
            ["app://obsidian.md", "tauri://localhost", "http://tauri.localhost", "capacitor://localhost",
             "https://localhost", "ionic://localhost", "chrome-extension://abcdefghijklmnopabcdefghijklmnop"],
            ["GET", "POST", "PUT", "DELETE"], ["authorization", "content-type", "x-app-version"]),
    }


class Chance:
    """Only `random()` is promised to stay the same in every version of Python."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, number):
        return int(self.random() * number)

    def of(self, items):
        return items[self.below(len(items))]

    def skewed(self, items):
        """The first items far more often than the last."""
        return items[int(self.random() ** 4 * len(items))]

    def weighted(self, items):
        """One of (weight, item), whose weights add up to 100."""
        number = self.random() * 100
        for weight, item in items:
            number -= weight
            if number < 0:
                return item
        return items[-1][1]


class Traffic:
    """Makes requests as (policy, host, path, method, header lines)."""

    def __init__(self, document, chance):
        self.document, self.chance = document, chance

    def request(self):
        kind = self.chance.weighted([
            (34, self.allowed), (18, self.preflight), (12, self.no_origin), (16, self.unlisted),
            (5, self.unlisted_preflight), (4, self.refused_preflight), (6, self.malformed), (2, self.special),
            (3, self.hostile),
        ])
        return kind()

    def plain(self, method, headers):
        return (*self.chance.skewed(self.document.targets), method, headers)

    def preflight_with(self, origin, method, headers):
        policy, host, path = self.chance.skewed(self.document.targets)
        lines = [("origin", origin), ("access-control-request-method", method)]
        lines += [("access-control-request-headers", line) for line in headers]
        return (policy, host, path, "OPTIONS", lines)

    def origin(self):
        return self.chance.skewed(self.document.origins)

    def allowed(self):
        return self.plain(self.chance.of(["GET", "GET", "POST", *self.document.methods]), [("origin", self.origin())])

    def preflight(self):
        names = [name for name in self.document.headers if self.chance.random() < 0.6]
        return self.preflight_with(self.origin(), self.chance.of(self.document.methods), [",".join(names)] if names else [])

    def no_origin(self):
        return self.plain(self.chance.of(["GET", "GET", "GET", "POST", "OPTIONS"]), [])

    def unlisted(self):
        return self.plain(self.chance.of(["GET", "POST"]), [("origin", self.chance.skewed(UNLISTED))])

    def unlisted_preflight(self):
        return self.preflight_with(self.chance.skewed(UNLISTED), self.chance.of(["PUT", "DELETE"]), ["authorization"])

    def refused_preflight(self):
        if self.chance.random() < 0.5:
            return self.preflight_with(self.origin(), self.chance.of(["LINK", "PURGE", "PROPFIND"]), [])
        return self.preflight_with(self.origin(), self.chance.of(self.document.methods), ["content-type,x-unknown"])

    def malformed(self):
        origin = self.chance.of(BINARY) if self.chance.random() < 0.1 else self.chance.of(MALFORMED)
        if self.chance.random() < 0.7:
            return self.plain("GET", [("origin", origin)])
        return self.preflight_with(origin, self.chance.of(ODD_METHODS), [self.chance.of(ODD_HEADERS)])

    def special(self):
        origin = self.origin()
        headers = self.chance.of([
            [("origin", "null")], [("origin", origin), ("origin", origin)], [("origin", f"{origin}, {origin}")],
            [("Origin", "https://api.example.com")], [("ORIGIN", origin)],
        ])
        return self.plain("POST", headers)

    def hostile(self):
        chance = self.chance
        return chance.weighted([
            (40, lambda: self.preflight_with(self.origin(), chance.of(ODD_METHODS), [chance.of(ODD_HEADERS)])),
            (25, lambda: (None, "api.example.com", chance.of(ODD_PATHS), "GET", [("origin", self.origin())])
                if self.document.targets[0][0] is None else self.malformed()),
            (15, lambda: self.plain("GET", [("origin", "https://" + "a." * chance.below(500) + "example")])),
            (10, lambda: self.plain("GET", [("origin", f"https://{chance.below(10**9):x}.flood.example")])),
            (5, lambda: self.preflight_with(self.origin(), "PUT", ["a," * chance.below(2000)])),
            (5, lambda: self.preflight_with(self.origin(), "PUT", ["content-type"] * chance.below(40))),
        ])()


def value(text):
    """A value as a JSON log has it: base64 if it is not UTF-8."""
    return {"base64": base64.b64encode(text).decode("ascii")} if isinstance(text, bytes) else text


def ndjson(number, request, routed):
    policy, host, path, method, headers = request
    line = {"id": number}
    if policy:
        line["policy"] = policy
    elif routed:
        line["route"] = {"host": host, "path": path}
    line["method"] = value(method)
    line["headers"] = [[name, value(text)] for name, text in headers]
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def bad_ndjson(line, chance):
    """A line that is not a request: cut off, of another program, from a broken disk."""
    return chance.of([
        line[:chance.below(len(line))] or b"{", b"not a line of JSON", b"[]", b"{}", b"\x00" * 64,
        line.replace(b'"method"', b'"verb"'), line.replace(b"https", b"http\xff"), b'{"method":7,"headers":[]}',
        b'{"policy":"nobody","method":"GET","headers":[]}',
    ])


def escaped(text):
    """A value as nginx writes it."""
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02X}" for byte in data)


def access_line(number, request):
    """A line in the format that `corsac replay --fields combined-cors` reads."""
    _, host, path, method, headers = request

    def header(wanted):
        values = [text if isinstance(text, bytes) else text.encode("utf-8")
                  for name, text in headers if name.lower() == wanted]
        return escaped(b", ".join(values)) if values else "-"

    second = number % 86400
    time = f"12/Nov/2025:{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} +0000"
    return (f'192.0.2.{number % 250} - - [{time}] "{escaped(method)} {escaped(path)} HTTP/1.1" 200 {number % 5000} '
            f'"-" "example/1.0" "{header("origin")}" "{header("access-control-request-method")}" '
            f'"{header("access-control-request-headers")}" {host.split(":")[0].lower()}').encode("ascii")


def bad_access_line(line, chance):
    return chance.of([line[:chance.below(len(line))] or b"-", b"-", b"not a line of this log", line + b" more",
                      line.replace(b'] "', b'] "\\x16\\x03\\x01" "', 1)])


def write(out, document, count, access):
    chance = Chance("corsac")
    traffic = Traffic(document, chance)
    routed = len(document.targets) > 1
    for number in range(1, count + 1):
        request = traffic.request()
        line = access_line(number, request) if access else ndjson(number, request, routed)
        if chance.random() < 0.005:
            line = (bad_access_line if access else bad_ndjson)(line, chance)
        out.write(line + b"\n")


def main():
    known = documents()
    parser = argparse.ArgumentParser(description="Make a log of requests for one of the documents in ../policies.")
    parser.add_argument("--count", type=int, default=200_000, help="how many lines (default: 200000)")
    parser.add_argument("--out", required=True, help="the file to write; - is standard output")
    parser.add_argument("--document", choices=known, default="partners", help="the policy document to use (default: partners)")
    parser.add_argument("--access-log", action="store_true", help="write what --fields combined-cors reads")
    options = parser.parse_args()
    document = known[options.document]()
    if options.out == "-":
        write(sys.stdout.buffer, document, options.count, options.access_log)
        return
    with open(options.out, "wb") as out:
        write(out, document, options.count, options.access_log)


if __name__ == "__main__":
    main()
