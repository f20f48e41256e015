"""Waiting for a condition."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds that anything may take on a machine that is busy with other work."""


def eventually(what: str, probe: Callable[[], T | None], limit: float = PATIENCE) -> T:
    """Calls a probe until it returns a value."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        found = probe()
        if found is not None:
            return found
        time.sleep(0.05)
    raise TimeoutError(f"not within {limit} s: {what}")
