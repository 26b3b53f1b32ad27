"""Reads cron lines, and refuses those that do not mean what they seem to (pure).

croniter reads the line and its field sets are taken from there; it is used for nothing else, and nothing
else imports it. It reads some lines otherwise than they look, and engines disagree about others. All of
them are refused before croniter sees them, with a word on what to write instead.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from croniter import CroniterError, croniter  # type: ignore[import-untyped]

from worker.errors import ConfigError
from worker.recurrence.pattern import LAST_OF_ITS_KIND, Dates, Pattern

_MACROS: Final = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
_SHAPE: Final = "write minute hour day-of-month month day-of-week, and seconds last if wanted: 0 20 * * 1-5"
_OPEN: Final = ("*", "?")
_LONGEST: Final = {month: 30 if month in {4, 6, 9, 11} else 31 for month in range(1, 13)} | {2: 29}

_PLAIN: Final = re.compile(r"(?:\*|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:/([0-9]{1,9}))?")
_CHANCE: Final = re.compile(r"[hr]([(/].*)?")
_LAST_DAY: Final = re.compile(r"[0-9/-]*[lw][0-9lw/-]*")
_LAST_WEEKDAY: Final = re.compile(r"[0-9]*l[0-9]*")
_NTH: Final = re.compile(r"([a-z0-9]+)#[1-5]|l[0-7]")

Problem = tuple[str, str]
"""What is wrong, and what to write instead."""


class CronRefused(ConfigError, ValueError):
    """The cron line cannot be used."""

    code = "cron-refused"


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    size: int
    words: tuple[str, ...] = ()

    def value(self, written: str) -> int | None:
        """The number that is meant, or ``None`` if the field has no such value."""
        if written in self.words:
            return self.words.index(written) + self.low
        value = int(written) if re.fullmatch("[0-9]{1,9}", written) else -1
        return value if self.low <= value <= self.high else None


_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MINUTE: Final = _Field("minute", 0, 59, 60)
_HOUR: Final = _Field("hour", 0, 23, 24)
_DAY: Final = _Field("day of month", 1, 31, 31)
_MONTH: Final = _Field("month", 1, 12, 12, _MONTHS)
_WEEKDAY: Final = _Field("day of week", 0, 7, 7, _WEEKDAYS)
_SECOND: Final = _Field("second", 0, 59, 60)
_FIELDS: Final = (_MINUTE, _HOUR, _DAY, _MONTH, _WEEKDAY, _SECOND)


@functools.lru_cache(maxsize=32_768)
def parse(line: str) -> Pattern:
    """What the line admits. Raises ``CronRefused`` for a line that is wrong, misread or read in two ways."""
    words = line.lower().split()
    _refuse(line, _problems(words))
    try:
        expanded, nth = croniter.expand(" ".join(words))
    except CroniterError as error:
        raise CronRefused(f"cron line {line!r} cannot be read: {error}", hint=_SHAPE) from error
    _refuse(line, _never(expanded))
    return _pattern(expanded, nth)


def _refuse(line: str, problems: Iterator[Problem]) -> None:
    for wrong, instead in problems:
        raise CronRefused(f"cron line {line!r}: {wrong}", hint=instead)


def _pattern(expanded: list[list[int | str]], nth: dict[int, set[int | str]]) -> Pattern:
    on_the_minute: list[int | str] = [0]
    minutes, hours, days, months, weekdays, seconds = [*expanded, on_the_minute][:6]
    pairs = frozenset((day, LAST_OF_ITS_KIND if n == "l" else int(n)) for day, ns in nth.items() for n in ns)
    some_weekdays = None if weekdays == ["*"] else _numbers(_WEEKDAY, weekdays)
    dates = _dates(
        _numbers(_MONTH, months),
        None if days == ["*"] else _numbers(_DAY, days),
        "l" in days,
        frozenset() if pairs else some_weekdays,
        pairs,
    )
    times = _times(_numbers(_HOUR, hours), _numbers(_MINUTE, minutes), _numbers(_SECOND, seconds))
    return Pattern(dates, times, every_hour=len(_numbers(_HOUR, hours)) == _HOUR.size)


def _numbers(field: _Field, values: list[int | str]) -> frozenset[int]:
    if values == ["*"]:
        return frozenset(range(field.low, field.high + 1))
    return frozenset(value for value in values if isinstance(value, int))


# Many lines share their dates or their times; what one has worked out serves them all.
_dates: Final = functools.lru_cache(maxsize=4_096)(Dates)


@functools.lru_cache(maxsize=4_096)
def _times(hours: frozenset[int], minutes: frozenset[int], seconds: frozenset[int]) -> tuple[int, ...]:
    return tuple(sorted(h * 3600 + m * 60 + s for h in hours for m in minutes for s in seconds))


def _problems(words: list[str]) -> Iterator[Problem]:
    """What is wrong with a line. The first problem ends the asking, so each check relies on those before."""
    if len(words) == 1 and words[0].startswith("@"):
        if words[0] not in _MACROS:
            yield f"there is no {words[0]}", f"write one of {', '.join(_MACROS)}, or five fields"
        return
    if len(words) > len(_FIELDS):
        yield f"it has {len(words)} fields", "six at most; for years, use valid_from and valid_until"
    if len(words) < len(_FIELDS) - 1:
        yield f"it has {len(words)} of five fields", _SHAPE
    for field, word in zip(_FIELDS, words, strict=False):
        for part in word.split(","):
            yield from _part_problems(field, part, listed=part != word)
    yield from _day_problems(words[2], words[4])


def _part_problems(field: _Field, part: str, *, listed: bool) -> Iterator[Problem]:
    if part in _OPEN:
        if listed:
            yield f"{part} in a list makes the rest of it idle", "write * alone, or the list without it"
        elif part == "?" and field not in (_DAY, _WEEKDAY):
            yield f"? has no meaning for a {field.name}", "write *"
    elif _CHANCE.fullmatch(part):
        yield f"{part.upper()} would leave the {field.name} to chance", "write the value you want"
    elif field is _DAY and _LAST_DAY.fullmatch(part):
        yield from _last_day_problems(part)
    elif field is _WEEKDAY and ("#" in part or _LAST_WEEKDAY.fullmatch(part)):
        yield from _nth_problems(part)
    else:
        yield from _plain_problems(field, part)


def _last_day_problems(part: str) -> Iterator[Problem]:
    if "w" in part:
        yield f"{part.upper()}, the nearest working day, is not read", "write dates, or days of the week"
    elif part != "l":
        yield f"{part.upper()} is not read", "write L alone for the last day of the month"


def _nth_problems(part: str) -> Iterator[Problem]:
    match = _NTH.fullmatch(part)
    if match is None or (match[1] and _WEEKDAY.value(match[1]) is None):
        yield f"{part.upper()} is not read", "write 5#2 for the second Friday of the month, L5 for the last"


def _plain_problems(field: _Field, part: str) -> Iterator[Problem]:
    match = _PLAIN.fullmatch(part)
    if match is None:
        yield f"{part!r} is no {field.name}", "write a value, a range 1-5, a step */5, or a list of these"
        return
    first, last, step = match.groups()
    for written in filter(None, (first, last)):
        if field.value(written) is None:
            names = f", or {', '.join(field.words)}" if field.words else ""
            yield f"{written!r} is no {field.name}", f"write {field.low} to {field.high}{names}"
    if last:
        yield from _range_problems(field, first, last)
    if step:
        yield from _step_problems(field, first, last, int(step))


def _range_problems(field: _Field, first: str, last: str) -> Iterator[Problem]:
    low, high = field.value(first), field.value(last)
    assert low is not None
    assert high is not None
    if field is _WEEKDAY and last == "sun" and low:
        high = _WEEKDAY.high
    if low == high:
        yield f"{first}-{last} is a range of one, which some read as every {field.name}", f"write {first}"
    elif low > high:
        top = field.low + field.size - 1
        forward = f"{_span(low, top)},{_span(field.low, high)}" if low <= top else _span(field.low, high)
        yield f"{first}-{last} runs backwards, and engines disagree about that", f"write {forward}"


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def _step_problems(field: _Field, first: str | None, last: str | None, step: int) -> Iterator[Problem]:
    if not 1 <= step <= field.size:
        wrong = f"a step of {step} does not fit into the {field.size} values of the {field.name}"
        yield wrong, "a step begins anew with each round of its field; write the values as a list"
    if field is _WEEKDAY and first == "7" and not last:
        yield f"7/{step} is read in two ways", f"write 0/{step}"


def _day_problems(day: str, weekday: str) -> Iterator[Problem]:
    special = [_NTH.fullmatch(part) is not None for part in weekday.split(",")]
    if any(special) and not all(special):
        yield "plain weekdays beside # or L would be lost", "write two cron lines, one for each kind"
    if day in _OPEN or weekday in _OPEN:
        return
    if any(special):
        wrong = "beside # or L in the day of week, the day of month would be lost"
        yield wrong, "write * for the day of month, or two cron lines"
    if "*/" in day or "*/" in weekday:
        wrong = "*/n in one day field beside the other means both to some engines and either to others"
        yield wrong, "write two cron lines, if either is meant"


def _never(expanded: list[list[int | str]]) -> Iterator[Problem]:
    """Dates that no calendar has."""
    days, months, weekdays = expanded[2:5]
    if weekdays == ["*"] and days != ["*"] and "l" not in days:
        longest = max(_LONGEST[month] for month in _numbers(_MONTH, months))
        if min(_numbers(_DAY, days)) > longest:
            yield "no such date ever comes", f"these months have {longest} days at most; L is the last day"
