"""How an environ asks: which policy, also while policies are replaced; and what is not imported."""

from __future__ import annotations

import subprocess
import sys
import threading

import corsac
from corsac._corsac import Decider

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


def test_no_framework_is_imported_by_the_package() -> None:
    program = "import sys, corsac, corsac.testing; sys.exit(bool({'django', 'flask', 'werkzeug', 'asgiref'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
