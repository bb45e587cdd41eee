"""How an environ asks: which policy, also while policies are replaced; and what is not imported."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading

import pytest

import corsac
from corsac._corsac import Decider
from corsac.asgi import CORSMiddleware
from corsac.wsgi import CORSMiddleware as WSGIMiddleware

ORIGIN = {"REQUEST_METHOD": "GET", "HTTP_ORIGIN": "https://a.example.com", "PATH_INFO": "/api/x"}
ONE = 'version = 1\n[policy.p]\nallow_origins = ["https://a.example.com"]\n'
ROUTED = ONE + '[[route]]\npath = "/api"\npolicy = "p"\n'
TWO = ROUTED + '[policy.q]\nallow_origins = ["https://b.example.com"]\n[[route]]\npath = "/api/x"\npolicy = "q"\n'


def test_routes_choose_where_there_are_any() -> None:
    engine = corsac.Engine.from_text(ONE)
    decider = Decider(engine)
    elsewhere = {**ORIGIN, "PATH_INFO": "/x"}
    for document, here, there in ((ONE, True, True), (ROUTED, True, False), (TWO, False, False), (ONE, True, True)):
        engine.reload_text(document)
        assert (decider.decide_environ(ORIGIN).allowed, decider.decide_environ(elsewhere).allowed) == (here, there)
    assert decider.decide_environ({**ORIGIN, "PATH_INFO": "/é".encode().decode("latin-1")}).allowed
    engine.reload_text(ROUTED)
    assert decider.decide_environ({**ORIGIN, "SCRIPT_NAME": "/api", "PATH_INFO": "/x"}).allowed
    assert decider.decide_environ(elsewhere, path="/api/é").allowed


def test_a_reload_is_never_asked_as_what_it_replaced() -> None:
    engine = corsac.Engine.from_text(ONE)
    decider = Decider(engine)
    elsewhere = {**ORIGIN, "PATH_INFO": "/x"}
    over = threading.Event()
    wrong: list[corsac.Decision] = []

    def ask() -> None:
        while not over.is_set():
            decision = decider.decide_environ(elsewhere)
            # Odd generations have no routes, even ones no route for this path.
            if decision.allowed != (decision.generation % 2 == 1):
                wrong.append(decision)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(200):
        engine.reload_text(ROUTED)
        engine.reload_text(ONE)
    over.set()
    for thread in threads:
        thread.join()
    assert (engine.generation, wrong) == (401, [])


RENAMED = 'version = 1\n[policy.q]\nallow_origins = ["https://a.example.com"]\n'


@pytest.mark.parametrize("middleware", [CORSMiddleware, WSGIMiddleware])
def test_the_policy_of_a_middleware_cannot_be_reloaded_away(middleware: type) -> None:
    engine = corsac.Engine.from_text(ONE)
    named = middleware(lambda *_: None, engine=engine, policy_name="p")
    with pytest.raises(corsac.ConfigError) as refused:
        engine.reload_text(RENAMED)
    assert [found.code for found in refused.value.diagnostics] == ["reload/policy-missing"]
    assert "`p`" in str(refused.value)
    assert (engine.generation, engine.policies) == (1, ("p",))
    assert engine.status()["last_error"]["diagnostics"][0]["code"] == "reload/policy-missing"
    assert engine.reload_text(TWO)
    assert engine.status()["last_error"] is None
    # What nothing names any more is not required, and what a request names never is.
    del named
    gc.collect()
    engine.decide("https://a.example.com", "GET", policy="p")
    assert engine.reload_text(RENAMED)
    assert not engine.decide("https://a.example.com", "GET", policy="p").allowed


def test_routes_that_choose_cannot_be_reloaded_away() -> None:
    engine = corsac.Engine.from_text(ROUTED)
    decider = Decider(engine)
    with pytest.raises(corsac.ConfigError) as refused:
        engine.reload_text(ONE)
    assert [found.code for found in refused.value.diagnostics] == ["reload/routes-missing"]
    assert engine.reload_text(TWO)
    del decider
    gc.collect()
    assert engine.reload_text(ONE)


SEVERAL = ONE + '[policy.q]\nallow_origins = ["https://b.example.com"]\n'


@pytest.mark.parametrize("middleware", [CORSMiddleware, WSGIMiddleware])
def test_an_only_policy_stays_alone_or_gets_routes(middleware: type) -> None:
    engine = corsac.Engine.from_text(ONE)
    unnamed = middleware(lambda *_: None, engine=engine)
    with pytest.raises(corsac.ConfigError) as refused:
        engine.reload_text(SEVERAL)
    assert [found.code for found in refused.value.diagnostics] == ["reload/routes-missing"]
    assert engine.policies == ("p",)
    assert engine.reload_text(RENAMED)
    assert engine.reload_text(TWO)
    assert engine.reload_text(ONE)
    del unnamed
    gc.collect()
    assert engine.reload_text(SEVERAL)


def test_what_is_required_can_be_said() -> None:
    engine = corsac.Engine.from_text(ONE)
    engine.require("p")
    engine.require("p")
    engine.release("p")
    with pytest.raises(corsac.ConfigError):
        engine.reload_text(RENAMED)
    engine.release("p")
    assert engine.reload_text(RENAMED)
    with pytest.raises(ValueError, match="the engine has no policy `p`"):
        engine.require("p")
    with pytest.raises(ValueError, match="the engine has no policy `p`"):
        Decider(engine, "p")
    with pytest.raises(ValueError, match="no routes"):
        engine.require_routes()
    assert engine.reload_text(ROUTED)
    engine.require_routes()
    with pytest.raises(corsac.ConfigError):
        engine.reload_text(ONE)
    engine.release_routes()
    assert engine.reload_text(ONE)


def test_no_framework_is_imported_by_the_package() -> None:
    program = "import sys, corsac, corsac.testing; sys.exit(bool({'django', 'flask', 'werkzeug', 'asgiref'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
