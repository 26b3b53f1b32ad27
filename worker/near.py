"""The windows round now, whatever became of them: for all who look again and again."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from worker.ledger import Ledger
from worker.ledger.records import WindowRecord

_PERMANENT: Final = -1
"""In place of a length."""


@dataclass
class Near:
    """Reads windows by time. What that takes to know of the events is read again only when people changed it.

    Safe in one thread; each that looks has its own.
    """

    ledger: Ledger
    _stamp: float = field(default=-1.0, init=False)
    _reaches: dict[int, list[str]] = field(default_factory=dict, init=False)

    def windows(self, now: float, *, behind: float, ahead: float) -> Iterator[WindowRecord]:
        """The windows that start before ``now + ahead`` and end after ``now - behind``, in no order.

        Cancelled ones are among them, and permanent ones too. All in seconds.
        """
        for reach, ids in self._events().items():
            # A permanent window is filed under its end: it has no start that would matter.
            since, until = (
                (now - behind, math.inf) if reach == _PERMANENT else (now - behind - reach, now + ahead)
            )
            for record in self.ledger.reading.windows(ids, since, until):
                if record.window.end > now - behind:
                    yield record

    def events(self, *, permanent: bool) -> list[str]:
        """The ids of the events whose windows are permanent, or of all others."""
        found = self._events().items()
        return sorted(each for reach, ids in found if (reach == _PERMANENT) is permanent for each in ids)

    def _events(self) -> dict[int, list[str]]:
        """The events by how far back a window can have started that is not over."""
        stamp = self.ledger.intents.stamp()
        if stamp != self._stamp:
            events = [record.event for record in self.ledger.plans.events()]
            found: defaultdict[int, list[str]] = defaultdict(list)
            for programme in self.ledger.overrides.programmes(events):
                event = programme.event
                found[_PERMANENT if event.permanent else programme.longest].append(event.id)
            self._stamp, self._reaches = stamp, dict(found)
        return self._reaches
