"""The duty that tells planners of what moved under their plans, and of what nobody knows yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from worker.almanac import SOON, years_ahead
from worker.conditions import Condition, Kind, Level
from worker.ledger import Ledger
from worker.watch import Judged

SCOPE: Final = "data"
_TOLD_FOR: Final = 86_400
"""Seconds for which a change of data is worth telling."""


@dataclass(frozen=True, slots=True)
class Data:
    """Reads the ledger alone. ``horizon`` is in seconds."""

    ledger: Ledger
    horizon: int
    name: str = "data"
    every: float = 60.0

    def look(self, now: float) -> Judged:
        """The last change of data if it moved windows, and years to come soon that no calendar knows."""
        return {SCOPE: [*self._moved(now), *self._unknown(now)]}

    def _moved(self, now: float) -> Iterator[Condition]:
        newest = next(self.ledger.editions.turnovers(), None)
        if newest and newest.windows and now - newest.at < _TOLD_FOR:
            why = f"{newest.why}: {newest.windows} windows of {newest.events} events"
            yield Condition(
                kind=Kind.PLAN_MOVED,
                level=Level.WARN,
                scope=SCOPE,
                subject=newest.now,
                until=newest.at + _TOLD_FOR,
                facts={"why": why},
            )

    def _unknown(self, now: float) -> Iterator[Condition]:
        events = (record.event for record in self.ledger.plans.events())
        for unknown in years_ahead(events, int(now), int(now) + max(SOON, self.horizon)):
            yield Condition(
                kind=Kind.HOLIDAYS_UNKNOWN,
                level=Level.WARN,
                scope=SCOPE,
                subject=f"{unknown.calendar} {unknown.year}",
                facts={"why": str(unknown)},
            )
