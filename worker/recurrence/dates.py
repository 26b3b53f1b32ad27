"""Which dates of a year a rule of RFC 5545 chooses (pure).

dateutil finds them, and nothing else imports it. It is asked for one year at a time: left to itself it goes
through everything since the start of a rule, and looks at ``UNTIL`` only when it has found something, so with
a rule that finds nothing it runs on to the year 9999. All else is done in :mod:`.rule`.

A day number counts dates from 1970-01-01.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from dateutil.rrule import YEARLY, rrule, weekday  # type: ignore[import-untyped]

WEEK: Final = 7
THURSDAY: Final = 3
"""The weekday of day number 0, counted from Monday."""
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_ONE_YEAR: Final = 10_000
"""So many years after any year there is none, so dateutil stops after the first."""


@dataclass(frozen=True, slots=True)
class Days:
    """The parts of a rule that choose dates; an empty one leaves all. Negative numbers count from the end.

    ``weekdays`` are pairs of a weekday (Monday is 0) and which of the month, or of the year unless
    ``in_months``; 0 is each. A week, numbered as in ISO 8601, begins on the weekday ``wkst``.
    """

    months: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    yeardays: frozenset[int] = frozenset()
    monthdays: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    wkst: int = 0
    in_months: bool = False


@lru_cache(maxsize=4_096)
def in_year(days: Days, year: int) -> tuple[int, ...]:
    """The numbers of the chosen days of a year, rising. Many rules share them."""
    found = rrule(
        YEARLY,
        datetime(year, 1, 1),  # noqa: DTZ001 - a reading of no clock
        interval=_ONE_YEAR,
        bymonth=days.months or (range(1, 13) if days.in_months else None),
        bymonthday=days.monthdays or range(1, 32),
        byyearday=days.yeardays or None,
        byweekday=_weekdays(days) or None,
        byhour=0,
        byminute=0,
        bysecond=0,
    )
    numbers = (at.toordinal() - EPOCH_DAY for at in found)
    # dateutil puts the first days of some years into a week 53 that the year before does not have.
    return tuple(n for n in numbers if not days.weeks or not days.weeks.isdisjoint(_week(n, days.wkst)))


def middle_of_week(day: int, wkst: int) -> date:
    """The fourth day of the week that ``day`` is in: the year it lies in is the week's."""
    return date.fromordinal(day + EPOCH_DAY - (day + THURSDAY - wkst) % WEEK + 3)


def _weekdays(days: Days) -> list[weekday]:
    """Each Monday beside the second Tuesday, dateutil takes to mean both at once: then it is spelt out."""
    if not any(n for _, n in days.weekdays):
        return [weekday(day) for day, _ in days.weekdays]
    each = range(1, 6 if days.in_months else 54)
    return [weekday(day, n) for day, which in days.weekdays for n in ([which] if which else each)]


def _week(day: int, wkst: int) -> tuple[int, int]:
    """The number of a day's week in its year, from the beginning and from the end."""
    middle = middle_of_week(day, wkst)
    passed = middle.timetuple().tm_yday - 1
    length = 366 if calendar.isleap(middle.year) else 365
    return passed // WEEK + 1, (passed - length) // WEEK
