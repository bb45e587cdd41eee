"""The application that registers the system checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks

from corsac.django.checks import check_settings


class CorsacConfig(AppConfig):
    """``INSTALLED_APPS = ["corsac.django", ...]``."""

    name = "corsac.django"
    label = "corsac"
    verbose_name = "corsac: CORS"

    def ready(self) -> None:
        checks.register(check_settings, checks.Tags.security)
