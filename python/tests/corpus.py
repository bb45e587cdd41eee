"""The corpus, ``tests/data`` of the repository: which every binding runs. See its README."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "data"
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")

#: The check that the reason of a denial names, by how the reason begins.
_CHECKS = {
    "origin-": "origin",
    "own-origin": "origin",
    "method-": "method",
    "header-": "headers",
    "headers-": "headers",
    "private-network-": "private-network",
}


@dataclass(frozen=True)
class Case:
    """A request, the document that decides it, and what is expected."""

    file: str
    entry: dict[str, Any]
    document: str

    @property
    def id(self) -> str:
        return f"{self.file}: {self.entry['name']}"

    @property
    def method(self) -> bytes:
        return to_bytes(self.entry["method"])

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(to_bytes(name), to_bytes(value)) for name, value in self.entry.get("headers", [])]

    @property
    def target(self) -> dict[str, Any]:
        if "route" in self.entry:
            return {key: to_bytes(value) for key, value in self.entry["route"].items()}
        return {"policy": self.entry["policy"]} if "policy" in self.entry else {}

    @property
    def expected(self) -> dict[str, Any]:
        expected = {**_defaults(self.entry["expect"]), **self.entry["expect"]}
        expected["set"] = [(name, to_bytes(value)) for name, value in expected["set"]]
        return expected


@dataclass(frozen=True)
class Load:
    """A document and its expected diagnostics."""

    file: str
    entry: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.file}: {self.entry['name']}"

    @property
    def is_accepted(self) -> bool:
        return all(expected["severity"] != "error" for expected in self.entry.get("diagnostics", []))

    def write(self, folder: Path) -> Path:
        """Writes the document and its lists; gives the document's path."""
        document = folder / ("policy.json" if self.entry.get("format") == "json" else "policy.toml")
        if "text" in self.entry:
            document.write_bytes(to_bytes(self.entry["text"]))
        elif "bytes" in self.entry:
            document.write_bytes(to_bytes({"bytes": self.entry["bytes"]}))
        elif "size" in self.entry:
            _sparse(document, self.entry["size"])
        elif "directory" in self.entry:
            document.mkdir()
        for name, content in self.entry.get("lists", {}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, dict) and "size" in content:
                _sparse(path, content["size"])
            elif isinstance(content, dict) and "directory" in content:
                path.mkdir()
            else:
                path.write_bytes(to_bytes(content))
        return document


def _defaults(expect: dict[str, Any]) -> dict[str, Any]:
    """What an expectation leaves out, by verdict and reason; ``tests/src/corpus/expectation.rs`` has the same rule."""
    verdict = expect["verdict"]
    reasons = {"allowed": "ok", "preflight-allowed": "ok", "not-cors": "no-origin", "same-origin": "own-origin"}
    reason = expect.get("reason", reasons.get(verdict))
    assert reason is not None, f"the verdict {verdict!r} needs a reason"
    failed = [check for prefix, check in _CHECKS.items() if reason.startswith(prefix)]
    vary = ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"]
    return {
        "reason": reason,
        "failed": failed if verdict in ("denied", "preflight-denied") else [],
        "status": None,
        "rule": None,
        "grant": None,
        "set": [],
        "vary": vary if verdict.startswith("preflight-") else vary[:1],
        "upstream": "replace",
    }


def to_bytes(value: str | dict[str, Any]) -> bytes:
    """A value of the corpus as bytes."""
    if isinstance(value, str):
        return value.encode()
    if "bytes" in value:
        return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value["bytes"]).encode("latin-1")
    repeated: str = value.get("prefix", "") + value["repeat"] * value["times"] + value.get("suffix", "")
    return repeated.encode()


def _sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def _themes() -> list[tuple[str, dict[str, Any]]]:
    paths = sorted(FOLDER.glob("*.toml"))
    assert paths, f"there is no corpus in {FOLDER}"
    return [(path.name, tomllib.loads(path.read_text(encoding="utf-8"))) for path in paths]


_THEMES = _themes()
DOCUMENTS = [(file, name, text) for file, theme in _THEMES for name, text in theme.get("documents", {}).items()]
CASES = [
    Case(file, entry, theme["documents"][entry["document"]]) for file, theme in _THEMES for entry in theme.get("case", [])
]
LOADS = [Load(file, entry) for file, theme in _THEMES for entry in theme.get("load", [])]
