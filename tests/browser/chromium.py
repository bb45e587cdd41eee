"""A real Chromium without a window, driven by the WebDriver protocol of its own driver."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: Seconds, for whatever a browser has to do, on a machine that does other things besides.
DEADLINE = 60.0

_STARTED = re.compile(r"started successfully on port (\d+)")
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Every name of the tests is this machine; no other name is found.
    "--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

#: Runs the body of an async function with the arguments that precede the callback.
_ASYNC = """
const done = arguments[arguments.length - 1];
const given = Array.prototype.slice.call(arguments, 0, -1);
(async (...given) => { %s })(...given).then((value) => done({ value }), (error) => done({ error: String(error) }));
"""


class Chromium:
    """One window."""

    def __init__(self, driver: str, session: str) -> None:
        self._driver = driver
        self._session = session

    def open(self, url: str) -> None:
        """Loads a page."""
        _post(self._driver, f"/session/{self._session}/url", {"url": url})

    def run(self, body: str, *arguments: Any) -> Any:
        """The result of the body of an async function in the page, whose arguments are in ``given``."""
        answer = _post(self._driver, f"/session/{self._session}/execute/async", {"script": _ASYNC % body, "args": arguments})
        assert "error" not in answer, answer
        return answer["value"]


@contextmanager
def started(folder: Path) -> Iterator[Chromium]:
    """The browser, with a profile of its own in the folder."""
    log = folder / "driver.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["chromedriver", "--port=0"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        driver = f"http://127.0.0.1:{_port(process, log)}"
        options = {"binary": "/usr/bin/chromium", "args": [*_ARGUMENTS, f"--user-data-dir={folder / 'profile'}"]}
        wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}
        session = _post(driver, "/session", {"capabilities": wanted})["sessionId"]
        try:
            timeouts = {"script": int(1000 * DEADLINE), "pageLoad": int(1000 * DEADLINE)}
            _post(driver, f"/session/{session}/timeouts", timeouts)
            yield Chromium(driver, session)
        finally:
            _request(driver, f"/session/{session}", None, "DELETE")
    finally:
        process.terminate()
        process.wait(DEADLINE)


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + DEADLINE
    while True:
        text = log.read_text(encoding="utf-8", errors="replace")
        found = _STARTED.search(text)
        if found is not None:
            return int(found[1])
        assert process.poll() is None, f"the driver ended\n{text}"
        assert time.monotonic() < deadline, f"the driver does not start\n{text}"
        time.sleep(0.01)


def _post(driver: str, path: str, body: object) -> Any:
    return _request(driver, path, json.dumps(body).encode(), "POST")


def _request(driver: str, path: str, body: bytes | None, method: str) -> Any:
    request = urllib.request.Request(f"{driver}{path}", body, {"content-type": "application/json"}, method=method)
    # Not by a proxy that the environment may name.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=2 * DEADLINE) as response:
        return json.loads(response.read())["value"]
