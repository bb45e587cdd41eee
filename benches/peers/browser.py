"""What a browser makes of a contestant's response, by the CORS check of the Fetch standard, and whether
that is what the policy says. All contestants get the same check.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def value(answer: Json, name: str) -> str | None:
    """All header lines of this name as one value."""
    values = [given for header, given in answer.get("headers", []) if header == name]
    return ", ".join(values) if values else None


def lines(request: Json, name: str) -> list[str]:
    return [given for header, given in request["headers"] if header == name]


def allows(scenario: Json, request: Json, answer: Json) -> bool:
    """Whether a browser gives the response to the page, or sends the request after this preflight."""
    credentials = scenario["policy"]["allow_credentials"]
    allow_origin = value(answer, "access-control-allow-origin")
    if not (allow_origin == "*" and not credentials):
        if allow_origin != lines(request, "origin")[0]:
            return False
        if credentials and value(answer, "access-control-allow-credentials") != "true":
            return False
    if scenario["kind"] == "actual":
        return True
    method = lines(request, "access-control-request-method")[0]
    methods = listed(answer, "access-control-allow-methods")
    headers = {name.lower() for name in listed(answer, "access-control-allow-headers")}
    requested = ",".join(lines(request, "access-control-request-headers"))
    names = [name.strip().lower() for name in requested.split(",")]
    return (
        200 <= answer["status"] < 300
        and (method in methods or ("*" in methods and not credentials))
        and all(
            name in headers or ("*" in headers and not credentials and name != "authorization")
            for name in names
            if name
        )
    )


def listed(answer: Json, name: str) -> set[str]:
    return {item.strip() for item in (value(answer, name) or "").split(",")}


def mistake(scenario: Json, request: Json, expected: Json, answer: Json) -> str | None:
    """What is wrong with an answer, if anything. One without headers says itself what it allows."""
    origin = lines(request, "origin")[0]
    allowed = answer.get("allowed")
    if allowed is None:
        allowed = allows(scenario, request, answer)
    if expected["allowed"] is not None and expected["allowed"] != allowed:
        if allowed:
            return f"allows `{short(origin)}`, which the policy denies"
        return f"denies `{short(origin)}`, which the policy allows"
    given = value(answer, "access-control-allow-origin")
    if given is None:
        return None
    any_origin = "*" in scenario["policy"]["allow_origins"]
    if given == "*" and not any_origin:
        return f"allows every origin in its response to `{short(origin)}`"
    right = given == expected["allow_origin"] or (any_origin and given == origin)
    return f"answers `{short(given)}` to `{short(origin)}`" if allowed and not right else None


def mistakes(scenario: Json, answers: list[Json]) -> str | None:
    """The first mistake in the answers to a scenario, and the number of the others."""
    if len(answers) != len(scenario["requests"]):
        return f"{len(answers)} answers to {len(scenario['requests'])} requests"
    cases = zip(scenario["requests"], scenario["expected"], answers, strict=True)
    found = [what for case in cases if (what := mistake(scenario, *case)) is not None]
    if len(found) < 2:
        return found[0] if found else None
    return f"{found[0]}; {len(found) - 1} more of {len(answers)} answers are wrong"


def short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"
