"""The account's allowance of requests, in a second that slides (pure)."""

from __future__ import annotations

from collections import deque


class SlidingSecond:
    """Lets at most ``limit`` requests through in any half-open second, judged by their arrival.

    What was refused does not use up the allowance, but it is part of ``worst``: the most requests that
    ever arrived within one second, let through or not. Arrivals (Unix seconds) come in order; one that
    the clock's stepping back puts before its predecessor counts as simultaneous with it.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.over = 0
        self.worst = 0
        self._arrived: deque[float] = deque()
        self._admitted: deque[float] = deque()

    def admit(self, at: float) -> bool:
        """Whether the request that arrived then is within the allowance; one that is has used some."""
        at = max(at, self._arrived[-1]) if self._arrived else at
        _forget(self._arrived, at - 1)
        _forget(self._admitted, at - 1)
        self._arrived.append(at)
        self.worst = max(self.worst, len(self._arrived))
        if len(self._admitted) >= self.limit:
            self.over += 1
            return False
        self._admitted.append(at)
        return True


def _forget(times: deque[float], until: float) -> None:
    while times and times[0] <= until:
        times.popleft()
