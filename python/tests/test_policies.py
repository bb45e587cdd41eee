"""Engines whose policies are written in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import corsac
from corsac import Engine, Policy

A, B = "https://a.example.com", "https://b.example.com"
SITE = Policy(allow_origins=[A], allow_methods=["PUT", "POST"], allow_credentials=True)
OPEN = Policy(allow_origins=["*"])
ROUTES: list[corsac.Route] = [
    {"path": "/", "policy": "site"},
    {"path": "/public", "policy": "open"},
    {"host": "b.example.com", "path": "/x", "policy": "open"},
]


def test_policies_and_routes() -> None:
    engine = Engine.from_policies({"site": SITE, "open": OPEN}, routes=ROUTES)
    assert (engine.policies, engine.warnings) == (("site", "open"), ())
    assert engine.decide(B, "GET", path="/public/x").policy == "open"
    assert engine.decide(B, "GET", path="/x", host="b.example.com").policy == "open"
    assert engine.decide(B, "GET", path="/x").policy == "site"
    assert engine.decide(A, "GET", policy="site").allowed
    # Equal to the same document.
    document = {"version": 1, "policy": {"site": SITE.to_dict()["policy"]["default"], "open": OPEN.to_dict()["policy"]["default"]}, "route": ROUTES}
    assert engine.to_document() == Engine.from_dict(document).to_document()


def test_what_no_route_covers() -> None:
    routes = ROUTES[1:2]
    assert Engine.from_policies({"open": OPEN}, routes=routes).decide(B, "GET", path="/").verdict == "no-policy"
    passed = Engine.from_policies({"open": OPEN}, routes=routes, unrouted="pass").decide(B, "GET", path="/")
    assert (passed.policy, passed.upstream) == (None, "keep")


def test_a_name_is_the_key() -> None:
    engine = Engine.from_policies({"one": SITE.replace(name="other")})
    assert (engine.policies, engine.decide(A, "GET").policy) == (("one",), "one")


@pytest.mark.parametrize("start", ["policies", "policy", "text", "file", "pyproject"])
def test_reloads(start: str, tmp_path: Path) -> None:
    text = f'version = 1\n[policy.p]\nallow_origins = ["{B}"]\n'
    path = tmp_path / "policy.toml"
    path.write_text(text)
    project = tmp_path / "pyproject.toml"
    project.write_text(text.replace("version", "[tool.corsac]\nversion").replace("[policy", "[tool.corsac.policy"))
    engine = {
        "policies": lambda: Engine.from_policies({"p": Policy(allow_origins=[B])}),
        "policy": lambda: Engine.from_policy(Policy(allow_origins=[B])),
        "text": lambda: Engine.from_text(text),
        "file": lambda: Engine.from_file(path),
        "pyproject": lambda: Engine.from_pyproject(project),
    }[start]()
    assert engine.reload_policies({"site": SITE, "open": OPEN}, routes=ROUTES)
    assert (engine.generation, engine.policies) == (2, ("site", "open"))
    assert not engine.reload_policies({"site": SITE, "open": OPEN}, routes=ROUTES)
    assert engine.reload_policy(SITE.replace(max_age=86_400))
    assert (engine.generation, engine.policies, engine.decide(A, "GET").allowed) == (3, ("default",), True)
    # Nothing says where in a text that nobody wrote.
    assert [(warning.code, warning.file, warning.line) for warning in engine.warnings] == [("max-age/above-cap", None, None)]
    # The engine has no file any more: there is nothing to read again.
    assert not engine.reload()
    assert (engine.generation, engine.policies) == (3, ("default",))
    assert engine.reload_file(path)
    assert (engine.policies, engine.reload()) == (("p",), False)
    path.write_text(text.replace("max", "min").replace(B, f"{B}/"))
    with pytest.raises(corsac.ConfigError) as raised:
        engine.reload()
    assert [(error.file, error.line) for error in raised.value.errors] == [(str(path), 3)]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"policies": {"p": SITE}, "routes": [{"path": "/x", "policy": "q"}]}, "route/unknown-policy"),
        ({"policies": {"p": SITE}, "routes": [{"path": "x", "policy": "p"}]}, "route/path"),
        ({"policies": {"p": SITE}, "routes": [{"paht": "/x", "policy": "p"}]}, "document/unknown-key"),
        ({"policies": {"p": SITE}, "routes": [{"path": "/x", "policy": "p"}], "unrouted": "block"}, "document/wrong-value"),
        ({"policies": {"a b": SITE}}, "policy/name"),
    ],
)
def test_mistakes_change_nothing(options: dict[str, Any], code: str) -> None:
    with pytest.raises(corsac.ConfigError) as raised:
        Engine.from_policies(**options)
    assert [error.code for error in raised.value.errors] == [code]
    engine = Engine.from_policies({"p": SITE})
    with pytest.raises(corsac.ConfigError, match=code):
        engine.reload_policies(**options)
    assert (engine.generation, engine.decide(A, "GET").allowed) == (1, True)


def test_no_policies() -> None:
    with pytest.raises(corsac.ConfigError):
        Engine.from_policies({})


@pytest.mark.parametrize("given", [[SITE], SITE, {"p": {"allow_origins": [A]}}, {"p": None}, None])
def test_wrong_types(given: Any) -> None:
    with pytest.raises(TypeError):
        Engine.from_policies(given)
    with pytest.raises(TypeError):
        Engine.from_policy(SITE).reload_policies(given)


@pytest.mark.parametrize("given", [{"version": 1}, None, "site", {"site": SITE}])
def test_one_policy_of_a_wrong_type(given: Any) -> None:
    with pytest.raises(TypeError, match="corsac.Policy"):
        Engine.from_policy(SITE).reload_policy(given)
