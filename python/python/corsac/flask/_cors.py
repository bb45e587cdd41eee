"""CORS for an application or a blueprint."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState

from corsac.flask import _options
from corsac.flask._dispatch import Dispatch
from corsac.flask._resource import Resources


class CORS:
    """Answers preflights and sets the headers of responses, by the options of flask-cors.

    >>> from flask import Flask
    >>> app = Flask("app")
    >>> cors = CORS(app, resources={"/api/*": {"origins": ["https://app.example.com"]}})
    >>> response = app.test_client().get("/api/x", headers={"origin": "https://app.example.com"})
    >>> response.headers["access-control-allow-origin"]
    'https://app.example.com'

    In place of them: ``policy`` (a :class:`corsac.Policy`) or ``engine`` (a :class:`corsac.Engine`, with
    ``policy_name`` where it has several). Options come from the resource, from ``init_app``, from here,
    and from the application's configuration, in this order.

    Raises :class:`corsac.ConfigError` when it is given an application or a blueprint.
    """

    def __init__(self, app: Flask | Blueprint | None = None, **options: Any) -> None:
        self._options = options
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask | Blueprint, **options: Any) -> None:
        """Decides for this application or blueprint."""
        config = _options.config(app.config) if isinstance(app, Flask) else {}
        given = {**self._options, **options}
        if any(given.get(key) is not None for key in _options.OWN):
            # They say everything; what the configuration says is for the others.
            config = {key: config[key] for key in ("resources",) if key in config}
        merged = {**config, **given}
        resources = Resources(merged.pop("resources", "/*"), merged)
        if isinstance(app, Flask):
            Dispatch.of(app).app.append(resources)
            return

        def registered(state: BlueprintSetupState) -> None:
            name = f"{state.name_prefix}.{state.name}".lstrip(".")
            assert isinstance(state.app, Flask)
            Dispatch.of(state.app).blueprints.setdefault(name, []).append(resources)

        app.record(registered)
