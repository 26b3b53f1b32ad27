"""The errand that tells, once a day, what comes and how the last day went."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final

from worker.alerts.sheet import DAY, sheet
from worker.ledger import Ledger
from worker.near import Near
from worker.views import offset_at

_LATE: Final = timedelta(hours=3)
"""After this the sheet of a day is of no use: a watch that begins in the evening tells none."""
_MOST: Final = 5_000


@dataclass
class DailySheet:
    """Tells it at ``at``, a time of day on the clock of ``zone``; whoever of several watches comes first."""

    ledger: Ledger
    at: time
    zone: str
    name: str = "sheet"
    every: float = 20.0
    _near: Near = field(init=False)

    def __post_init__(self) -> None:
        self._near = Near(self.ledger)

    def step(self) -> None:
        """The sheet of today, if its time has come and nobody told it. Raises ``LedgerUnavailable``."""
        now = self.ledger.now()
        local = datetime.fromtimestamp(now + offset_at(self.zone, int(now)), UTC).replace(tzinfo=None)
        if not timedelta() <= local - datetime.combine(local.date(), self.at) < _LATE:
            return
        alerts, name = self.ledger.alerts, f"sheet:{local.date()}"
        if alerts.was_told(name):
            return
        records = list(self._near.windows(now, behind=DAY, ahead=DAY))
        told = alerts.messages(f"{int((now - DAY) * 1_000)}-0", _MOST)
        alerts.tell_once(name, sheet(local.date(), self.zone, records, told, now), now)
