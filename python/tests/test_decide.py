"""What ``decide`` takes, what it refuses to take, and what it gives."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any

import pytest

import corsac

ORIGIN = "https://a.example.com"
DOCUMENT = """
version = 1
[policy.first]
allow_origins = ["https://a.example.com", "https://*.b.example.com"]
allow_methods = ["PUT"]
[policy.second]
allow_origins = ["https://second.example.com"]
[[route]]
host = "api.example.com"
policy = "second"
"""


@pytest.fixture
def engine() -> corsac.Engine:
    return corsac.Engine.from_policy(corsac.Policy(allow_origins=[ORIGIN, "https://*.b.example.com"], allow_methods=["PUT"]))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((1, "GET"), TypeError),
        ((ORIGIN, None), TypeError),
        ((ORIGIN, "GET", 7), TypeError),
        ((ORIGIN, "GET", "origin: x"), TypeError),
        ((ORIGIN, "GET", b"origin"), TypeError),
        ((ORIGIN, "GET", [b"ab"]), TypeError),
        ((ORIGIN, "GET", [("a", "b", "c")]), TypeError),
        ((ORIGIN, "GET", [(1, "b")]), TypeError),
        ((ORIGIN, "GET", [("origin", 1)]), TypeError),
        ((ORIGIN, "GET", {"origin": ["https://a.example.com"]}), TypeError),
        ((bytearray(b"https://a.example.com"), "GET"), TypeError),
        ((), TypeError),
    ],
)
def test_wrong_types(engine: corsac.Engine, arguments: tuple[Any, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        engine.decide(*arguments)


@pytest.mark.parametrize("options", [{"policy": b"first"}, {"host": 1}, {"path": []}, {"policy": "first", "host": "x"}, {"polcy": "x"}])
def test_wrong_options(engine: corsac.Engine, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        engine.decide(ORIGIN, "GET", **options)


def test_headers_that_fail_while_they_are_read(engine: corsac.Engine) -> None:
    def broken() -> Any:
        yield ("origin", ORIGIN)
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        engine.decide(None, "GET", broken())


def test_what_no_decision_depends_on_is_not_looked_at(engine: corsac.Engine) -> None:
    headers: Any = [("cookie", None), ("\ud800", "x"), (b"\xff", b"")]
    assert engine.decide(ORIGIN, "GET", headers)


def test_latin_1(engine: corsac.Engine) -> None:
    assert engine.decide("https://\xe4.example.com", "GET") == engine.decide(b"https://\xe4.example.com", b"GET")


@pytest.mark.parametrize("size", [327, 1 << 16, 1 << 24])
def test_huge_inputs(engine: corsac.Engine, size: int) -> None:
    assert engine.decide("https://" + "a" * size, "GET").reason == "origin-malformed"
    assert engine.decide(b"," * size, b"GET").verdict == "denied"
    assert engine.decide(ORIGIN, b"x" * size).allowed
    preflight = [(b"access-control-request-method", b"PUT"), (b"access-control-request-headers", b"," * size)]
    assert engine.decide(ORIGIN, "OPTIONS", preflight).reason == "headers-over-budget"
    preflight = [(b"access-control-request-method", b"P" * size)]
    assert engine.decide(ORIGIN, "OPTIONS", preflight).reason == "method-malformed"
    assert engine.decide(None, "GET", [(b"origin", b"x")] * min(size, 1 << 16)).reason == "origin-repeated"


def test_origin_beside_headers(engine: corsac.Engine) -> None:
    lines = [(b"Origin", ORIGIN.encode())]
    assert engine.decide(ORIGIN, "GET", lines).allowed
    assert engine.decide(None, "GET", lines).allowed
    assert engine.decide("https://other.example.com", "GET", lines).reason == "origin-repeated"
    assert engine.decide(ORIGIN, "GET", lines * 2).reason == "origin-repeated"
    assert engine.decide(None, "GET").verdict == "not-cors"
    assert engine.decide("", "GET").reason == "origin-malformed"


def test_which_policy_decides() -> None:
    engine = corsac.Engine.from_text(DOCUMENT)
    second = "https://second.example.com"
    assert engine.policies == ("first", "second")
    assert engine.decide(ORIGIN, "GET", policy="first").policy == "first"
    assert engine.decide(second, "GET", host="api.example.com:443", path=b"/x").policy == "second"
    for options in ({}, {"policy": "third"}, {"policy": "\ud800"}, {"host": "other.example.com"}, {"path": "/"}):
        decision = engine.decide(ORIGIN, "GET", **options)  # type: ignore[arg-type]
        assert (decision.verdict, decision.policy, decision.allowed) == ("no-policy", None, False)


def test_many_policies_by_name() -> None:
    names = [f"p{number}" for number in range(40)]
    policies = {name: {"allow_origins": [f"https://{name}.example.com"]} for name in names}
    engine = corsac.Engine.from_dict({"version": 1, "policy": policies})
    for name in names:
        assert engine.decide(f"https://{name}.example.com", "GET", policy=name).policy == name
        assert not engine.decide("https://other.example.com", "GET", policy=name)


def test_decision(engine: corsac.Engine) -> None:
    decision = engine.decide(ORIGIN, "GET")
    assert decision
    assert decision.allowed
    assert repr(decision) == "<Decision allowed ok policy='default' rule='https://a.example.com'>"
    assert hash(decision) == hash(engine.decide(ORIGIN.encode(), b"GET"))
    denied = engine.decide("https://x.example.com", "GET")
    assert not denied
    assert denied != decision
    assert decision != "allowed"
    preflight = engine.decide(ORIGIN, "OPTIONS", {"access-control-request-method": "PUT"})
    assert "status=204" in repr(preflight)
    with pytest.raises(AttributeError):
        decision.status = 200  # type: ignore[misc]
    with pytest.raises(TypeError):
        corsac.Decision()
    with pytest.raises(TypeError):
        corsac.Engine()
    long = corsac.Engine.from_policy(corsac.Policy(allow_origins=[f"https://{'.'.join(['a' * 60] * 4)}.com"]))
    assert len(repr(long.decide(f"https://{'.'.join(['a' * 60] * 4)}.com", "GET"))) < 200


def test_the_same_static_answer_is_the_same_object(engine: corsac.Engine) -> None:
    def lines(method: str) -> list[tuple[bytes, bytes]]:
        return [(b"access-control-request-method", method.encode())]

    asked: list[Callable[[], corsac.Decision]] = [
        lambda: engine.decide(ORIGIN, "GET"),
        lambda: engine.decide("https://x.example.com", "GET"),
        lambda: engine.decide(None, "GET"),
        lambda: engine.decide(ORIGIN, "OPTIONS", lines("PUT")),
        lambda: engine.decide(ORIGIN, "OPTIONS", lines("DELETE")),
    ]
    for ask in asked:
        assert ask() is ask()
    # And is not reused if the origin comes from the request.
    assert engine.decide("https://x.b.example.com", "GET") != engine.decide("https://y.b.example.com", "GET")
    # A static decision creates no object.
    decide = engine.decide
    method, count = "GET", 1000
    decide(ORIGIN, method)
    before = sys.getallocatedblocks()
    answers: list[object] = [None] * count
    for index in range(count):
        answers[index] = decide(ORIGIN, method)
    assert sys.getallocatedblocks() - before < count / 10


def test_a_decision_asked_for_while_another_is_made() -> None:
    engine = corsac.Engine.from_policy(corsac.Policy(allow_origins=["https://*.example.com"]))
    inner: list[corsac.Decision] = []

    def ask(phase: str, _info: object) -> None:
        if phase == "start":
            inner.append(engine.decide("https://inner.example.com", "GET"))

    # Garbage collections start while a decision is created, because its headers are objects, too.
    thresholds = gc.get_threshold()
    gc.callbacks.append(ask)
    gc.set_threshold(1)
    try:
        outer = [engine.decide(f"https://x{number}.example.com", "GET") for number in range(200)]
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(ask)
    assert len(inner) > 10
    assert {decision.headers[0][1] for decision in inner} == {b"https://inner.example.com"}
    assert [decision.headers[0][1] for decision in outer] == [f"https://x{number}.example.com".encode() for number in range(200)]


def test_origin_allowed(engine: corsac.Engine) -> None:
    assert engine.origin_allowed(ORIGIN) is True
    assert engine.origin_allowed(None, {"origin": b"https://x.b.example.com"}) is True
    assert engine.origin_allowed("https://x.example.com") is False
    assert engine.origin_allowed("null") is False
    assert engine.origin_allowed(None) is None
    assert engine.origin_allowed(ORIGIN, policy="other") is False
    assert engine.stats()["total"] == 0
    routed = corsac.Engine.from_text(DOCUMENT)
    assert routed.origin_allowed("https://second.example.com", host="api.example.com") is True
    assert routed.origin_allowed(ORIGIN, host="api.example.com") is False
    anyone = corsac.Engine.from_policy(corsac.Policy(allow_origins=["*"]))
    assert anyone.origin_allowed(ORIGIN) is False


def test_stats(engine: corsac.Engine) -> None:
    engine.decide(ORIGIN, "GET")
    engine.decide(ORIGIN, "GET")
    engine.decide("null", "GET")
    assert engine.stats() == {
        "generation": 1,
        "retired": 0,
        "total": 3,
        "decisions": {"allowed": {"ok": 2}, "denied": {"origin-null": 1}},
    }
