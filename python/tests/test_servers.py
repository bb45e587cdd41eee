"""Real servers with several workers serve the examples while their policy file is edited."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clients import APP, GUEST, Answer, Clients, Request
from server import Server, serving

import corsac

WORKERS = 2
EDITS = 10
INVALID = 'version = 1\n[policy.api]\nallow_origins = ["https://app.example.com/"]\n'

PREFLIGHT = (("access-control-request-method", "PUT"), ("access-control-request-headers", "x-asked"))
REQUESTS = [Request("GET", APP), Request("OPTIONS", APP, PREFLIGHT), Request("GET", GUEST), Request("OPTIONS", GUEST, PREFLIGHT)]

Until = Callable[[Callable[[], object]], None]


def document(number: int) -> str:
    """A document whose decisions for APP differ in several lines from those of all others."""
    guest = f', "{GUEST}"' if number % 2 else ""
    return f"""version = 1
[policy.api]
allow_origins = ["{APP}"{guest}]
allow_methods = ["PUT", "DELETE-{number}"]
allow_headers = ["x-asked", "x-header-{number}"]
expose_headers = ["x-exposed-{number}", "x-{"even" if number % 2 == 0 else "odd"}"]
allow_credentials = {"true" if number % 2 else "false"}
max_age = {600 + number}
"""


def answers(number: int) -> dict[Request, Answer]:
    """What the engine says to each request by the document alone."""
    engine = corsac.Engine.from_text(document(number))
    found = {}
    for request in REQUESTS:
        decision = engine.decide(request.origin, request.method, request.headers)
        lines = [(name.decode(), value.decode()) for name, value in decision.apply([])]
        found[request] = Answer.of(decision.status or 200, lines)
    return found


def code(status: dict[str, Any]) -> str:
    """Of the first mistake in the document that was refused."""
    return str(status["last_error"]["diagnostics"][0]["code"])


class File:
    """The policy file, edited in the ways of editors and of people who copy."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rename(document(0))

    def rename(self, text: str) -> None:
        beside = self.path.with_name("next.toml")
        beside.write_text(text)
        beside.rename(self.path)

    def rewrite(self, text: str) -> None:
        self.path.write_text(text)

    def rewrite_in_pieces(self, text: str) -> None:
        with self.path.open("w") as file:
            for piece in (text[: len(text) // 2], text[len(text) // 2 :]):
                file.write(piece)
                file.flush()

    def edit(self, number: int) -> None:
        ways = (self.rename, self.rewrite, self.rewrite_in_pieces)
        ways[number % len(ways)](document(number))


class Site:
    """A server, its policy file, and its workers."""

    def __init__(self, server: Server, file: File, until: Until) -> None:
        self.server = server
        self.file = file
        self._until = until

    def wait_until_all(self, is_so: Callable[[dict[str, Any]], object]) -> dict[int, dict[str, Any]]:
        """Waits until every worker that is there has said so of itself."""
        said: dict[int, dict[str, Any]] = {}

        def have_all() -> bool:
            try:
                statuses = self.server.statuses(WORKERS)
            except ConnectionError:
                # A worker that was just killed: no client may lose a response.
                return False
            said.update({pid: status for pid, status in statuses.items() if is_so(status)})
            return len(said) == WORKERS

        self._until(have_all)
        return said

    def kill(self, pid: int) -> None:
        """A worker, as the system does for want of memory. Its parent has noticed when this returns."""
        os.kill(pid, signal.SIGKILL)
        self._until(lambda: not Path(f"/proc/{pid}").exists())

    def wait_until_all_serve(self, number: int) -> dict[int, dict[str, Any]]:
        digest = corsac.Engine.from_text(document(number)).status()["digest"]
        return self.wait_until_all(lambda status: status["digest"] == digest and status["last_error"] is None)


@pytest.fixture(params=["uvicorn", "gunicorn", "gunicorn-asgi"])
def site(request: pytest.FixtureRequest, tmp_path: Path, until: Until) -> Iterator[Site]:
    file = File(tmp_path / "policy.toml")
    with serving(request.param, tmp_path, {"POLICY": str(file.path)}) as server:
        yield Site(server, file, until)


def test_edits_under_load(site: Site, until: Until) -> None:
    by_document = [answers(number) for number in range(EDITS + 1)]
    pids = site.wait_until_all_serve(0).keys()
    with Clients(site.server, REQUESTS) as clients:
        for number in range(1, EDITS + 1):
            site.file.edit(number)
            # Every third edit follows the previous one immediately.
            if number % 3 or number == EDITS:
                assert site.wait_until_all_serve(number).keys() == pids
                until(lambda: clients.seen.issuperset(by_document[number].values()))
    assert clients.lost == []
    for heard in clients.heard:
        oldest = 0
        for request, answer in heard:
            among = [number for number, known in enumerate(by_document) if known[request] == answer]
            assert among, f"of no single generation: {request} {answer}"
            if request.origin == APP:
                # A connection stays with one worker, whose generation never decreases.
                (number,) = among
                assert number >= oldest, f"from {oldest} back to {number}"
                oldest = number
    log = site.server.log
    assert all(f"{pid} INFO corsac: policies reloaded: generation " in log for pid in pids)


def test_an_invalid_edit_changes_nothing(site: Site) -> None:
    before = site.wait_until_all_serve(0)
    with Clients(site.server, REQUESTS) as clients:
        site.file.rewrite(INVALID)
        refused = site.wait_until_all(lambda status: status["last_error"] is not None)
        # A write that stops halfway, and continues after it was noticed.
        half = document(1)[: len(document(1)) // 2]
        site.file.rewrite(half)
        halfway = site.wait_until_all(
            lambda status: status["last_error"] and code(status) == "document/syntax"
        )
    for said in (refused, halfway):
        assert {pid: status["generation"] for pid, status in said.items()} == {pid: 1 for pid in before}
        assert {status["digest"] for status in said.values()} == {status["digest"] for status in before.values()}
    assert set(map(code, refused.values())) == {"origin/trailing-slash"}
    assert clients.lost == []
    expected = answers(0)
    heard = [pair for connection in clients.heard for pair in connection]
    assert heard and all(answer == expected[request] for request, answer in heard)
    told = "ERROR corsac: policies were not reloaded; the last good ones stay in use:"
    for pid in before:
        lines = [line for line in site.server.log.splitlines() if line.startswith(f"{pid} {told} {site.file.path}:")]
        assert [re.findall(r"error\[(.*?)\]", line) for line in lines] == [["origin/trailing-slash"], ["document/syntax"]]

    with site.file.path.open("a") as file:
        file.write(document(1)[len(half) :])
    site.wait_until_all_serve(1)


def test_a_worker_that_is_killed_comes_back_with_what_serves(site: Site) -> None:
    site.wait_until_all_serve(0)
    site.file.edit(1)
    killed, other = site.wait_until_all_serve(1)
    site.kill(killed)
    now = site.wait_until_all_serve(1).keys()
    assert killed not in now and other in now
    site.file.edit(2)
    assert site.wait_until_all_serve(2).keys() == now


def test_a_worker_that_cannot_load_the_file_leaves_the_others_alone(tmp_path: Path, until: Until) -> None:
    """uvicorn's load it themselves, and are started again until they can."""
    file = File(tmp_path / "policy.toml")
    with serving("uvicorn", tmp_path, {"POLICY": str(file.path)}) as server:
        site = Site(server, file, until)
        site.wait_until_all_serve(0)
        file.rewrite(INVALID)
        killed, other = site.wait_until_all(lambda status: status["last_error"] is not None)
        site.kill(killed)
        until(lambda: server.log.count("corsac.ConfigError: ") >= 2)
        with Clients(server, REQUESTS) as clients:
            until(lambda: clients.seen == set(answers(0).values()))
        assert clients.lost == []
        file.edit(1)
        assert site.wait_until_all_serve(1).keys() - {killed} > {other}


@pytest.mark.parametrize("name", ["gunicorn", "gunicorn-asgi"])
def test_a_preloaded_worker_starts_with_the_last_good_policies(name: str, tmp_path: Path, until: Until) -> None:
    """Although nobody could load the file any more when it was forked."""
    file = File(tmp_path / "policy.toml")
    with serving(name, tmp_path, {"POLICY": str(file.path)}) as server:
        site = Site(server, file, until)
        file.edit(1)
        site.wait_until_all_serve(1)
        # Each process keeps its own last good policies, the parent too.
        until(lambda: f"{server.pid} INFO corsac: policies reloaded: generation 2," in server.log)
        file.rewrite(INVALID)
        killed, _ = site.wait_until_all(lambda status: status["last_error"] is not None)
        site.kill(killed)
        digest = corsac.Engine.from_text(document(1)).status()["digest"]
        now = site.wait_until_all(lambda status: status["digest"] == digest and status["last_error"] is not None)
        assert killed not in now
