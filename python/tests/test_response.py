"""Decisions carried out on responses, as bytes and as str."""

from __future__ import annotations

from typing import Any

import pytest

import corsac

ORIGIN = "https://a.example.com"


def decide(origin: str = ORIGIN, **options: Any) -> corsac.Decision:
    policy = corsac.Policy(allow_origins=[ORIGIN], **options)
    return corsac.Engine.from_policy(policy).decide(origin, "GET")


def both(decision: corsac.Decision, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """As str, after it was shown that bytes give the same."""
    result = decision.apply_str(headers)
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    assert decision.apply(lines) == [(name.encode("latin-1"), value.encode("latin-1")) for name, value in result]
    return result


OURS = ("access-control-allow-origin", ORIGIN)


def test_replace() -> None:
    upstream = [
        ("Content-Type", "text/plain"),
        ("Access-Control-Allow-Origin", "*"),
        ("ACCESS-CONTROL-X", "1"),
        ("timing-allow-origin", "*"),
        ("Set-Cookie", "a"),
        ("Set-Cookie", "b"),
    ]
    kept = [("Content-Type", "text/plain"), ("timing-allow-origin", "*"), ("Set-Cookie", "a"), ("Set-Cookie", "b")]
    assert both(decide(), upstream) == [*kept, OURS, ("vary", "Origin")]
    assert both(decide("https://x.example.com"), upstream) == [*kept, ("vary", "Origin")]
    timing = both(decide(timing_allow_origin=["https://t.example.com"]), upstream)
    assert [value for name, value in timing if name == "timing-allow-origin"] == ["https://t.example.com"]


def test_keep() -> None:
    decision = decide(upstream="keep")
    theirs = [("Access-Control-Allow-Origin", "*"), ("x", "y")]
    assert both(decision, theirs) == [*theirs, ("vary", "Origin")]
    assert both(decision, [("x", "y")]) == [("x", "y"), OURS, ("vary", "Origin")]


@pytest.mark.parametrize(
    ("lines", "merged"),
    [
        (["Accept"], ["Accept, Origin"]),
        (["accept, origin"], ["accept, origin"]),
        (["*"], ["*"]),
        ([""], ["Origin"]),
        (["Accept", "Cookie"], ["Accept, Origin", "Cookie"]),
        (["Accept", "ORIGIN"], ["Accept", "ORIGIN"]),
        ([], ["Origin"]),
    ],
)
def test_vary(lines: list[str], merged: list[str]) -> None:
    decision = decide()
    result = both(decision, [("Vary", line) for line in lines])
    assert [value for name, value in result if name.lower() == "vary"] == merged
    # Applying it again has no further effect.
    again = [value for name, value in both(decision, result) if name.lower() == "vary"]
    assert again == merged


def test_a_header_that_is_set_stands_once() -> None:
    decision = decide("https://x.example.com", denied_requests="reject")
    assert decision.status == 403
    result = both(decision, [("Cache-Control", "public"), ("x", "y")])
    assert [value for name, value in result if name.lower() == "cache-control"] == ["no-store"]


def test_untouched() -> None:
    engine = corsac.Engine.from_text(
        'version = 1\nunrouted = "pass"\n[policy.p]\nallow_origins = ["https://a.example.com"]\n'
        '[[route]]\nhost = "a.example"\npolicy = "p"\n'
    )
    headers = [(b"Access-Control-Allow-Origin", b"*"), (b"vary", b"x")]
    assert engine.decide(ORIGIN, "GET", host="other.example").apply(headers) == headers


def test_forms() -> None:
    decision = decide()
    lines = [(b"a", b"b")]
    assert decision.apply(lines)[0] is lines[0]
    assert decision.apply(lines) is not lines
    assert decision.apply(iter(lines)) == decision.apply(tuple(lines)) == decision.apply(lines)
    assert decision.apply([[b"a", b"b"]])[1:] == decision.apply(lines)[1:]  # type: ignore[list-item]
    wrong: Any
    for wrong in ([("a", "b")], [(b"a", "b")], [(b"a",)], [b"ab"], 3, [None]):
        with pytest.raises(TypeError):
            decision.apply(wrong)
    with pytest.raises(TypeError):
        decision.apply_str(lines)  # type: ignore[arg-type]
    assert decision.apply_str([("x\ud800", "\udfff")])[0] == ("x\ud800", "\udfff")
