"""When to try again, or that it is no use (pure).

Exponential with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): workers that
failed together do not come back together. The cap shrinks as air comes near, and the deadline is the
last useful moment of the window, never a number of tries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from worker.errors import NotFound, ProviderError, Throttled

FIRST: Final = 1.0
"""Seconds: the longest first wait."""
FAR_CAP: Final = 60.0
NEAR_CAP: Final = 5.0
NEAR: Final = 600.0
"""Seconds before the start at which the cap shrinks to :data:`NEAR_CAP`."""
NOT_FOUND_TRIES: Final = 5
"""The documents advise to retry a 404; a domain that does not exist will still not exist."""


def delay(tries: int, until_start: float, uniform: Callable[[float, float], float]) -> float:
    """Seconds to wait after ``tries`` failed tries (1 or more), ``until_start`` seconds before air."""
    cap = FAR_CAP if until_start > NEAR else NEAR_CAP
    return uniform(0.1, min(cap, FIRST * 2.0 ** min(tries - 1, 16)))


def next_try(
    error: ProviderError,
    *,
    tries: int,
    now: float,
    start: float,
    last_useful: float,
    uniform: Callable[[float, float], float],
) -> float | None:
    """When to try again (Unix seconds), or ``None`` if only a person can help.

    ``tries`` counts this failure if it counts; ``start`` and ``last_useful`` are Unix seconds. Past
    ``last_useful`` there is one more visit, which finds the window missed and says so.
    """
    if not (error.retry or error.look_first):
        return None
    if isinstance(error, NotFound) and tries >= NOT_FOUND_TRIES:
        return None
    throttled = isinstance(error, Throttled)
    wait = uniform(0.5, 1.5) if throttled else delay(max(tries, 1), start - now, uniform)
    return min(now + wait, max(last_useful + 1, now))
