"""Reads recurrence rules as RFC 5545 writes them, and refuses what it forbids or leaves open (pure).

``FREQ=WEEKLY;BYDAY=MO,WE``, with or without ``RRULE:`` in front. The grammar is that of section 3.3.10;
programs that read calendars are lax about it, and each in its own way.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from worker.errors import ConfigError
from worker.recurrence.dates import Days
from worker.recurrence.rule import LAST_YEAR, Frequency, Rule, RulePattern

MOST_COUNTED: Final = 10_000
"""The greatest ``COUNT``."""

_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MOST_IN_A_MONTH: Final = 5
_SHORTEST_MONTH: Final = 28
_NUMBER: Final = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_SIGNED: Final = re.compile(r"[+-]?\d{1,3}", re.ASCII)
_BYDAY: Final = re.compile(rf"([+-]?\d{{1,2}})?({'|'.join(_WEEKDAYS)})", re.ASCII)
_UNTIL: Final = re.compile(r"(\d{8})(T\d{6})?(Z?)", re.ASCII)
_SHAPE: Final = "such as FREQ=WEEKLY;BYDAY=MO,WE for every Monday and Wednesday"

_FREQUENCIES: Final = {frequency.name for frequency in Frequency}
_WITHIN: Final = {
    "BYMONTH": (1, 12),
    "BYWEEKNO": (-53, 53),
    "BYYEARDAY": (-366, 366),
    "BYMONTHDAY": (-31, 31),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 59),
    "BYSETPOS": (-366, 366),
}
_PARTS: Final = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_WITHIN)
_CHOOSING: Final = frozenset(_PARTS) - {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYSETPOS"}
_FORBIDDEN: Final = {
    "BYWEEKNO": _FREQUENCIES - {"YEARLY"},
    "BYYEARDAY": {"DAILY", "WEEKLY", "MONTHLY"},
    "BYMONTHDAY": {"WEEKLY"},
}
"""Parts, and the frequencies beside which the RFC forbids them."""
_ELSEWHERE: Final = {
    "DTSTART": "write dtstart: 2026-11-02T20:00 as a key of its own",
    "EXDATE": "list the dates under exceptions: with cancel: true",
    "EXRULE": "list the dates under exceptions: with cancel: true",
    "RDATE": "list the starts under extra:",
}

Parts = dict[str, str]
Problem = tuple[str, str]
"""What is wrong, and what to write instead."""


class RuleRefused(ConfigError, ValueError):
    """The recurrence rule cannot be used."""

    code = "rrule-refused"


@lru_cache(maxsize=32_768)
def parse_rule(text: str) -> Rule:
    """The rule, not yet held against a start. Raises ``RuleRefused``."""
    pairs = _pairs(text)
    _refuse(text, _foreign(text))
    _refuse(text, _problems(pairs))
    parts = {pair.name: pair.value for pair in pairs}
    days = Days(
        months=_numbers(parts, "BYMONTH"),
        weeks=_numbers(parts, "BYWEEKNO"),
        yeardays=_numbers(parts, "BYYEARDAY"),
        monthdays=_numbers(parts, "BYMONTHDAY"),
        weekdays=_weekdays(parts),
        wkst=_WEEKDAYS.index(parts.get("WKST", "MO")),
        in_months=_in_months(parts),
    )
    until = _until(parts["UNTIL"]) if "UNTIL" in parts else None
    in_utc = parts.get("UNTIL", "").endswith("Z")
    return Rule(
        frequency=Frequency[parts["FREQ"]],
        interval=int(parts.get("INTERVAL", 1)),
        days=days,
        hours=_numbers(parts, "BYHOUR"),
        minutes=_numbers(parts, "BYMINUTE"),
        seconds=_numbers(parts, "BYSECOND"),
        positions=_numbers(parts, "BYSETPOS"),
        count=int(parts["COUNT"]) if "COUNT" in parts else None,
        until=None if in_utc else until,
        until_utc=until if in_utc else None,
    )


@lru_cache(maxsize=32_768)
def rule_pattern(text: str, start: datetime) -> RulePattern:
    """The readings that the rule admits from ``start`` on, a naive local time.

    Raises ``RuleRefused``, also where there are none.
    """
    rule = parse_rule(text)
    found = RulePattern(rule, start)
    if found.first(found.start) is None:
        endless = RulePattern(replace(rule, until=None), start)
        if endless.first(endless.start) is not None:
            raise ends_too_early(text, start)
        wrong = f"nothing comes of it from dtstart, {start.isoformat()}, to the year {LAST_YEAR}"
        raise RuleRefused(
            f"rrule {text!r}: {wrong}", hint="no such date or time exists: look at its BY parts"
        )
    return found


def first_start(text: str, start: datetime) -> datetime:
    """The first reading that the rule admits from ``start`` on. Raises ``RuleRefused``."""
    pattern = rule_pattern(text, start)
    first = pattern.first(pattern.start)
    assert first is not None
    return start + timedelta(seconds=first - pattern.start)


def surprises(text: str, start: datetime) -> Iterator[Problem]:
    """What the rule leaves out or adds that whoever wrote it may not have thought of, and what to do."""
    rule = parse_rule(text)
    written, meant = rule.days, rule.starting(start).days
    late = min(meant.monthdays, default=0)
    if rule.frequency == Frequency.MONTHLY and late > _SHORTEST_MONTH and not written.months | rule.positions:
        yield f"leaves out the months that have no day {late}", "BYMONTHDAY=-1 is the last day of every month"
    if rule.frequency == Frequency.YEARLY and meant.monthdays == {29} and meant.months == {2}:
        yield "starts in leap years alone", "BYMONTH=2;BYMONTHDAY=-1 is the last day of February"
    if rule.frequency == Frequency.YEARLY and written.monthdays and not written.months | written.weeks:
        yield "names a day and no month, and starts in every month", f"for one, write BYMONTH={start.month}"


def ends_too_early(text: str, start: datetime) -> RuleRefused:
    """The refusal of a rule that is over before it has begun."""
    wrong = f"it ends before anything comes of it from dtstart on, {start.isoformat()}"
    return RuleRefused(f"rrule {text!r}: {wrong}", hint="write a later UNTIL, or an earlier dtstart")


class _Pair(NamedTuple):
    name: str
    value: str
    whole: bool


def _pairs(text: str) -> list[_Pair]:
    parts = text.strip().upper().removeprefix("RRULE:").split(";")
    return [_Pair(name, value, bool(between)) for name, between, value in (p.partition("=") for p in parts)]


def _refuse(text: str, problems: Iterator[Problem]) -> None:
    for wrong, instead in problems:
        raise RuleRefused(f"rrule {text!r}: {wrong}", hint=instead)


def _foreign(text: str) -> Iterator[Problem]:
    for name, instead in _ELSEWHERE.items():
        if name in text.upper():
            yield f"{name} is no part of a rule", instead


def _problems(pairs: list[_Pair]) -> Iterator[Problem]:
    """What is wrong with a rule. The first problem ends the asking, so each check relies on those before."""
    seen: set[str] = set()
    for name, value, whole in pairs:
        yield from _unknown(name, whole=whole)
        if name in seen:
            yield f"{name} is given twice", "join the two, as in BYDAY=MO,WE"
        seen.add(name)
        yield from _value_problems(name, value)
    parts = {pair.name: pair.value for pair in pairs}
    if "FREQ" not in parts:
        yield "FREQ is missing", f"such as FREQ=WEEKLY; one of {_all_frequencies()}"
    else:
        yield from _between(parts)


def _unknown(name: str, *, whole: bool) -> Iterator[Problem]:
    if not whole:
        yield (f"{name!r} has no =" if name else "a part is empty"), _SHAPE
    elif name == "BYEASTER":
        yield "BYEASTER is not part of RFC 5545", "list the dates under extra:"
    elif name not in _PARTS:
        near = difflib.get_close_matches(name, _PARTS, n=1)
        yield f"there is no {name!r}", f"did you mean {near[0]}?" if near else f"one of {', '.join(_PARTS)}"


def _value_problems(name: str, value: str) -> Iterator[Problem]:
    if name in _WITHIN:
        yield from _list_problems(name, value)
    elif name == "FREQ" and value not in _FREQUENCIES:
        yield f"there is no frequency {value!r}", f"one of {_all_frequencies()}"
    elif name in {"INTERVAL", "COUNT"} and not _NUMBER.fullmatch(value):
        yield f"{name}={value} is not a number from 1 on", f"such as {name}=2"
    elif name == "COUNT" and int(value) > MOST_COUNTED:
        yield f"COUNT={value} is more than {MOST_COUNTED:,}", "write UNTIL instead, or neither"
    elif name == "WKST" and value not in _WEEKDAYS:
        yield f"{value!r} is no weekday", f"one of {', '.join(_WEEKDAYS)}"
    elif name == "UNTIL" and _until(value) is None:
        hint = "write UNTIL=20261231, 20261231T235959 on the event's clock, or 20261231T155959Z in UTC"
        yield f"{value!r} is no date or time", hint
    elif name == "BYDAY":
        yield from _byday_problems(value)


def _list_problems(name: str, value: str) -> Iterator[Problem]:
    low, high = _WITHIN[name]
    span = f"1 to {high}, or -1 to {low} from the end" if low < 0 else f"{low} to {high}"
    for item in value.split(","):
        number = int(item) if _SIGNED.fullmatch(item) else None
        if number is None or not low <= number <= high or (low and not number):
            yield f"{name} has no {item!r}", f"write {span}, or several with , in between"


def _byday_problems(value: str) -> Iterator[Problem]:
    for item in value.split(","):
        match = _BYDAY.fullmatch(item)
        if match is None or (match[1] and not 1 <= abs(int(match[1])) <= _WITHIN["BYWEEKNO"][1]):
            hint = f"write {', '.join(_WEEKDAYS)}; 2FR is the second Friday, -1FR the last"
            yield f"BYDAY has no {item!r}", hint


def _between(parts: Parts) -> Iterator[Problem]:
    """What is wrong with parts that are right by themselves."""
    frequency = parts["FREQ"]
    if {"COUNT", "UNTIL"} <= parts.keys():
        yield "COUNT and UNTIL both say when it ends", "keep one of them"
    for name, forbidden in _FORBIDDEN.items():
        if name in parts and frequency in forbidden:
            allowed = sorted(_FREQUENCIES - forbidden, key=lambda each: Frequency[each])
            yield f"{name} means nothing beside FREQ={frequency}", f"it goes with FREQ={', '.join(allowed)}"
    if "BYSETPOS" in parts and not _CHOOSING & parts.keys():
        yield "BYSETPOS chooses from what other parts give, and there are none", "add BYDAY or the like"
    if "BYWEEKNO" in parts and not {"BYDAY", "BYMONTHDAY", "BYYEARDAY"} & parts.keys():
        yield "BYWEEKNO alone means one day of the week to some and all to others", "add BYDAY"
    yield from _ordinal_problems(parts)


def _ordinal_problems(parts: Parts) -> Iterator[Problem]:
    ordinals = [(item, int(item[:-2])) for item in parts.get("BYDAY", "").split(",") if item[:-2]]
    for item, n in ordinals:
        if parts["FREQ"] not in {"MONTHLY", "YEARLY"}:
            plain = f"write BYDAY={item[-2:]}, or FREQ=MONTHLY"
            yield f"{item} counts within a month or year, and FREQ={parts['FREQ']} has none", plain
        elif "BYWEEKNO" in parts:
            yield f"{item} cannot be counted beside BYWEEKNO", f"write BYDAY={item[-2:]}"
        elif _in_months(parts) and abs(n) > _MOST_IN_A_MONTH:
            yield f"{item}: no month has so many", "write 1 to 5, or -1 to -5 from the end"


def _in_months(parts: Parts) -> bool:
    """Whether 2FR is the second Friday of a month, not of the year."""
    return parts["FREQ"] == "MONTHLY" or "BYMONTH" in parts


def _numbers(parts: Parts, name: str) -> frozenset[int]:
    return frozenset(map(int, parts[name].split(","))) if name in parts else frozenset()


def _weekdays(parts: Parts) -> frozenset[tuple[int, int]]:
    items = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    return frozenset((_WEEKDAYS.index(item[-2:]), int(item[:-2] or 0)) for item in items)


def _until(value: str) -> int | None:
    """The last second that is meant, of a clock or of UTC; a date means all of it. ``None``: it is wrong."""
    match = _UNTIL.fullmatch(value)
    if match is None or (match[3] and not match[2]):
        return None
    try:
        found = datetime.strptime(f"{match[1]}{match[2] or 'T235959'}+0000", "%Y%m%dT%H%M%S%z")
    except ValueError:
        return None
    return int(found.timestamp())


def _all_frequencies() -> str:
    return ", ".join(frequency.name for frequency in Frequency)
