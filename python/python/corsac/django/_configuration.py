"""Converting the settings to a policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

import corsac
from corsac import _decider
from corsac._corsac import Decider
from corsac._diagnostic import Diagnostic
from corsac._policy import Policy, Row
from corsac._settings import Findings, shown
from corsac.django._error import ConfigError

_HEADERS = ("accept", "authorization", "content-type", "user-agent", "x-csrftoken", "x-requested-with")
_METHODS = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")

#: The settings that define rights, with the older names of some.
RIGHTS = (
    "CORS_ALLOWED_ORIGINS",
    "CORS_ORIGIN_WHITELIST",
    "CORS_ALLOWED_ORIGIN_REGEXES",
    "CORS_ORIGIN_REGEX_WHITELIST",
    "CORS_ALLOW_ALL_ORIGINS",
    "CORS_ORIGIN_ALLOW_ALL",
    "CORS_ALLOW_CREDENTIALS",
    "CORS_ALLOW_HEADERS",
    "CORS_ALLOW_METHODS",
    "CORS_EXPOSE_HEADERS",
    "CORS_PREFLIGHT_MAX_AGE",
    "CORS_ALLOW_PRIVATE_NETWORK",
)


@dataclass(frozen=True)
class Configuration:
    """The decider, and the paths to which it applies."""

    decider: Decider
    #: The policy, unless an engine decides. The signal derives policies from it.
    policy: Policy | None
    urls: re.Pattern[str] | None
    warnings: tuple[Diagnostic, ...]

    @classmethod
    def of_settings(cls) -> Configuration:
        """Reads Django's settings; raises ConfigError with all mistakes."""
        findings = Findings()
        urls = _urls(findings)
        policy, engine, name = _own(findings)
        if engine is not None:
            _raise(findings)
            return cls(Decider(engine, name), None, urls, engine.warnings)
        if policy is None:
            policy = _translated(findings)
        _raise(findings)
        return cls(_decider.of_policy(policy), policy, urls, (*findings.remarks, *policy.warnings))


def _raise(findings: Findings) -> None:
    if findings:
        raise ConfigError(tuple(findings))


def _own(findings: Findings) -> tuple[Policy | None, corsac.Engine | None, str | None]:
    """The values of the settings that belong to corsac."""
    policy = getattr(settings, "CORSAC_POLICY", None)
    engine = getattr(settings, "CORSAC_ENGINE", None)
    name = getattr(settings, "CORSAC_POLICY_NAME", None)
    for setting, value, type in (
        ("CORSAC_POLICY", policy, Policy),
        ("CORSAC_ENGINE", engine, corsac.Engine),
        ("CORSAC_POLICY_NAME", name, str),
    ):
        if value is not None and not isinstance(value, type):
            findings.add("settings/wrong-type", f"`{setting}` must be a {type.__name__}, not {shown(value)}")
            return None, None, None
    given = [setting for setting in ("CORSAC_POLICY", "CORSAC_ENGINE") if getattr(settings, setting, None) is not None]
    if given:
        given += [setting for setting in RIGHTS if hasattr(settings, setting)]
    if len(given) > 1:
        findings.add("settings/conflict", f"`{given[0]}` and `{given[1]}` cannot be combined", "keep one of them")
    if name is not None and engine is None:
        findings.add("settings/conflict", "`CORSAC_POLICY_NAME` names a policy of `CORSAC_ENGINE`, which is not set")
    if name is not None and engine is not None and name not in engine.policies:
        findings.add("settings/unknown", f"`CORSAC_ENGINE` has no policy `{name}`", f"it has {', '.join(engine.policies)}")
    return policy, engine, name


def _urls(findings: Findings) -> re.Pattern[str] | None:
    value: Any = getattr(settings, "CORS_URLS_REGEX", None)
    if value is None or (isinstance(value, re.Pattern) and isinstance(value.pattern, str)):
        return value
    if isinstance(value, str):
        try:
            return re.compile(value)
        except re.error as error:
            findings.add("regex/syntax", f"`CORS_URLS_REGEX` is not a valid regular expression: {error}")
            return None
    findings.add("settings/wrong-type", f"`CORS_URLS_REGEX` must be a regular expression, not {shown(value)}")
    return None


def _translated(findings: Findings) -> Policy:
    """The policy that the settings of django-cors-headers describe."""
    credentials = findings.boolean("CORS_ALLOW_CREDENTIALS", _get(False, "CORS_ALLOW_CREDENTIALS"))
    methods = findings.texts("CORS_ALLOW_METHODS", _get(_METHODS, "CORS_ALLOW_METHODS"))
    headers = findings.texts("CORS_ALLOW_HEADERS", _get(_HEADERS, "CORS_ALLOW_HEADERS"))
    if credentials:
        methods = _without_star("CORS_ALLOW_METHODS", methods, ["GET", "HEAD", "POST"], findings)
        headers = _without_star("CORS_ALLOW_HEADERS", headers, [], findings)
    if not {"POST", "*"} & set(methods):
        message = "`CORS_ALLOW_METHODS` does not list `POST`: the policy refuses preflights for it, which browsers accepted all the same"
        findings.remark("settings/narrower", "warning", message, "add `POST` if pages use it")
    options: dict[str, Any] = {
        "allow_origins": _origins(findings),
        "allow_methods": methods,
        "allow_headers": headers,
        "expose_headers": findings.texts("CORS_EXPOSE_HEADERS", _get((), "CORS_EXPOSE_HEADERS")),
        "allow_credentials": credentials,
        "max_age": _max_age(findings),
        "allow_private_network": findings.boolean(
            "CORS_ALLOW_PRIVATE_NETWORK", _get(False, "CORS_ALLOW_PRIVATE_NETWORK")
        ),
        # django-cors-headers responds to a denied preflight with 200 and no CORS headers, too.
        "preflight_status": 200,
        "refused_preflight_status": 200,
        "name": "django",
    }
    try:
        return Policy(**options)
    except corsac.ConfigError as error:
        raise ConfigError((*findings, *error.diagnostics)) from None


def _without_star(setting: str, names: list[str], safelisted: list[str], findings: Findings) -> list[str]:
    """What `*` in a list means for requests with credentials. django-cors-headers sends it, and browsers take
    it for a name like any other (Fetch, "CORS-preflight fetch", steps 7.5 and 7.7): it allows no more than what
    needs no permission.
    """
    if "*" not in names:
        return names
    message = f"`*` in `{setting}` covers nothing beside `CORS_ALLOW_CREDENTIALS`, as in browsers for requests with credentials"
    findings.remark("settings/narrower", "warning", message, "list the names that pages may use")
    return list(dict.fromkeys([*(name for name in names if name != "*"), *safelisted]))


def _get(default: Any, *names: str) -> Any:
    return next((getattr(settings, name) for name in names if hasattr(settings, name)), default)


def _origins(findings: Findings) -> list[str | Row]:
    everyone = _get(False, "CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL")
    if findings.boolean("CORS_ALLOW_ALL_ORIGINS", everyone):
        return ["*"]
    origins = findings.texts("CORS_ALLOWED_ORIGINS", _get((), "CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST"))
    if "*" in origins:
        findings.add(
            "origin/scheme-missing",
            "`*` in `CORS_ALLOWED_ORIGINS` is not an origin",
            "set `CORS_ALLOW_ALL_ORIGINS = True` if every page may read the responses",
        )
    rows: list[str | Row] = []
    for origin in origins:
        if "*" not in origin:
            rows.append(origin)
        elif origin != "*":
            why = "origins are compared literally"
            instead = f'set `CORSAC_POLICY = corsac.Policy(allow_origins=["{origin}"])`, or write an expression'
            findings.never_matched("CORS_ALLOWED_ORIGINS", origin, why, instead)
    expressions: object = _get((), "CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST")
    if isinstance(expressions, str) or not isinstance(expressions, Sequence):
        findings.add(
            "settings/wrong-type", f"`CORS_ALLOWED_ORIGIN_REGEXES` must be a list, not {shown(expressions)}"
        )
        return rows
    for expression in expressions:
        rows += findings.expression("CORS_ALLOWED_ORIGIN_REGEXES", expression)
    return rows


def _max_age(findings: Findings) -> int | None:
    value = _get(86400, "CORS_PREFLIGHT_MAX_AGE")
    if isinstance(value, bool) or not isinstance(value, int):
        findings.add("settings/wrong-type", f"`CORS_PREFLIGHT_MAX_AGE` must be a number of seconds, not {shown(value)}")
        return None
    # django-cors-headers omits the header for 0.
    return value or None
