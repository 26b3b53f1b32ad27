"""Events become windows in the ledger: each tick what enters the horizon, at ``apply`` what changed.

An event is planned only when something of it can be new: at the moment its next window enters the
horizon, and when it changes. The cost of a tick follows that, and not the number of events.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final, Literal

from worker.edition import Edition, installed, parse_edition
from worker.events.model import Event
from worker.ledger import Ledger
from worker.ledger.plans import Planned, Shift
from worker.ledger.records import EventRecord, WindowRecord
from worker.lifecycle import OPEN, State
from worker.overrides import Override, Programme
from worker.relay import LONGEST_WINDOW
from worker.renaming import after, carried, heirs
from worker.slots import last_useful
from worker.windows import Window, longest, next_start

BATCH: Final = 200
"""Events planned between two looks at what is left to plan."""

_TO_CALL_OFF: Final = OPEN | {State.FAILED}
"""States of which a window that left the plan is called off; in the others it is done with already."""

Kind = Literal["add", "change", "remove"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One window on which plan and ledger differ. ``on_air``: its relay is being pulled right now."""

    kind: Kind
    before: Window | None
    after: Window | None
    on_air: bool = False

    @property
    def window(self) -> Window:
        """The window as it will be, or as it was."""
        window = self.after or self.before
        assert window is not None
        return window


def wanted_windows(programme: Programme, now: float, horizon: float) -> tuple[Window, ...]:
    """The event's windows from now to the horizon, the one on air and those called off included.

    What people moved is among them even beyond the horizon: nobody would think of it again.
    """
    found = programme.windows(int(now) - longest(programme.event), _beyond(now + horizon))
    return tuple(window for window in found if window.end > now)


def _beyond(moment: float) -> int:
    """The first whole second after it, for what starts at the horizon itself would be due for ever."""
    return int(moment) + 1


def compare(
    before: Iterable[WindowRecord], after: Iterable[Window], now: float, off: Collection[str] = ()
) -> list[Difference]:
    """What has to change in the ledger for one event; the past is left alone, and a person's word stands.

    ``off`` are the ids that somebody called off: they differ in nothing that the plan can say.
    """
    known = {record.window.id: record for record in before}
    wanted = {window.id: window for window in after}
    ids = sorted((known.keys() | wanted.keys()).difference(off))
    return [found for each in ids if (found := _compare(known.get(each), wanted.get(each), now))]


def _compare(record: WindowRecord | None, window: Window | None, now: float) -> Difference | None:
    if window is None:
        if record is None or record.state not in _TO_CALL_OFF or record.window.end <= now:
            return None
        return Difference("remove", record.window, None, record.on_air(now))
    if not _worth_while(record, window, now):
        return None
    if record is None or (record.state is State.CANCELLED and _differs(record, window)):
        return Difference("add", None, window)
    if not _differs(record, window):
        return None
    cuts = record.on_air(now) and _airs(record.window) != _airs(window)
    return Difference("change", record.window, window, cuts)


def _airs(window: Window) -> tuple[object, ...]:
    """What of a window shows on air."""
    return window.slot, window.sources, window.start, window.end, window.permanent


def _differ(
    known: Iterable[WindowRecord], wanted: Iterable[Window], programme: Programme, now: float
) -> list[Difference]:
    if programme.pause and not programme.pause.cut:
        known = [record for record in known if not record.on_air(now)]  # it plays to its end
    return compare(known, wanted, now, [each for each in programme.overrides if programme.off(each)])


def _freed(record: WindowRecord, words: Collection[str]) -> WindowRecord:
    """A record whose name a person's word does not hold any more."""
    freed = record.window.id in words and record.cancelled_by == "person"
    return replace(record, cancelled_by="plan") if freed else record


def _worth_while(record: WindowRecord | None, window: Window, now: float) -> bool:
    """Whether the plan's word on it matters still: it is placed, or can be, as it will be or as it was.

    What is over is not begun again because its show lasts longer from now on.
    """
    if record and record.window.end <= now:
        return False
    if now <= last_useful(window) or record is None:
        return now <= last_useful(window)
    return record.state is State.PLACED or (record.state in OPEN and now <= last_useful(record.window))


def _differs(record: WindowRecord, window: Window) -> bool:
    if record.state is State.CANCELLED:
        return record.cancelled_by == "plan"
    return record.window != window and record.state is not State.REMOVED


@dataclass(frozen=True, slots=True)
class Shifted:
    """What our edition of the rules makes of an event that another one planned, at ``now`` (Unix seconds).

    ``programme`` has people's words where they belong now, ``carried`` are those that had to move, by the old
    name. ``known`` and ``coming`` are windows as they are and as they will be; ``heirs``: by the id of a
    window, the other name of the same occurrence. ``spares``: what is on air is not called off.
    """

    programme: Programme
    known: Mapping[str, WindowRecord]
    coming: Mapping[str, Window]
    differences: tuple[Difference, ...]
    heirs: Mapping[str, str]
    carried: Mapping[str, Override]
    now: float
    spares: bool

    @property
    def gone(self) -> Iterator[tuple[Window, str]]:
        """The windows to be called off, each with the name of the one in its place, or empty text.

        Nobody chose this moment, so what is on air is not cut: it goes over to the window of its new times if
        that is on air as well, and else plays to its end.
        """
        for d in self.differences:
            heir = self.heirs.get(d.window.id, "")
            if d.kind == "remove" and not (self.spares and d.on_air and not self._airs(heir)):
                yield d.window, heir

    @property
    def taking_over(self) -> Iterator[Window]:
        """The windows that go on with what is on air."""
        for window, heir in self.gone:
            if self.known[window.id].on_air(self.now) and self._airs(heir):
                yield self.coming[heir]

    def _airs(self, window_id: str) -> bool:
        window = self.coming.get(window_id)
        return bool(window and window.start <= self.now < window.end)


@dataclass(frozen=True, slots=True)
class Planner:
    """Keeps the ledger's windows in step with its events, ``horizon`` seconds ahead.

    ``edition`` are the rules by which it computes them.
    """

    ledger: Ledger
    horizon: int
    edition: Edition = field(default_factory=installed)

    def tick(self, now: float, *, by: str, most: int = 5_000, within: float = math.inf) -> int | None:
        """Plans the events that are due for it, at most about ``most``; how many were planned.

        After ``within`` seconds no more are begun. ``None``, and nothing is done, if the ledger goes by
        another edition.
        """
        planned = 0
        while planned < most:
            ids = self.ledger.plans.turn(now, BATCH, str(self.edition))
            if ids is None:
                return None
            if not ids:
                break
            self._plan(list(self.ledger.plans.events(ids)), now, by=by)
            planned += len(ids)
            if len(ids) == BATCH and self.ledger.now() - now > within:
                break
        return planned

    def replan(self, event_id: str, now: float, *, by: str, why: str = "") -> None:
        """Plans one event at once, in the name of somebody who may say why. Raises ``UnknownEvent``.

        If the ledger goes by another edition that is left to the next tick.
        """
        record = self.ledger.plans.event(event_id)
        if self.ledger.plans.turn(now, 0, str(self.edition)) is not None:
            self._plan([record], now, by=by, why=why)

    def programmes(self, events: Iterable[Event]) -> Iterator[Programme]:
        """The events with what people said of them, in their order."""
        return self.ledger.overrides.programmes(events)

    def additions(self, programme: Programme, now: float) -> list[Difference]:
        """What planning an event that the ledger does not know would add."""
        return compare((), wanted_windows(programme, now, self.horizon), now)

    def differences(self, programme: Programme, now: float, *, in_file: bool = True) -> list[Difference]:
        """What making the ledger follow this event would change; nothing is added to what left its file."""
        known = list(self._known(programme.event, now))
        wanted = wanted_windows(programme, now, self.horizon)
        there = {record.window.id for record in known}
        return [d for d in _differ(known, wanted, programme, now) if in_file or d.window.id in there]

    def knows(self, record: EventRecord) -> bool:
        """Whether what is planned of the event was planned by our edition."""
        return record.edition in {"", str(self.edition)}

    def shifted(self, record: EventRecord, programme: Programme, now: float) -> Shifted:
        """What our edition makes of an event that another one planned. Nothing is written."""
        words, programme = carried(programme), after(programme)
        known = {r.window.id: _freed(r, words) for r in self._known(record.event, now)}
        coming = {w.id: w for w in wanted_windows(programme, now, self.horizon)}
        found = _differ(known.values(), coming.values(), programme, now)
        gone = [d.window for d in found if d.kind == "remove"]
        names = heirs(programme.event, {each: r.reading for each, r in known.items()}, gone, coming)
        if not record.in_file:
            there = known.keys() | names.values()
            found = [d for d in found if d.window.id in there]
        edited = programme.pause or not record.planned_until
        return Shifted(programme, known, coming, tuple(found), names, words, now, spares=not edited)

    def removals(self, event: Event, now: float) -> list[Difference]:
        """All of the event's windows to come, as differences: what goes when the event goes."""
        return compare(self._known(event, now), (), now)

    def coming(self, events: Iterable[Event], now: float) -> Iterator[WindowRecord]:
        """The open windows of these events that have not ended; a bulletin's are not read from weeks back."""
        for reach, alike in groupby(sorted(events, key=longest), key=longest):
            ids = (event.id for event in alike)
            for record in self.ledger.reading.windows(ids, now - reach, float("inf")):
                if record.state in OPEN and record.window.end > now:
                    yield record

    def call_off(self, differences: Iterable[Difference], now: float, *, by: str, reason: str) -> None:
        """Cancels the windows that left the plan."""
        for difference in differences:
            if difference.kind == "remove":
                self.ledger.plans.cancel(difference.window, now=now, by="plan", who=by, reason=reason)

    def _known(self, event: Event, now: float) -> Iterator[WindowRecord]:
        return self.ledger.reading.windows([event.id], now - LONGEST_WINDOW, float("inf"))

    def _plan(self, records: Sequence[EventRecord], now: float, *, by: str, why: str = "") -> None:
        programmes = list(self.programmes(record.event for record in records))
        self._call_off_stale(records, programmes, now, by)
        plans = (self._planned(*each, now) for each in zip(records, programmes, strict=True))
        self.ledger.plans.write(plans, now=now, by=by, why=why)

    def _call_off_stale(
        self, records: Iterable[EventRecord], programmes: Iterable[Programme], now: float, by: str
    ) -> None:
        """Windows that a changed event no longer has; new events, the many, have none."""
        told = zip(records, programmes, strict=True)
        changed = [
            programme
            for record, programme in told
            if not (record.planned_until and record.in_file) and self.knows(record)
        ]
        known = self.ledger.plans.with_windows([programme.event.id for programme in changed])
        for programme in changed:
            if programme.event.id in known:
                pause = programme.pause
                who, why = (pause.by, str(pause)) if pause else (by, "no longer in the plan")
                self.call_off(self.differences(programme, now), now, by=who, reason=why)

    def _planned(self, record: EventRecord, programme: Programme, now: float) -> Planned:
        """What is new since the event was last planned; for a stored event, all that is still to come."""
        if not record.in_file:
            return self._planned_before(record, programme, now)
        if not self.knows(record):
            return self._planned_anew(record, programme, now)
        until = _beyond(now + self.horizon)
        if record.planned_until:
            # What was to be planned while nobody ticked is planned now, its past included: the attempt will
            # find it missed and say so, because silence would be a bug.
            windows = tuple(programme.windows(record.planned_until, until))
        else:
            windows = self._all_to_come(programme, now)
        coming = None if programme.pause else next_start(programme.event, until - 1)
        return Planned(
            event=record.event.id,
            digest=record.digest,
            windows=windows,
            until=until,
            again_at=None if coming is None else coming - self.horizon,
            said=programme.said,
            off={window.id: told for window in windows if (told := programme.off(window.id))},
            ended=programme.expired(now),
            edition=str(self.edition),
        )

    def _planned_anew(self, record: EventRecord, programme: Programme, now: float) -> Planned:
        """All that is to come by this edition, and what becomes of what another one planned.

        What was to be planned while nobody ticked comes with its past, as ever; what takes over on air comes
        however little of it is left.
        """
        found = self.shifted(record, programme, now)
        known = replace(record, edition=str(self.edition), planned_until=0)
        whole = self._planned(known, found.programme, now)
        windows = {window.id: window for window in whole.windows}
        windows |= {heir.id: heir for heir in found.taking_over}
        if 0 < record.planned_until < now:
            windows |= {w.id: w for w in found.programme.windows(record.planned_until, int(now))}
        why = parse_edition(record.edition).change_to(self.edition)
        shift = Shift(why, tuple(found.gone), found.carried)
        return replace(whole, windows=tuple(windows.values()), shift=shift)

    def _planned_before(self, record: EventRecord, programme: Programme, now: float) -> Planned:
        """What an event that left its file was planned for before it did, and nothing new."""
        known = {each.window.id: each.window.start for each in self._known(programme.event, now)}
        until = max(record.planned_until, *(start + 1 for start in known.values()), int(now))
        as_far = replace(self, horizon=until - int(now))
        since = 0 if self.knows(record) else record.planned_until
        whole = as_far._planned(replace(record, in_file=True, planned_until=since), programme, now)
        names = known.keys() | {heir for _, heir in whole.shift.gone} if whole.shift else known.keys()
        windows = (w for w in whole.windows if w.id in names or w.start < record.planned_until)
        return replace(whole, windows=tuple(windows), until=until, again_at=None)

    def _all_to_come(self, programme: Programme, now: float) -> tuple[Window, ...]:
        windows = wanted_windows(programme, now, self.horizon)
        if all(now < window.start for window in windows):
            return windows
        known = {record.window.id: record for record in self._known(programme.event, now)}
        return tuple(window for window in windows if _worth_while(known.get(window.id), window, now))
