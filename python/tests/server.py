"""One of the examples behind its real server, for as long as a test lasts."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "python"

#: Seconds, for whatever a server has to do, on a machine that does other things besides.
DEADLINE = 60.0

_ADDRESS = re.compile(r"(?:running on|Listening at:) http://127\.0\.0\.1:(\d+)")


class Server:
    """A running server, and its output so far."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self.port = 0

    @property
    def pid(self) -> int:
        """Of the process that starts the workers."""
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)

    def statuses(self, count: int) -> dict[int, dict[str, Any]]:
        """What so many workers say of themselves, by pid. Asks on several connections at once, or the
        same worker would answer each time.
        """
        found: dict[int, dict[str, Any]] = {}
        with ExitStack() as stack:
            connections = [self.connect() for _ in range(2 * count)]
            for connection in connections:
                stack.callback(connection.close)
                connection.request("GET", "/status")
            for connection in connections:
                status = json.loads(connection.getresponse().read())
                found[status["pid"]] = status
        return found

    def wait_until_it_listens(self) -> None:
        """uvicorn names its address before its workers are there to listen."""
        deadline = time.monotonic() + DEADLINE
        while not self._listens():
            assert self._process.poll() is None, f"it ended\n{self.log}"
            assert time.monotonic() < deadline, f"it does not listen\n{self.log}"
            time.sleep(0.01)

    def _listens(self) -> bool:
        address = _ADDRESS.search(self.log)
        if address is None:
            return False
        self.port = int(address[1])
        try:
            socket.create_connection(("127.0.0.1", self.port), DEADLINE).close()
        except ConnectionRefusedError:
            return False
        return True

    def stop(self) -> None:
        """Ends the server and every worker of it."""
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(DEADLINE / 2)
        except subprocess.TimeoutExpired:
            pass
        # Workers that outlived the server.
        self._signal(signal.SIGKILL)
        self._process.wait(DEADLINE)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass


@contextmanager
def serving(name: str, folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The example, on a port that was free; what it says goes to a file in the folder."""
    log = folder / "server.log"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [EXAMPLES / "serve.sh", name],
            # With a home folder of its own: gunicorn creates a socket there.
            env={**os.environ, "PATH": path, "HOME": str(folder), "PORT": "0", "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(process, log)
    try:
        server.wait_until_it_listens()
        yield server
    finally:
        server.stop()
