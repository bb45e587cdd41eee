"""``python -m corsac``: the program, on the process's streams and on Python's."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import corsac
from corsac.__main__ import main

GOOD = 'version = 1\n[policy.p]\nallow_origins = ["https://a.example.com"]\n'
BAD = GOOD.replace(".com", ".com/")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(GOOD)
    return path


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "corsac", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)


def test_as_a_program(path: Path) -> None:
    shown = run("--version")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"corsac {corsac.__version__}")
    assert run("check", str(path)).returncode == 0
    path.write_text(BAD)
    refused = run("check", str(path), "--format", "json")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["diagnostics"][0]["code"] == "origin/trailing-slash"
    assert run("check", str(path.with_name("missing"))).returncode != 0
    wrong = run("chekc")
    assert wrong.returncode == 2
    assert "chekc" in wrong.stderr


def test_as_a_script(path: Path) -> None:
    """The script that the package installs does what ``python -m corsac`` does."""
    script = Path(sysconfig.get_path("scripts")) / "corsac"
    shown = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=120, check=False)
    assert (shown.returncode, shown.stdout) == (0, run("--version").stdout)
    refused = subprocess.run([script, "check", "json:loads"], capture_output=True, text=True, timeout=120, check=False)
    assert refused.returncode == 2
    path.write_text(BAD)
    assert subprocess.run([script, "check", path], capture_output=True, timeout=120, check=False).returncode == 1


def test_standard_input(path: Path) -> None:
    requests = [{"id": number, "method": "GET", "headers": [["origin", "https://a.example.com"]]} for number in range(2000)]
    answered = run("replay", str(path), "-", stdin="".join(json.dumps(each) + "\n" for each in requests))
    assert answered.returncode == 0, answered.stderr
    answers = [json.loads(line) for line in answered.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == list(range(2000))
    assert {answer["verdict"] for answer in answers} == {"allowed"}


def test_pythons_own_streams(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = '{"id": 1, "method": "GET", "headers": [["origin", "https://\u00e4.example.com"]]}\n'
    expected = run("replay", str(path), "-", stdin=request)
    text = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(request))
    with contextlib.redirect_stdout(text):
        assert main(["replay", str(path), "-"]) == expected.returncode == 1
    assert text.getvalue() == expected.stdout
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(request.encode())))
    with contextlib.redirect_stdout(io.TextIOWrapper(raw)):
        assert main(["replay", str(path), "-"]) == 1
        assert raw.getvalue().decode() == expected.stdout


def test_a_stream_that_fails(path: Path) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    with contextlib.redirect_stdout(Full()), contextlib.redirect_stderr(io.StringIO()) as err:
        assert main(["check", str(path)]) == 2
    assert "space" in err.getvalue()


def test_arguments_of_the_process(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["corsac", "check", str(path)])
    assert main() == 0
    assert capsys.readouterr().out
