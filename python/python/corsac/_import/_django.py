"""Converting the settings of django-cors-headers."""

from __future__ import annotations

import difflib
import os
import re
from typing import Any

import django
from django.conf import settings
from django.utils.module_loading import import_string

import corsac.django
from corsac._application import CannotRun, imports
from corsac._diagnostic import ConfigError
from corsac._import._document import Document
from corsac._import._region import Region
from corsac.django._configuration import RIGHTS, Configuration

_MIDDLEWARE = ("corsheaders.middleware.CorsMiddleware", "corsac.django.CorsMiddleware")
_KNOWN = (*RIGHTS, "CORS_URLS_REGEX")


def document(module: str | None) -> Document:
    """The document for the settings of this module, or of DJANGO_SETTINGS_MODULE."""
    if module is not None:
        os.environ["DJANGO_SETTINGS_MODULE"] = module
    if not settings.configured and "DJANGO_SETTINGS_MODULE" not in os.environ:
        raise CannotRun("no settings module given; pass one, such as `mysite.settings`, or set DJANGO_SETTINGS_MODULE")
    with imports(os.environ.get("DJANGO_SETTINGS_MODULE", "settings")):
        middleware = settings.MIDDLEWARE
    own = [path for path in middleware if _is_cors(path)]
    if not own:
        raise CannotRun(f"MIDDLEWARE does not contain `{_MIDDLEWARE[0]}`, so the settings have no effect")
    found = Document()
    for path in own:
        if path not in _MIDDLEWARE:
            message = f"`{path}` may do more than its settings say, which the document cannot include"
            found.warn("settings/unread", message, "check whether it allows or denies other origins")
    _policy(found)
    _names(found)
    _receivers(found)
    return found


def _is_cors(path: str) -> bool:
    if path in _MIDDLEWARE:
        return True
    try:
        made = import_string(path)
    except Exception:  # Importing a module can fail in any way, and this one is not needed.
        return False
    names = [f"{each.__module__}.{each.__qualname__}" for each in getattr(made, "__mro__", ())]
    return _MIDDLEWARE[0] in names or corsac.django.CorsMiddleware in getattr(made, "__mro__", ())


def _policy(found: Document) -> None:
    try:
        configuration = Configuration.of_settings()
    except ConfigError as error:
        found.reject(error)
        return
    policy, name = configuration.policy, configuration.decider.policy_name
    if policy is not None:
        name = found.add(policy)
        found.findings += (each for each in configuration.warnings if each not in policy.warnings)
    else:
        found.written = configuration.decider.engine.to_document()
        if name is not None:
            message = f"`CORSAC_POLICY_NAME` selects `{name}`; the document does not record this"
            found.warn("settings/unread", message, "keep the setting, or write a route")
    _paths(found, name, configuration.urls)


def _paths(found: Document, name: str | None, urls: re.Pattern[str] | None) -> None:
    """Adds a route for CORS_URLS_REGEX."""
    region = Region(None) if urls is None else Region.of_expression(urls.pattern, is_whole=False)
    if region is not None and urls is not None and urls.flags & ~re.UNICODE:
        region = None
    if found.written is not None and region != Region(None):
        region = None
    if region is None or region.but is not None:
        what = "not expressible as a route, so the document applies to every path"
        if region is not None:
            what = f"not the same as the route's path: {region.difference}"
        found.warn(
            "settings/paths",
            f"`CORS_URLS_REGEX` is {what}",
            "keep the setting together with `CORSAC_ENGINE`, or write the routes",
            policy=name,
        )
    if region is not None and name is not None:
        found.route(name, region.path)


def _names(found: Document) -> None:
    """Reports unknown settings."""
    for name in dir(settings):
        if name.startswith("CORS_") and name not in _KNOWN:
            near = difflib.get_close_matches(name, _KNOWN, 1)
            help = f"did you mean `{near[0]}`?" if near else "remove it"
            found.warn("settings/unknown", f"unknown setting `{name}`", help)


def _receivers(found: Document) -> None:
    """Reports signal receivers, which can allow origins at run time."""
    try:
        with imports("the applications"):
            django.setup()
    except CannotRun as error:
        found.warn("settings/unread", f"cannot determine the receivers of `check_request_enabled`: {error}", "check whether there are any")
        return
    for signal in filter(None, (_signal("corsheaders.signals"), _signal("corsac.django"))):
        if signal.receivers:
            found.warn(
                "settings/unread",
                "receivers of `check_request_enabled` can allow further origins at run time, which the document cannot include",
                "keep the middleware, or list the origins",
            )


def _signal(module: str) -> Any:
    try:
        return import_string(f"{module}.check_request_enabled")
    except ImportError:
        return None
