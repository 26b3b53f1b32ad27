"""Which readings of a clock a rule of RFC 5545 admits, from its ``DTSTART`` on (pure).

The dates come from :mod:`.dates`, a year at a time. Whose turn it is, at which times, the positions, the
start and the end are found here, by counting from the start instead of going through what lies between.
"""

from __future__ import annotations

import copy
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import partial
from itertools import chain, groupby, islice
from math import gcd
from operator import itemgetter
from typing import Final

from worker.recurrence.dates import EPOCH_DAY, THURSDAY, WEEK, Days, in_year, middle_of_week
from worker.recurrence.pattern import DAY

LAST_YEAR: Final = 2100
"""No rule is followed beyond it: the provider's times end in 2038, and a search has to end somewhere."""

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - what a clock shows, in no zone
_END: Final = (date(LAST_YEAR + 1, 1, 1).toordinal() - EPOCH_DAY) * DAY
_HOUR: Final = 3_600
_MINUTE: Final = 60
_HOURS: Final = 24


class Frequency(IntEnum):
    """``FREQ``, the longest first."""

    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4
    MINUTELY = 5
    SECONDLY = 6


_UNIT: Final = {Frequency.HOURLY: _HOUR, Frequency.MINUTELY: _MINUTE, Frequency.SECONDLY: 1}
_LONGEST: Final = {Frequency.YEARLY: 53 * WEEK, Frequency.MONTHLY: 31, Frequency.WEEKLY: WEEK}
"""Days of the longest such period."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is written; what it leaves open follows from its start.

    ``until`` is the last reading it admits, ``until_utc`` the last instant (Unix seconds).
    """

    frequency: Frequency
    days: Days
    interval: int = 1
    hours: frozenset[int] = frozenset()
    minutes: frozenset[int] = frozenset()
    seconds: frozenset[int] = frozenset()
    positions: frozenset[int] = frozenset()
    count: int | None = None
    until: int | None = None
    until_utc: int | None = None

    def starting(self, start: datetime) -> Rule:
        """The same rule with all that it takes from its start written out (RFC 5545, 3.3.10)."""
        return replace(
            self,
            days=self._days(start),
            hours=self.hours or _only(start.hour, self.frequency <= Frequency.DAILY),
            minutes=self.minutes or _only(start.minute, self.frequency <= Frequency.HOURLY),
            seconds=self.seconds or _only(start.second, self.frequency <= Frequency.MINUTELY),
        )

    def _days(self, start: datetime) -> Days:
        days = self.days
        chosen = bool(days.weeks or days.yeardays or days.monthdays or days.weekdays)
        match self.frequency:
            case Frequency.YEARLY if not chosen:
                months = days.months or frozenset({start.month})
                return replace(days, months=months, monthdays=frozenset({start.day}))
            case Frequency.MONTHLY if not chosen:
                return replace(days, monthdays=frozenset({start.day}))
            case Frequency.WEEKLY if not chosen:
                return replace(days, weekdays=frozenset({(start.weekday(), 0)}))
        return days


class RulePattern:
    """The readings that a rule admits, asked for as those of a :class:`~worker.recurrence.pattern.Pattern`.

    ``every_hour`` is said of its times alone: on some day or other there may be a reading in each hour.
    ``start`` is the reading before which there are none.
    """

    __slots__ = (
        "_days",
        "_last",
        "_offsets",
        "_origin",
        "_positions",
        "_rule",
        "_times",
        "every_hour",
        "start",
    )

    def __init__(self, rule: Rule, start: datetime) -> None:
        self._rule = rule = rule.starting(start)
        self.start = (start - _EPOCH) // timedelta(seconds=1)
        self._origin = self.start - self.start % _unit(rule)
        self._days = rule.days
        self._positions = rule.positions if rule.frequency < Frequency.DAILY else frozenset()
        offsets = _offsets(rule)
        self._offsets = offsets if self._positions else _picked(offsets, rule.positions)
        self._times: dict[int, tuple[int, ...]] = {}
        self._last = _END if rule.until is None else rule.until
        if rule.count is not None:
            readings = (midnight + time for midnight, times in self.days(self.start, _END) for time in times)
            self._last = next(islice(readings, rule.count - 1, None), _END)
        self.every_hour = len({time // _HOUR for time in self._ever()}) == _HOURS

    def days(self, low: int, high: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The admitted readings in [low, high), rising, as midnights and the times after each of them."""
        low, high = max(low, self.start), min(high, self._last + 1)
        for day, times in self._admitted(low // DAY) if low < high else ():
            midnight = day * DAY
            if midnight >= high:
                return
            begin, end = bisect_left(times, low - midnight), bisect_left(times, high - midnight)
            if begin < end:
                yield midnight, times[begin:end]

    def first(self, low: int) -> int | None:
        """The first admitted reading from ``low`` on; ``None`` if there is none by ``LAST_YEAR``."""
        return next((midnight + times[0] for midnight, times in self.days(low, _END)), None)

    def opened(self) -> RulePattern:
        """The same rule with any day its day: its months, times, start and end still count."""
        other = copy.copy(self)
        other._days, other._positions = Days(months=self._days.months), frozenset()
        if _unit(self._rule) == DAY:
            other._rule = replace(self._rule, frequency=Frequency.DAILY, interval=1)
            other._offsets = self._ever()
        return other

    def _admitted(self, since: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The days from about ``since`` on that have times, and these."""
        if self._positions:
            # Positions count within a whole period, so the one before it is begun and comes to nothing.
            dates = self._dates(since - _LONGEST[self._rule.frequency])
            yield from chain.from_iterable(map(self._chosen, groupby(dates, _period(self._rule))))
        elif _unit(self._rule) == DAY:
            for day in self._dates(since):
                yield day, self._offsets
        else:
            for day in self._dates(since):
                yield day, self._in_day(day * DAY)

    def _dates(self, since: int) -> Iterator[int]:
        """The dates from ``since`` on in the periods whose turn it is."""
        rule, period = self._rule, _period(self._rule)
        turn = period(self.start // DAY) if rule.interval > 1 and _unit(rule) == DAY else None
        for year in range(date.fromordinal(since + EPOCH_DAY).year, LAST_YEAR + 1):
            found = in_year(self._days, year)
            for day in islice(found, bisect_left(found, since), None):
                if turn is None or (period(day) - turn) % rule.interval == 0:
                    yield day

    def _chosen(self, period: tuple[int, Iterator[int]]) -> Iterator[tuple[int, tuple[int, ...]]]:
        """What ``BYSETPOS`` leaves of the dates of one period."""
        days = list(period[1])
        chosen = set()
        for position in self._positions:
            day, time = divmod(position - (position > 0), len(self._offsets))
            if -len(days) <= day < len(days):
                chosen.add((days[day], self._offsets[time]))
        for day, readings in groupby(sorted(chosen), itemgetter(0)):
            yield day, tuple(time for _, time in readings)

    def _in_day(self, midnight: int) -> tuple[int, ...]:
        """The times of a day, of a rule that counts hours, minutes or seconds from its start."""
        step = self._rule.interval * _unit(self._rule)
        first = (self._origin - midnight) % step
        if first not in self._times:
            units = filter(partial(_admits, self._rule), range(first, DAY, step))
            self._times[first] = tuple(unit + offset for unit in units for offset in self._offsets)
        return self._times[first]

    def _ever(self) -> tuple[int, ...]:
        """The times of day, or the units they lie in, that there may be on some day."""
        if _unit(self._rule) < DAY:
            step = gcd(self._rule.interval * _unit(self._rule), DAY)
            return tuple(filter(partial(_admits, self._rule), range(self._origin % step, DAY, step)))
        count = len(self._offsets)
        chosen = {(position - (position > 0)) % count for position in self._positions}
        return tuple(self._offsets[n] for n in sorted(chosen)) if chosen else self._offsets


def _only(value: int, given: bool) -> frozenset[int]:
    return frozenset({value}) if given else frozenset()


def _unit(rule: Rule) -> int:
    """Seconds of what the rule counts in; days and all that is longer consist of days."""
    return _UNIT.get(rule.frequency, DAY)


def _offsets(rule: Rule) -> tuple[int, ...]:
    """The seconds after the beginning of a unit, rising."""
    unit, none = _unit(rule), frozenset({0})
    hours = rule.hours if unit == DAY else none
    minutes = rule.minutes if unit > _MINUTE else none
    seconds = rule.seconds if unit > 1 else none
    return tuple(sorted(h * _HOUR + m * _MINUTE + s for h in hours for m in minutes for s in seconds))


def _picked(offsets: tuple[int, ...], positions: frozenset[int]) -> tuple[int, ...]:
    numbers = {n - 1 if n > 0 else n + len(offsets) for n in positions}
    return tuple(offset for n, offset in enumerate(offsets) if not positions or n in numbers)


def _admits(rule: Rule, time: int) -> bool:
    """Whether a unit that begins at this time of day is one of the rule's."""
    unit = _unit(rule)
    return (
        (not rule.hours or time // _HOUR in rule.hours)
        and (unit > _MINUTE or not rule.minutes or time % _HOUR // _MINUTE in rule.minutes)
        and (unit > 1 or not rule.seconds or time % _MINUTE in rule.seconds)
    )


def _period(rule: Rule) -> Callable[[int], int]:
    """Numbers the years, months, weeks or days that the rule counts, by a day of them."""
    match rule.frequency:
        case Frequency.YEARLY if rule.days.weeks:
            return lambda day: middle_of_week(day, rule.days.wkst).year
        case Frequency.YEARLY:
            return lambda day: date.fromordinal(day + EPOCH_DAY).year
        case Frequency.MONTHLY:
            return _month
        case Frequency.WEEKLY:
            return lambda day: (day + THURSDAY - rule.days.wkst) // WEEK
    return lambda day: day


def _month(day: int) -> int:
    found = date.fromordinal(day + EPOCH_DAY)
    return found.year * 12 + found.month
