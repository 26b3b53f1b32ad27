"""A night on a stage: beats, attempts and the watch on one clock, and what people hear of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.contract.desk import Desk
from tests.contract.ledgers import LATER
from tests.contract.machines import HORIZON, show
from tests.contract.stage import SETTLE, TIMEOUT, Stage
from worker.conditions import Condition
from worker.duties.air import OnAir
from worker.duties.coverage import Coverage
from worker.events.model import Event
from worker.ledger.watched import Tried
from worker.planner import Planner
from worker.provider.emulator.world import Key
from worker.reconciler import Reconciler
from worker.relay import Slot
from worker.sights import Sights
from worker.watch import Duty, Judged
from worker.windows import Window

STEP = 10.0
Heard = list[tuple[str, str]]
"""What became of a condition, and of which kind it is, in order."""


@dataclass
class Night:
    """Everything goes on by itself in :meth:`live`; without ``beats`` nobody mends anything."""

    play: Stage
    beats: bool = True
    tried: list[str] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)

    def __post_init__(self) -> None:
        ledger, cloud = self.play.ledger, self.play.cloud
        self.planner = Planner(ledger, HORIZON)
        sights = Sights(ledger, cloud, self.play.clock.advance, 5.0, TIMEOUT + 10, SETTLE)
        self.reconciler = Reconciler(sights, self.planner)
        self.coverage = Coverage(ledger, cloud, SETTLE)
        self.air = OnAir(ledger, cloud, SETTLE, self._try)
        self.duties = self.duties or [self.coverage, self.air]
        self._begun: dict[str, float] = {}

    @property
    def now(self) -> float:
        return self.play.clock()

    @property
    def desk(self) -> Desk:
        return Desk(self.play.ledger)

    def shows(self, *events: Event) -> list[Window]:
        """The first window of each, planned."""
        self.play.ledger.plans.put([(each, each.title) for each in events], file="events.yaml")
        self.planner.tick(self.now, by="beat")
        return [self.desk.windows(each.id)[0].window for each in events]

    def show(self, event_id: str = "news", start: int = LATER + 3_600, **changes: Any) -> Window:
        """One window at this moment, planned."""
        (found,) = self.shows(show(event_id, start, **changes))
        return found

    def live(self, until: float, step: float = STEP) -> None:
        """All that processes do by themselves, each in its turn, until then."""
        while self.now < until:
            self.play.settle(min(until, self.now + step))
            if self.beats:
                self._beat()
            for duty in self.duties:
                if self._is_time(duty.name, duty.every):
                    self.look(duty)

    def wait(self, seconds: float) -> None:
        self.live(self.now + seconds)

    def look(self, duty: Duty) -> Judged:
        now = self.now
        judged = duty.look(now)
        self.play.ledger.alerts.judge(judged, now)
        return judged

    def _beat(self) -> None:
        self.planner.tick(self.now, by="beat")
        if self._is_time("reconcile", 30):
            self.play.ledger.redis.delete(self.play.ledger.keys.reconciling)
            self.reconciler.beat()

    def _is_time(self, name: str, every: float) -> bool:
        """Whether it is time for another one of these; the first is due at once."""
        if self.now - self._begun.get(name, 0.0) < every - 1:
            return False
        self._begun[name] = self.now
        return True

    def _try(self, windows: Collection[Window], _: float) -> Mapping[Window, tuple[Tried, ...]]:
        self.tried += [window.id for window in windows]
        world = self.play.gateway.world
        return {
            window: tuple(
                Tried(source=url, alive=world.alive(url, self.now), at=self.now) for url in window.sources
            )
            for window in windows
        }

    @property
    def heard(self) -> Heard:
        return [(m.what, m.condition.kind.value) for m in self.play.ledger.alerts.messages()]

    @property
    def told(self) -> list[Condition]:
        """The conditions that people heard of, as they were then."""
        return [message.condition for message in self.play.ledger.alerts.messages()]

    @property
    def standing(self) -> list[str]:
        return [each.condition.kind.value for each in self.play.ledger.alerts.standing()]

    def asked(self, *actions: str) -> int:
        """How many requests of these actions the provider got."""
        return sum(action in actions for action, _ in self.play.requests)

    @property
    def writes(self) -> list[str]:
        """What was changed at the provider."""
        return [action for action, _ in self.play.requests if action in {"Create", "Update", "Delete"}]

    def forbid(self, slot: Slot, *, forbidden: bool = True) -> None:
        among = self.play.gateway.world.forbidden
        (among.add if forbidden else among.discard)(Key(slot.domain, slot.app, slot.stream))

    def kill(self, source: str, *, alive: bool = False) -> None:
        self.play.gateway.world.set_alive(source, alive, self.now)
