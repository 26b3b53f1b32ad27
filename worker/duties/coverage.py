"""The duty that holds the plan against the provider's list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from worker import coverage, drift, vitals
from worker.conditions import Condition, Kind, Level
from worker.duties.domains import ask_each, listing
from worker.errors import ProviderError
from worker.ledger import Ledger
from worker.ledger.looks import Listing
from worker.ledger.records import WindowRecord
from worker.near import Near
from worker.provider import Provider
from worker.relay import Row, Slot
from worker.watch import Judged

_TOLD: Final = {drift.Kind.FOREIGN.value: Kind.FOREIGN, drift.Kind.PERMANENT.value: Kind.PERMANENT_PULL}
_FAR: Final = 25.0
_NEAR: Final = 8.0
"""Seconds that a list may be old: at most, and where something is on air or begins within minutes."""


@dataclass
class Coverage:
    """At most one list a domain and look; what somebody else asked for lately will do.

    ``settle``: seconds the provider takes to act on a change.
    """

    ledger: Ledger
    provider: Provider
    settle: int
    name: str = "coverage"
    every: float = 10.0
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
        judged: dict[str, list[Condition]] = {}
        for gone in self._domains - by_domain.keys():
            judged |= {vitals.refusals(gone): [], coverage.scope_of(gone): []}
        found = ask_each(by_domain, lambda domain: self._of_domain(domain, by_domain[domain], now))
        for domain, answer in found.items():
            judged[vitals.refusals(domain)] = []
            if isinstance(answer, ProviderError):
                refusal = vitals.of_refusal(answer, domain)
                judged[refusal.scope] = [refusal]
            else:
                judged[coverage.scope_of(domain)] = answer
                judged.setdefault(vitals.ACCOUNT, [])
        self._domains = set(by_domain)
        return judged

    def _of_domain(self, domain: str, records: list[WindowRecord], now: float) -> list[Condition]:
        near = any(record.window.start - coverage.SOON <= now for record in records)
        listed = listing(self.ledger, self.provider, domain, now - (_NEAR if near else _FAR))
        return [*_uncovered(records, listed, self.settle), *self._found_by_beats(domain)]

    def _found_by_beats(self, domain: str) -> Iterator[Condition]:
        """What reconciling found there, and a person has to see to, or to know of."""
        for found in self.ledger.drifts.remembered(domain).values():
            kind = _TOLD.get(found.kind)
            if found.told and kind and (kind is Kind.PERMANENT_PULL or found.windows):
                yield Condition(
                    kind=kind,
                    level=Level.WARN if found.ours or found.windows else Level.INFO,
                    scope=coverage.scope_of(domain),
                    subject=f"{domain}/{found.slot}",
                    patience=coverage.TO_PLACE if found.ours else 0,
                    facts={"domain": domain, "slot": f"{domain}/{found.slot}", "why": found.why},
                )


def _uncovered(records: Iterable[WindowRecord], listed: Listing, settle: int) -> Iterator[Condition]:
    """Slot by slot."""
    rows: defaultdict[Slot, list[Row]] = defaultdict(list)
    for row in listed.rows:
        rows[row.slot].append(row)
    by_slot: defaultdict[Slot, list[WindowRecord]] = defaultdict(list)
    for record in records:
        by_slot[record.window.slot].append(record)
    for slot, found in by_slot.items():
        yield from coverage.uncovered(found, rows[slot], listed.at, settle)
