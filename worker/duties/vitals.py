"""The duty that asks whether anything still works."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from worker import vitals
from worker.conditions import Condition
from worker.ledger import Ledger
from worker.ledger.quota import Quota
from worker.watch import Judged

_ROLES: Final = ("tick", "beat", "worker")


@dataclass
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
    _life: str = field(default="", init=False)
    _blind: bool = field(default=False, init=False)
    _back_at: float = field(default=float("-inf"), init=False)

    def look(self, now: float) -> Judged:
        """Who is silent, and whether too much waits.

        When Redis was away, or restarted, nobody is called silent until all had time to find their way back.
        """
        blind, self._blind = self._blind, True  # until the end of this look, which may not be reached
        life = self.ledger.epoch(now)
        self.ledger.saw("watch", self.who, now)
        seen = {role: self.ledger.seen(role).values() for role in _ROLES}
        waits = self.quota.snapshot()
        if blind or life != (self._life or life):
            self._back_at = now
        self._life, self._blind = life, False
        quota = list(vitals.of_quota(waits.waiting_urgent, waits.per_second))
        judged: dict[str, Collection[Condition]] = {vitals.QUOTA: quota}
        if now >= self._back_at + vitals.TO_RETURN:
            judged[vitals.SCOPE] = list(vitals.of_processes(seen, now, self.tick))
        return judged
