"""CORS decisions: an allow-list that is compiled once, proved safe, and replaceable at run time.

>>> engine = Engine.from_policy(Policy(allow_origins=["https://app.example.com"]))
>>> decision = engine.decide("https://app.example.com", "GET")
>>> decision
<Decision allowed ok policy='default' rule='https://app.example.com'>
>>> decision.apply([(b"content-type", b"text/plain")])[1]
(b'access-control-allow-origin', b'https://app.example.com')
"""

from __future__ import annotations

import atexit

# Imported here and not on first use: if a process forks while another thread imports a module, that
# module's lock stays held in the child. The hooks below must also run before those of `logging`, so
# that a thread for which they wait does not wait for the lock of `logging`.
import json  # noqa: F401
import logging  # noqa: F401
import os

from corsac import _document, _log, _policies, _pyproject  # noqa: F401
from corsac._corsac import Decision, Engine, __version__
from corsac._corsac import _after_fork_in_child, _after_fork_in_parent, _at_exit, _before_fork
from corsac._diagnostic import ConfigError, Diagnostic, Severity
from corsac._policies import Route
from corsac._policy import Expectation, Grant, Policy, Row
from corsac._names import Check, Reason, Verdict

__all__ = [
    "Check",
    "ConfigError",
    "Decision",
    "Diagnostic",
    "Engine",
    "Expectation",
    "Grant",
    "Policy",
    "Reason",
    "Route",
    "Row",
    "Severity",
    "Verdict",
    "__version__",
]

for _public in (ConfigError, Diagnostic, Policy):
    _public.__module__ = "corsac"

atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
