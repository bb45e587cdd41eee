"""Reading a table of a pyproject.toml, and TOML for every supported version of Python."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from corsac._diagnostic import ConfigError, Diagnostic


def parse(text: str) -> dict[str, Any]:
    """A TOML document as dictionaries."""
    return tomllib.loads(text)


def read(path: str | os.PathLike[str], table: str) -> Mapping[str, Any]:
    """The document in this table (a dotted name) of this file."""
    try:
        found: object = parse(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise _error(path, "document/unreadable", f"the document cannot be read: {error}", None) from error
    except ValueError as error:
        raise _error(path, "document/syntax", f"the document is not TOML: {error}", None) from error
    for key in table.split("."):
        if not isinstance(found, Mapping) or key not in found:
            help = f"write the policy document under `[{table}]`: `version = 1` and a policy"
            raise _error(path, "document/missing-key", f"there is no table `{table}`", help)
        found = found[key]
    if not isinstance(found, Mapping):
        raise _error(path, "document/wrong-type", f"`{table}` is not a table", None)
    return found


def _error(path: str | os.PathLike[str], code: str, message: str, help: str | None) -> ConfigError:
    file = os.fspath(path)
    return ConfigError((Diagnostic(code, "error", None, file, None, None, message, help),))
