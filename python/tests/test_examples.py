"""The examples answer as the pages beside them show, behind the servers that those name."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from server import DEADLINE, EXAMPLES, Server, serving

import corsac

#: Where the page about workers says that its folder is.
FOLDER = "/srv/corsac/examples/python/workers"


def section(page: Path, title: str) -> str:
    """What stands under a heading."""
    (found,) = re.findall(rf"^#+ {re.escape(title)}\n(.*?)(?=^## |\Z)", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return str(found)


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """What was typed and what it printed; or nothing, and what the server said."""
    for kind, block in re.findall(r"^```(console|log)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        if kind == "log":
            yield "", block
        else:
            for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
                yield command, output


def lines(text: str) -> Counter[str]:
    return Counter(plain(text).splitlines())


def plain(text: str) -> str:
    """Without what is different each time: times, the numbers of processes, the order of a set."""
    text = re.sub(r"^date: .*$", "date: …", text.replace("\r\n", "\n"), flags=re.MULTILINE | re.IGNORECASE)
    text = re.sub(r"^Allow: (.*)$", lambda found: f"Allow: {sorted(found[1].split(', '))}", text, flags=re.MULTILINE)
    text = re.sub(r'(at": )"[^"]*"', r'\1"…"', text)
    return re.sub(r'(?m)("pid": ?|^)\d+(?=\W)', r"\1…", text)


def run(command: str, folder: Path, server: Server | None = None) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    if server is not None:
        command = command.replace("localhost:8000", f"127.0.0.1:{server.port}")
    result = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}\n{result.stderr}"
    # The page has a new line after a response that ends without one.
    return result.stdout if result.stdout.endswith("\n") or not result.stdout else result.stdout + "\n"


def come_to(ask: Callable[[], object], expected: object) -> None:
    """Asks until the answer is the one that is expected."""
    deadline = time.monotonic() + DEADLINE
    while (answer := ask()) != expected and time.monotonic() < deadline:
        time.sleep(0.01)
    assert answer == expected


@pytest.mark.parametrize("name", ["fastapi", "django", "flask"])
def test_an_application_answers_as_shown(name: str, tmp_path: Path) -> None:
    shown = list(blocks(section(EXAMPLES / "README.md", name)))
    assert len(shown) >= 3
    with serving(name, tmp_path) as server:
        for command, output in shown:
            assert plain(run(command, tmp_path, server)) == plain(output), command


def test_workers_follow_the_file_as_shown(tmp_path: Path) -> None:
    policy = Path(shutil.copy(EXAMPLES / "workers" / "policy.toml", tmp_path))
    shown = list(blocks(section(EXAMPLES / "workers" / "README.md", "Several workers, one policy file")))
    assert len(shown) >= 10
    with serving("uvicorn", tmp_path, {"POLICY": str(policy)}) as server:
        # A worker that starts after the first edit would have no reload to log.
        come_to(lambda: len(server.statuses(2)), 2)
        for command, output in shown:
            if not command:
                come_to(lambda: lines(output) & lines(server.log.replace(str(tmp_path), FOLDER)), lines(output))
            elif output:
                # Tried again if the worker that responds has not checked yet.
                come_to(lambda: plain(run(command, tmp_path, server).replace(str(tmp_path), FOLDER)), plain(output))
            else:
                run(command, tmp_path)


def test_decide_prints_what_is_shown() -> None:
    ((command, output),) = blocks(section(EXAMPLES / "README.md", "decide.py"))
    assert run(command, EXAMPLES) == output


def test_decide_says_what_is_wrong(tmp_path: Path) -> None:
    document = tmp_path / "policy.toml"
    document.write_text('version = 1\n[policy.api]\nallow_origins = ["https://a.example.com/"]\n')
    for arguments, message in [
        ([], "usage: decide.py"),
        ([str(tmp_path / "none.toml"), "api"], "document/unreadable"),
        ([str(document), "api"], "origin/trailing-slash"),
        ([str(EXAMPLES / "../policies/small-service.toml"), "apo"], "there is no policy `apo`"),
    ]:
        result = subprocess.run([sys.executable, EXAMPLES / "decide.py", *arguments], capture_output=True, text=True, check=False)
        assert (result.returncode, message in result.stderr) == (2, True), result.stderr


def test_no_example_starts_by_another_name() -> None:
    result = subprocess.run([EXAMPLES / "run.sh", "rails"], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    names = result.stderr.split(": ")[-1].split(", ")
    assert "there is no example `rails`" in result.stderr and [name.strip() for name in names][:3] == ["fastapi", "django", "flask"]


def test_documents_of_examples_have_no_warning() -> None:
    assert corsac.Engine.from_file(EXAMPLES / "workers" / "policy.toml").warnings == ()
