#!/usr/bin/env python3
"""Asks every contestant of the drivers for Go, Node and Python the same few requests, and ends with an
error if one answers wrongly, or is not timed: before anything is measured.

usage: check.py [go] [node] [python]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LISTED, BELOW, STRANGER = "https://a.example", "https://x.y.b.example", "https://a.example.evil.example"
POLICY = {
    "allow_origins": [LISTED, "https://*.b.example"],
    "allow_methods": ["GET", "PUT"],
    "allow_headers": ["content-type", "x-a"],
    "allow_credentials": False,
    "max_age": 600,
}
REQUESTS = 50


def actual(origin: str) -> dict[str, Any]:
    return {"method": "GET", "headers": [["origin", origin]]}


def preflight(origin: str, method: str = "PUT", names: str = "x-a") -> dict[str, Any]:
    asked = [["access-control-request-method", method], ["access-control-request-headers", names]]
    return {"method": "OPTIONS", "headers": [["origin", origin], *asked]}


def permits(request: dict[str, Any], answer: dict[str, Any]) -> bool:
    """What a browser makes of the answer, by the steps of Fetch."""
    headers: dict[str, list[str]] = {}
    for name, value in answer["headers"]:
        headers.setdefault(name, []).extend(part.strip() for part in value.split(","))
    lines = dict(request["headers"])
    if headers.get("access-control-allow-origin") not in ([lines["origin"]], ["*"]):
        return False
    if request["method"] != "OPTIONS":
        return True
    methods = headers.get("access-control-allow-methods", [])
    names = [name.lower() for name in headers.get("access-control-allow-headers", [])]
    asked = lines["access-control-request-headers"].split(",")
    return 200 <= answer["status"] < 300 and lines["access-control-request-method"] in methods and set(asked) <= set(names)


#: What is asked, and whether the policy permits it.
CASES = [
    (actual(LISTED), True),
    (actual(BELOW), True),
    (actual(STRANGER), False),
    (preflight(LISTED), True),
    (preflight(BELOW), True),
    (preflight(STRANGER), False),
    (preflight(LISTED, method="DELETE"), False),
    (preflight(LISTED, names="x-no"), False),
]
ANY = [(actual(STRANGER), True), (preflight(STRANGER), True), (preflight(STRANGER, names="x-no"), False)]


class Driver:
    """A driver that runs: to be asked, and to be ended."""

    def __init__(self, language: str) -> None:
        command = ["sh", str(HERE / language / "run.sh")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._language = language
        self.contestants = self._read()["contestants"]

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            # What was missing has been said.
            sys.exit(self._process.wait() or f"the driver for {self._language} ended too soon")
        return json.loads(line)

    def ask(self, question: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        return self._read()

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        if self._process.wait(timeout=60) != 0:
            sys.exit(f"the driver for {self._language} failed")


def wrong(driver: Driver, contestant: str, scenario: Path, cases: list[tuple[dict[str, Any], bool]]) -> list[str]:
    """What a contestant does that it should not."""
    said = driver.ask({"prepare": {"contestant": contestant, "scenario": str(scenario)}})
    if "answers" not in said:
        return [f"it prepares nothing: {said}"]
    found = []
    if not contestant.startswith("floor: "):
        judged = [permits(request, answer) for (request, _), answer in zip(cases, said["answers"], strict=True)]
        # A handler without CORS permits nothing, and says so.
        expected = [permitted and "bare " not in contestant for _, permitted in cases]
        found += [
            f"{request}: it should be {right}, and is {not right}: {answer}"
            for (request, _), answer, is_so, right in zip(cases, said["answers"], judged, expected, strict=True)
            if is_so != right
        ]
    timed = driver.ask({"run": {"requests": REQUESTS}})
    if not isinstance(timed.get("ns"), int) or timed["ns"] < 0:
        found.append(f"it is not timed: {timed}")
    return found


def check(language: str, folder: Path) -> int:
    """How many mistakes the contestants of a driver make."""
    driver, mistakes = Driver(language), 0
    for each in driver.contestants:
        for name, cases, policy in (("listed", CASES, POLICY), ("any", ANY, {**POLICY, "allow_origins": ["*"]})):
            scenario = folder / f"{name}.json"
            asked = [request for request, _ in cases]
            scenario.write_text(json.dumps({"name": name, "kind": "actual", "policy": policy, "requests": asked}))
            found = wrong(driver, each["name"], scenario, cases)
            for mistake in found:
                print(f"{language}, {each['name']}, {name}: {mistake}", file=sys.stderr)
            mistakes += len(found)
    if "error" not in driver.ask({"prepare": {"contestant": "nobody", "scenario": ""}}):
        sys.exit(f"the driver for {language} knows a contestant that is none")
    driver.end()
    print(f"{language}: {len(driver.contestants)} contestants answer as they should" if not mistakes else f"{language}: {mistakes} mistakes")
    return mistakes


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        mistakes = [check(language, Path(folder)) for language in sys.argv[1:] or ("go", "node", "python")]
    sys.exit(any(mistakes))


if __name__ == "__main__":
    main()
