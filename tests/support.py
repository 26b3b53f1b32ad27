"""What tests share beside the fixtures of conftest."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], timeout: float = 10.0, *, every: float = 0.02) -> T:
    """The first true value of ``condition``; fails the test if there is none within ``timeout`` seconds."""
    give_up = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > give_up:
            raise AssertionError(f"still not so after {timeout} s: {condition}")
        time.sleep(every)
    return value
