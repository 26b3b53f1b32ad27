"""Making the ledger follow an events file: what would change, whether it may, and doing it.

The file is taken whole or not at all. An event that left it keeps its windows unless ``prune`` is asked
for; windows that go are counted against a cap, and a window on air is not cut without being told to.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from worker.errors import Refused
from worker.events.codec import dump_event
from worker.events.model import Event
from worker.ledger.records import EventRecord
from worker.ledger.revisions import How, Revision, Touched
from worker.lifecycle import State
from worker.neighbours import Noted, meetings_now, noted
from worker.overrides import Programme
from worker.planner import BATCH, Difference, Planner
from worker.relay import Slot
from worker.slots import Standing

DEFAULT_CAP: Final = 0.2
"""The share of the windows to come that one apply may take away."""

_EVENTS_NAMED: Final = 100
"""Events that a revision tells of one by one; the rest it counts."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a file would do to a ledger in which ``base`` was the last revision.

    ``added`` are ids of those ``changed`` events that the ledger does not know. ``left``: events that are
    no longer in the file; ``kept``: those that had left it before, and have windows to come.
    ``overruled``: events of the file of which people said something that stands, whatever the file says.
    ``programmes`` are the events that differ, by id, with what people said of them.
    """

    changed: tuple[Event, ...]
    added: frozenset[str]
    left: tuple[Event, ...]
    kept: tuple[Event, ...]
    back: tuple[Event, ...]
    differences: tuple[Difference, ...]
    overruled: tuple[Programme, ...]
    prune: bool
    programmes: Mapping[str, Programme] = field(compare=False)
    coming: int = field(compare=False)
    base: int = field(compare=False)

    @property
    def empty(self) -> bool:
        """Whether applying it changes nothing."""
        return not (self.differences or self.changed or self.back or self.left)

    def count(self, kind: str) -> int:
        """How many windows are added, changed or removed."""
        return sum(d.kind == kind for d in self.differences)

    @property
    def lost(self) -> int:
        """Windows that go without another of the same event coming in their place."""
        net: dict[str, int] = {}
        for d in self.differences:
            net[d.window.event] = net.get(d.window.event, 0) + {"remove": 1, "add": -1, "change": 0}[d.kind]
        return sum(n for n in net.values() if n > 0)

    @property
    def cap(self) -> int:
        """How many windows may go at once, unless somebody allows more."""
        return int(self.coming * DEFAULT_CAP)

    @property
    def cut(self) -> tuple[str, ...]:
        """The ids of windows that are on air, and would be cut or changed."""
        return tuple(d.window.id for d in self.differences if d.on_air)


def digest(event: Event) -> str:
    """A fingerprint, equal for equal events."""
    return hashlib.sha256(dump_event(event).encode()).hexdigest()[:16]


def plan_file(planner: Planner, events: Sequence[Event], *, now: float, prune: bool) -> Plan:
    """What applying these events would change; reads the ledger and writes nothing."""
    base = planner.ledger.revisions.newest()
    stored = {record.event.id: record for record in planner.ledger.plans.events()}
    changed = [event for event in events if _is_new(stored.get(event.id), event)]
    back = [e for e in events if e.id in stored and not stored[e.id].in_file and not _is_new(stored[e.id], e)]
    wanted = {event.id for event in events}
    left = [record.event for record in stored.values() if record.event.id not in wanted]
    differing = {event.id for event in (*changed, *back)}
    programmes = list(planner.programmes(events))
    differences = [
        d
        for each in programmes
        if each.event.id in differing
        for d in (planner.differences(each, now) if each.event.id in stored else planner.additions(each, now))
    ]
    gone = [d for event in left for d in planner.removals(event, now)] if prune else []
    coming = Counter(r.window.event for r in planner.coming((r.event for r in stored.values()), now))
    return Plan(
        changed=tuple(changed),
        added=frozenset(event.id for event in changed if event.id not in stored),
        left=tuple(event for event in left if prune or stored[event.id].in_file),
        kept=tuple(e for e in left if not prune and not stored[e.id].in_file and coming[e.id]),
        back=tuple(back),
        differences=tuple(sorted((*differences, *gone), key=lambda d: (d.window.start, d.window.id))),
        overruled=tuple(each for each in programmes if each.pause or each.overrides),
        prune=prune,
        programmes={each.event.id: each for each in programmes if each.event.id in differing},
        coming=coming.total(),
        base=base,
    )


def beside(planner: Planner, plan: Plan, settle: int) -> Iterator[Noted]:
    """The windows that the plan adds or changes, in order of start, with whom they would share a slot.

    ``settle``: seconds the provider takes to act on a change.
    """
    after = {d.after.id: d.after for d in plan.differences if d.after}
    aside = after.keys() | {d.window.id for d in plan.differences if d.kind == "remove"}
    on_slot: dict[Slot, list[Standing]] = {window.slot: [] for window in after.values()}
    states: dict[str, State] = {}
    for slot, there in zip(on_slot, planner.ledger.reading.on_slots(on_slot.keys()), strict=True):
        states |= {standing.window.id: standing.state for standing in there}
        on_slot[slot] += (standing for standing in there if standing.window.id not in aside)
    for window in after.values():
        on_slot[window.slot].append(Standing(window, states.get(window.id, State.PLANNED)))
    now = planner.ledger.now()
    by_slot = (meetings_now(there, now, settle) for there in on_slot.values())
    met = {each: found for slot in by_slot for each, found in slot.items()}
    for window in after.values():
        found = met.get(window.id, ())
        yield noted(window, found), found


def check(plan: Plan, *, most: int | None, force: bool) -> None:
    """Raises ``Refused`` if the plan takes away too much, or cuts what is on air."""
    cap = plan.cap if most is None else most
    if plan.lost > cap:
        raise Refused(
            f"this would remove {plan.lost} of {plan.coming} windows to come, and {cap} may go at once",
            hint=f"look at `relaybeat plan`; if it is meant, say --max-delete {plan.lost}",
        )
    if plan.cut and not force:
        raise Refused(
            f"on air now and would be cut or changed: {', '.join(plan.cut[:5])}",
            hint="if it is meant, say --force",
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Where a plan came from: the file, its hash, who applies it and why."""

    file: str
    sha256: str
    by: str
    reason: str = ""


def apply_plan(
    planner: Planner, plan: Plan, source: Source, *, now: float, watch: Callable[[int], None] = lambda _: None
) -> Revision:
    """Does what the plan says, which is something, as the next revision.

    ``watch`` is told how many events were planned since it was told last. Raises ``Refused``, and nothing is
    done, if another apply came first. Killed half-way, the next tick finishes what is stored: an event that
    is stored and not yet planned is planned whole; the same apply again stores the rest.
    """
    revision = _revision(plan, source, planner.ledger.now())
    if not planner.ledger.revisions.note(revision):
        raise Refused(
            "somebody else applied a file meanwhile", hint="look at `relaybeat plan`, and say it again"
        )
    plans, by = planner.ledger.plans, f"{source.by}, revision {revision.number}"
    plans.put(((event, digest(event)) for event in (*plan.changed, *plan.back)), file=source.file)
    while planned := planner.tick(now, by=by, most=BATCH):
        watch(planned)
    for event in plan.left:
        if plan.prune:
            planner.call_off(planner.removals(event, now), now, by=by, reason="its event left the file")
            plans.drop(event.id)
        else:
            plans.leave(event.id)
    return revision


def _revision(plan: Plan, source: Source, at: float) -> Revision:
    windows: dict[str, Counter[str]] = defaultdict(Counter)
    for d in plan.differences:
        windows[d.window.event][d.kind] += 1
    touched = [
        Touched(
            event_id, how, windows[event_id]["add"], windows[event_id]["change"], windows[event_id]["remove"]
        )
        for event_id, how in _touched(plan)
    ]
    return Revision(
        number=plan.base + 1,
        at=at,
        by=source.by,
        reason=source.reason,
        file=source.file,
        sha256=source.sha256,
        added=plan.count("add"),
        changed=plan.count("change"),
        removed=plan.count("remove"),
        events=tuple(touched[:_EVENTS_NAMED]),
        more=max(0, len(touched) - _EVENTS_NAMED),
    )


def _touched(plan: Plan) -> Iterator[tuple[str, How]]:
    for event in plan.changed:
        yield event.id, "added" if event.id in plan.added else "changed"
    for event in plan.back:
        yield event.id, "back"
    for event in plan.left:
        yield event.id, "removed" if plan.prune else "left"


def _is_new(record: EventRecord | None, event: Event) -> bool:
    """New, changed, or stored by an apply that was killed before it was planned."""
    return record is None or record.digest != digest(event) or not record.planned_until
