"""Shared by all tests."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

#: Long enough for a machine that does other things besides, in seconds.
DEADLINE = 60.0


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Asks until the answer is yes."""

    def wait(is_so: Callable[[], object]) -> None:
        deadline = time.monotonic() + DEADLINE
        while not is_so():
            assert time.monotonic() < deadline, "it did not come to that"
            time.sleep(0.005)

    return wait
