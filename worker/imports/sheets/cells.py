"""What stands in a cell, as planners write it and Excel stores it (pure).

Full-width digits and marks count as plain ones. All readers raise ``Unusable``, with a hint.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Final

from worker.events import values
from worker.events.problems import Unusable
from worker.imports.sheets.grid import Broken, Cell

DAY: Final = 86_400
_SERIALS: Final = range(30_000, 60_000)
"""Excel's numbers for the dates of 1982 to 2064: those of all dates that an event may have, and some more."""

_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u2060\ufeff]")
_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_SHORT_DATE: Final = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?![\d/.-])")
_COMPACT: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_TWO_WAYS: Final = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})\b")
_MIDNIGHT: Final = re.compile(r"[t ]?0{1,2}:00(?::00(?:\.0+)?)?")
_DATE_HINT: Final = "write it as 2026-12-24"

_SIXTY: Final = 60
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?")
_HAN_CLOCK: Final = re.compile(r"(\d{1,2})[点時时](?:(半)|(?:(\d{1,2})分?)?(?:(\d{1,2})秒)?)")
_HALVES: Final = {"am": 0, "上午": 0, "pm": 12, "下午": 12}
_LATER: Final = re.compile(r"次日|翌日|第二天|\(?\+1\)?")
_CLOCK_HINT: Final = "write it as 20:00, or as 25:30 for 01:30 of the next day"

_LENGTH: Final = re.compile(
    r"(?:(\d+(?:\.\d+)?)(?:hours?|hrs?|h|个?小时|时))?(?:(\d+(?:\.\d+)?)(?:minutes?|mins?|m|分钟|分)|(半))?"
    r"(?:(\d+)(?:seconds?|secs?|s|秒钟?))?"
)
_SPAN: Final = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_LENGTH_HINT: Final = "write it as 90m, 1h30m or 1:30:00"

_ENGLISH: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHINESE: Final = {char: n for n, char in enumerate("一二三四五六日", 1)} | {"天": 7}
_NAMED: Final = {
    **dict.fromkeys(("每天", "每日", "天天", "每晚", "daily", "everyday", "alldays"), range(1, 8)),
    **dict.fromkeys(("周末", "双休日", "weekend", "weekends"), range(6, 8)),
    **dict.fromkeys(("weekdays",), range(1, 6)),
}
_HAN_DAYS: Final = re.compile(r"(?:(?:周|星期|礼拜)?[一二三四五六日天])+")
_DIGIT_DAY: Final = re.compile(r"(?:周|星期|礼拜)?([0-7])")
_WEEKDAYS_HINT: Final = "write 周一至周五, 周六日, 每天, Mon-Fri, daily or 1-5 (1 is Monday)"
_WORKDAYS: Final = (
    "write 周一至周五 or Mon-Fri; if it is to follow China's holidays and make-up days, give the file of"
    " --defaults skip: [cn.holidays] and also: [cn.workdays], see Calendars in docs/events.md"
)

_APART: Final = re.compile(r"[\s,;、|]+(?=[A-Za-z][A-Za-z0-9+.-]*://)|\s+")


def words(cell: Cell) -> str:
    """The text of a cell in one line, letters as they are; whole numbers without a point. May be empty."""
    if isinstance(cell, Broken):
        raise Unusable(cell.why, hint="or type the value itself")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(cell, timedelta):
        cell = shown(round(cell.total_seconds()))
    return " ".join(_INVISIBLE.sub("", "" if cell is None else str(cell)).split())


def plain(cell: Cell) -> str:
    """The same with full-width digits, letters and marks made plain."""
    return " ".join(unicodedata.normalize("NFKC", words(cell)).split())


def shown(seconds: int) -> str:
    """A time of day as events files have it: ``20:00``, ``25:30:15``."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}".removesuffix(":00")


def day(cell: Cell, zero: date, year: int | None = None) -> date:
    """A date, year first; as Excel's number, counted from ``zero``; or without a year, if one is given.

    A weekday beside it has to be the right one.
    """
    if isinstance(cell, datetime):
        return _checked(cell.date().isoformat())
    text = plain(cell).lower()
    if re.fullmatch(r"\d{5}", text) and int(text) in _SERIALS:
        return _checked((zero + timedelta(days=int(text))).isoformat())
    found, rest = _written_day(text, year)
    rest = _MIDNIGHT.sub("", rest).strip(" ()")
    if rest and weekdays(rest) != {found.isoweekday()}:
        right = _ENGLISH[found.weekday()].capitalize()
        raise Unusable(
            f"{found} is a {right}, and {rest} stands beside it", hint="which of the two is right?"
        )
    return found


def _written_day(text: str, year: int | None) -> tuple[date, str]:
    """The date that a text begins with, and what follows it."""
    if found := _DATE.match(text) or _COMPACT.fullmatch(text):
        parts, end = found.groups(), found.end()
    elif _TWO_WAYS.match(text):
        raise Unusable(f"{text} can be read in several ways", hint="write the year first: 2026-12-24")
    elif (found := _SHORT_DATE.match(text)) and year is None:
        raise Unusable(f"{text} has no year", hint=f"{_DATE_HINT}, or give --year")
    elif found:
        parts, end = (str(year), *found.groups()), found.end()
    else:
        raise Unusable(f"{text!r} is not a date", hint=_DATE_HINT)
    return _checked("{}-{:0>2}-{:0>2}".format(*parts)), text[end:]


def _checked(text: str) -> date:
    return values.day(text)


def clock(cell: Cell) -> int:
    """A time of day in seconds, up to 47:59:59: from 24:00 on it is of the next day."""
    if isinstance(cell, timedelta):
        return _within(round(cell.total_seconds()), shown(round(cell.total_seconds())))
    text = plain(cell).lower().replace(" ", "")
    if _part_of_a_day(text):
        return _within(round(float(text) * DAY), text)
    later = _LATER.search(text)
    rest = _LATER.sub("", text)
    half = next((name for name in _HALVES if name in rest), "")
    seconds = _written_clock(rest.replace(half, ""), text)
    if half and not DAY // 24 <= seconds < 13 * 3600:
        raise Unusable(f"{text} is not a time of day", hint=_CLOCK_HINT)
    if half:
        seconds = seconds % (12 * 3600) + _HALVES[half] * 3600
    return _within(seconds + (DAY if later and seconds < DAY else 0), text)


def moment(cell: Cell, zero: date, year: int | None) -> tuple[date | None, int, int | None]:
    """A time with the date before it and the end behind it, each if there is one."""
    if isinstance(cell, datetime):
        return day(cell, zero), clock(cell - datetime.combine(cell.date(), time())), None
    text = plain(cell)
    dated = _DATE.match(text)
    if dated:
        found, rest = day(dated.group(), zero, year), text[dated.end() :].removeprefix("T")
        return found, *_from_to(rest)
    return None, *((clock(cell), None) if isinstance(cell, timedelta) else _from_to(text))


def _from_to(text: str) -> tuple[int, int | None]:
    first, *last = re.split(r"\s*[-–—~至到]+\s*", text, maxsplit=1)
    return clock(first), clock(last[0]) if last else None


def _part_of_a_day(text: str) -> bool:
    """Whether this is a time as Excel stores it, in a cell that does not show it as one."""
    return bool(re.fullmatch(r"[01]\.\d{2,}", text)) or text == "0.5"


def _written_clock(text: str, whole: str) -> int:
    if found := _CLOCK.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in found.groups())
    elif found := _HAN_CLOCK.fullmatch(text):
        hour, minute, second = int(found[1]), 30 if found[2] else int(found[3] or 0), int(found[4] or 0)
    else:
        raise Unusable(f"{whole!r} is not a time of day", hint=_CLOCK_HINT)
    if max(minute, second) >= _SIXTY:
        raise Unusable(f"{whole} is not a time of day", hint=_CLOCK_HINT)
    return hour * 3600 + minute * 60 + second


def _within(seconds: int, text: str) -> int:
    if not 0 <= seconds < 2 * DAY:
        raise Unusable(f"{text} is not a time of day: they go up to 47:59", hint=_CLOCK_HINT)
    return seconds


def length(cell: Cell, unit: int = 0) -> int:
    """How long, in seconds. ``unit`` is what the column's name says that a bare number counts, or 0."""
    if isinstance(cell, timedelta):
        return _positive(round(cell.total_seconds()), plain(cell))
    text = plain(cell).lower().replace(" ", "")
    if found := _SPAN.fullmatch(text):
        return _positive(int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]), text)
    if _NUMBER.fullmatch(text):
        return _positive(_counted(text, unit), text)
    found = _LENGTH.fullmatch(text)
    if not text or not found or (found[3] and not found[1]):
        both = re.fullmatch(r"\d+:\d\d", text)
        what = "can be hours and minutes, or minutes and seconds" if both else "is no length"
        raise Unusable(f"{text!r} {what}", hint=_LENGTH_HINT)
    hours, minutes, half, seconds = found.groups()
    total = float(hours or 0) * 3600 + float(minutes or 0) * 60 + (1800 if half else 0) + int(seconds or 0)
    return _positive(round(total), text)


def _counted(text: str, unit: int) -> int:
    if unit:
        return round(float(text) * unit)
    if _part_of_a_day(text):
        return round(float(text) * DAY)
    raise Unusable(
        f"{text} of what?", hint=f"{_LENGTH_HINT}, or call the column 时长(分钟) or duration (min)"
    )


def _positive(seconds: int, text: str) -> int:
    if seconds <= 0:
        raise Unusable(f"{text} is no length", hint=_LENGTH_HINT)
    return seconds


def weekdays(cell: Cell) -> frozenset[int]:
    """Days of the week, Monday 1 to Sunday 7."""
    if isinstance(cell, datetime):
        raise Unusable(f"Excel made the date {cell.date()} of it", hint=_WEEKDAYS_HINT)
    whole = plain(cell).lower()
    text = re.sub(r"\s*\band\b\s*|\s+", ",", re.sub(r"\s*([~–—至到-]|\bto\b)\s*", r"-", whole))
    text = re.sub(r"^(每|逢)(?=周|星期|礼拜|逢)|播出$", "", text).strip(",")
    if text.replace(",", "") in _NAMED:
        return frozenset(_NAMED[text.replace(",", "")])
    if text in {"工作日", "平日", "workdays", "workday", "workingdays"}:
        raise Unusable(f"{whole} can mean Monday to Friday, or the days on which China works", hint=_WORKDAYS)
    if re.fullmatch(r"[1-7]{2,7}", text) and list(text) == sorted(set(text)):
        return frozenset(map(int, text))
    return _listed(text.replace("周末", "六日"), whole)


def _listed(text: str, whole: str) -> frozenset[int]:
    found: set[int] = set()
    for piece in filter(None, re.split(r"[,、;/和及&+]+", text)):
        first, *rest = (_days(each, whole) for each in piece.split("-"))
        if not rest:
            found |= set(first)
        elif len(rest) == len(first) == len(rest[0]) == 1:
            found |= {(first[0] - 1 + n) % 7 + 1 for n in range((rest[0][0] - first[0]) % 7 + 1)}
        else:
            raise _no_weekdays(whole)
    if not found:
        raise _no_weekdays(whole)
    return frozenset(found)


def _days(text: str, whole: str) -> list[int]:
    """The days that a piece without marks names: ``mon``, ``周一``, ``3``, ``六日``."""
    if _HAN_DAYS.fullmatch(text):
        return [_CHINESE[char] for char in text if char in _CHINESE]
    if found := _DIGIT_DAY.fullmatch(text):
        return [int(found[1]) or 7]
    name = text.rstrip(".")
    named = [n for n, day in enumerate(_ENGLISH, 1) if f"{day}s".startswith(name) and len(name) > 1]
    if len(named) != 1:
        raise _no_weekdays(whole)
    return named


def _no_weekdays(text: str) -> Unusable:
    return Unusable(f"{text!r} does not name days of the week", hint=_WEEKDAYS_HINT)


def addresses(cell: Cell) -> list[str]:
    """Source addresses: apart by spaces and line breaks, or by commas and semicolons before another one.

    Commas may stand in an address.
    """
    return [each for each in _APART.split(plain(cell).strip(" ,;、|")) if each]
