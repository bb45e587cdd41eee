"""CORS for a view."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from flask import Flask, Response, current_app, make_response, request

from corsac._corsac import Decider
from corsac.flask import _options
from corsac.flask._dispatch import DECORATED, answer, application, applied, decided

_View = TypeVar("_View", bound=Callable[..., Any])


class _Decorated:
    """The options of one view, combined with those of its application."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._deciders: WeakKeyDictionary[Flask, Decider] = WeakKeyDictionary()
        if "origins" in options or any(options.get(key) is not None for key in _options.OWN):
            # Mistakes in these do not depend on the application, so they are reported at once.
            self._create({})

    def decider(self, _path: str) -> Decider:
        app = application()
        decider = self._deciders.get(app)
        if decider is None:
            decider = self._deciders[app] = self._create(_options.config(app.config))
        return decider

    def _create(self, config: dict[str, Any]) -> Decider:
        config.pop("resources", None)
        if any(self._options.get(key) is not None for key in _options.OWN):
            config = {}
        (decider,) = _options.deciders([("view", {**config, **self._options})])
        return decider


def check(app: Flask) -> None:
    """Creates the deciders that decorators would create at the first request. Raises ConfigError."""
    with app.app_context():
        for view in app.view_functions.values():
            decorated = getattr(view, DECORATED, None)
            if decorated is not None:
                decorated.decider("")


def cross_origin(**options: Any) -> Callable[[_View], _View]:
    """Decides for the decorated view, by the options of :class:`corsac.flask.CORS` except ``resources``.

    With ``automatic_options=False`` the view responds to ``OPTIONS`` itself, and preflights get its status.

    Raises :class:`corsac.ConfigError` at once if origins, a policy or an engine are given; otherwise at
    the first request, when the application's configuration is known.
    """
    decorated = _Decorated(options)
    is_automatic = bool(options.get("automatic_options", True))

    def decorate(view: _View) -> _View:
        def answering(*args: Any, **kwargs: Any) -> Response:
            decision = decided(decorated.decider(request.path))
            response = answer(decision)
            if response is None and is_automatic and request.method == "OPTIONS":
                response = current_app.make_default_options_response()
            if response is None:
                response = make_response(current_app.ensure_sync(view)(*args, **kwargs))
            return applied(decision, response)

        update_wrapper(answering, view)
        if is_automatic:
            answering.required_methods = {*getattr(view, "required_methods", ()), "OPTIONS"}  # type: ignore[attr-defined]
            answering.provide_automatic_options = False  # type: ignore[attr-defined]
        setattr(answering, DECORATED, decorated)
        return cast(_View, answering)

    return decorate
