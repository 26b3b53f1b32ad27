"""Events become windows in the ledger: each tick what enters the horizon, at ``apply`` what changed.

An event is planned only when something of it can be new: at the moment its next window enters the
horizon, and when it changes. The cost of a tick follows that, and not the number of events.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, Literal

from worker.events.model import Event
from worker.ledger import Ledger
from worker.ledger.plans import Planned
from worker.ledger.records import EventRecord, WindowRecord
from worker.lifecycle import OPEN, State
from worker.overrides import Programme
from worker.relay import LONGEST_WINDOW
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
class Planner:
    """Keeps the ledger's windows in step with its events, ``horizon`` seconds ahead."""

    ledger: Ledger
    horizon: int

    def tick(self, now: float, *, by: str, most: int = 5_000) -> int:
        """Plans the events that are due for it, at most about ``most``; how many were planned."""
        planned = 0
        while planned < most and (ids := self.ledger.plans.to_plan(now, BATCH)):
            self._plan(list(self.ledger.plans.events(ids)), now, by=by)
            planned += len(ids)
        return planned

    def replan(self, event_id: str, now: float, *, by: str, why: str = "") -> None:
        """Plans one event at once, in the name of somebody who may say why. Raises ``UnknownEvent``."""
        self._plan([self.ledger.plans.event(event_id)], now, by=by, why=why)

    def programmes(self, events: Iterable[Event]) -> Iterator[Programme]:
        """The events with what people said of them, in their order."""
        return self.ledger.overrides.programmes(events)

    def additions(self, programme: Programme, now: float) -> list[Difference]:
        """What planning an event that the ledger does not know would add."""
        return compare((), wanted_windows(programme, now, self.horizon), now)

    def differences(self, programme: Programme, now: float, *, in_file: bool = True) -> list[Difference]:
        """What making the ledger follow this event would change; nothing is added to what left its file."""
        known = list(self._known(programme.event, now))
        there = {record.window.id for record in known}
        if programme.pause and not programme.pause.cut:
            known = [record for record in known if not record.on_air(now)]  # it plays to its end
        off = [each for each in programme.overrides if programme.off(each)]
        found = compare(known, wanted_windows(programme, now, self.horizon), now, off)
        return [d for d in found if in_file or d.window.id in there]

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
        changed = [programme for record, programme in told if not (record.planned_until and record.in_file)]
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
        )

    def _planned_before(self, record: EventRecord, programme: Programme, now: float) -> Planned:
        """What an event that left its file was planned for before it did, and nothing new."""
        known = {each.window.id: each.window.start for each in self._known(programme.event, now)}
        until = max(record.planned_until, *(start + 1 for start in known.values()), int(now))
        as_far = replace(self, horizon=until - int(now))
        whole = as_far._planned(replace(record, in_file=True, planned_until=0), programme, now)
        windows = (w for w in whole.windows if w.id in known or w.start < record.planned_until)
        return replace(whole, windows=tuple(windows), until=until, again_at=None)

    def _all_to_come(self, programme: Programme, now: float) -> tuple[Window, ...]:
        windows = wanted_windows(programme, now, self.horizon)
        if all(now < window.start for window in windows):
            return windows
        known = {record.window.id: record for record in self._known(programme.event, now)}
        return tuple(window for window in windows if _worth_while(known.get(window.id), window, now))
