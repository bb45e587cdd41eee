"""CORS for an application or a blueprint."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState

from corsac.flask import _options
from corsac.flask._dispatch import Dispatch
from corsac.flask._resource import Resources


class CORS:
    """Responds to preflights and sets the headers of responses, by the options of flask-cors.

    >>> from flask import Flask
    >>> app = Flask("app")
    >>> cors = CORS(app, resources={"/api/*": {"origins": ["https://app.example.com"]}})
    >>> response = app.test_client().get("/api/x", headers={"origin": "https://app.example.com"})
    >>> response.headers["access-control-allow-origin"]
    'https://app.example.com'

    Alternatives to these options: ``policy`` (a :class:`corsac.Policy`) or ``engine`` (a
    :class:`corsac.Engine`, with ``policy_name`` if it has several policies). Options are taken from the
    resource, from ``init_app``, from the constructor, and from the application's configuration, in this
    order.

    Raises :class:`corsac.ConfigError` when it receives an application or a blueprint.
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
            # These replace all options, so the configuration's are ignored.
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
