"""CORS for Flask, by the options of flask-cors. See docs/flask.md.

``CORS(app, ...)`` for an application or a blueprint, ``@cross_origin(...)`` for a view.
"""

from corsac.flask._cors import CORS
from corsac.flask._cross_origin import cross_origin

__all__ = ["CORS", "cross_origin"]
