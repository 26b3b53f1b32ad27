"""The walk along a zone's stretches: which of the readings a line admits become starts, and when (pure)."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from worker.recurrence.cron import parse
from worker.recurrence.pattern import DAY, Readings
from worker.recurrence.rrule import ends_too_early, parse_rule, rule_pattern
from worker.recurrence.zones import FIRST, LAST, Stretch, Zone, zone

Note = Literal["", "dst-gap-shifted", "dst-fold"]
"""What a change of the clock did to a start: moved it to the jump, or made its reading come twice."""


class Occurrence(NamedTuple):
    """One nominal start: the instant ``at`` (Unix seconds), and the ``reading`` the line asked for.

    Readings are what the zone's clock shows, in whole seconds since it would have shown 1970-01-01 00:00.
    """

    at: int
    reading: int
    note: Note


_Passage = tuple[int, int, int, int | None, Note]
"""Readings from the first number to before the second share one fate: each is its instant plus the third,
or, if the fourth is given, all become that one instant. A plain tuple, for a planner makes very many."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A cron line or a rule in a zone, and what it does where the clock changes.

    Made by :func:`recurrence` or :func:`rrule_recurrence`.
    ``shift``: a start whose reading is jumped over happens at the jump, unless a whole date is missing.
    ``both``: a start whose reading comes twice happens twice.
    ``last``: the instant after which nothing starts.
    """

    pattern: Readings
    zone: Zone
    shift: bool
    both: bool
    last: int = LAST

    def starts(self, since: int, until: int) -> list[int]:
        """The instants in [since, until) at which something starts: rising, none twice."""
        found: list[int] = []
        for low, high, offset, jump, _ in self._passages(since, until):
            if jump is None:
                for midnight, times in self.pattern.days(low, high):
                    origin = midnight - offset
                    found += [origin + time for time in times]
            elif self._first(low, high) is not None and self.pattern.first(jump + offset) != jump + offset:
                found.append(jump)
        return found

    def next_start(self, after: int, until: int) -> int | None:
        """The first start after ``after`` and before ``until``. Its cost hardly grows with the distance."""
        for low, high, offset, jump, _ in self._passages(after + 1, until):
            reading = self._first(low, high)
            if reading is not None:
                return reading - offset if jump is None else jump
        return None

    def occurrences(self, since: int, until: int) -> Iterator[Occurrence]:
        """Every nominal start whose instant lies in [since, until), by instant, then reading.

        Several may share one instant, where a jump swallowed them; they are one start.
        """
        for low, high, offset, jump, note in self._passages(since, until):
            for midnight, times in self.pattern.days(low, high):
                for time in times:
                    reading = midnight + time
                    yield Occurrence(reading - offset if jump is None else jump, reading, note)

    def _first(self, low: int, high: int) -> int | None:
        reading = self.pattern.first(low)
        return reading if reading is not None and reading < high else None

    def _passages(self, since: int, until: int) -> Iterator[_Passage]:
        """The passages in order of their instants, cut to the instants [since, until)."""
        since, until = max(since, FIRST), min(until, self.last + 1, LAST)
        for stretch in self.zone.stretches(since, until) if since < until else ():
            first, last = since + stretch.offset, until + stretch.offset
            for low, high, offset, jump, note in self._fates(stretch):
                if jump is None:
                    low, high = max(low, first), min(high, last)  # noqa: PLW2901
                if low < high and (jump is None or since <= jump < until):
                    yield low, high, offset, jump, note

    def _fates(self, stretch: Stretch) -> Iterator[_Passage]:
        """What becomes of each reading of a stretch, and of those that the jump before it left out."""
        start, end, offset, before, after = stretch
        opening, closing, shown = start + offset, end + offset, start + before
        head, again = opening, min(closing, end + after)
        if before > offset:
            head = shown
            if self.both:
                yield opening, head, offset, None, "dst-fold"
        elif before < offset:
            head = stretch.landing + offset
            yield opening, head, offset, None, ""
            if self.shift and opening < shown + DAY:
                yield shown, opening, offset, stretch.landing, "dst-gap-shifted"
        yield head, again, offset, None, ""
        if again < closing:
            yield again, closing, offset, None, "dst-fold"


@functools.lru_cache(maxsize=32_768)
def recurrence(
    cron: str,
    timezone: str,
    gap: Literal["shift", "skip"] | None = None,
    fold: Literal["first", "both"] | None = None,
) -> Recurrence:
    """The line in the zone; ``gap`` and ``fold`` replace what its hour field would decide.

    A line that admits every hour is interval-like: it skips a gap and fires in both passes of a fold. Any
    other names fixed times: they shift to the jump, and fire in the first pass only.
    Raises ``CronRefused`` or ``ZoneUnknown``.
    """
    return _in_zone(parse(cron), timezone, gap, fold)


@functools.lru_cache(maxsize=32_768)
def rrule_recurrence(
    rule: str,
    dtstart: datetime,
    timezone: str,
    gap: Literal["shift", "skip"] | None = None,
    fold: Literal["first", "both"] | None = None,
) -> Recurrence:
    """The rule of RFC 5545 in the zone, from ``dtstart`` on, a naive local time.

    It stands for the same readings as on any calendar; what becomes of them is decided as for a cron line,
    where the set of hours that its times may ever lie in is the hour field. An ``UNTIL`` in UTC is an
    instant, any other a reading. Raises ``RuleRefused`` or ``ZoneUnknown``.
    """
    pattern = rule_pattern(rule, dtstart)
    found = _in_zone(pattern, timezone, gap, fold)
    last = parse_rule(rule).until_utc
    if last is None:
        return found
    if found.next_start(pattern.start - DAY, last + 1) is None:
        raise ends_too_early(rule, dtstart)
    return replace(found, last=last)


def _in_zone(pattern: Readings, timezone: str, gap: str | None, fold: str | None) -> Recurrence:
    shift = not pattern.every_hour if gap is None else gap == "shift"
    both = pattern.every_hour if fold is None else fold == "both"
    return Recurrence(pattern, zone(timezone), shift, both)


def starts(cron: str, timezone: str, start: int, end: int) -> list[int]:
    """Rising Unix seconds of the starts in [start, end), by the rules of ``docs/time.md``.

    Raises ``CronRefused`` or ``ZoneUnknown``, both of them ``ValueError`` with a ``hint``.
    """
    return recurrence(cron, timezone).starts(start, end)


def fixed_time(clock: Zone, reading: int) -> Occurrence:
    """When the clock first shows a reading, or, if it jumps over it, the first whole minute after the jump.

    Never runs backwards: a later reading has no earlier instant.
    """
    stretch = clock.showing(reading)
    if reading < stretch.start + stretch.offset:
        return Occurrence(stretch.landing, reading, "dst-gap-shifted")
    note: Note = "dst-fold" if reading >= stretch.end + stretch.after else ""
    return Occurrence(reading - stretch.offset, reading, note)


def wall_clock_end(clock: Zone, start: Occurrence, ending: int) -> int | None:
    """When a start ends that is to last until the clock shows ``ending``, a reading.

    If that is not later than the start's own reading, it is meant of the first later day. ``None`` if clock
    changes leave nothing between start and end.
    """
    if ending <= start.reading:
        ending += ((start.reading - ending) // DAY + 1) * DAY
    end = fixed_time(clock, ending).at
    if end > start.at:
        return end
    # In the second pass of a repeat the end's first pass is over; no clock changes again so soon.
    second_pass = start.at > fixed_time(clock, start.reading).at
    return start.at + ending - start.reading if second_pass else None
