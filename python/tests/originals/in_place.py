"""A plugin of pytest: the drop-in takes the place of the class that the collected tests import."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from pathlib import Path

import flask_cors
import pytest
import starlette.middleware.cors

import corsac.asgi
import corsac.flask

#: Where a test module gets each class from, and what it gets.
_PLACES = (
    (starlette.middleware.cors, "CORSMiddleware", corsac.asgi.CORSMiddleware),
    (flask_cors, "CORS", corsac.flask.CORS),
    (flask_cors, "cross_origin", corsac.flask.cross_origin),
)
#: For each test its outcomes, and the codes of the settings that were refused in it.
_outcomes: dict[str, set[str]] = {}
_refused: dict[str, set[str]] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--outcomes", type=Path, help="the file for the outcome of each test, in JSON")
    parser.addoption("--original", action="store_true", help="leave the originals in their place")


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--original"):
        for module, name, ours in _PLACES:
            setattr(module, name, ours)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = not config.getoption("--original")
    for module in {item.module for item in items if isinstance(item, pytest.Function)}:
        found = {name: getattr(module, name) for _, name, _ in _PLACES if hasattr(module, name)}
        for name, given in found.items():
            assert given.__module__.startswith("corsac.") == wanted, f"{module.__name__}.{name} is {given!r}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" or report.outcome != "passed":
        # A test with parameters is one test.
        test = item.nodeid.partition("[")[0]
        _outcomes.setdefault(test, set()).add(report.outcome)
        text = "\n".join([report.longreprtext, *(section for _, section in report.sections)])
        _refused.setdefault(test, set()).update(re.findall(r"error\[([a-z-]+/[a-z-]+)\]", text))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    outcomes: Path | None = session.config.getoption("--outcomes")
    if outcomes is not None:
        found = {test: {"outcomes": sorted(each), "refused": sorted(_refused[test])} for test, each in _outcomes.items()}
        outcomes.write_text(json.dumps(found, indent=1), encoding="utf-8")
