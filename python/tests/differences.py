"""The page of differences from the originals, ``docs/python-differences.md``."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python-differences.md"


def section(title: str) -> str:
    """What the page says under a heading."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (found,) = (each for each in sections if each.partition("\n")[0] == title)
    return found


def listed(package: str) -> list[str]:
    """The differences of a package: its own, and those that it shares with others."""
    common = re.findall(r"^### `([a-z-]+)` · (.+)$", section("In common"), re.MULTILINE)
    own = re.findall(r"^### `([a-z-]+)`$", section(package), re.MULTILINE)
    names = [name for name, packages in common if package in packages.split(", ")] + own
    assert len(set(names)) == len(names)
    return names
