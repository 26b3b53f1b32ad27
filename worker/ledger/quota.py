"""The one allowance of requests a second that all workers share.

``with quota(turn):`` waits until this caller may send one request; the body is the request with its
answer. Most urgent first, over all threads, processes and machines; and never more than the allowance in
any second, as the server counts them: a request arrives somewhere between its grant and its answer, so one
that took longer than the fastest do may have arrived late, and its permit is held for that much longer.
Delays up to 20 ms cost nothing.

Of the threads that wait in a process, one leads: it listens for the grants of all of them, and when it
holds the baton it paces the whole fleet. Let through, it leaves the lead to another. No thread is started,
and nothing is lost with a process but the grants it was about to use.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from redis import Redis

from worker.errors import LedgerUnavailable
from worker.ledger.turnstile import SHARE, TOO_LATE, Grant, Turnstile, score
from worker.turns import Turn

_SILENCE: Final = 3  # so many times the usual pause between two grants to us, and we look for ourselves
_SHORTEST, _LONGEST = 0.2, 5.0  # seconds
_PAUSE: Final = 0.1  # seconds between two tries to reach Redis


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How the quota is doing; what is counted is grants, and ``drain`` is seconds."""

    per_second: int
    last_second: int
    last_minute: int
    waiting_urgent: int
    waiting_background: int
    granted: int
    drain: float


@dataclass(slots=True, eq=False)
class _Caller:
    turn: Turn
    ticket: str
    joined: bool = False  # it has told Redis, or tried to: not twice, or a permit would wait again
    woken: threading.Event = field(default_factory=threading.Event)
    grant: Grant | None = None
    error: LedgerUnavailable | None = None


class Quota:
    """A :class:`~worker.turns.Gate` of ``per_second`` requests. Make one a process, after any fork.

    All who share a ``prefix`` must be told the same ``per_second``. When Redis is away nobody is let
    through; it is tried for ``patience`` seconds, then ``LedgerUnavailable`` is raised.
    """

    def __init__(
        self, client: Redis, *, per_second: int, prefix: str = "relaybeat:", patience: float = 10.0
    ) -> None:
        self._turnstile = Turnstile(client, per_second, prefix)
        self._patience = patience
        self._lock = threading.Lock()
        self._waiting: dict[str, _Caller] = {}
        self._leader: _Caller | None = None
        # What follows belongs to whoever leads.
        self._role = ""  # while pacing: "baton" at first, then the count
        self._next = 0.0  # when to pace
        self._sure = False  # that our tickets are in the queue, and that somebody paces
        self._usual = 0.3  # seconds between two grants to us
        self._heard = 0.0  # when the last one came
        self._silences = 0  # how often we looked since
        self._trouble: float | None = None  # since when Redis is away

    @contextmanager
    def __call__(self, turn: Turn) -> Iterator[None]:
        """Waits for the turn. Raises ``LedgerUnavailable``; what the body raises passes through."""
        grant = self._wait(_Caller(turn, self._turnstile.name()))
        while (delay := self._turnstile.now() - grant.slot) > TOO_LATE:
            self._sure = False  # this process stood still for a while
            grant = self._wait(_Caller(turn, self._turnstile.name(like=grant.ticket)))
        began, answered = time.monotonic(), False
        try:
            yield
            answered = True
        finally:
            seconds = time.monotonic() - began
            late = max(delay, 0.0) + max(seconds - grant.floor, 0.0)
            self._turnstile.give_back(grant, late, seconds if answered else None)
            if not self._waiting:
                with suppress(LedgerUnavailable):  # the permit is then held for longer than it need be
                    self._turnstile.tell()

    def snapshot(self) -> Snapshot:
        """How the quota is doing, over all who share it. Raises ``LedgerUnavailable``."""
        per_second = self._turnstile.per_second
        second, minute, urgent, background, granted = self._turnstile.snapshot()
        drain = (urgent + background) / (per_second * SHARE)
        return Snapshot(per_second, second, minute, urgent, background, granted, drain)

    def _wait(self, caller: _Caller) -> Grant:
        with self._lock:
            self._waiting[caller.ticket] = caller
            if self._leader is None:
                self._leader, self._heard = caller, time.monotonic()
        try:
            self._join(caller)
            while caller.grant is None:
                self._lead(caller) if self._leader is caller else caller.woken.wait()
                if caller.error is not None:
                    raise LedgerUnavailable(str(caller.error), hint=caller.error.hint) from caller.error
            return caller.grant
        finally:
            self._leave(caller)

    def _join(self, caller: _Caller) -> None:
        try:
            self._turnstile.join({caller.ticket: score(caller.turn)})
        except LedgerUnavailable:
            self._sure = False  # whoever leads makes up for it, or gives up for all
        caller.joined = True

    def _leave(self, caller: _Caller) -> None:
        """A caller that was interrupted leaves its ticket behind: it costs one grant."""
        with self._lock:
            self._waiting.pop(caller.ticket, None)
            if self._leader is caller:
                self._leader = next(iter(self._waiting.values()), None)
                if self._leader is not None:
                    self._leader.woken.set()

    def _lead(self, caller: _Caller) -> None:
        while caller.grant is None and caller.error is None:
            began = time.monotonic()
            try:
                self._step()
                self._trouble = None
            except LedgerUnavailable as error:
                self._bear(error, began)

    def _step(self) -> None:
        if not self._sure:
            self._make_sure()
        elif self._role:
            time.sleep(max(self._next - time.monotonic(), 0.0))
            self._pace(self._role)
        else:
            self._listen()

    def _make_sure(self) -> None:
        with self._lock:
            tickets = list(self._waiting)
        astray = self._turnstile.astray(tickets)
        with self._lock:
            for ticket in astray:
                caller = self._waiting.pop(ticket)
                caller.ticket = self._turnstile.name(like=ticket)
                self._waiting[caller.ticket] = caller
            callers = [caller for caller in self._waiting.values() if caller.joined]
        self._turnstile.join_again({caller.ticket: score(caller.turn) for caller in callers})
        self._sure = True
        self._pace(self._role or "look")

    def _pace(self, role: str) -> None:
        come = self._turnstile.pace(len(self._waiting), role)
        self._role = str(come.count) if come.state == "pace" else ""
        self._sure = self._sure and come.state != "lost"
        self._next = time.monotonic() + come.wait
        for grant in come.grants:
            self._deliver(grant)

    def _listen(self) -> None:
        silence = _SILENCE * self._usual * 2**self._silences
        timeout = min(max(silence, self._next - time.monotonic(), _SHORTEST), _LONGEST)
        news = self._turnstile.listen(timeout)
        if news is None:
            self._sure = not self._silences  # silent for long: a grant of ours may have gone astray
            self._silences += 1
            self._pace("look")
        elif news == "baton":
            self._role, self._next = news, time.monotonic()
        else:
            self._deliver(news)

    def _deliver(self, grant: Grant) -> None:
        self._note_pause()
        with self._lock:
            caller = self._waiting.pop(grant.ticket, None)
        if caller is not None:  # else it was interrupted, or goes by another name now
            caller.grant = grant
            caller.woken.set()

    def _note_pause(self) -> None:
        now = time.monotonic()
        change = min(now - self._heard, _LONGEST) - self._usual
        self._usual += change * (0.3 if change > 0 else 0.1)
        self._heard, self._silences = now, 0

    def _bear(self, error: LedgerUnavailable, began: float) -> None:
        """Redis is away: try again, or give up for everybody who waits here."""
        self._sure, self._role = False, ""
        self._trouble = self._trouble or began
        if time.monotonic() - self._trouble < self._patience:
            time.sleep(_PAUSE)
            return
        self._trouble = None
        with self._lock:
            for caller in self._waiting.values():
                caller.error = error
                caller.woken.set()
            self._waiting.clear()
