"""The engine of this process, and its status."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import corsac

# The logger `corsac` reports reloads and rejected documents.
logging.basicConfig(level=logging.INFO, format="%(process)d %(levelname)s %(name)s: %(message)s")

engine = corsac.Engine.from_file(os.environ.get("POLICY") or Path(__file__).with_name("policy.toml"))
# Watches the file, in this process and in every process that is forked from it.
engine.watch()


def status() -> dict[str, Any]:
    """The process id and the status of its engine."""
    return {"pid": os.getpid(), **engine.status()}
