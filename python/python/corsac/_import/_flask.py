"""Converting the options of flask-cors: extension, blueprints and decorators."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from corsac._application import CannotRun
from corsac._diagnostic import ConfigError, Diagnostic
from corsac._import._document import Document
from corsac._import._region import Region, beginning
from corsac._import._rules import Rules
from corsac._policy import Policy
from corsac._settings import Findings
from corsac.flask import _options
from corsac.flask._resource import Resource

#: The flags with which flask-cors compiles a string.
_TEXT = re.IGNORECASE | re.UNICODE
#: The options of flask-cors, by the names that they have after it has read them.
_READ = (*(option for option in _options.DEFAULTS if option != "intercept_exceptions"),)


_HELP = "write the policy and the routes of its paths, or keep `resources` together with `engine`"


@dataclass(frozen=True)
class _Unrouted:
    """A policy without a route, and the beginnings of its paths."""

    code: str
    policy: str | None
    message: str
    help: str
    #: The beginnings of its paths, and whether each is the whole path.
    beginnings: list[tuple[str, bool]]


def document(application: Any) -> Document:
    """The document for this application, its blueprints and its views."""
    if not isinstance(application, Flask):
        raise CannotRun(f"not a Flask application, but a `{type(application).__name__}`")
    reading = _Reading(application)
    reading.views()
    reading.extensions()
    return reading.finish()


class _Reading:
    """The conversion of one application."""

    def __init__(self, application: Flask) -> None:
        self._application = application
        self._rules = Rules(application)
        self._found = Document()
        self._unrouted: list[_Unrouted] = []

    def views(self) -> None:
        """Reads the options of decorators."""
        served = self._rules.endpoints(None)
        for endpoint, view in self._application.view_functions.items():
            if endpoint not in served:
                continue
            beginnings = self._rules.beginnings({endpoint})
            for method in _decorated_methods(view):
                message = f"the decorator of the method `{method}` of the view `{endpoint}` applies to that method only"
                self._leave_out("settings/unread", None, message, beginnings)
            made = _made_by(view, "flask_cors.decorator")
            if made is None:
                continue
            own = inspect.getclosurevars(made).nonlocals.get("_options")
            if not isinstance(own, Mapping):
                self._unread(f"the decorator of the view `{endpoint}`", beginnings)
                continue
            options = {**_options.config(self._application.config), **own}
            options.pop("resources", None)
            name = self._policy(endpoint, options)
            self._add_route(name, self._rules.region({endpoint}), f"the view `{endpoint}`", beginnings)

    def extensions(self) -> None:
        """Reads the options of ``CORS(…)``: blueprints first, because the narrowest scope decides."""
        hooks = self._application.after_request_funcs
        for blueprint in (*(name for name in hooks if name is not None), None):
            endpoints = self._rules.endpoints(blueprint)
            made = [hook for hook in hooks.get(blueprint, ()) if _module(hook).startswith("flask_cors.")]
            if len(made) > 1:
                self._several(blueprint, len(made))
            for hook in made:
                resources = inspect.getclosurevars(hook).nonlocals.get("resources")
                if resources is None:
                    self._unread("what flask-cors does after requests", [("", False)])
                for pattern, read in resources or ():
                    self._resource(pattern, read, blueprint, endpoints)

    def finish(self) -> Document:
        """The document, after all routes are known."""
        for unrouted in self._unrouted:
            wider = next((name for _, path, name in self._found.routes if _meet(unrouted.beginnings, path)), None)
            if wider is None:
                is_alone = unrouted.policy is not None and not self._found.routes and len(self._found.policies) == 1
                message = unrouted.message + (", so the policy applies to every path" if is_alone else "")
                self._found.warn(unrouted.code, message, unrouted.help, policy=unrouted.policy)
            else:
                message = f"{unrouted.message}, and the policy `{wider}` would decide instead"
                refused = Diagnostic(unrouted.code, "error", unrouted.policy, None, None, None, message, unrouted.help)
                self._found.findings.append(refused)
        return self._found

    def _resource(self, pattern: str | re.Pattern[str], read: Any, blueprint: str | None, endpoints: set[str]) -> None:
        text = pattern if isinstance(pattern, str) else pattern.pattern
        name = self._policy(text if blueprint is None else blueprint, {**_given(read), "automatic_options": True})
        region = _region(text)
        what = f"the resource `{text}`"
        beginnings = [(text, True) if isinstance(pattern, str) else (beginning(text), False)]
        if blueprint is not None:
            beginnings = self._rules.beginnings(endpoints)
            what += f" of the blueprint `{blueprint}`"
            if region == Region(None):
                region = self._rules.region(endpoints)
            elif region is not None and region.path is not None and not self._rules.holds(endpoints, region.path):
                region = None
        self._add_route(name, region, what, beginnings)

    def _policy(self, reminder: str, options: Mapping[str, Any]) -> str | None:
        """The name of the policy for these options; None if they are rejected."""
        findings = Findings()
        name = self._found.name(reminder)
        _options.check_names(name, options, findings)
        translated = _options.translated(name, {**_options.DEFAULTS, **options}, findings)
        policy = None
        try:
            policy = Policy(**translated, name=name)
        except ConfigError as error:
            findings += error.diagnostics
        self._found.findings += (found for found in findings if found not in self._found.findings)
        if findings or policy is None:
            return None
        name = self._found.add(policy)
        self._found.remark(findings, name)
        return name

    def _add_route(self, policy: str | None, region: Region | None, what: str, beginnings: list[tuple[str, bool]]) -> None:
        if policy is None:
            return
        if region is not None and region.but is not None:
            region = self._rules.without_difference(region)
        if region is None or region.but == "longer":
            self._leave_out("settings/paths", policy, f"{what} is not expressible as a route", beginnings)
            return
        if not self._found.route(policy, region.path):
            self._found.warn(
                "settings/several", f"{what} has the same path as another one, which alone decides in the document", "remove one of them"
            )
        elif region.but is not None:
            # For some view, the document would allow more than the settings.
            message = f"{what} is not the same as the route's path: {region.difference}"
            self._found.findings.append(Diagnostic("settings/paths", "error", policy, None, None, None, message, _HELP))

    def _leave_out(self, code: str, policy: str | None, message: str, beginnings: list[tuple[str, bool]]) -> None:
        self._unrouted.append(_Unrouted(code, policy, message, _HELP, beginnings))

    def _unread(self, what: str, beginnings: list[tuple[str, bool]]) -> None:
        self._leave_out("settings/unread", None, f"{what} cannot be read", beginnings)

    def _several(self, blueprint: str | None, count: int) -> None:
        where = "the application" if blueprint is None else f"the blueprint `{blueprint}`"
        self._found.warn(
            "settings/several",
            f"`CORS` is called {count} times for {where}; in the document, the longest path decides",
            "check whether their resources overlap",
        )


def _module(function: Any) -> str:
    return str(getattr(function, "__globals__", {}).get("__name__", ""))


def _made_by(view: Any, module: str) -> Callable[..., Any] | None:
    """The function of this module that wraps the view, directly or inside other wrappers."""
    while view is not None:
        if _module(view) == module:
            return view  # type: ignore[no-any-return]
        view = getattr(view, "__wrapped__", None)
    return None


def _decorated_methods(view: Any) -> Iterator[str]:
    made = getattr(view, "view_class", None)
    for method in sorted(getattr(made, "methods", None) or ()):
        if _made_by(getattr(made, method.lower(), None), "flask_cors.decorator") is not None:
            yield method


def _given(read: Any) -> dict[str, Any]:
    """The options that flask-cors has read, in their original form."""
    options = {option: getattr(read, option) for option in _READ}
    for option in ("origins", "allow_headers"):
        # It reads None as a list of None.
        options[option] = [_written(pattern) for pattern in options[option] if pattern is not None]
    return options


def _written(pattern: str | re.Pattern[str]) -> str | re.Pattern[str]:
    return pattern.pattern if isinstance(pattern, re.Pattern) and pattern.flags == _TEXT else pattern


def _region(text: str) -> Region | None:
    resource = Resource(text)
    if resource.is_everything:
        return Region(None)
    below = text.removesuffix("/*")
    if below != text and Resource(below).is_literal:
        return Region(below)
    return Region.of_expression(text, is_whole=True)


def _meet(beginnings: list[tuple[str, bool]], path: str | None) -> bool:
    """Whether a path with one of these beginnings can be at or below `path`."""
    if path is None:
        return True
    below = f"{path}/"
    return any(
        f"{literal}/".startswith(below) or (not is_all and below.startswith(literal)) for literal, is_all in beginnings
    )
