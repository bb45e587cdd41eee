"""Messages for the logger ``corsac``. Called from the native module."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from corsac._advice import advice, shown
from corsac._corsac import Decision
from corsac._diagnostic import ConfigError, Diagnostic

_logger = logging.getLogger("corsac")


def refused(
    decision: Decision,
    method: bytes,
    origin: bytes | None,
    request_method: bytes | None,
    requested: Sequence[bytes],
) -> None:
    """Logs a denied request, and the setting that would allow it."""
    request = shown(method)
    if decision.verdict == "preflight-denied":
        request = f"preflight for {shown(request_method or b'')}"
    sender = "no origin" if origin is None else f'"{shown(origin)}"'
    policy = "no policy" if decision.policy is None else f'policy "{decision.policy}"'
    help = advice(decision, origin, request_method, requested)
    _logger.debug("%s: %s from %s by %s: %s; %s", decision.verdict, request, sender, policy, decision.reason, help)


def warned(warning: Diagnostic) -> None:
    """Logs a risk in how a middleware is configured."""
    policy = "" if warning.policy is None else f'policy "{warning.policy}": '
    _logger.warning("%s%s", policy, warning)


def reloaded(generation: int, digest: str) -> None:
    """Logs that the policies were replaced."""
    _logger.info("policies reloaded: generation %d, digest %s", generation, digest)


def not_reloaded(error: ConfigError) -> None:
    """Logs that a document was rejected during a reload."""
    _logger.error("policies were not reloaded; the last good ones stay in use: %s", error)


def not_watched(error: OSError) -> None:
    """Logs that no thread could be started for watching."""
    _logger.error("cannot watch the policy files: %s", error)
