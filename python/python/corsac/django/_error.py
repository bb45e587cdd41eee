"""The exception for rejected settings."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

import corsac


class ConfigError(corsac.ConfigError, ImproperlyConfigured):
    """Rejected settings, with all of their diagnostics."""


ConfigError.__module__ = "corsac.django"
