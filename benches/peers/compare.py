#!/usr/bin/env python3
"""Compares all contestants. Prepares each for a scenario, checks its answers, then times all of them in
turn, so that a change of the machine's speed affects all alike.

usage: compare.py FILE [ROUNDS]    all scenarios, into FILE
       compare.py --check          a few scenarios, and an error if any contestant answers wrongly
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from browser import Json, mistakes
from drivers import Broken, Driver, Failed, TooSlow, commands

#: Samples of each contestant in each scenario: a whole comparison takes about five minutes.
ROUNDS = 5
#: What `--check` runs: every kind of row and of preflight, allowed and denied.
CHECKED = [
    "actual, nine mixed, allowed",
    "actual, nine mixed, denied near",
    "actual, any origin, allowed",
    "preflight, diverse 1, 1 header",
    "preflight, diverse 1,000, header denied",
    "preflight, diverse 1,000, method denied",
    "preflight, diverse 1,000, origin denied",
]


@dataclass(frozen=True)
class Settings:
    rounds: int = ROUNDS
    #: How long a sample should take, in nanoseconds.
    sample: int = 6_000_000
    #: How long a contestant may take to be configured and to answer every request once, in seconds.
    patience: float = 8.0


@dataclass
class Contestant:
    """A contestant in a process of its own."""

    info: Json
    command: Sequence[str]
    #: None after it was stopped, until it is used again.
    driver: Driver | None
    #: The length of the list for which it was too slow. Longer ones are not tried.
    too_many: int | None = None
    requests: int = 0
    wrong: str | None = None
    samples: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        name: str = self.info["name"]
        return name

    @property
    def decides(self) -> bool:
        """Whether its answers can be wrong. A measure of the work around a decision decides nothing."""
        return "bare" not in self.name

    def attempt(self, scenario: Json, file: Path, settings: Settings) -> Json | None:
        """Prepares it for a scenario. If it cannot be timed, the outcome that says why."""
        rows = len(scenario["policy"]["allow_origins"])
        if self.too_many is not None and rows >= self.too_many:
            return {"failed": f"not tried: it was too slow with {self.too_many:,} rows"}
        self.samples = []
        try:
            said = self._driver().prepare(self.name, file, settings.patience)
            if "cannot" in said:
                return {"cannot": said["cannot"]}
            self.wrong = mistakes(scenario, said["answers"]) if self.decides else None
            self.requests = self._calibrate(settings)
        except TooSlow:
            self.stop()
            self.too_many = rows
            return {"failed": f"did not answer {len(scenario['requests']):,} requests within {settings.patience:g} s"}
        except Failed as error:
            return self._failure(error)
        return None

    def sample(self) -> Json | None:
        """Takes a sample, or gives the outcome that says why it cannot."""
        try:
            self.samples.append(self._driver().run(self.requests))
        except (TooSlow, Failed) as error:
            return self._failure(error)
        return None

    def outcome(self) -> Json:
        timing = {"requests": self.requests, "samples": self.samples}
        return {"right": timing} if self.wrong is None else {"wrong": [self.wrong, timing]}

    def stop(self) -> None:
        if self.driver is not None:
            self.driver.stop()
        self.driver = None

    def _calibrate(self, settings: Settings) -> int:
        """The number of requests that take as long as a sample should."""
        begun, requests = time.monotonic(), 1
        while True:
            spent = max(self._driver().run(requests), 1)
            # A driver's clock may be coarse, but it must advance.
            if spent >= settings.sample / 4 or time.monotonic() - begun > settings.patience:
                return max(requests * settings.sample // spent, 1)
            requests *= 4

    def _driver(self) -> Driver:
        if self.driver is None:
            self.driver = Driver(self.command)
        return self.driver

    def _failure(self, error: Exception) -> Json:
        # After a plain error the process is still usable.
        if isinstance(error, (Broken, TooSlow)):
            self.stop()
        return {"failed": str(error) or "no answer in time"}


def start(drivers: Iterable[Sequence[str]]) -> list[Contestant]:
    """Starts every driver, once for each of its contestants."""
    contestants: list[Contestant] = []
    try:
        for command in drivers:
            driver = Driver(command)
            first: Driver | None = driver
            for info in driver.contestants:
                names = [other.name for other in contestants]
                contestants.append(Contestant(info, command, first))
                first = None
                if info["name"] in names:
                    raise Broken(f"two contestants are named `{info['name']}`")
    except (TooSlow, Failed):
        stop(contestants)
        raise
    return contestants


def stop(contestants: Iterable[Contestant]) -> None:
    for contestant in contestants:
        contestant.stop()


def run(contestants: list[Contestant], scenario: Json, file: Path, settings: Settings) -> Json:
    """Runs one scenario, which is in this file."""
    outcomes: dict[str, Json] = {}
    ready: list[Contestant] = []
    for contestant in contestants:
        if scenario["is_for_engine"] and contestant.name != "decide" and not contestant.name.startswith("floor: "):
            continue
        failure = contestant.attempt(scenario, file, settings)
        if failure is None:
            ready.append(contestant)
        else:
            outcomes[contestant.name] = failure
    for _ in range(settings.rounds):
        for contestant in list(ready):
            failure = contestant.sample()
            if failure is not None:
                outcomes[contestant.name] = failure
                ready.remove(contestant)
        # Another contestant begins the next round.
        ready = ready[1:] + ready[:1]
    outcomes.update((contestant.name, contestant.outcome()) for contestant in ready)
    points: Json = {key: scenario[key] for key in ("rows", "hostile") if key in scenario}
    return {"name": scenario["name"], **points, "outcomes": dict(sorted(outcomes.items()))}


def scenarios(program: Path, names: Sequence[str], file: Path) -> Iterable[Json]:
    """Writes each scenario to a file in turn, for the drivers, and gives it."""
    for name in names or output(program).decode().splitlines():
        file.write_bytes(output(program, name))
        yield json.loads(file.read_bytes())


def output(program: Path, *arguments: str) -> bytes:
    return subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE).stdout


def compare(names: Sequence[str], settings: Settings) -> dict[str, Any]:
    """The results of these scenarios, or of all."""
    begun, results = time.monotonic(), []
    drivers = commands()
    program = Path(drivers[0][0]).with_name("scenarios")
    with tempfile.TemporaryDirectory() as folder:
        contestants = start(drivers)
        try:
            for scenario in scenarios(program, names, Path(folder) / "scenario.json"):
                print(f"{time.monotonic() - begun:>4.0f} s  {scenario['name']}", file=sys.stderr)
                results.append(run(contestants, scenario, Path(folder) / "scenario.json", settings))
        finally:
            stop(contestants)
    return {"contestants": [contestant.info for contestant in contestants], "scenarios": results}


def wrong(results: dict[str, Any]) -> list[str]:
    """The mistakes and failures of peers, one line each."""
    found = []
    for scenario in results["scenarios"]:
        for name, outcome in scenario["outcomes"].items():
            if "wrong" in outcome or "failed" in outcome:
                found.append(f"{scenario['name']}: {name}: {outcome.get('failed') or outcome['wrong'][0]}")
    return found


def main(arguments: list[str]) -> str | None:
    match arguments:
        case ["--check"]:
            results = compare(CHECKED, Settings(rounds=1, sample=100_000, patience=60.0))
            if found := wrong(results):
                return "\n".join(found)
            print(f"{len(results['contestants'])} contestants answer correctly")
        case [file, *rounds]:
            settings = Settings(rounds=int(rounds[0])) if rounds else Settings()
            Path(file).write_text(json.dumps(compare([], settings)))
        case _:
            return __doc__
    return None


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failed, TooSlow) as error:
        sys.exit(f"error: {error or 'a driver did not start in time'}")
