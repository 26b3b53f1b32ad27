"""Machines with workers on them, each with a disk of its own, around one ledger that may forget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.contract.ledgers import HOUR, LATER, ClockedLedger, event
from tests.contract.stage import SETTLING, TIMEOUT, Stage
from worker.events.model import Event, Extra
from worker.journal import Journal
from worker.planner import Planner
from worker.rebuild import Rebuild
from worker.windows import Window

TICK = 5.0
HORIZON = 8 * 86_400
SOON = LATER + 120
"""Every trouble of these plays is over by then, and nothing has started."""
PATIENT = LATER + 900
PROVIDER = "http://emulator.test"


def show(event_id: str = "news", start: int = LATER + HOUR, *, hours: int = 1, **changes: object) -> Event:
    """One window at this moment and no other."""
    at = datetime.fromtimestamp(start, UTC).replace(tzinfo=None)
    once = Extra(start=at, duration=hours * HOUR, reason="once")
    fields: dict[str, object] = {"crons": (), "timezone": "UTC", "extra": (once,), "stream": event_id}
    return event(event_id, **(fields | changes))


@dataclass
class Machine:
    """One of the machines on which workers run, with a disk of its own."""

    play: Stage
    folder: Path
    journal: Journal = field(init=False)
    rebuild: Rebuild = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.folder, PROVIDER)
        self.restart()

    @property
    def planner(self) -> Planner:
        return Planner(self.play.ledger, HORIZON)

    def restart(self) -> None:
        """Its worker is another process from here on, which knows nothing but what is on disk."""
        self.rebuild = Rebuild(
            self.play.ledger, self.journal, self.planner, "redis/0", "worker-1", TIMEOUT, SETTLING
        )

    def works(self) -> None:
        """From here on it is this machine that makes the attempts."""
        attempts = self.play.attempts
        attempts.journal, attempts.recall, attempts.epoch = self.journal, self.rebuild.recall, ""

    def tick(self) -> bool:
        """What a tick does; whether it would hand anything out."""
        now = self.play.clock()
        if self.play.ledger.epoch(now) != self.rebuild.epoch:
            self.rebuild.recall()
        self.planner.tick(now, by="worker-1")
        return self.rebuild.mended(now)

    def begin(self) -> None:
        """Plans, and keeps a copy of what is wanted; whatever is due is still to be done."""
        self.works()
        self.tick()
        self.rebuild.keep()

    def live(self, until: float, *, tick: float = TICK) -> None:
        """Ticks and attempts, until then."""
        self.works()
        while self.play.clock() < until:
            if self.tick():
                self.play.settle(self.play.clock())
            self.rebuild.keep()
            self.play.clock.at = max(self.play.clock(), min(until, self.play.clock() + tick))

    def put(self, *events: Event) -> None:
        self.play.ledger.plans.put([(each, each.title) for each in events], file="events.yaml")

    def prune(self, event_id: str) -> None:
        ledger, now = self.play.ledger, self.play.clock()
        gone = self.planner.removals(ledger.plans.event(event_id).event, now)
        self.planner.call_off(gone, now, by="ann", reason="its event left the file")
        ledger.plans.drop(event_id)


def flush(play: Stage) -> None:
    """Redis loses everything, and is used again at once."""
    play.ledger.redis.flushall()
    play.clock.advance(0.5)


def copy(play: Stage) -> Callable[[], None]:
    """What is on the disk of Redis by now; call it to have Redis restart from there."""
    redis = play.ledger.redis
    kept = {key: (redis.dump(key) or b"", redis.pexpiretime(key)) for key in redis.scan_iter("*")}

    def restore() -> None:
        redis.flushall()
        redis.script_flush()
        play.clock.advance(0.5)
        for key, (value, expires) in kept.items():
            redis.restore(key, max(expires, 0), value, absttl=True)

    return restore


def windows(ledger: ClockedLedger) -> list[Window]:
    found = ledger.reading.windows(ledger.plans.ids(), 0, float("inf"))
    return sorted((record.window for record in found), key=lambda window: window.id)
