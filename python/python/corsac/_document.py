"""Encoding documents made of Python objects for the loader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet


def encode(document: object) -> str:
    """The document as JSON. Raises ``TypeError`` for a value that JSON cannot express."""
    if not isinstance(document, Mapping):
        raise TypeError(f"a document must be a mapping, not {type(document).__name__}")
    return json.dumps(document, default=_plain, allow_nan=False, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return sorted(value)
    raise TypeError(f"a document cannot hold {type(value).__name__}")
