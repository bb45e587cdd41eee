"""The corpus through the Django middleware."""

from __future__ import annotations

from functools import cache

import pytest
from corpus import Case
from django_site import Site
from environ_corpus import EXPRESSIBLE, INEXPRESSIBLE, REPEATED, SLASHED, check, environ

import corsac


@cache
def site(document: str, policy: str | None, is_async: bool) -> Site:
    options = {} if policy is None else {"CORSAC_POLICY_NAME": policy}
    return Site(CORSAC_ENGINE=corsac.Engine.from_text(document), is_async=is_async, **options)


@pytest.mark.parametrize("case", EXPRESSIBLE, ids=lambda case: case.id)
def test_case(case: Case) -> None:
    path = case.target.get("path", b"/").decode("utf-8", "surrogateescape")
    for is_async in (False, True):
        ours = site(case.document, case.target.get("policy"), is_async)
        response = ours.ask(case.method.decode(), environ(case), path=path)
        check(case, response.status_code, response.headers.items(), "x-view" in response.headers)


def test_cases_that_an_environ_cannot_express() -> None:
    assert INEXPRESSIBLE == {REPEATED: 27, SLASHED: 8}
