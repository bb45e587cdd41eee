"""A site of one view, for the tests of the Django middleware; and the middlewares around it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import django
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory, override_settings
from django.urls import re_path

ORIGINAL = "corsheaders.middleware.CorsMiddleware"
OURS = "corsac.django.CorsMiddleware"


def view(request: HttpRequest) -> HttpResponse:
    """Says that it was reached, and sends what headers the test wants."""
    if request.path_info.startswith("/error"):
        raise ValueError("the view failed")
    headers: Mapping[str, str] = request.META.get("test.response", {})
    return HttpResponse("from the view", headers={"x-view": "reached", **headers})


urlpatterns = [re_path(r"", view)]

settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", INSTALLED_APPS=["corsac.django"], DEBUG_PROPAGATE_EXCEPTIONS=False
)
django.setup()


class Site:
    """The site behind one middleware, with these settings."""

    def __init__(self, middleware: str = OURS, *, is_async: bool = False, **options: Any) -> None:
        self._options = {**options, "MIDDLEWARE": [middleware]}
        self._is_async = is_async
        self._handler = BaseHandler()
        with override_settings(**self._options):
            self._handler.load_middleware(is_async=is_async)

    def ask(
        self,
        method: str = "GET",
        environ: Mapping[str, str] | None = None,
        *,
        path: str = "/",
        response: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """One request, with these entries of the environ."""
        more = {**(environ or {}), "test.response": response or {}}
        with override_settings(**self._options):
            if self._is_async:
                asked: HttpRequest = AsyncRequestFactory().generic(method, path)
                asked.META.update(more)
                asked.path = asked.path_info = path
                answer = asyncio.run(self._handler.get_response_async(asked))
            else:
                asked = RequestFactory().generic(method, path)
                asked.META.update({**more, "REQUEST_METHOD": method})
                asked.path = asked.path_info = path
                answer = self._handler.get_response(asked)
            assert isinstance(answer, HttpResponse)
            return answer
