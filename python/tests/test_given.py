"""Lists and environment variables that are passed beside a document."""

import pathlib

import pytest

import corsac

LISTED = """
version = 1
[policy.p]
allow_origins = [{ file = "tenants.txt", scheme = "https" }]
"""
ROWS = """
version = 1
[policy.p]
allow_origins = [{ env = "CORSAC_TEST_ROWS" }]
"""


def allows(engine: corsac.Engine, origin: str) -> bool:
    return engine.decide(origin, "GET").verdict == "allowed"


def codes(error: pytest.ExceptionInfo[corsac.ConfigError]) -> list[str]:
    return [diagnostic.code for diagnostic in error.value.diagnostics]


@pytest.mark.parametrize("rows", ["a.example\n", b"a.example"])
def test_lists_beside_a_text(rows: str | bytes) -> None:
    engine = corsac.Engine.from_text(LISTED, lists={"tenants.txt": rows})
    assert allows(engine, "https://a.example")
    assert engine.reload_text(LISTED, lists={"tenants.txt": "b.example"})
    assert allows(engine, "https://b.example") and not allows(engine, "https://a.example")
    with pytest.raises(corsac.ConfigError) as error:
        engine.reload_text(LISTED)
    assert codes(error) == ["list/not-given"]
    assert allows(engine, "https://b.example")


def test_a_text_opens_no_file(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tenants.txt").write_text("a.example\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(corsac.ConfigError) as error:
        corsac.Engine.from_text(LISTED)
    assert codes(error) == ["list/not-given"]


@pytest.mark.parametrize("lists", [["tenants.txt"], {"tenants.txt": 1}, {1: "a.example"}])
def test_lists_of_another_type(lists: object) -> None:
    with pytest.raises(TypeError, match="lists must map names to str or bytes"):
        corsac.Engine.from_text(LISTED, lists=lists)  # type: ignore[arg-type]


def test_variables(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = corsac.Engine.from_text(ROWS, env={"CORSAC_TEST_ROWS": "https://a.example https://b.example"})
    assert allows(engine, "https://b.example")
    assert not engine.reload_text(ROWS)
    monkeypatch.setenv("CORSAC_TEST_ROWS", "https://c.example")
    with pytest.raises(corsac.ConfigError) as error:
        corsac.Engine.from_text(ROWS)
    assert codes(error) == ["env/not-given"]

    path = tmp_path / "policy.toml"
    path.write_text(ROWS)
    engine = corsac.Engine.from_file(path)
    monkeypatch.setenv("CORSAC_TEST_ROWS", "https://d.example")
    assert allows(engine, "https://c.example")
    path.write_text(ROWS + "# changed\n")
    engine.reload()
    assert allows(engine, "https://c.example") and not allows(engine, "https://d.example")
    with pytest.raises(corsac.ConfigError) as error:
        corsac.Engine.from_file(path, restrict_paths=True)
    assert codes(error) == ["env/not-given"]
    restricted = corsac.Engine.from_file(path, restrict_paths=True, env={"CORSAC_TEST_ROWS": "https://e.example"})
    assert allows(restricted, "https://e.example")


def test_no_finding_shows_what_a_variable_holds() -> None:
    with pytest.raises(corsac.ConfigError) as error:
        corsac.Engine.from_text(ROWS, env={"CORSAC_TEST_ROWS": "https://a.example,https://user:hunter2@b.example"})
    assert codes(error) == ["origin/userinfo"]
    assert "element 2 of the variable `CORSAC_TEST_ROWS`" in str(error.value)
    assert "hunter2" not in str(error.value) + repr(error.value.diagnostics)
