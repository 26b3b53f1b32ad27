"""The duty that asks whether anything still works."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Final

from worker import vitals
from worker.ledger import Ledger
from worker.ledger.quota import Quota
from worker.watch import Judged

_ROLES: Final = ("tick", "beat", "worker")


@dataclass(frozen=True, slots=True)
class Vitals:
    """Signs of life in the ledger, and how much waits for the quota.

    ``tick`` is in seconds; ``who`` is this watch, which leaves a sign of its own.
    """

    ledger: Ledger
    quota: Quota
    tick: int
    who: str
    name: str = "vitals"
    every: float = 5.0

    def look(self, now: float) -> Judged:
        """Who is silent, and whether too much waits."""
        self.ledger.saw("watch", self.who, now)
        seen = {role: self.ledger.seen(role).values() for role in _ROLES}
        waits = self.quota.snapshot()
        found = chain(
            vitals.of_processes(seen, now, self.tick), vitals.of_quota(waits.waiting_urgent, waits.per_second)
        )
        return {vitals.SCOPE: list(found)}
