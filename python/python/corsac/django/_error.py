"""The exception for settings that are refused."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

import corsac


class ConfigError(corsac.ConfigError, ImproperlyConfigured):
    """Settings that were refused, with everything that was found in them at once."""


ConfigError.__module__ = "corsac.django"
