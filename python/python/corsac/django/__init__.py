"""CORS for Django, by the settings of django-cors-headers. See docs/django.md.

``MIDDLEWARE = ["corsac.django.CorsMiddleware", ...]``, as far up as it goes, and
``INSTALLED_APPS = ["corsac.django", ...]`` for the system checks.
"""

from corsac.django._error import ConfigError
from corsac.django._middleware import CorsMiddleware
from corsac.django.signals import check_request_enabled

__all__ = ["ConfigError", "CorsMiddleware", "check_request_enabled"]
