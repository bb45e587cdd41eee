#!/usr/bin/env python3
"""How many requests `corsac replay` decides in a second of CPU time: those of `examples/related-origins`,
repeated in one file, with one thread and with one for each core.

usage: replay.py CORSAC    prints a table for the record
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[1] / "examples/related-origins"
SHORT = "CORSAC_BENCH_SHORT" in os.environ
REQUESTS, TURNS = (100_000, 1) if SHORT else (2_000_000, 5)
BOUND = "≥ 1.5 M/s"


def replay(program: str, log: str | Path, form: str, threads: int, *more: str) -> subprocess.CompletedProcess[str]:
    command = [program, "replay", EXAMPLE / "policy.toml", log, "--format", form, "--threads", str(threads), *more]
    output = subprocess.DEVNULL if "--verbose" in more else subprocess.PIPE
    run = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True)
    # Status 1 means that requests were denied.
    if run.returncode != 1:
        sys.exit(f"`corsac replay` ended with {run.returncode}:\n{run.stderr}")
    return run


def check(program: str) -> int:
    """Compares the decisions on the example's requests with the expected ones; gives their number."""
    lines = replay(program, EXAMPLE / "requests.ndjson", "json", 1).stdout.splitlines()
    found = Counter(json.loads(line)["verdict"] for line in lines)
    expected = json.loads((EXAMPLE / "expected.json").read_text())["verdicts"]
    if found != expected:
        sys.exit(f"the verdicts are {dict(found)}, and expected are {expected}")
    return len(lines)


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rate(program: str, log: str, form: str, threads: int, requests: int) -> float:
    """Millions of requests in a second of CPU time."""
    before = cpu_seconds()
    run = replay(program, log, form, threads, *(["--verbose"] if form == "json" else []))
    seconds = cpu_seconds() - before
    summary = run.stderr if form == "json" else run.stdout
    if f"{requests:,}  requests" not in summary:
        sys.exit(f"`corsac replay` did not decide {requests:,} requests:\n{summary}")
    return requests / 1e6 / seconds


def main(program: str) -> None:
    count = check(program)
    times = -(-REQUESTS // count)
    outputs = (("a summary", "human"), ("every answer", "json"))
    cases = [(what, form, threads) for what, form in outputs for threads in (1, os.cpu_count() or 1)]
    rates: list[list[float]] = [[] for _ in cases]
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as log:
        text = (EXAMPLE / "requests.ndjson").read_bytes()
        for _ in range(times):
            log.write(text)
        log.flush()
        for _ in range(TURNS):
            for (_, form, threads), found in zip(cases, rates, strict=True):
                found.append(rate(program, log.name, form, threads, times * count))
    rows = [
        {
            "case": f"replay to {what}, --threads {threads}",
            "value": statistics.median(found),
            "unit": "M/s",
            "bound": BOUND,
            "note": "requests in a second of CPU time, of all threads and including the kernel's part; "
            f"{times * count:,} requests, median of {TURNS}, from {min(found):.2f} to {max(found):.2f}",
        }
        for (what, _, threads), found in zip(cases, rates, strict=True)
    ]
    print(json.dumps({"name": "replay", "rows": rows}, ensure_ascii=False))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
