"""The shared side of the quota: what one process says to Redis. ``quota_grant.lua`` tells of the keys."""

from __future__ import annotations

import itertools
import os
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import NoScriptError

from worker.ledger.client import load_script, reachable
from worker.turns import Turn

SHARE: Final = 0.98
"""How much of the quota is used. The rest is room for requests that take up to 20 ms longer to arrive."""
SLACK: Final = 1 / SHARE - 1
LATEST: Final = 1.0
"""Seconds: no request is taken to arrive later than this, or one that hangs would cost many grants.

What is late is what comes between a grant and the first byte: a slow disk under ledger or journal, a
connection to be made, a machine with more to do than it can.
"""
TOO_LATE: Final = 0.125
"""Seconds: a grant read this long after its slot is not used any more."""
MARGIN: Final = 0.003
"""Seconds added to a measured delay, for what cannot be measured."""
CREEP: Final = 0.001
"""Seconds by which the floor rises in each second of requests that all took longer: the way may have become
longer. Time alone is no reason: what has no answer tells nothing, and too high a floor takes what arrives
late for punctual.
"""

_EVIDENCE: Final = 10  # answers, before anything is made of them
_HIGHEST: Final = 0.9
_LANE: Final = 1e11
_GONE: Final = 1e12
_DRIFT: Final = 5e-4  # the most by which a clock that is being corrected runs fast or slow
_STEP: Final = 0.5
_STALE_CLOCK: Final = 5.0


@dataclass(frozen=True, slots=True)
class Grant:
    """A ticket was let through at ``slot`` (Unix seconds); a request takes ``floor`` seconds at best."""

    ticket: str
    slot: float
    floor: float


@dataclass(frozen=True, slots=True)
class Round:
    """What a call of :meth:`Turnstile.pace` came to: see ``quota_grant.lua``."""

    state: Literal["pace", "wait", "lost"]
    wait: float
    count: int
    grants: tuple[Grant, ...]


def score(turn: Turn) -> float:
    """Where a turn stands in the queue: by lane, then by deadline."""
    return turn.lane * _LANE + min(max(turn.deadline, 2.0), _LANE - 1)


def free_again(slot: float, delay: float) -> float:
    """When a permit used at ``slot`` may be used again, if its request arrived ``delay`` late at most.

    A grant takes the permit that is free first, so at most as many requests as there are permits arrive in
    any second, wherever it begins: two that used the same permit arrive more than a second apart.
    """
    return slot + 1 + min(max(delay + MARGIN, SLACK), LATEST)


@dataclass(slots=True)
class Answers:
    """How long requests took, and what follows for the floor."""

    floor: float = 0.0
    count: int = 0
    fastest: float = _HIGHEST

    def add(self, seconds: float, floor: float) -> None:
        """One took so long; the floor was this when it was let through."""
        self.floor, self.count, self.fastest = floor, self.count + 1, min(self.fastest, seconds)

    def news(self, interval: float) -> tuple[float | None, float]:
        """What to lower the floor to, if to anything, and by how much to raise it. One answer that was faster
        lowers it, ten that were not raise it; ``interval`` is the seconds between two requests of the fleet.
        """
        lower, rise = None, 0.0
        if self.fastest < self.floor:
            lower = self.fastest
        elif self.count >= _EVIDENCE:
            rise = min(CREEP * interval * self.count, self.fastest - self.floor)
        if lower is not None or rise:
            self.count, self.fastest = 0, _HIGHEST
        return lower, rise


class Turnstile:
    """One process at the queue. Raises ``LedgerUnavailable``."""

    def __init__(self, client: Redis, per_second: int, prefix: str) -> None:
        self.process = f"{os.getpid()}.{secrets.token_hex(4)}"
        self.per_second = per_second
        self._interval = 1 / (SHARE * per_second)
        self._redis = client
        self._set, self._baton, self._lists = (
            prefix + name for name in ("quota", "quota:baton", "quota:grants:")
        )
        self._pace = load_script(client, "quota_grant.lua")
        self._snapshot = load_script(client, "quota_snapshot.lua")
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._notes: dict[str, float] = {}
        self._answers = Answers()
        self._offset = self._offset_at = 0.0

    def name(self, like: str = "") -> str:
        """A new ticket. Names sort by the time they were made, or that of ``like``: it settles ties."""
        made = like.partition(".")[0] or f"{int(max(self.now(), 0) * 1e6):016d}"
        return f"{made}.{next(self._numbers)}:{self.process}"

    def now(self) -> float:
        """Unix seconds by the clock of the Redis server, or a little more; 0 before the first answer."""
        return time.monotonic() - self._offset if self._offset_at else 0.0

    def _set_clock(self, sent: float, then: float) -> None:
        """Takes ``then`` for the time at ``sent``, when the question had not even arrived: the most that
        can have passed since. The best of such answers holds until it may have drifted."""
        offset, age = sent - then, sent - self._offset_at
        if abs(offset - self._offset) < _STEP:
            offset = max(offset, self._offset - _DRIFT * age)
        self._offset, self._offset_at = offset, sent

    def give_back(self, grant: Grant, delay: float, seconds: float | None) -> None:
        """Notes when the permit is free again; ``seconds`` is how long the request took, if answered.

        The next ticket of this process takes the note along, or :meth:`tell` does. Until then the permit is
        held as for a request that arrives as late as one can.
        """
        with self._lock:
            self._notes[grant.ticket] = free_again(grant.slot, delay)
            if seconds is not None:
                self._answers.add(seconds, grant.floor)

    def join(self, tickets: Mapping[str, float]) -> None:
        """Puts new tickets with their scores into the queue, and tells what has been given back."""
        sent = time.monotonic()
        stale = sent - self._offset_at > _STALE_CLOCK
        with reachable(), self._redis.pipeline(transaction=False) as pipe:
            self._write(pipe, tickets)
            if stale:
                pipe.time()
            told = pipe.execute()
        if stale:
            seconds, micros = told[-1]
            self._set_clock(sent, seconds + micros / 1e6)

    def tell(self) -> None:
        """Tells what has been given back, where no next ticket is about to."""
        with reachable(), self._redis.pipeline(transaction=False) as pipe:
            self._write(pipe, {})
            pipe.execute()

    def join_again(self, tickets: Mapping[str, float]) -> None:
        """Puts back tickets that Redis has lost; those that it knows stay what they are."""
        if tickets:
            with reachable():
                self._redis.zadd(self._set, dict(tickets), nx=True)

    def _write(self, pipe: Pipeline, tickets: Mapping[str, float]) -> None:
        with self._lock:
            notes, self._notes = self._notes, {}
            lower, rise = self._answers.news(self._interval)
        told = dict(tickets) | {ticket: -free for ticket, free in notes.items() if free > self.now()}
        if lower is not None:
            told["floor"] = 1 - lower
        if told:
            pipe.zadd(self._set, told, gt=True)
        if rise:
            pipe.zadd(self._set, {"floor": -rise}, xx=True, incr=True)

    def astray(self, tickets: Iterable[str]) -> list[str]:
        """Those that were let through, too long ago for their grants still to come."""
        names = list(tickets)
        with reachable():
            scores: Any = self._redis.zmscore(self._set, names)
        recent = -(self.now() + 1 + LATEST - TOO_LATE)
        return [
            name
            for name, at in zip(names, scores, strict=True)
            if at is not None and (recent < at < 0 or at >= _GONE)
        ]

    def listen(self, timeout: float) -> Grant | Literal["baton"] | None:
        """The next grant to this process, or the baton; ``None`` after ``timeout`` seconds of neither."""
        with reachable():
            told: Any = self._redis.blpop([self._lists + self.process, self._baton], timeout)
        if told is None:
            return None
        key, value = told
        return "baton" if key == self._baton else _grant(*value.split())

    def pace(self, waiting: int, role: str) -> Round:
        """Lets through who is due; ``role`` is baton, look, or the count of the last round.

        A server that does not know the script has just started, or taken over from another: it may have
        forgotten grants. Loading and doubting are one step, so nobody slips in between.
        """
        keys = (self._set, self._baton)
        args = (self.per_second, self._lists, self.process, waiting, role, self._interval, 1 + LATEST)
        with reachable():
            sent = time.monotonic()
            try:
                told: Any = self._redis.evalsha(self._pace.sha, 2, *keys, *args, "")
            except NoScriptError:
                told = self._redis.eval(str(self._pace.script), 2, *keys, *args, "doubt")
        state, wait, count, now, *own = told
        self._set_clock(sent, float(now))
        grants = tuple(_grant(*own[at : at + 3]) for at in range(0, len(own), 3))
        return Round(state, float(wait), int(count), grants)

    def snapshot(self) -> list[int]:
        """Used in the last second, in the last minute, waiting in each lane, grants so far."""
        with reachable():
            told: list[int] = self._snapshot(keys=[self._set], args=[1 + SLACK])
        return told


def _grant(ticket: str, slot: str, floor: str) -> Grant:
    return Grant(ticket, float(slot), float(floor))
