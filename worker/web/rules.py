"""An event's rule in words, where they are shorter than the line they stand for (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from worker.durations import format_duration
from worker.events.model import Event
from worker.language import phrase

_HOUR: Final = 3_600
_MOST: Final = 12
"""Times that are listed; a line with more is shown as it is."""
_WEEKDAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NAMES: Final = {name.lower(): str(n) for n, name in enumerate(_WEEKDAYS[:-1])}
_NUMBERS: Final = re.compile(r"\d+(,\d+)*", re.ASCII)
_SPANS: Final = re.compile(r"\d(-\d)?(,\d(-\d)?)*", re.ASCII)
_SPAN: Final = re.compile(r"(\d+)(?:-(\d+))?(?:/(\d+))?", re.ASCII)
_STEP: Final = re.compile(r"\*/(\d+)", re.ASCII)


def rules(event: Event) -> Iterator[tuple[str, str]]:
    """Each line by which the event recurs, with its words in the language spoken; empty if it has none.

    A line that is nothing but such words say whole has some; rules of calendars (RFC 5545) have none.
    """
    for cron in event.crons:
        yield cron, in_words(cron)
    for rule in event.rrules:
        yield rule, ""


def lasts(event: Event) -> str:
    """How long it plays, or until when, in the language spoken."""
    if event.permanent:
        return phrase("always")
    if event.end is not None:
        hours, minutes = divmod(event.end.seconds // 60, 60)
        return phrase("until {clock}", clock=f"{hours:02}:{minutes:02}")
    return phrase("for {length}", length=format_duration(event.duration or 0))


def in_words(cron: str) -> str:
    """``every day at 20:00``; empty for a line that is not so plain."""
    fields = cron.lower().split()
    if len(fields) != len("mhdMw"):
        return ""
    minute, hour, *dates = fields
    days, times = _days(*dates), _times(minute, hour)
    if not (days and times):
        return ""
    if hour == "*" and dates == ["*"] * 3:
        return times
    return phrase("{days} {times}", days=days, times=times)


def _days(day: str, month: str, weekday: str) -> str:
    if month != "*" or (day != "*" and weekday != "*"):
        return ""
    if weekday != "*":
        return _weekdays(re.sub("[a-z]+", lambda name: _NAMES.get(name[0], "?"), weekday))
    if day == "*":
        return phrase("every day")
    if day == "l":
        return phrase("the last day of each month")
    return phrase("day {days} of each month", days=_listed(day.split(","))) if _NUMBERS.fullmatch(day) else ""


def _weekdays(written: str) -> str:
    if not _SPANS.fullmatch(written):
        return ""
    spans = (part.split("-") for part in written.split(","))
    return _listed("–".join(phrase(_WEEKDAYS[int(n)]) for n in span) for span in spans)


def _times(minute: str, hour: str) -> str:
    if hour == "*" and (step := _STEP.fullmatch(minute)) and 60 % int(step[1]) == 0:
        return phrase("every {n} minutes", n=step[1])
    minutes, hours = _values(minute, 59), _values(hour, 23)
    if hour == "*" and 0 < len(minutes) <= _MOST:
        return phrase("every hour at {minutes}", minutes=_listed(f":{n:02}" for n in minutes))
    clocks = [f"{h:02}:{m:02}" for h in hours for m in minutes]
    return phrase("at {clocks}", clocks=_listed(clocks)) if 0 < len(clocks) <= _MOST else ""


def _values(field: str, last: int) -> list[int]:
    found: set[int] = set()
    for part in field.split(","):
        match = _SPAN.fullmatch(part)
        if match is None:
            return []
        low = int(match[1])
        high = int(match[2]) if match[2] else last if match[3] else low
        found |= set(range(low, high + 1, int(match[3] or 1)))
    return sorted(found)


def _listed(words: Iterator[str] | list[str]) -> str:
    return phrase(", ").join(words)
