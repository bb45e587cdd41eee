"""The same page of a real Chromium against each original package and against its drop-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Chromium, started
from sites import FRAMEWORKS, Site, both, page

PAGES = Path(__file__).resolve().parents[2] / "docs" / "python-differences.md"

#: Sends a request and says whether its response could be read.
_FETCH = """
const [url, method, type] = given;
try {
  const response = await fetch(url, { method, headers: type ? { "content-type": type } : {}, body: method === "GET" ? undefined : "{}" });
  return await response.text() === "secret";
} catch (error) {
  return false;
}
"""
#: The same by XMLHttpRequest, with a listener for the upload: this makes the browser send a preflight.
_UPLOAD = """
const [url, method, type] = given;
return await new Promise((resolve) => {
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", () => {});
  request.addEventListener("loadend", () => resolve(request.responseText === "secret"));
  request.open(method, url);
  if (type) request.setRequestHeader("content-type", type);
  request.send("{}");
});
"""

#: Script, method, and the type of the body.
REQUESTS = {
    "simple POST": (_FETCH, "POST", "text/plain"),
    "JSON POST": (_FETCH, "POST", "application/json"),
    "PUT": (_FETCH, "PUT", "text/plain"),
    "JSON PUT": (_FETCH, "PUT", "application/json"),
    "POST with an upload listener": (_UPLOAD, "POST", "text/plain"),
    "GET with a header": (_FETCH, "GET", "application/json"),
}

LISTS = {
    "listed": ["GET", "POST", "PUT"],
    "unlisted": ["GET"],
    "GET unlisted": ["POST", "PUT"],
}

#: The requests that are read, if not those of every framework: by original and drop-in.
#: Where the two differ, the page of differences has the name.
SIMPLE = {"simple POST", "GET with a header"}
EXPECTED: dict[tuple[str, str], tuple[set[str], set[str], str | None]] = {
    ("Starlette", "unlisted"): (SIMPLE, SIMPLE, None),
    ("Django", "unlisted"): (SIMPLE | {"JSON POST", "POST with an upload listener"}, SIMPLE, "unlisted-post"),
    ("Flask", "unlisted"): (SIMPLE | {"POST with an upload listener"}, SIMPLE, "unlisted-methods"),
    ("Starlette", "GET unlisted"): (set(REQUESTS) - {"GET with a header"}, set(REQUESTS), "reading-methods"),
    ("Django", "GET unlisted"): (set(REQUESTS), set(REQUESTS), None),
    ("Flask", "GET unlisted"): (set(REQUESTS) - {"GET with a header"}, set(REQUESTS), "reading-methods"),
    **{(framework, "listed"): (set(REQUESTS), set(REQUESTS), None) for framework in FRAMEWORKS},
}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with started(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="module")
def app(chromium: Chromium) -> Iterator[str]:
    """The origin of the open page."""
    with page() as site:
        origin = f"http://app.test:{site.port}"
        chromium.open(f"{origin}/")
        yield origin


def ask(chromium: Chromium, site: Site, path: str, request: str) -> bool:
    """Whether the page reads the response. It does if and only if the handler was reached."""
    script, method, content_type = REQUESTS[request]
    is_read = chromium.run(script, f"{site.origin}{path}", method, content_type)
    assert ((method, path) in site.handled) == is_read, (request, site.handled)
    return bool(is_read)


@pytest.mark.parametrize("methods", LISTS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_a_page_may_do(framework: str, methods: str, chromium: Chromium, app: str) -> None:
    settings = {"allow_origins": [app], "allow_methods": LISTS[methods], "allow_headers": ["content-type"]}
    with both(framework, settings) as sites:
        # A path for each: the browser keeps what preflights allow by their address.
        read = {
            name: {request for number, request in enumerate(REQUESTS) if ask(chromium, site, f"/{number}", request)}
            for name, site in sites.items()
        }
    original, drop_in, difference = EXPECTED[framework, methods]
    assert read == {"original": original, "drop-in": drop_in}
    assert (difference is None) == (original == drop_in)
    assert difference is None or f"`{difference}`" in PAGES.read_text(encoding="utf-8")


@pytest.mark.parametrize("max_age", [600, 0])
def test_a_post_follows_a_preflight_that_allowed_its_headers(max_age: int, chromium: Chromium, app: str) -> None:
    # Browsers look for a safelisted method in no list, and keep the names that a preflight allowed.
    settings = {"allow_origins": [app], "allow_methods": ["PUT"], "allow_headers": ["content-type"], "max_age": max_age}
    with both("Starlette", settings) as sites:
        for site in sites.values():
            assert not ask(chromium, site, "/first", "JSON POST")
            assert ask(chromium, site, "/then", "JSON PUT")
            assert ask(chromium, site, "/then", "JSON POST") == (max_age > 0)
            # For this address alone.
            assert not ask(chromium, site, "/other", "JSON POST")


def test_what_a_preflight_of_flask_allows_is_what_it_asked_for(chromium: Chromium, app: str) -> None:
    settings = {"allow_origins": [app], "allow_methods": ["PUT"], "allow_headers": ["content-type", "x-a"], "max_age": 600}
    header = 'return await fetch(given[0], { method: "PUT", headers: { "x-a": "1" } }).then((response) => response.text());'
    with both("Flask", settings) as sites:
        for site in sites.values():
            assert chromium.run(header, f"{site.origin}/x") == "secret"
            assert not ask(chromium, site, "/x", "JSON POST")
