"""Loads and reloads."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import corsac

Until = Callable[[Callable[[], object]], None]


def document(*origins: str) -> str:
    return f"version = 1\n[policy.p]\nallow_origins = {json.dumps(origins)}\n"


A, B = "https://a.example.com", "https://b.example.com"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(document(A))
    return path


def replace(path: Path, text: str) -> None:
    """As careful writers do."""
    beside = path.with_name("next")
    beside.write_text(text)
    beside.rename(path)


def test_every_way_to_an_engine(path: Path, tmp_path: Path) -> None:
    as_dict = {"version": 1, "policy": {"p": {"allow_origins": [A]}}}
    project = tmp_path / "pyproject.toml"
    project.write_text(f'[tool.corsac]\nversion = 1\n[tool.corsac.policy.p]\nallow_origins = ["{A}"]\n')
    engines = [
        corsac.Engine.from_file(path),
        corsac.Engine.from_file(str(path)),
        corsac.Engine.from_text(document(A)),
        corsac.Engine.from_text(document(A).encode()),
        corsac.Engine.from_text(json.dumps(as_dict), format="json"),
        corsac.Engine.from_dict(as_dict),
        corsac.Engine.from_dict(MappingProxyType({"version": 1, "policy": {"p": {"allow_origins": {A}}}})),
        corsac.Engine.from_policy(corsac.Policy(allow_origins=[A], name="p")),
        corsac.Engine.from_pyproject(project),
        corsac.Engine.from_pyproject(project, table="tool.corsac"),
    ]
    for engine in engines:
        assert engine.to_document() == engines[0].to_document()
        assert engine.policies == ("p",)
        assert repr(engine) == "<Engine generation=1 policies=p>"
        assert engine.decide(A, "GET").allowed


#: Asked for what its types do not allow.
Untyped: Any = corsac.Engine


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Untyped.from_text(7), TypeError),
        (lambda: Untyped.from_text("", format="yaml"), ValueError),
        (lambda: Untyped.from_text("\ud800"), UnicodeEncodeError),
        (lambda: Untyped.from_dict([]), TypeError),
        (lambda: Untyped.from_dict({"version": object()}), TypeError),
        (lambda: Untyped.from_dict({"version": b"1"}), TypeError),
        (lambda: Untyped.from_dict({"version": float("nan")}), ValueError),
        (lambda: Untyped.from_dict({"version": "\ud800"}), UnicodeEncodeError),
        (lambda: Untyped.from_policy({}), TypeError),
        (lambda: Untyped.from_file(7), TypeError),
        (lambda: Untyped.from_file("/does/not/exist.toml"), corsac.ConfigError),
        (lambda: Untyped.from_pyproject("/does/not/exist.toml"), corsac.ConfigError),
    ],
)
def test_what_makes_no_engine(make: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        make()


def test_places_are_those_of_the_text() -> None:
    text = document(A + "/")
    with pytest.raises(corsac.ConfigError) as raised:
        corsac.Engine.from_text(text, name="mine.toml")
    [found] = raised.value.errors
    assert (found.code, found.policy, found.file, found.line, found.column) == ("origin/trailing-slash", "p", "mine.toml", 3, 18)
    assert str(raised.value).startswith("mine.toml:3:18: error[origin/trailing-slash]: ")
    # Documents made of Python objects have no lines.
    with pytest.raises(corsac.ConfigError) as raised:
        corsac.Engine.from_dict({"version": 1, "policy": {"p": {"allow_origins": [A + "/", B + "/"]}}})
    assert [(found.file, found.line) for found in raised.value.errors] == [(None, None)] * 2
    assert "2 errors:\n  error[origin/trailing-slash]: " in str(raised.value)


def test_pyproject_that_is_none(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    for text, code in [
        ("[tool.other]", "document/missing-key"),
        ("[tool]\ncorsac = 1", "document/wrong-type"),
        ("[tool", "document/syntax"),
        ("[tool.corsac]", "document/version"),
    ]:
        project.write_text(text)
        with pytest.raises(corsac.ConfigError) as raised:
            corsac.Engine.from_pyproject(project)
        assert code in [found.code for found in raised.value.errors], text


def test_reload(path: Path) -> None:
    engine = corsac.Engine.from_file(path)
    assert engine.reload() is False
    replace(path, document(B))
    assert engine.reload() is True
    assert engine.generation == 2
    assert engine.decide(B, "GET").allowed
    assert engine.decide(B, "GET").generation == 2
    assert not engine.decide(A, "GET").allowed
    replace(path, document(A + "/"))
    with pytest.raises(corsac.ConfigError) as raised:
        engine.reload()
    assert [found.code for found in raised.value.errors] == ["origin/trailing-slash"]
    assert engine.generation == 2
    assert engine.decide(B, "GET").allowed
    status = engine.status()
    assert status["generation"] == 2
    assert status["sources"] == [str(path)]
    assert status["last_error"]["diagnostics"][0]["code"] == "origin/trailing-slash"


def test_reload_from_elsewhere(path: Path, tmp_path: Path) -> None:
    engine = corsac.Engine.from_text(document(A))
    assert engine.reload() is False
    assert engine.changed() is False
    assert engine.poll() == "unchanged"
    assert engine.reload_text(document(B)) is True
    assert engine.decide(B, "GET").allowed
    as_json = json.dumps({"version": 1, "policy": {"p": {"allow_origins": [A, B]}}})
    assert engine.reload_text(as_json, format="json") is True
    with pytest.raises(corsac.ConfigError):
        engine.reload_text("version = 2")
    with pytest.raises(TypeError):
        engine.reload_text(7)  # type: ignore[arg-type]
    assert engine.decide(A, "GET").generation == 3
    assert engine.reload_file(path) is True
    assert not engine.decide(B, "GET").allowed
    with pytest.raises(corsac.ConfigError):
        engine.reload_file(tmp_path / "missing.toml")
    replace(path, document(B))
    assert engine.reload() is True
    assert engine.decide(B, "GET").allowed


def test_reload_of_a_pyproject(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    table = '[tool.mine]\nversion = 1\n[tool.mine.policy.p]\nallow_origins = ["{}"]\n'
    project.write_text(table.format(A))
    engine = corsac.Engine.from_pyproject(project, table="tool.mine")
    assert engine.reload() is False
    project.write_text(table.format(B))
    assert engine.reload() is True
    assert engine.decide(B, "GET").allowed
    project.unlink()
    with pytest.raises(corsac.ConfigError):
        engine.reload()
    with pytest.raises(ValueError, match="from_file"):
        engine.watch()


def test_poll(path: Path, until: Until) -> None:
    engine = corsac.Engine.from_file(path)
    replace(path, document(B))
    assert engine.changed()
    until(lambda: engine.poll() == "reloaded")
    assert engine.decide(B, "GET").allowed
    replace(path, "version = 2")
    until(lambda: engine.poll() == "refused")
    assert engine.decide(B, "GET").allowed
    assert engine.status()["last_error"] is not None


def test_watch(path: Path, until: Until, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "corsac")
    engine = corsac.Engine.from_file(path)
    engine.watch()
    engine.watch()
    assert engine.status()["watched"]
    replace(path, document(B))
    until(lambda: engine.generation == 2)
    replace(path, "version = 2")
    until(lambda: engine.status()["last_error"])
    until(lambda: "were not reloaded" in caplog.text)
    assert f"policies reloaded: generation 2, digest {engine.status()['digest']}" in caplog.text
    assert "document/version" in caplog.text
    engine.unwatch()
    engine.unwatch()
    assert not engine.status()["watched"]


def test_an_engine_that_is_let_go_ends_its_thread(path: Path, until: Until) -> None:
    def watching() -> int:
        names = []
        for task in os.listdir("/proc/self/task"):
            with contextlib.suppress(OSError):  # it has ended
                names.append(Path(f"/proc/self/task/{task}/comm").read_text())
        return sum(name.startswith("corsac-watch") for name in names)

    before = watching()
    engine = corsac.Engine.from_file(path)
    engine.watch()
    until(lambda: watching() == before + 1)
    del engine
    assert watching() == before


def test_threads_and_reloads_at_once(path: Path) -> None:
    """Every answer is whole: of one generation, which is odd where `a` is listed."""
    engine = corsac.Engine.from_text(document(A))
    failures: list[str] = []
    over = threading.Event()
    begun = threading.Barrier(9)

    def ask(headers: list[tuple[bytes, bytes]]) -> None:
        begun.wait()
        while not over.is_set():
            for origin, odd in ((A, 1), (B, 0)):
                decision = engine.decide(origin, "GET", headers)
                wanted = decision.generation % 2 == odd
                named = decision.rule == origin and decision.headers[0][1] == origin.encode()
                if decision.allowed is not wanted or wanted is not named:
                    failures.append(f"{decision} of generation {decision.generation}")
                    return

    threads = [threading.Thread(target=ask, args=([(b"x", b"y")] * number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    begun.wait()
    for generation in range(2, 402):
        engine.reload_text(document(A if generation % 2 else B))
    over.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert engine.generation == 401
    assert engine.stats()["total"] > 0


def test_refusals_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    engine = corsac.Engine.from_policy(corsac.Policy(allow_origins=[A], allow_methods=["PUT"], name="api"))
    engine.decide("https://quiet.example.com", "GET")
    assert caplog.text == ""
    caplog.set_level(logging.DEBUG, "corsac")

    def said(*arguments: Any, **options: Any) -> str:
        caplog.clear()
        engine.decide(*arguments, **options)
        return "\n".join(record.getMessage() for record in caplog.records)

    assert said(A, "GET") == ""
    assert said(B, "GET") == (
        f'denied: GET from "{B}" by policy "api": origin-not-allowed; allow_origins = ["{B}"] would allow it'
    )
    preflight = {"access-control-request-method": "DELETE", "access-control-request-headers": "x-a, x-b"}
    assert said(A, "OPTIONS", preflight) == (
        f'preflight-denied: preflight for DELETE from "{A}" by policy "api": method-not-allowed; '
        '"DELETE" in allow_methods would allow it'
    )
    preflight["access-control-request-method"] = "PUT"
    assert 'allow_headers = ["x-a", "x-b"] would allow it' in said(A, "OPTIONS", preflight)
    assert "no policy covers it" in said(A, "GET", policy="other")
    hostile = said("https://a\r\nERROR: all is lost\x1b[2J\x00", "G\nT")
    assert hostile.isprintable()
    assert "\\r\\nERROR" in hostile
    assert len(said("x" * 100_000, "GET")) < 1000
    logging.getLogger("corsac").disabled = True
    try:
        assert said(B, "GET") == ""
    finally:
        logging.getLogger("corsac").disabled = False
    assert said(B, "GET") != ""
    caplog.set_level(logging.INFO, "corsac")
    assert said(B, "GET") == ""


def test_a_log_handler_that_fails_changes_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    unraised: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", lambda raised: unraised.append(raised.exc_value))
    logger = logging.getLogger("corsac")

    def fail(record: logging.LogRecord) -> bool:
        raise RuntimeError("mine")

    logger.addFilter(fail)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        engine = corsac.Engine.from_text(document(A))
        assert engine.decide(B, "GET").verdict == "denied"
    finally:
        logger.removeFilter(fail)
        logger.setLevel(level)
    assert [str(error) for error in unraised] == ["mine"]


def test_restricted_paths(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("root:hash-of-a-password\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    document = inside / "policy.toml"
    row = 'version = 1\n[policy.api]\nallow_origins = [{ file = "%s" }]\n'
    for name in ("../secret", str(tmp_path / "secret")):
        document.write_text(row % name)
        with pytest.raises(corsac.ConfigError) as raised:
            corsac.Engine.from_file(document, restrict_paths=True)
        assert [found.code for found in raised.value.diagnostics] == ["list/outside-folder"]
        assert "password" not in str(raised.value)
    (inside / "own.txt").write_text("https://app.example.com\n")
    document.write_text(row % "own.txt")
    engine = corsac.Engine.from_file(document, restrict_paths=True)
    assert engine.decide("https://app.example.com", "GET")
    document.write_text(row % "../secret")
    with pytest.raises(corsac.ConfigError, match="outside the document's folder"):
        engine.reload()


def test_a_cut_list_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "policy.toml"
    document.write_text('version = 1\n[policy.api]\nallow_origins = [{ file = "list.txt" }]\n')
    (tmp_path / "list.txt").write_text("https://a.example.com\nhttps://app.example.co")
    with pytest.raises(corsac.ConfigError, match="add a line feed"):
        corsac.Engine.from_file(document)


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "policy.toml"
    document.write_text('version = 1\n[policy.api]\nallow_origins = [{ file = "list.txt" }]\n')
    (tmp_path / "list.txt").write_text("https://a.example.com\n")
    engine = corsac.Engine.from_file(document)
    engine.watch()
    (tmp_path / "list.txt").unlink()
    os.mkfifo(tmp_path / "list.txt")
    with pytest.raises(corsac.ConfigError, match="named pipe"):
        engine.reload()
    engine.unwatch()
