"""Counting what each client takes, in bounded memory (pure)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_CLIENTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second for long, and ``burst`` at once."""

    per_second: float
    burst: float


class Buckets:
    """A token bucket for each client. ``stopwatch`` tells seconds. For one thread.

    The ``most`` clients that took something last are remembered. Whoever fills that up begins anew
    themselves, so there is nothing to win by it but for who has that many addresses.
    """

    def __init__(self, rate: Rate, stopwatch: Callable[[], float], most: int = _CLIENTS) -> None:
        self._rate = rate
        self._stopwatch = stopwatch
        self._most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, who: str) -> float:
        """Seconds until this client may take one; 0 if now."""
        lacks = 1.0 - self._full(who, self._stopwatch())
        return lacks / self._rate.per_second if lacks > 0 else 0.0

    def take(self, who: str) -> float:
        """Takes one, if there is one; else says as :meth:`wait` does."""
        wait, now = self.wait(who), self._stopwatch()
        if not wait:
            self._left[who] = (self._full(who, now) - 1.0, now)
            self._left.move_to_end(who)
            if len(self._left) > self._most:
                self._left.popitem(last=False)
        return wait

    def _full(self, who: str, now: float) -> float:
        left, since = self._left.get(who, (self._rate.burst, now))
        return min(self._rate.burst, left + (now - since) * self._rate.per_second)
