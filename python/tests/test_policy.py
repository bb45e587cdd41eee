"""Policies written in Python, and the errors that refuse them."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

import corsac
from corsac import ConfigError, Policy

A = "https://a.example.com"


def codes(**options: Any) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        Policy(**options)
    return [found.code for found in raised.value.errors]


EVERYTHING: dict[str, Any] = {
    "allow_origins": [A, {"pattern": "https://*.example.net", "depth": 1}, {"regex": r"https://[a-z]+--x\.example\.org"}],
    "allow_methods": ["PUT"],
    "allow_headers": ["x-a"],
    "expose_headers": ["x-b"],
    "allow_credentials": True,
    "max_age": 60,
    "own_origins": ["https://own.example.com"],
    "denied_requests": "reject",
    "preflight": "forward",
    "preflight_answer": "requested",
    "preflight_status": 200,
    "refused_preflight_status": 400,
    "upstream": "keep",
    "timing_allow_origin": ["*"],
    "allow_private_network": True,
    "grant": [{"allow_origins": ["https://partner.example.org"], "allow_credentials": False}],
    "expect": [{"origin": "https://evil.example", "verdict": "denied"}],
    "name": "api",
}


def test_every_key_reaches_the_engine() -> None:
    policy = Policy(**EVERYTHING)
    table = policy.to_dict()["policy"]["api"]
    assert table == {key: value for key, value in EVERYTHING.items() if key != "name"}
    assert Policy.from_dict(policy.to_dict()) == policy
    written = corsac.Engine.from_policy(policy).to_document()
    for key in EVERYTHING.keys() - {"name", "expect"}:
        assert key in written
    assert {found.code for found in policy.warnings} >= {"upstream/keep"}


def test_like_a_dataclass() -> None:
    policy = Policy(allow_origins=[A])
    assert policy == Policy(allow_origins=(A,)) == Policy(allow_origins={A})  # type: ignore[arg-type]
    assert policy != Policy(allow_origins=[A], max_age=1)
    assert policy != A
    assert hash(policy) == hash(Policy(allow_origins=[A]))
    assert hash(Policy(**EVERYTHING)) == hash(Policy(**EVERYTHING))
    assert policy.allow_origins == (A,)
    changed = policy.replace(max_age=600)
    assert (changed.max_age, changed.allow_origins, policy.max_age) == (600, (A,), None)
    with pytest.raises(AttributeError):
        policy.max_age = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        Policy([A])  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Policy(allow_origin=[A])  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Policy()  # type: ignore[call-arg]
    with pytest.raises(ConfigError):
        policy.replace(max_age=-1)


def test_repr_fits() -> None:
    policy = Policy(allow_origins=[f"https://h{number}.example.com" for number in range(10_000)], max_age=5)
    assert repr(policy) == (
        "Policy(allow_origins=('https://h0.example.com', 'https://h1.example.com', 'https://h2.example.com', "
        "'https://h3.example.com', … 9,996 more), max_age=5)"
    )


@pytest.mark.parametrize("options", [{"allow_origins": [A]}, EVERYTHING])
def test_copies(options: dict[str, Any]) -> None:
    policy = Policy(**options)
    for other in (pickle.loads(pickle.dumps(policy)), copy.copy(policy), copy.deepcopy(policy)):
        assert other == policy
        assert (other.warnings, repr(other)) == (policy.warnings, repr(policy))


def test_all_mistakes_at_once() -> None:
    assert codes(allow_origins=["https://*example.com", A + "/", "a.example.com"], allow_methods=["*", "PUT"], max_age=-1) == [
        "glob/registrable-label",
        "origin/trailing-slash",
        "origin/scheme-missing",
        "method/any-not-alone",
        "max-age/range",
    ]


@pytest.mark.parametrize("key", ["allow_origins", "allow_methods", "allow_headers", "expose_headers", "own_origins", "timing_allow_origin"])
def test_a_str_is_no_list(key: str) -> None:
    with pytest.raises(ConfigError) as raised:
        options: dict[str, Any] = {"allow_origins": [A], key: "https://b.example.com,https://c.example.com"}
        Policy(**options)
    [found] = raised.value.errors
    assert found.code == "document/wrong-type"
    assert key in found.message


def test_what_has_no_place_in_a_policy() -> None:
    assert codes(allow_origins=["*"], allow_credentials=True) == ["any-origin/credentials"]
    assert codes(allow_origins=[7]) == ["document/wrong-type"]
    assert "document/unknown-key" in codes(allow_origins=[{"patern": A}])
    assert codes(allow_origins=[A], name="") == ["policy/name"]
    assert codes(allow_origins=[A], expect=[{"origin": A, "verdict": "denied"}]) == ["expect/failed"]
    with pytest.raises(TypeError):
        Policy(allow_origins=[b"https://a.example.com"])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        Policy(allow_origins=[A], name=7)  # type: ignore[arg-type]


def test_errors_can_be_kept() -> None:
    with pytest.raises(ConfigError) as raised:
        Policy(allow_origins=[A + "/", "https://a.example.org/"])
    error = raised.value
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.errors, type(again)) == (str(error), error.errors, ConfigError)
    [first, _] = error.errors
    assert str(first) in str(error)
    assert first.help == f"write `{A}`"
    many = codes(allow_origins=[f"https://h{number}.example.com/" for number in range(50)])
    assert len(many) == 50
    with pytest.raises(ConfigError, match="and 40 more `origin/trailing-slash`"):
        Policy(allow_origins=[f"https://h{number}.example.com/" for number in range(50)])


def test_from_files(tmp_path: Path) -> None:
    (tmp_path / "tenants.txt").write_text("https://t.example.com # one\n")
    path = tmp_path / "policy.toml"
    path.write_text(f'version = 1\n[policy.p]\nallow_origins = ["{A}", {{ file = "tenants.txt" }}]\nmax_age = 3\n')
    policy = Policy.from_toml(path)
    assert policy == Policy(name="p", allow_origins=[A, "https://t.example.com"], max_age=3)
    with pytest.raises(ValueError, match="no policy 'q'"):
        Policy.from_toml(path, name="q")
    project = tmp_path / "pyproject.toml"
    project.write_text(
        f'[tool.corsac]\nversion = 1\n[tool.corsac.policy.a]\nallow_origins = ["{A}"]\n[tool.corsac.policy.b]\nallow_origins = ["*"]\n'
    )
    assert Policy.from_pyproject(project, name="b") == Policy(name="b", allow_origins=["*"])
    with pytest.raises(ValueError, match="2 policies"):
        Policy.from_pyproject(project)
    with pytest.raises(ConfigError):
        Policy.from_dict({"version": 1, "policy": {"p": {"allow_origin": []}}})


def test_from_environment_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    sayable = {key: value for key, value in EVERYTHING.items() if key not in ("grant", "expect")}
    sayable["allow_origins"] = [A, "https://b.example.com"]
    for key, value in sayable.items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        monkeypatch.setenv(f"MY_{key.upper()}", text)
    assert Policy.from_env("MY_") == Policy(**sayable)
    with pytest.raises(ConfigError, match=r"error\[settings/missing\]: `CORSAC_ALLOW_ORIGINS` is not set"):
        Policy.from_env(environ={})
    with pytest.raises(ConfigError) as raised:
        Policy.from_env(environ={"CORSAC_ALLOW_ORIGNS": A, "CORSAC_MAX_AGE": "1h", "CORSAC_UPSTREAM": "x", "CORSAC_PORT": "1"})
    found = [error.code for error in raised.value.errors]
    assert found == ["settings/wrong-type", "settings/unknown", "settings/missing", "document/wrong-value"]


def test_local_development() -> None:
    policy = Policy.local_development()
    assert policy.warnings == ()
    engine = corsac.Engine.from_policy(policy)
    preflight = {"access-control-request-method": "DELETE", "access-control-request-headers": "authorization,x-a"}
    for host in ("http://localhost:5173", "https://localhost", "http://127.0.0.1:8000", "http://[::1]:3000"):
        assert engine.decide(host, "GET").allowed, host
        assert engine.decide(host, "OPTIONS", preflight).allowed
    for host in ("http://example.com", "http://localhost.example.com", "null", "http://0.0.0.0:80"):
        assert not engine.decide(host, "GET").allowed, host
    assert Policy.local_development(max_age=5).max_age == 5
