"""Processes that fork while an engine watches, and while it loads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is nothing to fork")

#: Seconds after which a process that hangs is ended, and the test with it.
DEADLINE = 90.0


def run(code: str, *arguments: str) -> str:
    """Runs a program in an interpreter of its own, with no thread but its own."""
    prelude = """
        import os, sys, time, threading, warnings
        from pathlib import Path
        import corsac
        warnings.simplefilter("ignore")  # forking a process with threads is what this tests
        A, B = "https://a.example.com", "https://b.example.com"
        path = Path(sys.argv[1])
        def document(origin):
            return f'version = 1\\n[policy.p]\\nallow_origins = ["{origin}"]\\n'
        def write(text):
            beside = path.with_name(f"next-{os.getpid()}")
            beside.write_text(text)
            beside.rename(path)
        def until(is_so):
            deadline = time.monotonic() + 60
            while not is_so():
                assert time.monotonic() < deadline
                time.sleep(0.005)
        def watching():
            names = []
            for task in os.listdir("/proc/self/task"):
                try:
                    names.append(Path(f"/proc/self/task/{task}/comm").read_text())
                except OSError:
                    pass  # it has ended
            return sum(name.startswith("corsac-watch") for name in names)
        def child(run):
            pid = os.fork()
            if pid:
                return pid
            try:
                run()
            except BaseException as error:
                print(f"child: {error!r}", file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        def wait(pid):
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        write(document(A))
        engine = corsac.Engine.from_file(path)
    """
    program = textwrap.dedent(prelude) + textwrap.dedent(code)
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        pytest.fail(f"it hangs\n{out}\n{err}")
    assert process.returncode == 0, err
    return out


def test_parent_and_child_follow_the_file(tmp_path: Path) -> None:
    run(
        """
        engine.watch()
        def serve():
            assert len(os.listdir("/proc/self/task")) == 1, "a child that does nothing has no thread"
            assert engine.decide(A, "GET").allowed
            until(lambda: watching() == 1)
            until(lambda: engine.decide(B, "GET").allowed)
            engine.unwatch()
            assert watching() == 0
        children = [child(serve) for _ in range(3)]
        until(lambda: watching() == 1)
        write(document(B))
        for pid in children:
            wait(pid)
        until(lambda: engine.decide(B, "GET").allowed)
        """,
        str(tmp_path / "policy.toml"),
    )


def test_a_child_of_a_child(tmp_path: Path) -> None:
    run(
        """
        engine.watch()
        def inner():
            until(lambda: engine.decide(B, "GET").allowed)
        def outer():
            pid = child(inner)
            write(document(B))
            wait(pid)
        wait(child(outer))
        """,
        str(tmp_path / "policy.toml"),
    )


def test_forks_while_other_threads_load(tmp_path: Path) -> None:
    """No lock is held for ever: each child loads, decides, watches and ends."""
    run(
        """
        rows = ", ".join(f'"https://h{number}.example.com"' for number in range(3000))
        big = f'version = 1\\n[policy.p]\\nallow_origins = [{rows}]\\n'
        over = threading.Event()
        other = corsac.Engine.from_text(big)
        def load():
            turn = 0
            while not over.is_set():
                turn += 1
                other.reload_text(big + f"max_age = {turn % 100}\\n")
        threads = [threading.Thread(target=load) for _ in range(2)]
        for thread in threads:
            thread.start()
        engine.watch()
        def use():
            assert other.reload_text(document(B))
            assert other.decide(B, "GET").allowed and other.status()["generation"] > 1 and other.stats()["total"]
            assert engine.poll() in ("unchanged", "unsettled")
            assert engine.decide(A, "GET").allowed and engine.status()["watched"]
            engine.unwatch()
        for _ in range(20):
            wait(child(use))
        over.set()
        for thread in threads:
            thread.join()
        """,
        str(tmp_path / "policy.toml"),
    )


def test_the_interpreter_ends_while_it_watches(tmp_path: Path) -> None:
    started = time.monotonic()
    assert run("engine.watch(); keep = engine; until(lambda: watching() == 1); print(1)", str(tmp_path / "policy.toml")) == "1\n"
    assert time.monotonic() - started < DEADLINE / 2


def test_multiprocessing(tmp_path: Path) -> None:
    run(
        """
        import multiprocessing
        def ask(origin):
            return engine.decide(origin, "GET").allowed
        engine.watch()
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map(ask, [A, B, A]) == [True, False, True]
        """,
        str(tmp_path / "policy.toml"),
    )
