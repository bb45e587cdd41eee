"""What the Django middleware costs over the bare view, compared with django-cors-headers, as ratios of one
run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from timing import beside_peer, nanoseconds

ROUNDS = 24


def view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"{}", content_type="application/json")


def main() -> None:
    settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="for measuring", INSTALLED_APPS=["corsheaders"])
    django.setup()
    logging.getLogger("corsac").setLevel(logging.INFO)
    # Both read the settings, so they are imported after these.
    from corsheaders.middleware import CorsMiddleware as Theirs

    from corsac.django import CorsMiddleware as Ours

    print(f"{'':<40} {'corsac':>11} {'theirs':>14}   theirs/ours")
    for count in (1, 100, 10_000):
        origins = [f"https://tenant-{number}.example.com" for number in range(count)]
        with override_settings(CORS_ALLOWED_ORIGINS=origins, CORS_ALLOW_CREDENTIALS=True):
            middlewares = [view, Ours(view), Theirs(view)]
            for title, origin in (("allowed", origins[-1]), ("denied", "https://tenant-x.example.com"), ("no Origin", None)):
                measure(f"{count:,} origins, {title}", middlewares, "GET", origin, count)
            measure(f"{count:,} origins, preflight", middlewares, "OPTIONS", origins[-1], count)


def measure(title: str, middlewares: list[Any], method: str, origin: str | None, count: int) -> None:
    # django-cors-headers takes milliseconds per request for long lists.
    times = max(5, 2_000 // count)
    lines = [] if origin is None else [("origin", origin)]
    if method == "OPTIONS":
        lines.append(("access-control-request-method", "PUT"))
    costs = nanoseconds([call(middleware, method, lines) for middleware in middlewares], times, ROUNDS)
    # No view responds to a preflight, so no base cost is subtracted.
    beside_peer(title, 0.0 if method == "OPTIONS" else costs[0], *costs[1:])


def call(middleware: Any, method: str, lines: list[tuple[str, str]]) -> Callable[[], HttpResponse]:
    """One request. Lines of one name are joined, as WSGI servers do."""
    environ: dict[str, Any] = {}
    for name, value in lines:
        key = "HTTP_" + name.upper().replace("-", "_")
        environ[key] = f"{environ[key]}, {value}" if key in environ else value
    request = RequestFactory().generic(method, "/", **environ)

    def once() -> HttpResponse:
        # The middleware records there that it has sent the signal.
        request.__dict__.pop("_cors_enabled", None)
        return middleware(request)  # type: ignore[no-any-return]

    return once


if __name__ == "__main__":
    main()
