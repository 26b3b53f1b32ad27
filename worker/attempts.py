"""Placing windows: claim, look, decide, write the intent, act, record.

An attempt is made for a window and works on its slot, because the provider's calls name slots. It may be
killed at any instant: whatever it was about to send is in the slot's book before it is sent, so the next
holder of the lease finds a doubt where otherwise there would be a second create.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from worker import telemetry
from worker.ledger.records import Busy, Claim, Forgotten, Gone
from worker.visit import Equipment, LeaseLost, Visit


@dataclass(slots=True)
class Attempts(Equipment):
    """What a worker does with the windows it is handed.

    ``recall`` tells the ledger what it may have forgotten, and says what to know it by from then on.
    """

    recall: Callable[[], str]
    epoch: str = field(default="", init=False)

    def run(self, window_id: str) -> str:
        """Makes one attempt and says in a word what came of it; never raises a ``ProviderError``."""
        claim = self._claim(window_id)
        if isinstance(claim, Forgotten):
            self.epoch = self.recall()
            claim = self._claim(window_id)
        if not isinstance(claim, Claim):
            return _WORDS[type(claim)]
        try:
            return Visit(self, claim).run()
        except LeaseLost:
            telemetry.say("attempt.lease-lost", window=window_id)
            return "lease-lost"

    def _claim(self, window_id: str) -> Claim | Busy | Gone | Forgotten:
        now, lease = self.ledger.now(), self.policy.lease
        return self.ledger.slots.claim(window_id, now=now, lease=lease, holder=self.holder, epoch=self.epoch)


_WORDS: Final = {Busy: "busy", Gone: "gone", Forgotten: "forgotten"}
