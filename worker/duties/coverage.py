"""The duty that holds the plan against the provider's list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from worker import coverage, vitals
from worker.conditions import Condition, Kind, Level
from worker.errors import ProviderError
from worker.ledger import Ledger
from worker.ledger.looks import Listing
from worker.ledger.records import WindowRecord
from worker.near import Near
from worker.provider import Provider
from worker.relay import Row, Slot
from worker.turns import Lane, Turn
from worker.watch import Judged


@dataclass
class Coverage:
    """One list a domain and look; one that somebody else asked for within ``fresh`` seconds will do.

    ``settle``: seconds the provider takes to act on a change.
    """

    ledger: Ledger
    provider: Provider
    settle: int
    fresh: float = 15.0
    name: str = "coverage"
    every: float = 20.0
    _domains: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._near = Near(self.ledger)

    def look(self, now: float) -> Judged:
        """What the next day needs and the provider does not list, by domain.

        A domain that cannot be listed is judged by what refused us; what was found out about its windows
        before stands until it can be listed again.
        """
        by_domain: defaultdict[str, list[WindowRecord]] = defaultdict(list)
        for record in self._near.windows(now, behind=0, ahead=coverage.LOOKED_AHEAD):
            by_domain[record.window.slot.domain].append(record)
        judged: dict[str, list[Condition]] = {vitals.ACCOUNT: []}
        for domain in self._domains | by_domain.keys():
            judged[vitals.refusals(domain)] = []
            try:
                judged[coverage.scope_of(domain)] = self._of_domain(domain, by_domain.get(domain, []), now)
            except ProviderError as error:
                refusal = vitals.of_refusal(error, domain)
                judged[refusal.scope] = [refusal]
        self._domains = set(by_domain)
        return judged

    def _of_domain(self, domain: str, records: list[WindowRecord], now: float) -> list[Condition]:
        if not records:
            return []
        listing = self._list(domain, now)
        return [*_uncovered(records, listing, self.settle), *self._in_the_way(domain)]

    def _list(self, domain: str, now: float) -> Listing:
        kept = self.ledger.looks.whole(domain)
        if kept and kept.at >= now - self.fresh:
            return kept
        asked_at = self.ledger.now()
        rows = self.provider.list(domain, turn=Turn(Lane.BACKGROUND, asked_at))
        self.ledger.looks.keep(domain, rows, asked_at)
        return Listing(rows, asked_at)

    def _in_the_way(self, domain: str) -> Iterator[Condition]:
        """What reconciling found there that is not ours, and that a person has to see to."""
        for found in self.ledger.drifts.remembered(domain).values():
            if not found.ours and found.kind in {Kind.FOREIGN, "permanent"} and found.windows:
                yield Condition(
                    kind=Kind.FOREIGN,
                    level=Level.WARN,
                    scope=coverage.scope_of(domain),
                    subject=f"{domain}/{found.slot}",
                    patience=30,
                    facts={"domain": domain, "slot": f"{domain}/{found.slot}", "why": found.why},
                )


def _uncovered(records: Iterable[WindowRecord], listing: Listing, settle: int) -> Iterator[Condition]:
    """Slot by slot."""
    rows: defaultdict[Slot, list[Row]] = defaultdict(list)
    for row in listing.rows:
        rows[row.slot].append(row)
    by_slot: defaultdict[Slot, list[WindowRecord]] = defaultdict(list)
    for record in records:
        by_slot[record.window.slot].append(record)
    for slot, found in by_slot.items():
        yield from coverage.uncovered(found, rows[slot], listing.at, settle)
