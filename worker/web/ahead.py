"""Windows of any stretch of time, also of one that the ledger is not planned for yet: for planners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from worker.ledger.records import EventRecord, WindowRecord
from worker.ledger.watched import Watched
from worker.lifecycle import State
from worker.neighbours import note_neighbours
from worker.overrides import Programme
from worker.web.desk import Choice, Desk, Shown


@dataclass(frozen=True, slots=True)
class Ahead:
    """The windows of a choice in order of start, and whether they are ``all``, or what was asked at ``most``.

    ``events`` are those that were looked through, whether or not they have windows then.
    """

    shown: tuple[Shown, ...]
    all: bool
    events: tuple[EventRecord, ...]


def look_ahead(desk: Desk, choice: Choice, now: float, *, most: int) -> Ahead:
    """What the ledger has within [since, until) of the choice, and what will be planned when it comes near.

    Windows beyond the horizon are planned, or called off if somebody said so; nothing was tried for them.
    Both bounds must be finite. Raises ``LedgerUnavailable``.
    """
    known = desk.windows(choice, now)
    events = tuple(r for r in desk.ledger.plans.events() if choice.event in {"", r.event.id})
    ids = {each.id for each in known}
    found = [record for record in _beyond(desk, events, choice, now, most) if record.window.id not in ids]
    ahead = [_shown(each) for each in _noted(found[:most], desk.settle) if choice.takes(each, now)]
    shown = sorted((*known, *ahead), key=lambda s: (s.record.window.start, s.id))
    return Ahead(tuple(shown[:most]), len(found) <= most and len(shown) <= most, events)


def _beyond(
    desk: Desk, events: Sequence[EventRecord], choice: Choice, now: float, most: int
) -> Iterator[WindowRecord]:
    """What is to come of events beyond what they were planned for, not more of them all than one too many."""
    coming = [each for each in events if each.in_file and each.planned_until < choice.until]
    programmes = desk.ledger.overrides.programmes(each.event for each in coming)
    found = (
        record
        for each, programme in zip(coming, programmes, strict=True)
        for record in _of_one(each, programme, choice)
        if record.window.end > now
    )
    return islice(found, most + 1)


def _of_one(known: EventRecord, programme: Programme, choice: Choice) -> Iterator[WindowRecord]:
    begin = max(known.planned_until, int(choice.since) - programme.longest)
    for window in programme.windows(begin, int(choice.until)) if begin < choice.until else ():
        if window.start < choice.until and window.end > choice.since and not window.permanent:
            off = programme.off(window.id)
            state = State.CANCELLED if off else State.PLANNED
            yield WindowRecord(window=window, state=state, revision=0, reason=off.reason if off else "")


def _noted(records: Sequence[WindowRecord], settle: int) -> Iterator[WindowRecord]:
    """With the notes that they have for each other; what is called off is in nobody's way."""
    ordered = sorted(records, key=lambda r: (r.window.start, r.window.id))
    yield from (record for record in ordered if record.state is State.CANCELLED)
    on = {record.window.id: record for record in ordered if record.state is not State.CANCELLED}
    for window, _ in note_neighbours((record.window for record in on.values()), settle):
        yield replace(on[window.id], window=window)


def _shown(record: WindowRecord) -> Shown:
    return Shown(record=record, meetings=(), watched=Watched())
