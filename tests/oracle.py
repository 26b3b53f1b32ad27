"""Cron lines by brute force: every minute of a clock is looked at, and nothing of ours is used.

Slow and simple on purpose. Good from 1973 on, when the last zone gave up offsets with odd seconds, and for
lines of five fields.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REACH = 26 * 3_600
"""Seconds: no repeat and no jump since 1973 is longer."""
NAMES = {name.lower(): n for names in (calendar.month_abbr, ("sun", "mon", "tue", "wed", "thu", "fri", "sat"))
         for n, name in enumerate(names)}  # fmt: skip


def starts(
    line: str, zone: str, start: int, end: int, gap: str | None = None, fold: str | None = None
) -> list[int]:
    """What the table of ``docs/time.md`` says, read off one row at a time."""
    matches, every_hour = matcher(line)
    gap = gap or ("skip" if every_hour else "shift")
    fold = fold or ("both" if every_hour else "first")
    shown = defaultdict(list)
    for instant in range((start - REACH) // 60 * 60, end + REACH, 60):
        shown[reading(instant, zone)].append(instant)
    found, missing = set(), []
    at, last = min(shown), max(shown)
    while at <= last:
        if at not in shown:
            missing.append(at)
        elif missing:
            if gap == "shift" and len(missing) * MINUTE < DAY and any(map(matches, missing)):
                found.add(shown[at][0])
            missing = []
        if matches(at):
            found.update(shown[at][: 2 if fold == "both" else 1] if at in shown else [])
        at += MINUTE
    return sorted(instant for instant in found if start <= instant < end)


def reading(instant: int, zone: str) -> datetime:
    """What the clock of the zone shows."""
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@lru_cache
def transitions(zone: str, year: int) -> tuple[int, ...]:
    """The hours of the year at which the zone's offset is no longer what it was an hour before."""
    first, last = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (year, year + 1))

    def offset(instant: int) -> timedelta | None:
        return datetime.fromtimestamp(instant, ZoneInfo(zone)).utcoffset()

    days = [day for day in range(first, last, 86_400) if offset(day) != offset(day + 86_400)]
    return tuple(h for day in days for h in range(day, day + 86_400, 3_600) if offset(h) != offset(h + 3_600))


def matcher(line: str) -> tuple[Callable[[datetime], bool], bool]:
    """Whether the line admits a reading, and whether it admits every hour."""
    minute, hour, day, month, weekday = line.lower().split()
    minutes, hours, months = values(minute, 0, 59), values(hour, 0, 23), values(month, 1, 12)

    @lru_cache
    def right_day(at: date) -> bool:
        sides = []
        if day not in "*?":
            last = calendar.monthrange(at.year, at.month)[1]
            sides.append(any(at.day == last if part == "l" else at.day in values(part, 1, 31)
                             for part in day.split(",")))  # fmt: skip
        if weekday not in "*?":
            sides.append(any(right_weekday(part, at) for part in weekday.split(",")))
        return any(sides) or not sides

    def matches(at: datetime) -> bool:
        return at.minute in minutes and at.hour in hours and at.month in months and right_day(at.date())

    return matches, hours == set(range(24))


def right_weekday(part: str, at: date) -> bool:
    """One item of the day-of-week field against one date."""
    today = at.isoweekday() % 7
    if part.startswith("l"):
        return today == int(part[1:]) % 7 and (at + 7 * DAY).month != at.month
    if "#" in part:
        which, n = part.split("#")
        earlier = [at - weeks * 7 * DAY for weeks in range(6) if (at - weeks * 7 * DAY).month == at.month]
        return today == number(which) % 7 and sum(
            d.day <= at.day for d in earlier if d.year == at.year
        ) == int(n)
    return today in {value % 7 for value in values(part.replace("-sun", "-7"), 0, 6)}


def values(field: str, low: int, high: int) -> set[int]:
    """What a field of numbers, names, ranges, steps and lists admits."""
    return {value for part in field.split(",") for value in _part(part, low, high)}


def _part(part: str, low: int, high: int) -> Iterator[int]:
    span, _, step = part.partition("/")
    first, _, last = span.partition("-")
    if span == "*":
        return iter(range(low, high + 1, int(step or 1)))
    end = number(last) if last else high if step else number(first)
    return iter(range(number(first), end + 1, int(step or 1)))


def number(written: str) -> int:
    """A value by number or by name."""
    return NAMES[written] if written in NAMES else int(written)
