"""A ledger on a real Redis whose clock is the test's, and short ways to plan and to look."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.build import SOURCES
from tests.build import window as plain_window
from worker.events.model import Event
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.ledger.keys import Keys
from worker.ledger.plans import Planned
from worker.ledger.records import Busy, Claim, Forgotten, Gone, Move
from worker.lifecycle import OPEN, State
from worker.windows import Window

LATER = 2_000_000_000
"""2033-05-18T03:33:20Z. Redis lets records expire by its own clock, so the tests' clock runs far ahead."""

HOUR = 3_600
LEASE = 25.0


@dataclass
class Clock:
    """Unix seconds, and they only pass when told to."""

    at: float = float(LATER)

    def __call__(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


FILM = ("rtmp://b.example.com/live/film",)


@dataclass(frozen=True, slots=True)
class ClockedLedger(Ledger):
    """The real ledger, which asks the test for the time instead of Redis."""

    clock: Clock = field(default_factory=Clock)

    def now(self) -> float:
        return self.clock.at


def clocked(redis_url: str, clock: Clock | None = None, prefix: str = "relaybeat:") -> ClockedLedger:
    return ClockedLedger(connect(redis_url), Keys(prefix), clock or Clock())


def window(start: int = LATER + HOUR, seconds: int = HOUR, **changes: Any) -> Window:
    return plain_window(start, seconds, **changes)


def event(event_id: str = "news", **changes: Any) -> Event:
    fields: dict[str, Any] = {
        "id": event_id,
        "title": "News",
        "domain": "pull.example.com",
        "app": "live",
        "stream": "news",
        "sources": SOURCES,
        "timezone": "Asia/Shanghai",
        "crons": ("0 * * * *",),
        "duration": HOUR,
    }
    return Event(**(fields | changes))


def plan(ledger: Ledger, *windows: Window, digest: str = "1") -> list[str]:
    """Plans windows of one event as the whole of its plan; a word for each."""
    event_id = windows[0].event
    ledger.plans.put([(event(event_id), digest)], file="events.yaml")
    planned = Planned(event_id, digest, windows, LATER + 8 * 86_400, None)
    return ledger.plans.write([planned], now=ledger.now(), by="planner")[event_id]


def try_claim(ledger: Ledger, window_id: str, holder: str = "worker-1") -> Claim | Busy | Gone:
    """What a worker is told that knows this life of the ledger."""
    now = ledger.now()
    answer: Claim | Busy | Gone | Forgotten = Forgotten(ledger.epoch(now))
    while isinstance(answer, Forgotten):
        answer = ledger.slots.claim(window_id, now=now, lease=LEASE, holder=holder, epoch=answer.epoch)
    return answer


def claimed(ledger: Ledger, of: Window, holder: str = "worker-1") -> Claim:
    """The claim on a slot that nobody holds."""
    claim = try_claim(ledger, of.id, holder)
    assert isinstance(claim, Claim), claim
    return claim


def move(of: Window, to: State, due: float | None, revision: int = 1) -> Move:
    expire_at = 0 if to in OPEN else of.end + 86_400
    return Move(window_id=of.id, revision=revision, to=to, due=due, expire_at=expire_at)


def state_of(ledger: Ledger, of: Window) -> State:
    return ledger.reading.window(of.id).state


def due_of(ledger: Ledger, window_id: str) -> float | None:
    score = ledger.redis.zscore(ledger.keys.due, window_id)
    return None if score is None else float(score)


def due(ledger: Ledger, capacity: int = 100, redeliver: float = 15.0) -> list[str]:
    """What is handed out now."""
    return ledger.hand_out(now=ledger.now(), capacity=capacity, redeliver=redeliver)


def dump(ledger: Ledger) -> dict[str, Any]:
    """All that is stored under the ledger's prefix, but for when people first and last said something."""
    aside = {ledger.keys.intent, f"{ledger.keys.prefix}born"}
    keys = sorted({*ledger.redis.scan_iter(f"{ledger.keys.prefix}*", count=1_000)} - aside)
    with ledger.redis.pipeline(transaction=True) as pipe:
        pipe.multi()
        for key in keys:
            pipe.type(key)
        kinds = pipe.execute()
        read: dict[str, Any] = {
            "hash": pipe.hgetall,
            "string": pipe.get,
            "set": pipe.smembers,
            "list": lambda key: pipe.lrange(key, 0, -1),
            "zset": lambda key: pipe.zrange(key, 0, -1, withscores=True),
        }
        for key, kind in zip(keys, kinds, strict=True):
            read[kind](key)
        return dict(zip(keys, pipe.execute(), strict=True))


def actions(ledger: Ledger, of: Window) -> Sequence[str]:
    """The changes of state in a window's history."""
    return [line["action"] for line in ledger.reading.log(of.id) if line["kind"] == "change"]


def together(*acts: Callable[[], object]) -> list[object]:
    """Runs these at the same moment, each in a thread of its own; what came of each."""
    found: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(index: int, act: Callable[[], object]) -> None:
        start.wait()
        found[index] = act()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
