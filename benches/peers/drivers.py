"""The programs that run contestants. Each offers the contestants of one language, and answers one JSON
object per line: ``prepare`` a contestant for a scenario, then ``run`` a number of requests.

Every contestant gets a process of its own, so that all can be prepared for one scenario and timed in
turn, and a slow one can be stopped alone.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

#: How long a driver may take to start, in seconds: an interpreter imports three frameworks.
START = 120.0
#: How long a run may take.
RUN = 30.0


class TooSlow(Exception):
    """The contestant did not answer in time."""


class Failed(Exception):
    """The contestant reported an error; its process can go on."""


class Broken(Failed):
    """The driver ended, or wrote something that is not part of the protocol."""


def commands() -> list[list[str]]:
    """The drivers of this repository, with the one in Rust built for release."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "../../target"))
    scripts = [["sh", str(HERE / language / "run.sh")] for language in ("go", "node", "python")]
    return [[str(target / "release/corsac-peers")], *scripts]


class Driver:
    """A running driver."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = " ".join(command)
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,  # so that what a script starts is stopped with it
            )
        except OSError as error:
            self._errors.close()
            raise Broken(f"the driver `{self._command}` does not start: {error}") from error
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self.contestants: list[dict[str, Any]] = self._next(START, "contestants")["contestants"]
        except (TooSlow, Failed):
            self.stop()
            raise

    def prepare(self, contestant: str, scenario: Path, limit: float) -> dict[str, Any]:
        """Configures a contestant, which answers every request of the scenario once."""
        question = {"prepare": {"contestant": contestant, "scenario": str(scenario)}}
        return self._ask(question, limit, "answers", "cannot")

    def run(self, requests: int) -> int:
        """The CPU time of so many requests, in nanoseconds."""
        time: int = self._ask({"run": {"requests": requests}}, RUN, "ns")["ns"]
        return time

    def stop(self) -> None:
        """Ends the process and what it started."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass

    def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                self._lines.put(line)
        except ValueError:  # the pipe was closed
            pass
        self._lines.put(b"")

    def _ask(self, question: dict[str, Any], limit: float, *expected: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # why it ended is found below
        return self._next(limit, *expected)

    def _next(self, limit: float, *expected: str) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=limit)
        except queue.Empty:
            raise TooSlow from None
        if not line:
            raise self._broken("ended")
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if isinstance(answer, dict) and "error" in answer:
            raise Failed(answer["error"])
        if not isinstance(answer, dict) or not any(key in answer for key in expected):
            raise self._broken(f"wrote {line[:200]!r} in place of {' or '.join(expected)}")
        return answer

    def _broken(self, what: str) -> Broken:
        """What is wrong, followed by the end of what the driver wrote to its standard error."""
        if self._process.poll() is None and what == "ended":
            self._process.wait(timeout=START)
        self._errors.seek(0)
        written = self._errors.read()[-4096:].decode(errors="replace").strip()
        return Broken(f"the driver `{self._command}` {what}\n{written}".strip())
