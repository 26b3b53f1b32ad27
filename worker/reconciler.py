"""Reconciling: plan, ledger and the provider's list are compared, and what is ours is set right.

Nothing is sent from here. What is to be mended is made due in the ledger, and the attempt, with its lease,
its doubts and its fence, does the rest, as it does for everything else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from worker import telemetry
from worker.drift import AT_ONCE, OF_PLAN, UNKNOWN, Finding, Holding, findings, unexplained, unplanned
from worker.errors import ProviderError
from worker.ledger import Ledger
from worker.ledger.drifts import Remembered
from worker.overrides import Programme
from worker.planner import Difference, Planner
from worker.relay import LATEST_SECOND, LONGEST_WINDOW, Row, Slot
from worker.sights import Sights
from worker.slots import explains
from worker.turns import Lane, Turn
from worker.windows import Window

EVERY: Final = 30
"""Seconds between two looks of a beat."""
AGAIN: Final = 300.0
"""Seconds after which an attempt is asked for once more, if what was found is still there."""
BEHIND: Final = 60.0
"""Seconds that the planner may be behind with an event before nothing is called an orphan any more."""
MOST_TOLD: Final = 50
"""Findings of one look that get a line each in the log; the rest is counted."""


@dataclass(frozen=True, slots=True)
class View:
    """What one look at a domain came to. ``silent``: slots of which the list says nothing yet."""

    findings: tuple[Finding, ...]
    silent: frozenset[Slot]


@dataclass(frozen=True, slots=True)
class Errand:
    """What was set going: the window that is due on each slot, and the events that are planned again."""

    windows: Mapping[Slot, str]
    events: frozenset[str]

    def __len__(self) -> int:
        return len(self.windows) + len(self.events)

    def sees_to(self, finding: Finding) -> bool:
        """Whether the finding is among what was set going."""
        if finding.kind in OF_PLAN:
            return any(event_of(window) in self.events for window in finding.windows)
        return finding.slot in self.windows


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Compares, and has mended what is ours, by what its sights see and what its planner wants."""

    sights: Sights
    planner: Planner

    @property
    def ledger(self) -> Ledger:
        """What all of this is about."""
        return self.sights.ledger

    def beat(self) -> None:
        """A look at every domain, unless another beat has just had one; what fails is left to the next."""
        if not self.ledger.drifts.begin(EVERY - 10):
            return
        for domain in self.domains():
            try:
                self._watch(domain)
            except ProviderError as error:
                telemetry.warn("reconcile.skipped", domain=domain, why=error)

    def view(self, domain: str, since: float, programmes: Iterable[Programme] = ()) -> View:
        """What is wrong between ledger and provider, by a list that is no older. Raises ``ProviderError``.

        Rows that the ledger does not hold are explained by its open windows, and by these programmes.
        """
        listing = self.sights.whole(domain, since, Turn(Lane.BACKGROUND, self.ledger.now()))
        now = self.ledger.now()
        held = self.ledger.drifts.survey(domain, listing.rows, now)
        silent = frozenset(slot for slot, holding in held.items() if holding.look_from > listing.at)
        explained = _explainer(held, programmes, self.sights.settle)
        planned = not (self.ledger.plans.to_plan(now - BEHIND, 1) or self.ledger.recalls.any())
        found = findings(listing.rows, held, explained, at=listing.at, now=now, planned=planned)
        return View(tuple(found), silent)

    def domains(self) -> list[str]:
        """Those with windows to come, or with relays of ours."""
        return self.ledger.drifts.domains(self.ledger.now())

    def programmes(self) -> dict[str, list[Programme]]:
        """What the stored events want, people's words included, by domain."""
        found: defaultdict[str, list[Programme]] = defaultdict(list)
        for programme in self.planner.programmes(record.event for record in self.ledger.plans.events()):
            found[programme.event.domain].append(programme)
        return found

    def unplanned(self) -> Iterator[Finding]:
        """What is wrong between the stored events and the ledger; what the next tick plans anyway is not."""
        now = self.ledger.now()
        due = self._due(now)
        records = [
            record
            for record in self.ledger.plans.events()
            if record.planned_until and record.event.id not in due and self.planner.knows(record)
        ]
        programmes = self.planner.programmes(record.event for record in records)
        for record, programme in zip(records, programmes, strict=True):
            yield from map(_of_plan, self.planner.differences(programme, now, in_file=record.in_file))

    def mend(self, found: Iterable[Finding]) -> Errand:
        """Has mended what is ours of this. Safe to say twice."""
        now, drifts = self.ledger.now(), self.ledger.drifts
        mine = [finding for finding in found if finding.ours]
        events = {event_of(window) for f in mine if f.kind in OF_PLAN for window in f.windows}
        drifts.plan_again(events)
        nudged = {f.slot: drifts.nudge(f, now) for f in mine if f.kind not in OF_PLAN}
        return Errand({slot: window for slot, window in nudged.items() if window}, frozenset(events))

    def under_way(self, errand: Errand) -> Errand:
        """What of it is not done with, as the ledger has it."""
        now = self.ledger.now()
        slots = self.ledger.drifts.under_way(errand.windows, now)
        windows = {slot: window for slot, window in errand.windows.items() if slot in slots}
        return Errand(windows, errand.events & self._due(now))

    def _due(self, now: float) -> set[str]:
        return set(self.ledger.plans.to_plan(now, -1))

    def _watch(self, domain: str) -> None:
        since, known = self.ledger.now() - self.sights.look_age, self.ledger.drifts.remembered(domain)
        view = self.view(domain, since)
        if any(finding.kind in UNKNOWN and finding.key not in known for finding in view.findings):
            view = self.view(domain, since, self.programmes()[domain])
        now = self.ledger.now()
        news = _compare(view, known, now)
        self.mend(news.to_mend)
        for finding in news.to_tell[:MOST_TOLD]:
            telemetry.warn("reconcile.found", kind=finding.kind, slot=finding.slot, why=finding.why)
        if len(news.to_tell) > MOST_TOLD:
            telemetry.warn("reconcile.found-more", domain=domain, count=len(news.to_tell) - MOST_TOLD)
        for each in (known[key] for key in news.solved):
            if each.told:
                telemetry.say("reconcile.solved", kind=each.kind, slot=f"{domain}/{each.slot}")
        changed = {key: each for key, each in news.remembered.items() if each != known.get(key)}
        self.ledger.drifts.remember(domain, changed, news.solved)


@dataclass(slots=True)
class _News:
    to_tell: list[Finding] = field(default_factory=list)
    to_mend: list[Finding] = field(default_factory=list)
    remembered: dict[str, Remembered] = field(default_factory=dict)
    solved: list[str] = field(default_factory=list)


def _compare(view: View, known: Mapping[str, Remembered], now: float) -> _News:
    """What a look says that earlier ones did not; what may be an attempt's work half done is seen twice."""
    news = _News()
    for finding in view.findings:
        before = known.get(finding.key) or Remembered.of(finding, now)
        ripe = finding.key in known or finding.kind in AT_ONCE
        mend = ripe and finding.ours and before.nudged <= now - AGAIN
        if ripe and not before.told:
            news.to_tell.append(finding)
        if mend:
            news.to_mend.append(finding)
        news.remembered[finding.key] = replace(before, told=ripe, nudged=now if mend else before.nudged)
    silent = {f"{slot.app}/{slot.stream}" for slot in view.silent}
    news.solved = [k for k, each in known.items() if k not in news.remembered and each.slot not in silent]
    return news


def event_of(window_id: str) -> str:
    """The event that a window's id names."""
    return window_id.partition("@")[0]


def _of_plan(difference: Difference) -> Finding:
    if difference.after is None:
        return unexplained(difference.window)
    return unplanned(difference.after, difference.before)


def _explainer(
    held: Mapping[Slot, Holding], programmes: Iterable[Programme], settle: int
) -> Callable[[Row], bool]:
    """Whether the open windows of a row's slot account for it, or those of the programmes."""
    by_place: defaultdict[Slot, list[Programme]] = defaultdict(list)
    for programme in programmes:
        for place in programme.places():
            by_place[place].append(programme)

    def explained(row: Row) -> bool:
        if not _is_sendable(row):
            return False
        slot = row.slot
        near = [standing.window for standing in held[slot].standings]
        for programme in (*by_place[slot], *by_place[replace(slot, stream="{")]):
            near += (window for window in _around(programme, row) if window.slot == slot)
        return explains(near, row, settle)

    return explained


def _around(programme: Programme, row: Row) -> Iterator[Window]:
    if row.end is None and not programme.event.permanent:
        return iter(())
    until = LATEST_SECOND if row.end is None else row.end + 1
    near = programme.windows((row.start or 0) - LONGEST_WINDOW, until)
    return (window for window in near if not programme.off(window.id))


def _is_sendable(row: Row) -> bool:
    """Whether a relay of ours could look like this."""
    try:
        row.as_relay()
    except ValueError:
        return False
    return True
