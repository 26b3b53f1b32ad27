"""A worker, the ledger and the emulator on one clock: a request takes a moment, and idle time none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from starlette.applications import Starlette

from tests.build import relay_of
from tests.contract.ledgers import Clock, ClockedLedger, clocked, plan, state_of
from worker.attempts import Attempts
from worker.journal import Journal
from worker.lifecycle import State
from worker.provider.cloud import Cloud
from worker.provider.emulator.app import create_app
from worker.provider.emulator.gateway import Gateway
from worker.provider.emulator.options import DEMO_KEYS, Duplicate, Options
from worker.provider.emulator.world import Change, Key, Op
from worker.relay import Relay, Row, Slot
from worker.turns import Turn
from worker.visit import Policy
from worker.windows import Window

SETTLING = 5.0
SETTLE = 300
TIMEOUT = 10.0
MOMENT = 0.125
"""How long a request takes to get there, and its answer to come back."""
MOST_VISITS = 400

Request = tuple[str, str]
"""An action without its ending, and what was said to it: ``("Create", "ok")``."""


class Killed(BaseException):
    """What a process feels of SIGKILL: nothing, and nothing after it."""


@dataclass
class Stage:
    """Everything an attempt works with. The clock moves by requests and by :meth:`settle`."""

    ledger: ClockedLedger
    clock: Clock
    app: Starlette
    journal: Journal
    cloud: Cloud = field(init=False)
    attempts: Attempts = field(init=False)
    deaths: dict[int, str] = field(default_factory=dict)
    interrupts: dict[int, Callable[[], object]] = field(default_factory=dict)
    passes: int = 0
    turns: list[Turn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cloud = Cloud(
            "http://emulator.test",
            DEMO_KEYS,
            gate=self._gate,
            now=lambda: datetime.fromtimestamp(self.clock(), UTC),
            stopwatch=self.clock,
            timeout=TIMEOUT,
            transport=httpx.ASGITransport(self.app),
        )
        self.attempts = Attempts(
            self.ledger,
            self.cloud,
            Policy(settling=SETTLING, settle=SETTLE, timeout=TIMEOUT),
            "worker-1",
            lambda low, high: high,
            self.clock.advance,
            self.journal,
            lambda: self.ledger.epoch(self.clock()),
        )

    @property
    def gateway(self) -> Gateway:
        """The inside of the emulator."""
        found: Gateway = self.app.state.gateway
        return found

    def die(self, *, at: int, when: str) -> None:
        """Kills the worker at its ``at``-th request from now, once that is "noted" or once it is "sent"."""
        self.passes, self.deaths = 0, {at: when}

    def interrupt(self, act: Callable[[], object], *, at: int) -> None:
        """Lets something happen while the worker waits for its turn with its ``at``-th request from now."""
        self.passes, self.interrupts = 0, {at: act}

    @contextmanager
    def _gate(self, turn: Turn) -> Iterator[None]:
        self.passes += 1
        self.turns.append(turn)
        death = self.deaths.pop(self.passes, "")
        self.interrupts.pop(self.passes, lambda: None)()
        turn.announce()
        if death == "noted":
            raise Killed
        self.clock.advance(MOMENT)
        yield
        self.clock.advance(MOMENT)
        if death == "sent":
            raise Killed

    def run(self, window: Window) -> str:
        """One attempt for this window, now."""
        return self.attempts.run(window.id)

    def settle(self, until: float) -> None:
        """Makes every attempt that falls due, each at its moment, until then."""
        for _ in range(MOST_VISITS):
            moment = self._next_due()
            if moment is None or moment > until:
                self.clock.at = max(self.clock.at, until)
                self.gateway.catch_up(self.clock())
                return
            self.clock.at = max(self.clock.at, moment)
            for window_id in self.ledger.hand_out(now=self.clock(), capacity=100, redeliver=15.0):
                self.attempts.run(window_id)
        raise AssertionError(f"no rest by {until}: {self.requests[-20:]}")

    def _next_due(self) -> float | None:
        found: Any = self.ledger.redis.zrange(self.ledger.keys.due, 0, 0, withscores=True)
        return float(found[0][1]) if found else None

    def fail(self, *faults: str) -> None:
        """What goes wrong at the provider from now on; without any, nothing more."""
        self.gateway.set_faults(faults, 0)

    @property
    def requests(self) -> list[Request]:
        """What was asked of the provider, in order."""
        lines = (line for line in self.gateway.journal.lines if line["kind"] == "request")
        return [(line["action"].removesuffix("RelaySourceV4"), line["code"] or "ok") for line in lines]

    @property
    def writes(self) -> list[str]:
        """The same without the lists, and without what was said."""
        return [action for action, _ in self.requests if action != "List"]

    def rows(self) -> list[Row]:
        """What the provider really holds now."""
        self.gateway.catch_up(self.clock())
        return [
            Row(Slot(config.domain, key.app, key.stream), config.sources, config.start, config.end)
            for key, config in self.gateway.world.rows(self.clock())
        ]

    def task_ids(self) -> list[str]:
        return [str(config.task_id) for _, config in self.gateway.world.rows(self.clock())]

    def plant(self, relay: Relay, *, foreign: bool = True) -> None:
        """A config that somebody else made."""
        row, slot = relay.as_row(), relay.slot
        key = Key(slot.domain, slot.app, slot.stream)
        change = Change(
            Op.CREATE, key, slot.domain, row.sources, row.start, row.end, foreign=foreign, task_id=1
        )
        self.gateway.world.apply(change, self.clock())

    def remove(self, slot: Slot) -> None:
        """The slot emptied behind our back."""
        key = Key(slot.domain, slot.app, slot.stream)
        self.gateway.world.apply(Change(Op.DELETE, key, slot.domain), self.clock())

    def plan(self, *windows: Window, digest: str = "1") -> None:
        plan(self.ledger, *windows, digest=digest)

    def state(self, window: Window) -> State:
        return state_of(self.ledger, window)

    def assert_placed(self, *windows: Window) -> None:
        """The provider holds these windows and nothing else, and the ledger says so."""
        assert self.rows() == [relay_of(each).as_row() for each in windows]
        assert [self.state(each) for each in windows] == [State.PLACED] * len(windows)


@contextmanager
def stage(redis_url: str, duplicate: Duplicate, **options: Any) -> Iterator[Stage]:
    """A stage, and, when the play is over, a look at what no play may have done."""
    clock = Clock()
    app = create_app(Options(duplicate=duplicate, quota=100_000, now=clock, **options))
    with TemporaryDirectory() as folder:
        journal = Journal(Path(folder), "http://emulator.test")
        found = Stage(clocked(redis_url, clock), clock, app, journal)
        with closing(found.cloud):
            yield found
        found.ledger.redis.connection_pool.disconnect()
    assert found.gateway.worst_duplicates == 0
    assert found.gateway.journal.tallies["repeated_creates"] == 0
