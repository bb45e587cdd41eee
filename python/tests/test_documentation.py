"""What the documentation shows is so."""

from __future__ import annotations

import doctest
import importlib
import re
from importlib import metadata
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
README = REPOSITORY / "python" / "README.md"
_OURS = re.compile(r"https://github\.com/corsac/corsac/(?:blob|tree)/main/([^#)\s]+)")


@pytest.mark.parametrize("name", ["corsac", "corsac.asgi", "corsac.testing", "corsac.wsgi"])
def test_docstrings(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert (result.failed, result.attempted >= 3) == (0, True)


def test_readme() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 8
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(README), "exec"), names)


def links(text: str) -> list[str]:
    """The targets of a page's links, in both forms that Markdown has."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)", text) + re.findall(r"^\[[^\]]+\]: (\S+)$", text, re.MULTILINE)


def test_the_package_page_has_no_dead_link() -> None:
    """It shows this file alone: a link into the repository must be absolute, and lead to what exists."""
    text = README.read_text(encoding="utf-8")
    found = links(text)
    assert len(found) >= 5
    for link in found:
        assert link.startswith("https://"), link
        path = _OURS.fullmatch(link)
        assert path is None or (REPOSITORY / path[1]).exists(), link
    # No reference is without its definition.
    defined = re.findall(r"^\[([^\]]+)\]: ", text, re.MULTILINE)
    prose = re.sub(r"```.*?```|`[^`]*`|^\[.*", "", text, flags=re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"\[([^\]]+)\](?!\()", prose)) <= set(defined)


def test_the_package_names_pages_that_exist() -> None:
    project = (REPOSITORY / "python" / "pyproject.toml").read_text(encoding="utf-8")
    found = _OURS.findall(project.replace('"', " "))
    assert len(found) >= 3
    for path in found:
        assert (REPOSITORY / path).exists(), path


@pytest.mark.parametrize("page", sorted((REPOSITORY / "python" / "docs").glob("*.md")), ids=lambda page: page.name)
def test_pages_of_the_package_have_no_dead_link(page: Path) -> None:
    for link in links(page.read_text(encoding="utf-8")):
        path = _OURS.fullmatch(link)
        if path is not None:
            assert (REPOSITORY / path[1]).exists(), link
        elif "://" not in link and not link.startswith("#"):
            assert (page.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("name", ["LICENSE-APACHE", "LICENSE-MIT"])
def test_the_package_has_the_licences(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    assert len(text) > 1000
    # As installed, and as what installs it reads them.
    installed = [file for file in metadata.files("corsac") or () if file.name == name]
    assert [file.read_text() for file in installed] == [text]
    assert sorted(metadata.metadata("corsac").get_all("License-File") or ()) == ["LICENSE-APACHE", "LICENSE-MIT"]
    # Each crate is packed by itself, with what is in its folder.
    for folder in ("core", "source", "cli", "ffi", "adapters/tower", "python"):
        assert (REPOSITORY / folder / name).read_text(encoding="utf-8") == text, folder


def test_every_crate_has_a_description() -> None:
    manifests = [path for path in REPOSITORY.glob("**/Cargo.toml") if "target" not in path.parts]
    packages = [path for path in manifests if "[package]" in path.read_text(encoding="utf-8")]
    assert len(packages) >= 9
    for path in packages:
        text = path.read_text(encoding="utf-8")
        assert re.search(r'^description = ".{10,}"$', text, re.MULTILINE), path
