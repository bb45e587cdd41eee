"""Times calls beside each other in one run: what is compared is ratios, never durations."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

Call = Callable[[], object]


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


def beside_peer(title: str, bare: float, *costs: float) -> None:
    """Prints what corsac and its peer cost over the bare application, the peer once or in two ways."""
    corsac, *peers = (cost - bare for cost in costs)
    figures = " ".join(f"{peer:11,.0f} ns" for peer in peers)
    ratios = " ".join(f"{peer / corsac:9.1f}x" for peer in peers)
    print(f"{title:<40} {corsac:8,.0f} ns {figures} {ratios}")
