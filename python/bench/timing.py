"""Times calls beside each other in one run: what is compared is ratios, never durations."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Call = Callable[[], object]


class Table:
    """Measurements for the record of ``make bench``, which reads every table in ``target/bench``."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows: list[dict[str, object]] = []

    def add(self, case: str, times: float, bound: str | None = None) -> None:
        self._rows.append({"case": case, "value": round(times, 3), "unit": "×", "bound": bound})

    def write(self) -> None:
        """Into the file that the command line names, if it names one."""
        for argument in sys.argv[1:2]:
            file = Path(argument)
            file.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"name": self._name, "rows": self._rows}, ensure_ascii=False, indent=1)
            file.write_text(text + "\n", encoding="utf-8")


def nanoseconds(calls: Sequence[Call], times: int, rounds: int) -> list[float]:
    """Thread time of each call: the median of the quietest quarter of the rounds.

    The calls take turns, so that noise meets all alike.
    """
    runs = [[_round(call, times) for call in calls] for _ in range(rounds)]
    return [statistics.median(sorted(each)[: rounds // 4]) for each in zip(*runs, strict=True)]


def _round(call: Call, times: int) -> float:
    steps = range(times)
    begun = time.thread_time_ns()
    for _ in steps:
        call()
    return (time.thread_time_ns() - begun) / times


def beside_peer(title: str, bare: float, *costs: float) -> float:
    """Prints what corsac and its peer cost over the bare application, the peer once or in two ways;
    gives how many times as much the peer costs in the first."""
    corsac, *peers = (cost - bare for cost in costs)
    figures = " ".join(f"{peer:11,.0f} ns" for peer in peers)
    ratios = " ".join(f"{peer / corsac:9.1f}x" for peer in peers)
    print(f"{title:<40} {corsac:8,.0f} ns {figures} {ratios}")
    return peers[0] / corsac
