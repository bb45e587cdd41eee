"""The driver of the middlewares for Python. It speaks the drivers' protocol, one JSON object per line.

The timed call is that of the middleware, in thread time, with a new scope or environ if the framework
writes to it, and a handler that responds with an empty 200. The bare handlers measure this cost.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from itertools import cycle, islice
from typing import Any

from contestants import Contestant, Prepared, contestants


class Driver:
    """Answers questions. Only the last prepared contestant is kept between them."""

    def __init__(self, offered: list[Contestant]) -> None:
        self._offered = {each.name: each for each in offered}
        self._prepared: Prepared | None = None
        self._next = 0

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        if "prepare" in question:
            return self._prepare(**question["prepare"])
        if "run" in question:
            return {"ns": self._run(**question["run"])}
        raise ValueError(f"the question `{json.dumps(question)}` is neither `prepare` nor `run`")

    def _prepare(self, contestant: str, scenario: str) -> dict[str, Any]:
        self._prepared, self._next = None, 0
        if contestant not in self._offered:
            raise ValueError(f"no contestant is named `{contestant}`")
        with open(scenario, encoding="utf-8") as file:
            given = json.load(file)
        requests = [(each["method"], [(name, value) for name, value in each["headers"]]) for each in given["requests"]]
        if not requests:
            raise ValueError(f"the scenario `{scenario}` has no requests")
        self._prepared = self._offered[contestant].prepare(given["policy"], requests)
        calls, answer = self._prepared
        return {"answers": [answer(call()) for call in calls]}

    def _run(self, requests: int) -> int:
        if self._prepared is None:
            raise ValueError("nothing is prepared: ask `prepare` first")
        calls = self._prepared.calls
        # Found before the clock starts, so that a turn costs what a loop over a list costs.
        turns = list(islice(cycle(calls), self._next, self._next + requests))
        self._next = (self._next + requests) % len(calls)
        begun = time.thread_time_ns()
        for call in turns:
            call()
        return time.thread_time_ns() - begun


def say(message: dict[str, Any]) -> None:
    print(json.dumps(message, separators=(",", ":")), flush=True)


def main() -> None:
    offered = contestants()
    running = f"{platform.python_implementation()} {platform.python_version()}"
    says = [{"name": each.name, "version": each.version, "runtime": running, "is_corsac": each.is_corsac} for each in offered]
    say({"contestants": says})
    driver = Driver(offered)
    for line in sys.stdin:
        try:
            say(driver.answer(json.loads(line)))
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
