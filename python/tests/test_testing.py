"""The assertions for people's own tests: each holds, fails, and says what to change."""

from __future__ import annotations

import re

import pytest

import corsac
from corsac.testing import assert_allows, assert_denies

A = "https://a.example.com"
POLICY = corsac.Policy(allow_origins=[A], allow_methods=["PUT"], allow_headers=["x-a"], name="api")


def test_they_hold() -> None:
    assert_allows(POLICY, origin=A)
    assert_allows(POLICY, origin=A, method="PUT", headers=["X-A"])
    assert_denies(POLICY, origin=A, method="DELETE")
    assert_denies(POLICY, origin=A, headers=["x-b"])
    assert_denies(POLICY, origin="https://b.example.com")
    assert_denies(POLICY, origin="null")
    engine = corsac.Engine.from_dict({"version": 1, "policy": {name: {"allow_origins": [A]} for name in ("p", "q")}})
    assert_allows(engine, origin=A, name="q")
    assert_denies(engine, origin=A, name="r")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"origin": "https://b.example.com"}, 'policy "api" denies GET from "https://b.example.com": origin-not-allowed; allow_origins = ["https://b.example.com"] would allow it'),
        ({"origin": A, "method": "DELETE"}, 'method-not-allowed; "DELETE" in allow_methods would allow it'),
        ({"origin": A, "headers": ["x-b"]}, 'header-not-allowed; allow_headers = ["x-b"] would allow it'),
        ({"origin": "null"}, "dangerously_allow_null = true"),
        ({"origin": A + "/"}, "origin-malformed; no browser sends an origin in this form"),
        ({"origin": A, "name": "other"}, "no policy denies"),
    ],
)
def test_a_denial_says_what_would_allow_it(options: dict[str, object], message: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(message)):
        assert_allows(POLICY, **options)  # type: ignore[arg-type]


def test_what_is_advised_helps() -> None:
    assert_allows(POLICY.replace(allow_origins=[A, "https://b.example.com"]), origin="https://b.example.com")
    assert_allows(POLICY.replace(allow_methods=["PUT", "DELETE"]), origin=A, method="DELETE")
    null = POLICY.replace(allow_origins=[{"pattern": "null", "dangerously_allow_null": True}])
    assert_allows(null, origin="null")


def test_an_allowance_names_its_row() -> None:
    with pytest.raises(AssertionError) as raised:
        assert_denies(POLICY, origin=A)
    assert str(raised.value) == f'policy "api" allows GET from "{A}" by the row "{A}" of grant 0; remove or narrow it'


def test_a_str_is_no_list_of_names() -> None:
    with pytest.raises(TypeError):
        assert_allows(POLICY, origin=A, headers="x-a")
