"""Somebody who says things, of a nightly show on a stage or in a ledger alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.contract.ledgers import HOUR, ClockedLedger, claimed, event, move
from worker.events.model import Event
from worker.ledger.codec import Book
from worker.ledger.records import WindowRecord
from worker.lifecycle import OPEN, State
from worker.planner import Planner
from worker.sense import Speaker, Wish
from worker.specials import Special
from worker.verbs import Said, Verbs
from worker.windows import Window

DAY = 86_400
HORIZON = 3 * DAY
SETTLE = 300
OTHER = ("rtmp://c.example.com/live/news",)


def nightly(**changes: Any) -> Event:
    """At eight in the evening in Shanghai, for two hours."""
    return event(**({"crons": ("0 20 * * *",), "duration": 2 * HOUR} | changes))


@dataclass(frozen=True)
class Desk:
    """The verbs as ann says them, and what the ledger then holds."""

    ledger: ClockedLedger

    @property
    def planner(self) -> Planner:
        return Planner(self.ledger, HORIZON)

    @property
    def verbs(self) -> Verbs:
        return Verbs(self.planner, SETTLE)

    def apply(self, of: Event, digest: str = "1") -> None:
        self.ledger.plans.put([(of, digest)], file="events.yaml")
        self.tick()

    def tick(self) -> None:
        self.planner.tick(self.ledger.now(), by="beat")

    def windows(self, event_id: str = "news") -> Sequence[WindowRecord]:
        return list(self.ledger.reading.windows([event_id], float("-inf"), float("inf")))

    def states(self) -> list[State]:
        return [record.state for record in self.windows()]

    def window(self, n: int = 0) -> Window:
        return self.windows()[n].window

    def say(self, verb: str, about: str, *, force: bool = False, reason: str = "strike", **wish: Any) -> Said:
        speaker = Speaker("ann@desk", reason, force)
        if verb == "add":
            return self.verbs.add(about, speaker, Special(**wish))
        if verb == "override":
            return self.verbs.override(about, speaker, Wish(**wish))
        if verb == "extend":
            return self.verbs.extend(about, speaker, wish.get("seconds", 1_800))
        said: Said = getattr(self.verbs, verb)(about, speaker)
        return said

    def bring(self, of: Window, to: State, **fields: Any) -> None:
        """What an attempt would write, whatever it found."""
        revision = self.ledger.reading.window(of.id).revision
        made = move(of, to, of.end if to in OPEN else None, revision)
        made.fields.update(fields)
        self.ledger.slots.finish(claimed(self.ledger, of), Book(), [made], now=self.ledger.now())
