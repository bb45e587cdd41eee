"""The engine of this process, and what it has to say about itself."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import corsac

# Reloads and refused edits are told to the logger `corsac`.
logging.basicConfig(level=logging.INFO, format="%(process)d %(levelname)s %(name)s: %(message)s")

engine = corsac.Engine.from_file(os.environ.get("POLICY") or Path(__file__).with_name("policy.toml"))
# From now on the file is followed: here, and in every process that is forked from this one.
engine.watch()


def status() -> dict[str, Any]:
    """Which process this is, and what serves in it."""
    return {"pid": os.getpid(), **engine.status()}
