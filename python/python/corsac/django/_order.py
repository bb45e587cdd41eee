"""The place of the middleware in ``MIDDLEWARE``."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from corsac._diagnostic import Diagnostic

OURS = "corsac.django.CorsMiddleware"
_OURS = (OURS, "corsac.django._middleware.CorsMiddleware")
_ORIGINALS = ("corsheaders.middleware.CorsMiddleware", "corsheaders.middleware.CorsPostCsrfMiddleware")

#: Middleware that may stand before: it passes every request on, or sends only what pages need no access to.
_TRANSPARENT = (
    "debug_toolbar.middleware.DebugToolbarMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
)


def is_used() -> bool:
    """Whether corsac is among the middleware."""
    return any(each in _OURS for each in _middleware())


def original() -> str | None:
    """The middleware of django-cors-headers, if it is used."""
    return next((each for each in _middleware() if each in _ORIGINALS), None)


def findings() -> list[Diagnostic]:
    """What is wrong with the order, if corsac is used."""
    middleware = _middleware()
    cors = [each for each in middleware if each in (*_OURS, *_ORIGINALS)]
    found: list[Diagnostic] = []
    if not is_used():
        return found
    for other in cors[1:]:
        message = f"`{other}` in `MIDDLEWARE` is inside of `{cors[0]}`, which alone decides"
        found.append(_warning("settings/several", message, "remove one of them"))
    for before in middleware[: middleware.index(cors[0])]:
        if before not in _TRANSPARENT:
            message = f"`{before}` is before `{cors[0]}` in `MIDDLEWARE`: it gets preflights, which carry no credentials, and pages cannot read what it answers itself"
            found.append(_warning("settings/order", message, f"put `{cors[0]}` before it"))
        elif before.endswith("SecurityMiddleware") and settings.SECURE_SSL_REDIRECT:
            message = f"`SECURE_SSL_REDIRECT` redirects preflights over http before `{cors[0]}` answers them, and browsers follow no redirect of a preflight"
            found.append(_warning("settings/order", message, f"put `{cors[0]}` before `{before}`"))
    return found


def _middleware() -> Sequence[str]:
    return list(settings.MIDDLEWARE)


def _warning(code: str, message: str, help: str) -> Diagnostic:
    return Diagnostic(code, "warning", None, None, None, None, message, help)
