"""How each kind of value is written in an events file (pure).

Each function takes the text as it stands in the file and gives what it means. All raise ``ValueError``,
with a ``hint`` where one helps.
"""

from __future__ import annotations

import calendar
import re
import string
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from worker.durations import format_duration, parse_duration
from worker.events.model import Occasion, WallTime
from worker.events.problems import Unusable
from worker.recurrence import parse_rule, recurrence, zone

LONGEST_ID: Final = 64
LONGEST_TITLE: Final = 200
LONGEST_REASON: Final = 500
LONGEST_APP: Final = 30
LONGEST_STREAM: Final = 100

_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")
_CLOCK: Final = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{1,2}:\d{2}(?::\d{2})?)", re.ASCII)
_REFERENCE: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z]+)?")
_WHOLE: Final = re.compile(r"0|-?[1-9]\d{0,3}", re.ASCII)
_DIRECTIVES: Final = "YmdHMSyjGVu"
_DAY: Final = 86_400
_HOURS: Final = 48
_YEARS: Final = range(2000, 2038)
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNFIT: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


def event_id(text: str) -> str:
    """1 to 64 of a-z 0-9 and hyphens, no hyphen at either end: it becomes part of window ids."""
    if not _ID.fullmatch(text):
        raise Unusable(
            f"{text!r} is not an id", hint="use a-z, 0-9 and hyphens in between, such as nightly-news"
        )
    if len(text) > LONGEST_ID:
        raise Unusable(f"the id has {len(text)} characters", hint=f"at most {LONGEST_ID}")
    return text


def words(most: int) -> Callable[[str], str]:
    """One line for people, of so many characters at most, with nothing that steers a terminal."""

    def read(text: str) -> str:
        if any(unicodedata.category(char) in _UNFIT or char in _TURNING for char in text):
            raise Unusable("the text holds a line break or a control character", hint="write it on one line")
        if len(text) > most:
            raise Unusable(f"the text has {len(text)} characters", hint=f"at most {most}")
        return text

    return read


def app(text: str) -> str:
    """1 to 30 of A-Z a-z 0-9 _ - . (provider documents, CreateRelaySourceV4)."""
    return _named(text, "App", LONGEST_APP)


def stream(text: str) -> str:
    """1 to 100 of A-Z a-z 0-9 _ - . once ``{id}`` and ``{start:%Y%m%d}`` are filled in; still a template."""
    for _, field, layout, conversion in _pieces(text):
        if field is None:
            continue
        if conversion or field not in {"id", "start"} or (field == "id" and layout):
            raise Unusable(f"{{{field}}} cannot be filled in", hint="only {id} and {start:%Y%m%d} can")
        if field == "start":
            _directives(layout or "")
    _named(fill(text, "x"), "Stream", LONGEST_STREAM)
    return text


def stream_of(template: str, event: str) -> str:
    """The stream's name for one event, to see whether it still fits. Raises ``Unusable``."""
    return _named(fill(template, event), "Stream", LONGEST_STREAM)


def fill(template: str, event: str) -> str:
    """The template filled in for an arbitrary start: every directive we allow has one width."""
    return template.format(id=event, start=datetime(2026, 11, 22))  # noqa: DTZ001 - a reading of no clock


def cron(text: str) -> str:
    """One cron line, by the rules of ``docs/time.md``."""
    recurrence(text, "UTC")
    return text


def rrule(text: str) -> str:
    """One rule of RFC 5545 that may still not go with its start."""
    parse_rule(text)
    return text


def timezone(text: str) -> str:
    """An IANA name that this release of tzdata knows."""
    return zone(text).key


def duration(least: int, most: int) -> Callable[[str], int]:
    """A duration between two bounds, in whole elapsed seconds."""

    def read(text: str) -> int:
        seconds = parse_duration(text)
        if not least <= seconds <= most:
            bounds = f"between {format_duration(least)} and {format_duration(most)}"
            raise Unusable(f"{text} is out of range", hint=f"write a duration {bounds}")
        return seconds

    return read


def wall_time(text: str) -> WallTime:
    """``HH:MM`` or ``HH:MM:SS``; up to 47:59:59, where 25:30 is 01:30 of the next day."""
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[1]) >= _HOURS:
        raise Unusable(
            f"{text!r} is not a time of day", hint='such as "20:00", or "25:30" for 01:30 the next day'
        )
    return WallTime(int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0))


def day(text: str) -> date:
    """``YYYY-MM-DD`` from 2000 to 2037, where the provider's 32-bit times end."""
    try:
        found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        raise Unusable(f"there is no date {text}", hint="write year-month-day, such as 2026-12-24") from None
    if found is None:
        raise Unusable(f"{text!r} is not a date", hint="write year-month-day, such as 2026-12-24")
    if found.year not in _YEARS:
        raise Unusable(f"{text} lies outside the years 2000 to 2037", hint="leave it out for no limit")
    return found


def occasion(text: str) -> Occasion:
    """A nominal local date, or one time of it: ``2026-12-24`` or ``2026-12-24T20:00``."""
    match = _MOMENT.fullmatch(text)
    return Occasion(day(match[1]), wall_time(match[2])) if match else Occasion(day(text))


def moment(text: str) -> datetime:
    """A naive local time: ``2026-12-25T20:00``, seconds optional, read on the event's own clock."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        hint = "write local date and time without an offset, such as 2026-12-25T20:00"
        raise Unusable(f"{text!r} is not a local time", hint=hint)
    seconds = wall_time(match[2]).seconds
    if seconds >= _DAY:
        raise Unusable(f"{match[2]} is past midnight", hint="write the date on which it really starts")
    minutes, second = divmod(seconds, 60)
    found = day(match[1])
    return datetime(found.year, found.month, found.day, minutes // 60, minutes % 60, second)  # noqa: DTZ001


def whole(text: str) -> int:
    """A whole number of at most four digits."""
    if not _WHOLE.fullmatch(text):
        raise Unusable(f"{text!r} is not a whole number", hint="write one between -9999 and 9999")
    return int(text)


def span(text: str) -> tuple[int, int]:
    """Days of a calendar: ``2026-12-31``, ``2027-01-01..2027-01-03`` with both ends, or from time to time.

    Gives local readings, half-open: in ``2027-01-01T01:00..2027-01-01T05:00`` lies what starts in four hours.
    """
    first, dots, last = (part.strip() for part in text.partition(".."))
    if not dots:
        begin = _reading(first)
        return begin, begin + _DAY
    if _DATE.fullmatch(first) and _DATE.fullmatch(last):
        begin, end = _reading(first), _reading(last) + _DAY
    else:
        begin, end = (calendar.timegm(moment(each).timetuple()) for each in (first, last))
    if begin >= end:
        raise Unusable(f"{text} ends before it begins", hint="write the earlier one first")
    return begin, end


def _reading(text: str) -> int:
    return calendar.timegm(day(text).timetuple())


def reference(text: str) -> str:
    """What ``skip`` and ``also`` name: a calendar of dates, or a country's with its part behind a dot."""
    if not _REFERENCE.fullmatch(text):
        raise Unusable(
            f"{text!r} is not the name of a calendar", hint="such as cn.holidays, cn.workdays, or works"
        )
    return text


def version(text: str) -> int:
    """1: the only version of the format so far."""
    if text != "1":
        raise Unusable(f"version {text!r} is not known", hint="write version: 1")
    return 1


def one_of(*choices: str) -> Callable[[str], str]:
    """One of these words."""

    def read(text: str) -> str:
        if text not in choices:
            raise Unusable(f"{text!r} is not known here", hint=f"write {' or '.join(choices)}")
        return text

    return read


def truth(text: str) -> bool:
    """``true`` or ``false``."""
    if text.lower() not in {"true", "false"}:
        raise Unusable(f"{text!r} is neither true nor false", hint="write true or false")
    return text.lower() == "true"


def _named(text: str, what: str, most: int) -> str:
    if not _NAME.fullmatch(text):
        strange = sorted(set(_NAME.sub("", text)))
        raise Unusable(
            f"{what} holds {', '.join(map(repr, strange))}", hint="use A-Z a-z 0-9 _ - and . alone"
        )
    if len(text) > most:
        raise Unusable(f"{what} has {len(text)} characters: {text}", hint=f"the provider takes 1 to {most}")
    return text


def _pieces(template: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(string.Formatter().parse(template))
    except ValueError:
        raise Unusable(
            "a { or } stands alone", hint="only {id} and {start:%Y%m%d} can be filled in"
        ) from None


def _directives(layout: str) -> None:
    used = re.findall(r"%(.?)", layout)
    unknown = [char for char in used if char not in _DIRECTIVES or not char]
    if unknown:
        raise Unusable(
            f"%{unknown[0]} cannot be used in {{start}}", hint="use " + " ".join(f"%{d}" for d in _DIRECTIVES)
        )
    if not used:
        raise Unusable("{start} needs a layout", hint="such as {start:%Y%m%d}")
