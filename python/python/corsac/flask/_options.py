"""The options of flask-cors, and the policies that they describe."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

import corsac
from corsac import _decider
from corsac._corsac import Decider, Engine
from corsac._policy import Policy, Row
from corsac._settings import Findings, shown

DEFAULTS: dict[str, Any] = {
    "origins": "*",
    "methods": ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"),
    "allow_headers": "*",
    "expose_headers": None,
    "supports_credentials": False,
    "max_age": None,
    "send_wildcard": False,
    "automatic_options": True,
    "vary_header": True,
    "intercept_exceptions": True,
    "always_send": True,
    "allow_private_network": False,
}

#: The options that replace all of those above.
OWN = ("policy", "engine", "policy_name")

_HINTS = frozenset("\\^$()?|+{}")
#: Characters that make flask-cors read a string among the headers as a regular expression.
_HEADER_HINTS = frozenset("*\\]?$^[]()")


def config(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The options in an application's configuration, such as ``CORS_ORIGINS``."""
    options = {name: mapping.get(f"CORS_{name.upper()}") for name in (*DEFAULTS, "resources")}
    return {name: value for name, value in options.items() if value is not None}


def deciders(sets: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Decider]:
    """The decider for each set of options, given with its name. The policies form one document.

    Raises ConfigError with all mistakes.
    """
    findings = Findings()
    policies: dict[str, dict[str, Any]] = {}
    own: dict[str, Decider] = {}
    for name, options in sets:
        check_names(name, options, findings)
        if any(options.get(key) is not None for key in OWN):
            decider = _own(name, options, findings)
            if decider is not None:
                own[name] = decider
        else:
            policies[name] = translated(name, {**DEFAULTS, **options}, findings)
    engine = None
    try:
        engine = Engine.from_dict({"version": 1, "policy": policies}) if policies else None
    except corsac.ConfigError as error:
        findings += error.diagnostics
    if findings:
        raise corsac.ConfigError(tuple(findings))
    return [own[name] if engine is None or name in own else Decider(engine, name) for name, _ in sets]


def check_names(name: str, options: Mapping[str, Any], findings: Findings) -> None:
    """Finds options that do not exist."""
    known = (*DEFAULTS, *OWN)
    for option in options:
        if option not in known:
            near = difflib.get_close_matches(option, known, 1)
            help = f"did you mean `{near[0]}`?" if near else None
            findings.add("settings/unknown", f"unknown option `{option}`", help, policy=name)


def _own(name: str, options: Mapping[str, Any], findings: Findings) -> Decider | None:
    policy, engine, policy_name = map(options.get, OWN)
    rights = [option for option in options if option in DEFAULTS and option != "automatic_options"]
    given = [option for option in ("policy", "engine") if options.get(option) is not None] + rights
    if len(given) > 1:
        findings.add("settings/conflict", f"`{given[0]}` and `{given[1]}` cannot be combined", "keep one", policy=name)
    elif isinstance(policy, Policy) and policy_name is None:
        return _decider.of_policy(policy)
    elif isinstance(engine, Engine):
        if policy_name is None or policy_name in engine.policies:
            return Decider(engine, policy_name)
        findings.add("settings/unknown", f"the engine has no policy {shown(policy_name)}", policy=name)
    elif engine is None and policy_name is not None:
        findings.add("settings/conflict", "`policy_name` names a policy of `engine`, which is not given", policy=name)
    else:
        findings.add("settings/wrong-type", "`policy` is a corsac.Policy, `engine` a corsac.Engine", policy=name)
    return None


def translated(name: str, options: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """The policy's keys for these options."""
    origins = _origins(options["origins"], findings)
    if not options["vary_header"] and origins != ["*"]:
        findings.add(
            "settings/vary-header",
            "without `Vary: Origin`, a cache would serve one origin's response to another",
            "remove `vary_header`",
            policy=name,
        )
    methods = _methods(name, options["methods"], findings)
    policy = {
        "allow_origins": origins,
        "allow_methods": methods,
        "allow_headers": _headers(options["allow_headers"], findings),
        "expose_headers": sorted(_names("expose_headers", options["expose_headers"], findings)),
        "allow_credentials": findings.boolean("supports_credentials", options["supports_credentials"]),
        "allow_private_network": findings.boolean("allow_private_network", options["allow_private_network"]),
        # Browsers keep what a preflight lists, and send later requests without asking again.
        "preflight_answer": "requested",
        # flask-cors responds to a denied preflight with 200 and no CORS headers, too.
        "preflight": "answer" if options["automatic_options"] else "forward",
        "preflight_status": 200,
        "refused_preflight_status": 200,
    }
    max_age = _max_age(options["max_age"], findings)
    if not methods:
        # Then flask-cors allows no header, so browsers may keep none.
        max_age = 0
    return policy if max_age is None else {**policy, "max_age": max_age}


def _origins(value: object, findings: Findings) -> list[str | Row]:
    if isinstance(value, (str, re.Pattern, Mapping)):
        value = [value]
    if not isinstance(value, Iterable):
        findings.add("settings/wrong-type", f"`origins` must be origins, not {shown(value)}")
        return []
    rows: list[str | Row] = []
    for item in sorted(value) if isinstance(value, (set, frozenset)) else value:
        if item in ("*", ".*"):
            rows.append("*")
        elif isinstance(item, Mapping):
            rows.append(cast(Row, item))
        elif isinstance(item, str) and not _is_expression(item):
            # flask-cors read `:*` at the end as every port, and more.
            if "*" in item.removesuffix(":*"):
                why = "flask-cors reads it as a regular expression, in which `*` repeats the preceding character"
                instead = f'write the row `{{"pattern": "{item}"}}`, or pass `policy=corsac.Policy(allow_origins=["{item}"])`'
                findings.never_matched("origins", item, why, instead)
            else:
                rows.append(item)
        else:
            rows += findings.expression("origins", item)
    return rows


def _is_expression(text: str) -> bool:
    """Whether a string is a regular expression, and not a row (``*.``, ``pr-*``, ``:*``, ``[::1]``)."""
    return ".*" in text or not _HINTS.isdisjoint(text) or "[" in text.replace("://[", "")


def _names(option: str, value: object, findings: Findings) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    return findings.texts(option, value)


def _methods(policy: str, value: object, findings: Findings) -> list[str]:
    """Without `*`: flask-cors looks for the requested method in the text, and finds none in `*`."""
    names = {name.upper() for name in _names("methods", value, findings)}
    methods = sorted(names - {"*"})
    if "*" in names:
        findings.remark(
            "settings/never-matched",
            "warning",
            "`*` in `methods` has never matched as a wildcard: flask-cors looks for the method itself",
            "list the methods that pages may use, or omit `methods` to allow seven of them",
            policy=policy,
        )
    if "POST" not in methods:
        findings.remark(
            "settings/narrower",
            "note",
            "`methods` does not list `POST`: the policy refuses every preflight for it, flask-cors only those that ask for headers",
            "add `POST` to `methods` if pages show the progress of an upload",
            policy=policy,
        )
    findings.reading("methods", methods, policy=policy)
    return methods


def _headers(value: object, findings: Findings) -> list[str]:
    """A string is one name, as in flask-cors, which does not split it."""
    items = [] if value is None else [value] if isinstance(value, (str, re.Pattern)) else value
    if not isinstance(items, Iterable):
        return findings.texts("allow_headers", value)
    items = list(items)
    if any(item in ("*", ".*") for item in items):
        # In the standard, `*` does not cover this name; in flask-cors, it does.
        return ["*", "authorization"]
    expressions = [item for item in items if _is_header_expression(item)]
    for item in expressions:
        text = item.pattern if isinstance(item, re.Pattern) else item
        message = f"`allow_headers` accepts names, not the regular expression {shown(text)}"
        findings.add("settings/pattern", message, "list the names that it is meant to match")
    for item in items:
        if isinstance(item, str) and "," in item:
            names = ", ".join(f'"{name.strip()}"' for name in item.split(",") if name.strip())
            findings.add(
                "settings/never-matched",
                f"{shown(item)} in `allow_headers` has never matched: flask-cors takes it for the name of a single header",
                f"write `[{names}]`",
            )
            expressions.append(item)
    return sorted(findings.texts("allow_headers", [item for item in items if item not in expressions]))


def _is_header_expression(item: object) -> bool:
    return isinstance(item, re.Pattern) or (isinstance(item, str) and not _HEADER_HINTS.isdisjoint(item))


def _max_age(value: object, findings: Findings) -> int | None:
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, (int, type(None))):
        findings.add("settings/wrong-type", f"`max_age` must be a number of seconds, not {shown(value)}")
        return None
    # flask-cors omits the header for 0.
    return value or None
