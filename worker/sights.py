"""What the provider shows on a slot, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from worker.decide import changed
from worker.ledger import Ledger
from worker.ledger.looks import Listing, Sight
from worker.ledger.records import Claim
from worker.provider import Provider
from worker.relay import LONGEST_WINDOW, Relay, Row, Slot
from worker.slots import explains
from worker.turns import Turn
from worker.windows import Window

Kept = TypeVar("Kept", Sight, Listing)


@dataclass(frozen=True, slots=True)
class Sights:
    """Looking at the provider's list, shared with whoever looks at the same time. All in seconds.

    ``look_age``: how old a list may be where nothing was written since. Attempts of a busy moment share
    one; what somebody else put on a slot since it was asked for is not seen, and could be overwritten.
    ``lease``: longer than any single call takes. ``settle``: what the provider takes to act on a change.
    """

    ledger: Ledger
    provider: Provider
    pause: Callable[[float], None]
    look_age: float
    lease: float
    settle: int

    def of(self, slot: Slot, not_before: float, turn: Turn) -> Sight:
        """The slot as listed no earlier than ``not_before``, asking the provider only if need be."""
        oldest = max(not_before, self.ledger.now() - self.look_age)
        found = self._look(slot.domain, turn, oldest, lambda: self.ledger.looks.last(slot))
        if isinstance(found, Sight):
            return found
        return Sight(tuple(row for row in found.rows if row.slot == slot), found.at)

    def whole(self, domain: str, not_before: float, turn: Turn) -> Listing:
        """The domain as listed no earlier than ``not_before``, asking the provider only if need be."""
        return self._look(domain, turn, not_before, lambda: self.ledger.looks.whole(domain))

    def _look(
        self, domain: str, turn: Turn, oldest: float, last: Callable[[], Kept | None]
    ) -> Kept | Listing:
        """What was ``last`` kept, if it is recent; else the list, which one asks for while others wait."""
        looks = self.ledger.looks
        while True:
            kept = last()
            if kept and kept.at >= oldest:
                return kept
            if looks.begin(domain, round(self.lease)):
                break
            self.pause(0.05)
        try:
            asked_at = self.ledger.now()
            rows = self.provider.list(domain, turn=turn)
            looks.keep(domain, rows, asked_at)
        finally:
            looks.end(domain)
        return Listing(rows, asked_at)

    def ours(self, rows: tuple[Row, ...], claim: Claim, held: tuple[Relay, ...]) -> frozenset[Row]:
        """Those that we sent, those that the plan explains, and what somebody made of one of ours."""
        near = [standing.window for standing in (*claim.standings, claim.own)]
        ours = {
            row
            for row in rows
            if any(row.shows(relay) for relay in held)
            or explains(near, row, self.settle)
            or explains(self._planned(claim.slot, {window.event for window in near}, row), row, self.settle)
        }
        if altered := changed(rows, held):
            ours.add(altered)
        return frozenset(ours)

    def _planned(self, slot: Slot, event_ids: set[str], row: Row) -> Iterator[Window]:
        """What these events have on the slot near the row, past windows and what people said included."""
        if row.start is None or row.end is None:
            return
        events = [record.event for record in self.ledger.plans.events(sorted(event_ids))]
        for programme in self.ledger.overrides.programmes(events):
            near = programme.windows(row.start - LONGEST_WINDOW, row.end + 1)
            yield from (window for window in near if window.slot == slot)
