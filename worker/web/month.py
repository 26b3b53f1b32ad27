"""Months and weeks as planners see them: what plays on which day, and which days are special (pure)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from worker.calendars import Days
from worker.language import phrase, spoken
from worker.recurrence import Zone, zone
from worker.views import local_end, local_start
from worker.web.axis import Jump, first_instant, jumps
from worker.windows import Window

_DAY: Final = 86_400
_WEEK: Final = 7
_OFTEN: Final = 3
"""Windows of an event on a day, beyond which they are told as one entry."""
_EPOCH: Final = date(1970, 1, 1)
FIRST_YEAR, LAST_YEAR = 1971, 2037
"""The years that can be shown: those in which something can be planned, and what came before."""

_MONTH: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_NUMBERED: Final = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


class NoSuchLeaf(ValueError):
    """That names no month and no week, or one that cannot be shown."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Whole weeks of the calendar, from a Monday on. ``name`` is ``2026-11`` or ``2026-W48``.

    ``month`` is the first of the month that they show, ``None`` for a week. ``before`` and ``after`` name the
    leaves beside it, empty where there is none that can be shown.
    """

    name: str
    first: date
    days: int
    month: date | None
    before: str
    after: str

    def instants(self, zone_key: str) -> tuple[int, int]:
        """When it begins and ends on that zone's clock, in Unix seconds."""
        clock = zone(zone_key)
        return midnight(clock, self.first), midnight(clock, self.first + timedelta(days=self.days))


@dataclass(frozen=True, slots=True)
class Entry:
    """A window on a day. ``starts``: it begins on this day, at ``clock``; else it began before.

    ``until`` is when it ends, and how many days after this one (``01:30 (+1)``). ``group`` are the windows of
    its event that it stands for on this day, itself the first of them.
    """

    window: Window
    starts: bool
    clock: str
    until: str
    group: tuple[Window, ...]

    @property
    def times(self) -> int:
        """How many windows it stands for."""
        return len(self.group)


@dataclass(frozen=True, slots=True)
class Special:
    """A day that a calendar names. ``off``: a day off, or one that is left out; else it is worked."""

    words: str
    off: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what plays on it in order, as much as was asked for, and how many ``more`` windows there are.

    ``own``: it belongs to the month shown, and not to the one before or after.
    """

    date: date
    own: bool
    today: bool
    jumps: tuple[Jump, ...]
    specials: tuple[Special, ...]
    entries: tuple[Entry, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A leaf in its zone, week by week. ``always`` are the permanent windows, which are on no day."""

    leaf: Leaf
    timezone: str
    weeks: tuple[tuple[Day, ...], ...]
    always: tuple[Window, ...]


def month_of(day: date) -> Leaf:
    """The month of this day, in whole weeks. Raises :class:`NoSuchLeaf`."""
    first = day.replace(day=1)
    if not (name := _month(first)):
        raise _none(f"{first:%Y-%m}")
    after = (first + timedelta(days=31)).replace(day=1)
    start = first - timedelta(days=first.weekday())
    days = -(-(after - start).days // _WEEK) * _WEEK
    return Leaf(name, start, days, first, _month(first - timedelta(days=1)), _month(after))


def week_of(day: date) -> Leaf:
    """The week of this day, by ISO 8601: from Monday on. Raises :class:`NoSuchLeaf`."""
    monday = day - timedelta(days=day.weekday())
    if not (name := _week(monday)):
        raise _none(f"{monday}")
    before, after = (_week(monday + timedelta(days=days)) for days in (-_WEEK, _WEEK))
    return Leaf(name, monday, _WEEK, None, before, after)


def named_month(name: str) -> Leaf:
    """The month called like this (``2026-11``). Raises :class:`NoSuchLeaf`."""
    if found := _MONTH.fullmatch(name):
        with suppress(ValueError):  # such as a thirteenth
            return month_of(date(int(found[1]), int(found[2]), 1))
    raise _none(name)


def named_week(name: str) -> Leaf:
    """The week called like this (``2026-W48``). Raises :class:`NoSuchLeaf`."""
    if found := _NUMBERED.fullmatch(name):
        with suppress(ValueError):
            return week_of(date.fromisocalendar(int(found[1]), int(found[2]), 1))
    raise _none(name)


def midnight(clock: Zone, day: date) -> int:
    """When this day begins in a zone (Unix seconds), also where its clock jumps over midnight."""
    return first_instant(clock, (day - _EPOCH).days * _DAY)


def today(clock: Zone, now: float) -> date:
    """The date in a zone at ``now`` (Unix seconds)."""
    return _EPOCH + timedelta(days=(int(now) + clock.offset(int(now))) // _DAY)


def grid(
    leaf: Leaf,
    windows: Iterable[Window],
    zone_key: str,
    now: float,
    *,
    specials: Mapping[date, tuple[Special, ...]],
    most: int,
) -> Grid:
    """The leaf with these windows on their days in a zone, ``most`` entries a day; ``now`` in Unix seconds.

    What runs past midnight is on each of its days; what ends at midnight is not on the day after. Of an event
    with more than three windows on a day the first stands for all of them, behind the others.
    """
    ordered = sorted(windows, key=lambda each: (each.start, each.id))
    playing = _by_day(leaf, (window for window in ordered if not window.permanent), zone(zone_key))
    shown = _Shown(leaf, zone_key, today(zone(zone_key), now), most)
    days = [shown.day(day, found, specials.get(day, ())) for day, found in playing.items()]
    weeks = tuple(tuple(days[n : n + _WEEK]) for n in range(0, len(days), _WEEK))
    return Grid(leaf, zone_key, weeks, tuple(window for window in ordered if window.permanent))


def special_days(calendars: Iterable[Days], since: date, until: date) -> dict[date, tuple[Special, ...]]:
    """What calendars say of the days in [since, until), each thing once, in the language spoken.

    Of spans that are part of a day, the day is named.
    """
    found: defaultdict[date, dict[Special, None]] = defaultdict(dict)
    low, high = ((day - _EPOCH).days * _DAY for day in (since, until))
    for days in dict.fromkeys(calendars):
        for begin, end in days.between(low, high):
            for number in range(max(begin, low) // _DAY, -(-min(end, high) // _DAY)):
                found[_EPOCH + timedelta(days=number)][_special(days, max(begin, number * _DAY))] = None
    return {day: tuple(told) for day, told in found.items()}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the days of a leaf have in common."""

    leaf: Leaf
    zone_key: str
    current: date
    most: int

    def day(self, day: date, playing: list[Window], specials: tuple[Special, ...]) -> Day:
        clock = zone(self.zone_key)
        since, until = midnight(clock, day), midnight(clock, day + timedelta(days=1))
        month, entries = self.leaf.month, self._entries(playing, since)
        return Day(
            date=day,
            own=month is None or (day.year, day.month) == (month.year, month.month),
            today=day == self.current,
            jumps=tuple(jumps(clock, since, until)),
            specials=specials,
            entries=tuple(entries[: self.most]),
            more=sum(each.times for each in entries[self.most :]),
        )

    def _entries(self, playing: list[Window], since: int) -> list[Entry]:
        counts = Counter(window.event for window in playing)
        many = {event for event, n in counts.items() if n > _OFTEN}
        single = [self._entry((window,), since) for window in playing if window.event not in many]
        crowds: dict[str, list[Window]] = {}
        for window in playing:
            if window.event in many:
                crowds.setdefault(window.event, []).append(window)
        return single + [self._entry(tuple(crowd), since) for crowd in crowds.values()]

    def _entry(self, group: tuple[Window, ...], since: int) -> Entry:
        window = group[0]
        clock = local_start(self.zone_key, window.start).split(" ", 2)[2]
        until = local_end(self.zone_key, max(window.start, since), window.end)
        return Entry(window, window.start >= since, clock, until, group)


def _by_day(leaf: Leaf, windows: Iterable[Window], clock: Zone) -> dict[date, list[Window]]:
    days: dict[date, list[Window]] = {leaf.first + timedelta(days=n): [] for n in range(leaf.days)}
    for window in windows:
        day = today(clock, window.start)
        last = today(clock, window.end - 1)
        while day <= last:
            if day in days:
                days[day].append(window)
            day += timedelta(days=1)
    return days


def _special(days: Days, reading: int) -> Special:
    worked = days.part == "workdays"
    words = days.why(reading, spoken()) or (phrase("a make-up workday") if worked else days.name)
    return Special(words, off=not worked)


def _month(day: date) -> str:
    return f"{day:%Y-%m}" if FIRST_YEAR <= day.year <= LAST_YEAR else ""


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}" if FIRST_YEAR <= year <= LAST_YEAR else ""


def _none(name: str) -> NoSuchLeaf:
    return NoSuchLeaf(f"there is no month and no week {name!r} between {FIRST_YEAR} and {LAST_YEAR}")
