"""``check`` of an application: whether the policies in its code are accepted."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from corsac._application import imports, load
from corsac._diagnostic import ConfigError
from corsac._report import Report, status


def run(target: str, report: Report) -> int:
    """Creates the application with all of its middleware; returns the exit status."""
    try:
        with imports(target):
            _build(load(target))
    except ConfigError as error:
        report.write(target, error.diagnostics)
        return status(error.diagnostics)
    report.write(target, (), summary="all policies are accepted")
    return 0


def _build(application: Any) -> None:
    """Builds what frameworks normally build at the first request."""
    for each in _applications(application):
        build = getattr(each, "build_middleware_stack", None)
        if build is not None:
            build()
        if hasattr(each, "view_functions") and hasattr(each, "app_context"):
            import_module("corsac.flask._cross_origin").check(each)


def _applications(application: Any) -> Iterator[Any]:
    """The application, those that it wraps, and those mounted in it."""
    seen: set[int] = set()
    waiting = [application]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [getattr(each, name, None) for name in ("app", "router", "wsgi_app")]
        routes = getattr(each, "routes", None)
        waiting += routes if isinstance(routes, list) else []
