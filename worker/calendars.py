"""Days off, make-up workdays and written dates, and what they do to a recurrence (pure).

Public holidays come from the ``holidays`` library, and this module is the only one that asks it. What it
merely expects of a year is not given on: China's days off are what the notice of the State Council says
(国务院办公厅关于节假日安排的通知), each November for the year after, and before that nobody knows them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache, lru_cache
from heapq import merge
from itertools import groupby, takewhile
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Literal
from warnings import catch_warnings, simplefilter

from worker.errors import ConfigError
from worker.recurrence.pattern import DAY, Readings

if TYPE_CHECKING:
    from holidays import HolidayBase

Part = Literal["", "holidays", "workdays"]
PARTS: Final[tuple[Part, ...]] = ("holidays", "workdays")

FIRST_YEAR, LAST_YEAR = 2000, 2037
_EPOCH: Final = date(1970, 1, 1).toordinal()
_BY_NOTICE: Final = frozenset({"CN"})
"""Countries whose days off are all decreed anew each year, weekends that adjoin them included."""
_REACH: Final = 7
"""Days before a year that its notice may still change: that of 2019 began on 29 December 2018, a workday."""
_WEEKEND: Final = 5


class CalendarUnknown(ConfigError, ValueError):
    """There is no such calendar, or it cannot say that."""

    code = "calendar-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days that an event leaves out or adds, as one of its references names them.

    Either a ``part`` of the calendar of a ``country`` (ISO 3166; ``subdivision`` as the library calls it), or
    written ``spans`` of local readings, half-open, rising and apart. ``name`` is what the file calls them.
    """

    name: str
    reason: str = ""
    country: str = ""
    subdivision: str = ""
    part: Part = ""
    spans: tuple[tuple[int, int], ...] = ()

    def covering(self, reading: int) -> tuple[int, int] | None:
        """The span that this local reading lies in, if it is one of these days."""
        if self.country:
            day = reading // DAY
            return (day * DAY, day * DAY + DAY) if day in self._of_year(_year(day)) else None
        n = bisect_right(self.spans, reading, key=itemgetter(0))
        return self.spans[n - 1] if n and reading < self.spans[n - 1][1] else None

    def between(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """The spans that reach into the readings [low, high), rising."""
        if not self.country:
            yield from (span for span in self.spans if span[0] < high and low < span[1])
            return
        for year in range(max(_year(low // DAY), FIRST_YEAR), LAST_YEAR + 1):
            for day in sorted(self._of_year(year)):
                if day * DAY >= high:
                    return
                if day * DAY + DAY > low:
                    yield day * DAY, day * DAY + DAY

    def why(self, reading: int, language: str = "en") -> str:
        """Why the day is one of them: the holiday's name, or the reason that was written; may be empty."""
        if self.part != "holidays":
            return self.reason
        return self.reason or _name(self.country, self.subdivision, reading // DAY, language)

    def unknown_years(self, since: int, until: int) -> tuple[int, ...]:
        """The years that matter between two local readings and have no data yet; none of them is guessed.

        Next year's notice matters in the last days of December as well.
        """
        reach = _REACH if self.country in _BY_NOTICE else 0
        years = range(_year(since // DAY), _year((until - 1) // DAY + reach) + 1)
        return tuple(year for year in years if self.country and not self._is_known(year))

    def _is_known(self, year: int) -> bool:
        if self.country in _BY_NOTICE or self.part == "workdays":
            return year <= _last_decreed(self.country, self.subdivision)
        return year <= _kind(self.country).end_year

    def _of_year(self, year: int) -> frozenset[int]:
        return _days(self.country, self.subdivision, self.part, year)


def country_days(name: str, country: str, subdivision: str, part: Part, reason: str = "") -> Days:
    """A part of a country's calendar. Raises :class:`CalendarUnknown`, with a hint."""
    kind = _kind(country)
    if subdivision and subdivision not in kind.subdivisions:
        known = ", ".join(kind.subdivisions) or "it has none"
        raise CalendarUnknown(f"{country} has no subdivision {subdivision!r}", hint=f"one of: {known}")
    if part == "workdays" and not _last_decreed(country, subdivision):
        raise CalendarUnknown(
            f"{country} has no make-up workdays", hint="write the days under dates: of a calendar of your own"
        )
    return Days(name=name, reason=reason, country=country, subdivision=subdivision, part=part)


def chosen(line: Readings, skip: Iterable[Days], also: Iterable[Days]) -> Readings:
    """The readings of a line, without those of left-out days, and with its times on added ones."""
    left_out, added = tuple(skip), tuple(also)
    return Chosen(line, left_out, added) if left_out or added else line


class Chosen:
    """What is left of a line's readings by calendars. On an added day it starts at its times of day,
    whatever its day fields say; its months still count. A day that is left out stays out.
    """

    __slots__ = ("_also", "_line", "_opened", "_skip")

    def __init__(self, line: Readings, skip: tuple[Days, ...], also: tuple[Days, ...]) -> None:
        self._line, self._skip, self._also = line, skip, also
        self._opened = line.opened() if also else line

    @property
    def every_hour(self) -> bool:
        """As the line itself."""
        return self._line.every_hour

    def days(self, low: int, high: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The readings in [low, high), rising, as midnights and the times after each of them."""
        found: Iterator[tuple[int, tuple[int, ...]]] = self._line.days(low, high)
        if self._also:
            both = merge(found, self._added(low, high), key=itemgetter(0))
            found = ((day, _union(times)) for day, times in groupby(both, key=itemgetter(0)))
        if not self._skip:
            yield from found
            return
        for midnight, times in found:
            kept = tuple(time for time in times if self._left_out(midnight + time) is None)
            if kept:
                yield midnight, kept

    def first(self, low: int) -> int | None:
        """The first from ``low`` on, if there is one."""
        while True:
            reading = self._first(low)
            span = None if reading is None else self._left_out(reading)
            if span is None:
                return reading
            low = span[1]

    def opened(self) -> Readings:
        """The same times on any date of the same months that is not left out."""
        return Chosen(self._line.opened(), self._skip, ())

    def _first(self, low: int) -> int | None:
        reading = self._line.first(low)
        end = (LAST_YEAR + 1 - 1970) * 366 * DAY if reading is None else reading
        added = (midnight + times[0] for midnight, times in self._added(low, end) if times)
        return next(added, reading) if self._also else reading

    def _added(self, low: int, high: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """What the opened line has on added days, day by day; a day may come twice."""
        at = low
        for begin, end in merge(*(days.between(low, high) for days in self._also)):
            if max(begin, at) < min(end, high):
                yield from self._opened.days(max(begin, at), min(end, high))
            at = max(at, end)

    def _left_out(self, reading: int) -> tuple[int, int] | None:
        return next((span for days in self._skip if (span := days.covering(reading))), None)


def left_out(line: Readings, skip: Iterable[Days], low: int, high: int) -> Iterator[tuple[int, Days]]:
    """The readings in [low, high) that a line has and a calendar leaves out, with the first that does."""
    all_of_them = tuple(skip)
    for midnight, times in line.days(low, high):
        for time in times:
            by = next((days for days in all_of_them if days.covering(midnight + time)), None)
            if by:
                yield midnight + time, by


def _union(parts: Iterable[tuple[int, tuple[int, ...]]]) -> tuple[int, ...]:
    first, *rest = (times for _, times in parts)
    return tuple(sorted({*first, *(time for times in rest for time in times)})) if rest else first


@lru_cache(maxsize=1 << 16)
def _year(day: int) -> int:
    return date.fromordinal(min(max(day + _EPOCH, 1), date.max.toordinal())).year


@lru_cache(maxsize=4_096)
def _days(country: str, subdivision: str, part: Part, year: int) -> frozenset[int]:
    """Day numbers. What is decreed for one year can reach into the days before it, so three are read."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return frozenset()
    years = range(year - 1, year + 2)
    if country in _BY_NOTICE:
        last = _last_decreed(country, subdivision)
        years = range(year - 1, min(year + 1, last) + 1) if year <= last else range(0)
    if not years:
        return frozenset()
    found = _ask(country, subdivision, years)
    workdays = {day.toordinal() for day in found.weekend_workdays}
    if part == "workdays":
        numbers = workdays
    else:
        numbers = {day.toordinal() for day in found}
        if country in _BY_NOTICE:
            numbers = _with_weekends(numbers, workdays)
    return frozenset(n - _EPOCH for n in numbers if date.fromordinal(n).year == year)


def _with_weekends(off: set[int], workdays: set[int]) -> set[int]:
    """With the weekends that adjoin days off and are not worked: a notice names the whole run."""
    found = set(off)
    for day in off:
        for step in (-1, 1):
            beyond = (day + step * n for n in range(1, 3))
            found.update(takewhile(lambda n: _is_weekend(n) and n not in workdays, beyond))
    return found


def _is_weekend(ordinal: int) -> bool:
    return date.fromordinal(ordinal).weekday() >= _WEEKEND


@cache
def _last_decreed(country: str, subdivision: str) -> int:
    """The last year whose make-up workdays are known; 0 for a country that has none."""
    if country in _BY_NOTICE:
        tables: dict[int, Any] = getattr(_kind(country), "special_public_holidays", {})
        return max(tables, default=0)
    found = _ask(country, subdivision, range(FIRST_YEAR, LAST_YEAR + 1)).weekend_workdays
    return max((day.year for day in found), default=0)


@lru_cache(maxsize=1_024)
def _name(country: str, subdivision: str, day: int, language: str) -> str:
    """What the holiday is called. A weekend that adjoins it has no name of its own."""
    wanted = date.fromordinal(day + _EPOCH)
    kind = _kind(country)
    spoken = next((known for known in kind.supported_languages if known.startswith(language)), None)
    named: str = _ask(country, subdivision, [wanted.year], spoken).get(wanted, "")
    return named


def _ask(country: str, subdivision: str, years: Iterable[int], language: str | None = None) -> HolidayBase:
    import holidays  # noqa: PLC0415  slow to import, and most files have no calendar

    with catch_warnings():
        simplefilter("ignore")  # of years without data, which are told of in our own words
        return holidays.country_holidays(country, subdivision or None, years=years, language=language)


@cache
def _kind(country: str) -> HolidayBase:
    """What the library knows of a country, of no year yet. Raises :class:`CalendarUnknown`."""
    import holidays  # noqa: PLC0415

    if country not in holidays.list_supported_countries(include_aliases=False):
        near = _code(country)
        hint = f"did you mean {near}?" if near else "write two letters (ISO 3166), such as CN"
        raise CalendarUnknown(f"there are no holidays for {country!r}", hint=hint)
    return _ask(country, "", [])


def _code(country: str) -> str:
    """The two letters of the country that somebody called like this, or nearly; empty if there is none."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415

    codes = {name.lower(): names[1] for names in COUNTRIES.values() for name in names}
    near = get_close_matches(country.lower().replace(" ", ""), codes, n=1, cutoff=0.8)
    return codes[near[0]] if near else ""
