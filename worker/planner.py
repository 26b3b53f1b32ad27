"""Events become windows in the ledger: each tick what enters the horizon, at ``apply`` what changed.

An event is planned only when something of it can be new: at the moment its next window enters the
horizon, and when it changes. The cost of a tick follows that, and not the number of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from worker.events.model import Event
from worker.ledger import Ledger
from worker.ledger.plans import Planned
from worker.ledger.records import EventRecord, WindowRecord
from worker.lifecycle import OPEN, State
from worker.relay import LONGEST_SPAN
from worker.slots import last_useful, relay_of
from worker.windows import Window, expand, next_start

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


def wanted_windows(event: Event, now: float, horizon: float) -> tuple[Window, ...]:
    """The event's windows from now to the horizon, the one on air included."""
    found = expand(event, int(now) - _reach(event), _beyond(now + horizon))
    return tuple(window for window in found if window.end > now)


def _beyond(moment: float) -> int:
    """The first whole second after it, for what starts at the horizon itself would be due for ever."""
    return int(moment) + 1


def _reach(event: Event) -> int:
    """Seconds that a window of this event can last; an hourly bulletin is not looked for a week back."""
    if event.duration is None or event.exceptions or event.extra or event.permanent:
        return LONGEST_SPAN
    return event.duration + event.pad_before + event.pad_after


def compare(before: Iterable[WindowRecord], after: Iterable[Window], now: float) -> list[Difference]:
    """What has to change in the ledger for one event; the past is left alone, and a person's word stands."""
    known = {record.window.id: record for record in before}
    wanted = {window.id: window for window in after}
    found = (
        _compare(known.get(each), wanted.get(each), now) for each in sorted(known.keys() | wanted.keys())
    )
    return [difference for difference in found if difference]


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
    cuts = record.on_air(now) and relay_of(record.window) != relay_of(window)
    return Difference("change", record.window, window, cuts)


def _worth_while(record: WindowRecord | None, window: Window, now: float) -> bool:
    """Whether the plan's word on this window still matters: it can be placed, or its relay is there."""
    return now <= last_useful(window) or (record is not None and record.state is State.PLACED)


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
            records = list(self.ledger.plans.events(ids))
            self._call_off_stale([r for r in records if not r.planned_until], now, by)
            self.ledger.plans.write((self._planned(record, now) for record in records), now=now, by=by)
            planned += len(ids)
        return planned

    def additions(self, event: Event, now: float) -> list[Difference]:
        """What planning an event that the ledger does not know would add."""
        return compare((), wanted_windows(event, now, self.horizon), now)

    def differences(self, event: Event, now: float) -> list[Difference]:
        """What making the ledger follow this event would change."""
        return compare(self._known(event, now), wanted_windows(event, now, self.horizon), now)

    def removals(self, event: Event, now: float) -> list[Difference]:
        """All of the event's windows to come, as differences: what goes when the event goes."""
        return compare(self._known(event, now), (), now)

    def coming(self, event_ids: Iterable[str], now: float) -> Iterator[WindowRecord]:
        """The open windows of these events that have not ended."""
        found = self.ledger.reading.windows(event_ids, now - LONGEST_SPAN, float("inf"))
        return (record for record in found if record.state in OPEN and record.window.end > now)

    def call_off(self, differences: Iterable[Difference], now: float, *, by: str, reason: str) -> None:
        """Cancels the windows that left the plan."""
        for difference in differences:
            if difference.kind == "remove":
                self.ledger.plans.cancel(difference.window, now=now, by="plan", who=by, reason=reason)

    def _known(self, event: Event, now: float) -> Iterator[WindowRecord]:
        return self.ledger.reading.windows([event.id], now - LONGEST_SPAN, float("inf"))

    def _call_off_stale(self, records: Sequence[EventRecord], now: float, by: str) -> None:
        """Windows that a changed event no longer has; new events, the many, have none."""
        known = self.ledger.plans.with_windows([record.event.id for record in records])
        for record in records:
            if record.event.id in known:
                self.call_off(self.differences(record.event, now), now, by=by, reason="no longer in the plan")

    def _planned(self, record: EventRecord, now: float) -> Planned:
        """What is new since the event was last planned; for a stored event, all that is still to come."""
        event = record.event
        if not record.planned_until:
            return self._upto(record, self._all_to_come(event, now), now)
        # What was to be planned while nobody ticked is planned now, its past included: the attempt will
        # find it missed and say so, because silence would be a bug.
        found = expand(event, record.planned_until, _beyond(now + self.horizon))
        return self._upto(record, tuple(found), now)

    def _all_to_come(self, event: Event, now: float) -> tuple[Window, ...]:
        windows = wanted_windows(event, now, self.horizon)
        if all(now <= last_useful(window) for window in windows):
            return windows
        known = {record.window.id: record for record in self._known(event, now)}
        return tuple(window for window in windows if _worth_while(known.get(window.id), window, now))

    def _upto(self, record: EventRecord, windows: tuple[Window, ...], now: float) -> Planned:
        until = _beyond(now + self.horizon)
        coming = next_start(record.event, until - 1)
        again_at = None if coming is None else coming - self.horizon
        return Planned(record.event.id, record.digest, windows, until, again_at)
