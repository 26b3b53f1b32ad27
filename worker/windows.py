"""Occurrences become windows: pads, exceptions, extras, templates, clock-change notes (pure)."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, Final

from worker import calendars
from worker.calendars import Days
from worker.errors import ConfigError
from worker.events.model import Deviation, Event, Extra
from worker.recurrence import (
    Occurrence,
    Recurrence,
    fixed_time,
    recurrence,
    rrule_recurrence,
    wall_clock_end,
    zone,
)
from worker.relay import LATEST_SECOND, LONGEST_WINDOW, Slot

_DAY: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - what a clock shows, in no zone
_EPOCH_DAY: Final = _EPOCH.toordinal()
_ASTRAY: Final = 4 * _DAY
"""Seconds: how far an exception can take a start from its date's first midnight (47:59:59, pads, repeats)."""

MAKE_UP_DAY: Final = "make-up-day"
HOLIDAY: Final = "holiday"
"""Notes of windows that are there only because a calendar added their day."""

_BY_CLOCK: Final = 3 * _DAY
"""Seconds: more than any end on the clock (up to 47:59:59) lies behind its start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One start and one end, both Unix seconds as sent, in which a slot must be fed from ``sources``.

    ``id`` follows from the plan alone: the event's id and the nominal start in UTC
    (``nightly-news@20261123T120000Z``), so planning twice can only say the same thing twice.
    A permanent event has one window, ``radio@permanent``, whose times bound when it is wanted and are
    never sent.
    """

    id: str
    event: str
    title: str
    slot: Slot
    sources: tuple[str, ...]
    start: int
    end: int
    timezone: str
    lead: int
    min_useful: int
    priority: int = 0
    permanent: bool = False
    notes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def due_at(self) -> int:
        """When placing may begin, as far as this window alone can tell (Unix seconds)."""
        return self.start - self.lead


class SpanRefused(ConfigError):
    """A window would last longer than can be planned, or no time at all."""

    code = "span-refused"


def expand(event: Event, since: int, until: int) -> Iterator[Window]:
    """The event's windows whose ``start`` lies in [since, until), in order; no two start together.

    A permanent event's one window is given whenever it reaches into [since, until); a paused event has
    none. Lazy: a window costs the same wherever it lies. In ``stream``, ``{id}`` stands for the event's id
    and ``{start:%Y%m%d}`` for the nominal local start.

    Where an exception moves a start, or an extra has one, onto another start of the event, the written
    one is the one that counts. Where wall-clock start and end leave nothing between them on the night of a
    clock change, there is no window. Raises :class:`SpanRefused` if the event's lengths were not checked.
    """
    if event.paused:
        return iter(())
    plan = _Plan(event)
    if event.permanent:
        return plan.permanent(since, until)
    if not event.exceptions and not event.extra:
        return plan.regular(since, until)
    written = sorted((*plan.extras(since, until), *plan.moved(since, until)), key=attrgetter("start"))
    return _apart(heapq.merge(written, plan.regular(since, until), key=attrgetter("start")))


def next_start(event: Event, after: int) -> int | None:
    """The ``start`` of the event's first window that starts after ``after``; ``None`` if none will."""
    if _plain(event):
        # Asked for each event at each planning, and most are so plain that no window needs to be made.
        pad = event.pad_before
        starts = (line.next_start(after + pad, LATEST_SECOND + pad) for line in _chosen_lines(event))
        return min((start - pad for start in starts if start is not None), default=None)
    coming = expand(event, after + 1, LATEST_SECOND)
    return next((window.start for window in coming if window.start > after), None)


def longest(event: Event) -> int:
    """Seconds that no window of the event lasts longer than, pads included; a permanent one has no length."""
    rules: tuple[Event | Deviation | Extra, ...] = (event, *event.exceptions, *event.extra)
    return event.pad_before + event.pad_after + max(r.duration or (_BY_CLOCK if r.end else 0) for r in rules)


def unmatched(event: Event) -> tuple[Deviation, ...]:
    """The exceptions that mean no occurrence of the event: most likely a slip of the pen."""
    plan = _Plan(event)
    return tuple(deviation for deviation in event.exceptions if not any(plan.meant_by(deviation)))


def places(event: Event) -> set[Slot]:
    """The slots that the event may play on; all streams that are made afresh count as one, called ``{``."""
    changes: list[Deviation | Extra] = [*event.exceptions, *event.extra]
    streams = {event.stream, *(change.stream for change in changes if change.stream)}
    return {Slot(event.domain, event.app, "{" if "{" in stream else stream) for stream in streams}


def _plain(event: Event) -> bool:
    """Whether each nominal start of the event is the start of a window, but for the pad."""
    special = (event.paused, event.exceptions, event.extra, event.valid_from, event.valid_until)
    return event.duration is not None and not any(special)


def left_out(event: Event, since: int, until: int) -> Iterator[tuple[int, Days]]:
    """What the event's calendars leave out between two instants (Unix seconds), in no order.

    Each is the nominal start as a local reading, with the calendar that leaves it out; starts that another
    calendar would have added are among them.
    """
    if not event.skip or event.paused:
        return
    plan = _Plan(event)
    clock = zone(event.timezone)
    low, high = since + clock.offset(since), until + clock.offset(until)
    for line in _lines(event):
        added = calendars.chosen(line.pattern, (), event.also)
        for reading, days in calendars.left_out(added, event.skip, low, high):
            if plan.is_valid(reading):
                yield reading, days


def _chosen_lines(event: Event) -> Iterator[Recurrence]:
    """The same as the event's calendars leave them."""
    for line in _lines(event):
        yield replace(line, pattern=calendars.chosen(line.pattern, event.skip, event.also))


def _lines(event: Event) -> Iterator[Recurrence]:
    """What the event's cron lines and rules start, each by itself."""
    in_zone = (event.timezone, event.gap, event.fold)
    for cron in event.crons:
        yield recurrence(cron, *in_zone)
    for rule in event.rrules:
        assert event.dtstart is not None
        yield rrule_recurrence(rule, event.dtstart, *in_zone)


def _apart(windows: Iterator[Window]) -> Iterator[Window]:
    return (next(same) for _, same in groupby(windows, key=attrgetter("start")))


class _Plan:
    """One event, prepared for making windows of it."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.zone = zone(event.timezone)
        self.lines = list(_chosen_lines(event))
        self.low = None if event.valid_from is None else _midnight(event.valid_from)
        self.high = None if event.valid_until is None else _midnight(event.valid_until) + _DAY
        # Of two exceptions that mean the same, the one written first counts.
        written = [(_midnight(d.on.date), d.on.time, d) for d in reversed(event.exceptions)]
        self.by_date = {midnight: deviation for midnight, time, deviation in written if time is None}
        self.by_reading = {
            midnight + time.seconds: deviation for midnight, time, deviation in written if time
        }
        self.slot = Slot(event.domain, event.app, event.stream)
        self.constant: dict[str, Any] = {
            "event": event.id,
            "title": event.title,
            "timezone": event.timezone,
            "lead": event.lead,
            "min_useful": event.min_useful,
            "priority": event.priority,
        }

    def permanent(self, since: int, until: int) -> Iterator[Window]:
        start = 0 if self.low is None else fixed_time(self.zone, self.low).at
        end = LATEST_SECOND if self.high is None else fixed_time(self.zone, self.high).at
        if start < until and since < end:
            yield Window(
                id=f"{self.event.id}@permanent",
                slot=self._slot(self.event.stream, self.low or 0),
                sources=self.event.sources,
                start=start,
                end=end,
                permanent=True,
                **self.constant,
            )

    def regular(self, since: int, until: int) -> Iterator[Window]:
        """The windows of the cron lines that no exception cancels or moves, by their start."""
        pad = self.event.pad_before
        for nominal in self._starts(since + pad, until + pad):
            change = self._deviation(nominal) if self.event.exceptions else None
            if change is None or not (change.cancel or change.start):
                start = nominal[0]
                window = self._window(_stamp(start.at), start, start.reading, change)
                if window:
                    yield window

    def moved(self, since: int, until: int) -> Iterator[Window]:
        """The windows that exceptions move, in no order."""
        for change in self.event.exceptions:
            midnight = _midnight(change.on.date)
            if change.start and not change.cancel and since - _ASTRAY <= midnight < until + _ASTRAY:
                start = fixed_time(self.zone, midnight + change.start.seconds)
                for nominal in self.meant_by(change):
                    window = self._window(_stamp(nominal.at), start, nominal.reading, change)
                    if window and since <= window.start < until:
                        yield window

    def extras(self, since: int, until: int) -> Iterator[Window]:
        """The windows beside the cron lines and rules, in no order."""
        for extra in self.event.extra:
            reading = (extra.start - _EPOCH) // timedelta(seconds=1)
            if since - _ASTRAY <= reading < until + _ASTRAY:
                start = fixed_time(self.zone, reading)
                window = self._window(_stamp(start.at) + self._suffix(start.at), start, reading, extra)
                if window and since <= window.start < until:
                    yield window

    def meant_by(self, change: Deviation) -> Iterator[Occurrence]:
        """The occurrences that an exception applies to, at their nominal starts."""
        midnight = _midnight(change.on.date)
        first, last = fixed_time(self.zone, midnight).at, fixed_time(self.zone, midnight + 2 * _DAY).at
        for nominal in self._starts(first, last + _DAY):
            if self._deviation(nominal) is change:
                yield nominal[0]

    def _starts(self, since: int, until: int) -> Iterator[tuple[Occurrence, ...]]:
        """The nominal starts with instants in [since, until); where several share one, they are one start."""
        if self.low is not None:
            since = max(since, fixed_time(self.zone, self.low).at)
        if self.high is not None:
            until = min(until, fixed_time(self.zone, self.high).at + _DAY)
        found = heapq.merge(*(line.occurrences(since, until) for line in self.lines))
        valid = found if self.low is None and self.high is None else filter(self._valid, found)
        return (tuple(same) for _, same in groupby(valid, key=itemgetter(0)))

    def _valid(self, nominal: Occurrence) -> bool:
        _, reading, _ = nominal
        return self.is_valid(reading)

    def is_valid(self, reading: int) -> bool:
        """Whether the event may start at this local reading, as far as its dates say."""
        return (self.low is None or self.low <= reading) and (self.high is None or reading < self.high)

    def _deviation(self, nominal: tuple[Occurrence, ...]) -> Deviation | None:
        for _, reading, _ in nominal:
            found = self.by_reading.get(reading) or self.by_date.get(reading - reading % _DAY)
            if found:
                return found
        return None

    def _suffix(self, at: int) -> str:
        """What tells an extra from an occurrence that was moved away from the same instant."""
        changes = map(self._deviation, self._starts(at, at + 1))
        return "-extra" if any(change and change.start and not change.cancel for change in changes) else ""

    def _window(
        self, name: str, start: Occurrence, nominal: int, change: Deviation | Extra | None
    ) -> Window | None:
        """The window that starts at ``start``; ``nominal`` is the reading its stream is named after."""
        event = self.event
        end = self._end(start, nominal, change)
        if end is None:
            return None
        sent, until = start.at - event.pad_before, end + event.pad_after
        if not sent < until <= sent + LONGEST_WINDOW:
            raise SpanRefused(
                f"window {event.id}@{name} would last {until - sent} seconds",
                hint=f"1 to {LONGEST_WINDOW} seconds, pads included",
            )
        return Window(
            id=f"{event.id}@{name}",
            slot=self._slot((change and change.stream) or event.stream, nominal),
            sources=(change and change.sources) or event.sources,
            start=sent,
            end=until,
            notes=self._notes(start, nominal, change, sent, until),
            reason=change.reason if change else "",
            **self.constant,
        )

    def _added(self, reading: int) -> tuple[str, ...]:
        """The note of a start that is there by a calendar alone."""
        by = next((days for days in self.event.also if days.covering(reading)), None)
        if by is None or any(line.pattern.first(reading) == reading for line in _lines(self.event)):
            return ()
        return (HOLIDAY if by.part == "holidays" else MAKE_UP_DAY,)

    def _end(self, start: Occurrence, nominal: int, change: Deviation | Extra | None) -> int | None:
        rule = change if change and (change.duration or change.end) else self.event
        if rule.end is None:
            return start.at + (rule.duration or 0)
        midnight = nominal - nominal % _DAY
        if rule is change and isinstance(change, Deviation):
            midnight = _midnight(change.on.date)
        return wall_clock_end(self.zone, start, midnight + rule.end.seconds)

    def _slot(self, stream: str, nominal: int) -> Slot:
        if "{" in stream:
            stream = stream.format(id=self.event.id, start=_EPOCH + timedelta(seconds=nominal))
        elif stream == self.slot.stream:
            return self.slot
        return Slot(self.event.domain, self.event.app, stream)

    def _notes(
        self, start: Occurrence, nominal: int, change: Deviation | Extra | None, sent: int, until: int
    ) -> tuple[str, ...]:
        notes: tuple[str, ...] = (start.note,) if start.note else ()
        if self.event.also and not isinstance(change, Extra):
            notes += self._added(nominal)
        if change:
            notes += ("extra" if isinstance(change, Extra) else "overridden",)
        if next(self.zone.changes(sent + 1, until), None):
            notes += ("dst-in-window",)
        return notes


def _midnight(day: date) -> int:
    return (day.toordinal() - _EPOCH_DAY) * _DAY


def _stamp(at: int) -> str:
    day, second = divmod(at, _DAY)
    return f"{_compact_date(day)}T{_compact_time(second)}Z"


@lru_cache(maxsize=4_096)
def _compact_date(day: int) -> str:
    return f"{date.fromordinal(day + _EPOCH_DAY):%Y%m%d}"


@lru_cache(maxsize=4_096)
def _compact_time(second: int) -> str:
    return f"{second // 3600:02}{second // 60 % 60:02}{second % 60:02}"
