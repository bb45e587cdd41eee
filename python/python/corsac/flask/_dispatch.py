"""What decides for the requests of one application."""

from __future__ import annotations

from typing import Any, Protocol, cast

from flask import Flask, Request, Response, current_app, request

from corsac._corsac import Decider, Decision

#: Where the view function of a decorated view says who decides.
DECORATED = "_corsac_decorated"
_EXTENSION = "corsac"
_DECISION = "corsac.flask.decision"


class Face(Protocol):
    """An application's, a blueprint's or a view's own options."""

    def decider(self, path: str) -> Decider | None:
        """Who decides for this path, if anybody does."""


class Dispatch:
    """The faces of one application. The narrowest decides: view, blueprint, application."""

    def __init__(self, app: Flask) -> None:
        self.app: list[Face] = []
        #: By the names that the blueprints are registered under.
        self.blueprints: dict[str, list[Face]] = {}
        self._application = app
        app.before_request(self._before)
        app.after_request(self._after)

    @classmethod
    def of(cls, app: Flask) -> Dispatch:
        """The one of this application."""
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
        asked = _request()
        known = _known(asked, self._application)
        if known is not None:
            return known[1]
        decider = self._decider(asked)
        return None if decider is None else _decide(decider, asked, self._application)

    def _decider(self, asked: Request) -> Decider | None:
        view = self._application.view_functions.get(asked.endpoint or "")
        decorated: Face | None = getattr(view, DECORATED, None)
        faces = [] if decorated is None else [decorated]
        if self.blueprints:
            for name in asked.blueprints:
                faces += self.blueprints.get(name, [])
        path = asked.path
        for face in (*faces, *self.app):
            decider = face.decider(path)
            if decider is not None:
                return decider
        return None


def application() -> Flask:
    """The application that the present request is for."""
    return cast(Any, current_app)._get_current_object()  # type: ignore[no-any-return]


def _request() -> Request:
    # The proxy looks it up each time that it is used.
    return cast(Any, request)._get_current_object()  # type: ignore[no-any-return]


def decided(decider: Decider) -> Decision:
    """What this decides for the present request, and the application from now on for its response."""
    asked, app = _request(), application()
    known = _known(asked, app)
    return known[1] if known is not None and known[0] is decider else _decide(decider, asked, app)


def _decide(decider: Decider, asked: Request, app: Flask) -> Decision:
    environ: dict[str, Any] = asked.environ
    decision = decider.decide_environ(environ)
    environ[_DECISION] = (app, decider, decision)
    return decision


def _known(asked: Request, app: Flask) -> tuple[Decider, Decision] | None:
    """What was decided for this request, unless by an application that has mounted this one."""
    known = asked.environ.get(_DECISION)
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
    """The response with the headers that the decision says."""
    response.headers[:] = decision.apply_str(response.headers.to_wsgi_list())
    return response
