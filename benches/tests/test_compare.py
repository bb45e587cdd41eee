"""Answers are checked as a browser does, and the failures of contestants are reported, not hidden."""

from __future__ import annotations

import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "peers"))

from browser import Json, mistakes  # noqa: E402
from compare import Settings, run, start, stop  # noqa: E402
from drivers import Broken  # noqa: E402

APP, OTHER = "https://app.example.com", "https://other.example.com"
ORIGIN, METHODS, HEADERS = (f"access-control-allow-{name}" for name in ("origin", "methods", "headers"))
CREDENTIALS = "access-control-allow-credentials"


def answer(status: int = 200, *headers: tuple[str, str]) -> Json:
    return {"status": status, "headers": [list(each) for each in headers]}


def policy(row: str, credentials: bool = False) -> Json:
    return {"allow_origins": [row], "allow_methods": ["GET", "PUT"], "allow_headers": ["content-type", "authorization"],
            "allow_credentials": credentials, "max_age": 600}


def scenario(kind: str, request: Json, allowed: bool | None, origin: str | None, **settings: object) -> Json:
    row = "*" if origin == "*" else APP
    return {"name": "one", "kind": kind, "policy": policy(row, bool(settings.get("credentials"))), "requests": [request],
            "expected": [{"allowed": allowed, "allow_origin": origin}], "is_for_engine": False}


def actual(origin: str, allowed: bool, allow_origin: str | None = None, **settings: object) -> Json:
    request = {"method": "GET", "headers": [["origin", origin]]}
    return scenario("actual", request, allowed, allow_origin or (origin if allowed else None), **settings)


def preflight(names: str, allowed: bool | None) -> Json:
    headers = [["origin", APP], ["access-control-request-method", "PUT"], ["access-control-request-headers", names]]
    return scenario("preflight", {"method": "OPTIONS", "headers": headers}, allowed, APP if allowed is not False else None)


class Browser(unittest.TestCase):
    def test_answers_are_checked_as_a_browser_does(self) -> None:
        granted = ((ORIGIN, APP), (METHODS, "PUT"))
        for case, given, is_right in [
            (actual(APP, True), answer(200, (ORIGIN, APP)), True),
            (actual(APP, True), answer(200), False),
            (actual(APP, True), answer(200, (ORIGIN, OTHER)), False),
            (actual(APP, True), answer(200, (ORIGIN, APP), (ORIGIN, APP)), False),
            # Right for this origin, but it allows all others, too.
            (actual(APP, True), answer(200, (ORIGIN, "*")), False),
            (actual(OTHER, False), answer(200), True),
            # The browser denies this response to the other origin.
            (actual(OTHER, False), answer(200, (ORIGIN, APP)), True),
            (actual(OTHER, False), answer(200, (ORIGIN, OTHER)), False),
            (actual(OTHER, False), answer(200, (ORIGIN, "*")), False),
            (actual(OTHER, True, "*"), answer(200, (ORIGIN, "*")), True),
            (actual(OTHER, True, "*"), answer(200, (ORIGIN, OTHER)), True),
            (preflight("content-type", True), answer(204, *granted, (HEADERS, "Content-Type")), True),
            (preflight("content-type", True), answer(204, (ORIGIN, APP), (METHODS, "PUT, GET"), (HEADERS, "*")), True),
            (preflight("authorization", True), answer(204, *granted, (HEADERS, "*")), False),
            (preflight("content-type", True), answer(204, (ORIGIN, APP), (METHODS, "put"), (HEADERS, "content-type")), False),
            (preflight("content-type", True), answer(204, *granted), False),
            (preflight("content-type", True), answer(403, *granted, (HEADERS, "*")), False),
            (preflight("x-other", False), answer(204, *granted), True),
            (preflight("x-other", False), answer(204, *granted, (HEADERS, "x-other")), False),
            # No browser sends this, and it requests nothing that the policy forbids: both are safe.
            (preflight(",,,", None), answer(403), True),
            (preflight(",,,", None), answer(204, *granted), True),
            (actual(APP, True, credentials=True), answer(200, (ORIGIN, APP)), False),
            (actual(APP, True, credentials=True), answer(200, (ORIGIN, APP), (CREDENTIALS, "true")), True),
            (actual(APP, True), {"allowed": True}, True),
            (actual(APP, True), {"allowed": False}, False),
        ]:
            with self.subTest(requests=case["requests"], given=given):
                self.assertEqual(mistakes(case, [given]) is None, is_right)
        self.assertEqual(mistakes(actual(APP, True), []), "0 answers to 1 requests")


#: A driver whose contestants behave as their names say.
DRIVER = """
echo '{"contestants":[NAMES]}'
allowed='{"status":200,"headers":[["access-control-allow-origin","https://app.example.com"]]}'
none='{"status":200,"headers":[]}'
while read -r line; do
    case $line in
    *'"right"'*) echo "{\\"answers\\":[$allowed,$none]}" ;;
    *'"wrong"'* | *'"bare handler"'*) echo "{\\"answers\\":[$none,$none]}" ;;
    *'"cannot"'*) echo '{"cannot":"has no lists"}' ;;
    *'"reports"'*) echo '{"error":"no such file"}' ;;
    *'"ends"'*) echo 'out of memory' >&2; exit 3 ;;
    *'"babbles"'*) echo 'hello' ;;
    *'"slow"'*) sleep 600 ;;
    *'"run"'*) n=${line##*: }; echo "{\\"ns\\":$((${n%%\\}*} * 1000))}" ;;
    esac
done
"""
NAMES = ["right", "wrong", "cannot", "reports", "ends", "babbles", "slow", "bare handler"]
SETTINGS = Settings(rounds=3, sample=50_000, patience=0.5)


def driver(script: str = DRIVER) -> list[str]:
    names = ",".join(json.dumps({"name": name, "version": "1", "runtime": "sh", "is_corsac": False}) for name in NAMES)
    return ["sh", "-c", script.replace("NAMES", names)]


class Comparison(unittest.TestCase):
    def test_the_outcome_of_every_contestant_is_reported(self) -> None:
        case = actual(APP, True)
        case["requests"].append(actual(OTHER, False)["requests"][0])
        case["expected"].append({"allowed": False, "allow_origin": None})
        contestants = start([driver()])
        self.addCleanup(stop, contestants)
        with tempfile.TemporaryDirectory() as folder:
            for is_first in (True, False):
                outcomes = run(contestants, case, Path(folder) / "scenario.json", SETTINGS)["outcomes"]
                self.assertEqual(set(outcomes), set(NAMES))
                # A thousand nanoseconds for a request, and samples of fifty thousand.
                timing = {"requests": 50, "samples": [50_000] * 3}
                self.assertEqual(outcomes["right"], {"right": timing})
                self.assertEqual(outcomes["bare handler"], {"right": timing})
                self.assertEqual(outcomes["wrong"], {"wrong": [f"denies `{APP}`, which the policy allows", timing]})
                self.assertEqual(outcomes["cannot"], {"cannot": "has no lists"})
                self.assertEqual(outcomes["reports"], {"failed": "no such file"})
                self.assertRegex(outcomes["ends"]["failed"], r"ended\nout of memory")
                self.assertIn("wrote b'hello", outcomes["babbles"]["failed"])
                late = "did not answer 2 requests within 0.5 s" if is_first else "not tried: it was too slow with 1 rows"
                self.assertEqual(outcomes["slow"], {"failed": late})

    def test_a_missing_driver_reports_what_to_install(self) -> None:
        for commands, message in [
            ([driver("echo 'install golang-go' >&2; exit 2")], "install golang-go"),
            ([["/no/such/driver"]], "`/no/such/driver` does not start"),
            ([driver(), driver()], "two contestants are named `right`"),
        ]:
            with self.subTest(message), self.assertRaisesRegex(Broken, message):
                start(commands)


if __name__ == "__main__":
    unittest.main()
