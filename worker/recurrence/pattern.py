"""Which readings of a clock a cron line admits, found without counting through those it does not (pure).

A reading is whole seconds since the clock would have shown 1970-01-01 00:00; a day number counts dates from
that one. Nothing here knows of zones.
"""

from __future__ import annotations

import calendar
import functools
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from typing import Final, Protocol

DAY: Final = 86_400
LAST_OF_ITS_KIND: Final = -1
"""In place of n: the last such weekday of the month."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_END: Final = 10_000 * 12


class Dates:
    """The dates that are admitted. Weekdays count from Sunday, 0.

    ``days`` or ``weekdays`` is ``None`` where that field is open, and then the other decides; when both
    are given, either is enough (POSIX, crontab). ``nth`` are pairs of a weekday and which of the month.
    """

    __slots__ = ("_days", "_last", "_months", "_nth", "_shapes", "_weekdays")

    def __init__(
        self,
        months: frozenset[int],
        days: frozenset[int] | None,
        last: bool,
        weekdays: frozenset[int] | None,
        nth: frozenset[tuple[int, int]],
    ) -> None:
        self._months, self._days, self._last = months, days, last
        self._weekdays, self._nth = weekdays, nth
        self._shapes: dict[tuple[int, int], tuple[int, ...]] = {}

    def since(self, day: int) -> Iterator[int]:
        """The admitted day numbers from ``day`` on, rising, until the year 9999 ends."""
        start = date.fromordinal(day + _EPOCH)
        for month in range(start.year * 12 + start.month - 1, _END):
            if month % 12 + 1 in self._months:
                before, weekday, length = _month(month)
                for number in self._in_month(weekday, length):
                    if before + number >= day:
                        yield before + number

    def opened(self) -> Dates:
        """All dates of the same months."""
        return Dates(self._months, None, last=False, weekdays=None, nth=frozenset())

    def _in_month(self, weekday: int, length: int) -> tuple[int, ...]:
        """The admitted days of a month that begins on this weekday: there are but 28 such months."""
        shape = (weekday, length)
        if shape not in self._shapes:
            self._shapes[shape] = tuple(
                day for day in range(1, length + 1) if self._admits(day, (weekday + day - 1) % 7, length)
            )
        return self._shapes[shape]

    def _admits(self, day: int, weekday: int, length: int) -> bool:
        by_date = self._days is not None and (day in self._days or (self._last and day == length))
        by_week = self._weekdays is not None and (
            weekday in self._weekdays
            or (weekday, (day + 6) // 7) in self._nth
            or ((weekday, LAST_OF_ITS_KIND) in self._nth and day + 7 > length)
        )
        return by_date or by_week or (self._days is None and self._weekdays is None)


class Readings(Protocol):
    """Some readings of a clock, found without counting through the others. Unchangeable, and shared."""

    @property
    def every_hour(self) -> bool:
        """Whether there may be a reading in each of the 24 hours, whatever the date."""

    def days(self, low: int, high: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Those in [low, high), rising, as midnights and the times after each of them."""

    def first(self, low: int) -> int | None:
        """The first from ``low`` on, if there is one."""

    def opened(self) -> Readings:
        """The same times on any date of the same months."""


class Pattern:
    """The readings that are admitted: at each of ``times`` (seconds after midnight, rising) of ``dates``."""

    __slots__ = ("dates", "every_hour", "times")

    def __init__(self, dates: Dates, times: tuple[int, ...], every_hour: bool) -> None:
        self.dates, self.times, self.every_hour = dates, times, every_hour

    def days(self, low: int, high: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The admitted readings in [low, high), rising, as midnights and the times after each of them."""
        for day in self.dates.since(low // DAY):
            midnight = day * DAY
            if midnight >= high:
                return
            begin, end = bisect_left(self.times, low - midnight), bisect_left(self.times, high - midnight)
            yield midnight, self.times[begin:end]

    def first(self, low: int) -> int | None:
        """The first admitted reading from ``low`` on; ``None`` if there is none before the year 10000."""
        today, time = divmod(low, DAY)
        for day in self.dates.since(today):
            if day > today:
                return day * DAY + self.times[0]
            if time <= self.times[-1]:
                return day * DAY + self.times[bisect_left(self.times, time)]
        return None

    def opened(self) -> Pattern:
        """The same times on any date of the same months."""
        return Pattern(self.dates.opened(), self.times, self.every_hour)


@functools.lru_cache(maxsize=4096)
def _month(month: int) -> tuple[int, int, int]:
    """The day number before its first, the weekday of its first, and its length; counted from year 0."""
    year, index = divmod(month, 12)
    first = date(year, index + 1, 1).toordinal()
    return first - 1 - _EPOCH, first % 7, calendar.monthrange(year, index + 1)[1]
