"""The bounds of ``bounds.toml`` and the causes of ``causes.toml``, compared with the results of a run."""

from __future__ import annotations

import re
import statistics
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def number(value: float) -> str:
    """At least three digits, and all of those before the decimal point."""
    digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:,.{digits}f}" if abs(value) < 1e15 else f"{value:.1e}"


def like(pattern: str, name: str) -> bool:
    """Whether a name matches a pattern, in which only ``*`` is special."""
    return fnmatchcase(name, pattern.replace("[", "[[]").replace("?", "[?]"))


def timing(outcome: Json | None) -> Json | None:
    """The samples of an answer, right or wrong."""
    if not outcome:
        return None
    return outcome.get("right") or (outcome["wrong"][1] if "wrong" in outcome else None)


def median(outcome: Json | None) -> float | None:
    """Nanoseconds for a request."""
    samples = timing(outcome)
    return statistics.median(samples["samples"]) / samples["requests"] if samples else None


def right(outcome: Json | None) -> float | None:
    """Nanoseconds for a request, if the answers were right."""
    return median(outcome) if outcome and "right" in outcome else None


@dataclass
class Finding:
    """A bound, and the worst of the values it applies to."""

    case: str
    bound: str
    measured: str
    met: bool


def holds(bound: str, value: float) -> bool:
    """Whether a value is within a limit such as `≤ 1,000 ns`."""
    sign, limit = limit_of(bound)
    return value <= limit if sign == "≤" else value >= limit


def limit_of(bound: str) -> tuple[str, float]:
    found = re.search(r"([≤≥])\s*\+?\s*([\d.,]+)", bound)
    if not found:
        raise ValueError(f"the bound `{bound}` has no limit: write one such as `≤ 1.5 ×`")
    return found[1], float(found[2].replace(",", ""))


@dataclass
class Rules:
    """What a person writes about a record: bounds, causes of losses, and possible bias."""

    bounds: list[Json] = field(default_factory=list)
    causes: list[Json] = field(default_factory=list)
    bias: str = ""
    #: The losses that have no cause, found while a page was written.
    uncaused: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> Rules:
        bounds = tomllib.loads((folder / "bounds.toml").read_text(encoding="utf-8"))["bound"]
        causes = tomllib.loads((folder / "causes.toml").read_text(encoding="utf-8"))["cause"]
        return cls(bounds, causes, (folder / "bias.md").read_text(encoding="utf-8"))

    def cause(self, case: str) -> str:
        """The first cause that matches a case; otherwise the case is noted as uncaused."""
        for entry in self.causes:
            if like(entry["case"], case):
                return " ".join(entry["cause"].split())
        self.uncaused.append(case)
        return "no cause is known"

    def findings(self, raw: Json) -> list[Finding]:
        measurements = list(measured(raw))
        return [finding(bound, measurements) for bound in self.bounds]


def measured(raw: Json) -> Iterator[tuple[str, str, str, float]]:
    """Group, case, name and value of every result of a run."""
    for each in raw["estimates"]:
        yield each["group"], each["case"], each["name"], each["median"]
    for scenario in raw["scenarios"]:
        for name, outcome in scenario["outcomes"].items():
            if (time := right(outcome)) is not None:
                yield "comparison", scenario["name"], name, time
    for table in raw["tables"]:
        for row in table["rows"]:
            yield table["name"], row["case"], "value", row["value"]


def finding(bound: Json, measurements: list[tuple[str, str, str, float]]) -> Finding:
    if "shown_by" in bound:
        return Finding(bound["case"], bound["bound"], f"by `{bound['shown_by']}`", True)
    values = [value for selector in bound["from"] for value in select(selector, measurements)]
    if not values:
        return Finding(bound["case"], bound["bound"], "not measured", False)
    sign, _ = limit_of(bound["bound"])
    value, place = (max if sign == "≤" else min)(values)
    value /= bound.get("divide", 1.0)
    worst = f", the worst of {len(values)}" if len(values) > 1 else ""
    shown = f"{number(value)} {bound.get('unit', '')}".strip()
    return Finding(bound["case"], bound["bound"], f"{shown} ({place}{worst})", holds(bound["bound"], value))


def select(selector: Json, measurements: list[tuple[str, str, str, float]]) -> Iterator[tuple[float, str]]:
    """The values that a selector names, and where each was measured."""
    other = selector.get("over") or selector.get("less")
    for group, case, name, value in measurements:
        if not (
            like(selector["group"], group) and like(selector.get("case", "*"), case) and like(selector["name"], name)
        ):
            continue
        if other:
            others = [each[3] for each in measurements if each[:2] == (group, case) and like(other, each[2])]
            if not others:
                continue
            value = value / others[0] if "over" in selector else value - others[0]
        yield value, case if group == "comparison" else f"{group} {case}".strip()
