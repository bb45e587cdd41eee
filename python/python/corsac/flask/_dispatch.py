"""Choosing the decider for the requests of one application."""

from __future__ import annotations

from typing import Any, Protocol, cast

from flask import Flask, Request, Response, current_app, request

from corsac._corsac import Decider, Decision

#: The attribute of a decorated view function that holds its options.
DECORATED = "_corsac_decorated"
_EXTENSION = "corsac"
_DECISION = "corsac.flask.decision"


class Scope(Protocol):
    """An application's, a blueprint's or a view's own options."""

    def decider(self, path: str) -> Decider | None:
        """The decider for this path, if there is one."""


class Dispatch:
    """The scopes of one application. The narrowest decides: view, blueprint, application."""

    def __init__(self, app: Flask) -> None:
        self.app: list[Scope] = []
        #: By the names under which the blueprints are registered.
        self.blueprints: dict[str, list[Scope]] = {}
        self._application = app
        app.before_request(self._before)
        app.after_request(self._after)

    @classmethod
    def of(cls, app: Flask) -> Dispatch:
        """The dispatch of this application."""
        dispatch = app.extensions.get(_EXTENSION)
        if dispatch is None:
            dispatch = app.extensions[_EXTENSION] = cls(app)
        assert isinstance(dispatch, cls)
        return dispatch

    def _before(self) -> Response | None:
        decision = self._decision()
        return None if decision is None else answer(decision)

    def _after(self, response: Response) -> Response:
        decision = self._decision()
        return response if decision is None else applied(decision, response)

    def _decision(self) -> Decision | None:
        current = _request()
        known = _known(current, self._application)
        if known is not None:
            return known[1]
        decider = self._decider(current)
        return None if decider is None else _decide(decider, current, self._application)

    def _decider(self, current: Request) -> Decider | None:
        view = self._application.view_functions.get(current.endpoint or "")
        decorated: Scope | None = getattr(view, DECORATED, None)
        scopes = [] if decorated is None else [decorated]
        if self.blueprints:
            for name in current.blueprints:
                scopes += self.blueprints.get(name, [])
        path = current.path
        for scope in (*scopes, *self.app):
            decider = scope.decider(path)
            if decider is not None:
                return decider
        return None


def application() -> Flask:
    """The application of the current request."""
    return cast(Any, current_app)._get_current_object()  # type: ignore[no-any-return]


def _request() -> Request:
    # The proxy would look it up on each use.
    return cast(Any, request)._get_current_object()  # type: ignore[no-any-return]


def decided(decider: Decider) -> Decision:
    """The decision of this decider for the current request, which also applies to its response."""
    current, app = _request(), application()
    known = _known(current, app)
    return known[1] if known is not None and known[0] is decider else _decide(decider, current, app)


def _decide(decider: Decider, current: Request, app: Flask) -> Decision:
    environ: dict[str, Any] = current.environ
    decision = decider.decide_environ(environ)
    environ[_DECISION] = (app, decider, decision)
    return decision


def _known(current: Request, app: Flask) -> tuple[Decider, Decision] | None:
    """The existing decision for this request, unless an application that mounts this one made it."""
    known = current.environ.get(_DECISION)
    return None if known is None or known[0] is not app else known[1:]


def answer(decision: Decision) -> Response | None:
    """The response to a request that is not forwarded."""
    if decision.status is None:
        return None
    if request.method == "OPTIONS" and request.url_rule is not None:
        response = current_app.make_default_options_response()
        response.status_code = decision.status
        return response
    return current_app.response_class(status=decision.status)


def applied(decision: Decision, response: Response) -> Response:
    """The response with the decision applied."""
    response.headers[:] = decision.apply_str(response.headers.to_wsgi_list())
    return response
