"""Documents made of Python objects, on their way to the loader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet


def encode(document: object) -> str:
    """The document as JSON. What JSON has no word for is a ``TypeError``."""
    if not isinstance(document, Mapping):
        raise TypeError(f"a document must be a mapping, not {type(document).__name__}")
    return json.dumps(document, default=_plain, allow_nan=False, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return sorted(value)
    raise TypeError(f"a document cannot hold {type(value).__name__}")
