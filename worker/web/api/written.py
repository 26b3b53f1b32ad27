"""How times and lengths are written to the API: exactly as its document says, and no other way."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from worker.durations import parse_duration
from worker.moments import Clock, Moment, clock_time, moment
from worker.relay import LATEST_SECOND

_CLOCK: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"
_OFFSET: Final = f"(Z|[+-]{_CLOCK})"
_MONTHS: Final = "|".join(
    (
        "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])",
        "(0[469]|11)-(0[1-9]|[12][0-9]|30)",
        "02-(0[1-9]|1[0-9]|2[0-8])",
    )
)
_LEAP: Final = "(19(72|76|80|84|88|92|96)|20([02][048]|[13][26]))-02-29"
_DATE: Final = f"((19(7[1-9]|[89][0-9])|20([0-2][0-9]|3[0-7]))-({_MONTHS})|{_LEAP})"
_LOCAL: Final = f"{_DATE}T{_CLOCK}(:[0-5][0-9])?"
INSTANT: Final = f"^{_LOCAL}{_OFFSET}$"
"""ISO 8601 with an offset, of a date that there is, from 1971 to 2037."""
MOMENT: Final = f"^{_LOCAL}{_OFFSET}?$"
"""The same, or without an offset."""
TIME_OF_DAY: Final = "^([0-3]?[0-9]|4[0-7]):[0-5][0-9](:[0-5][0-9])?$"
"""Up to 47:59:59."""
_UNITS: Final = [f"[0-9]{{1,5}}{unit}" for unit in "dhms"]
_MIXED: Final = "|".join(
    each + "".join(f"({less})?" for less in _UNITS[n:]) for n, each in enumerate(_UNITS, 1)
)
LENGTH: Final = f"^([0-9]{{1,9}}|{_MIXED})$"
"""Seconds, or such as ``1h30m``."""
_UNESCAPED: Final = re.compile(r"(T[0-9:]+) ([0-9:]+)$")
"""An offset's plus sign that nobody escaped in a query is a space when it gets here."""
_NUMBER: Final = re.compile(r"([0-9]{1,10})(\.0*)?")
_LONGEST: Final = 999_999_999


def _written(given: object, *patterns: str, most: int = LATEST_SECOND) -> int | str:
    """What was given: a number up to ``most``, or written in one of these ways. Else ``ValueError``."""
    if isinstance(given, float) and given.is_integer():  # JSON knows one kind of number
        given = int(given)
    if type(given) is int and 0 <= given <= most:
        return given
    if isinstance(given, str) and any(re.fullmatch(each, given) for each in patterns):
        return given
    raise ValueError("it is not written in any of the ways that are known here")


def _moment(given: object) -> Moment:
    found = _written(given, MOMENT)
    return Moment(datetime.fromtimestamp(found, UTC)) if isinstance(found, int) else moment(found)


def _instant(given: object) -> int:
    """Of a query, where numbers are text."""
    if isinstance(given, str):
        number = _NUMBER.fullmatch(given)
        given = int(number[1]) if number else _UNESCAPED.sub(r"\1+\2", given)
    found = _written(given, INSTANT)
    return found if isinstance(found, int) else moment(found).unix("UTC")


def _clock(given: object) -> Clock:
    found = _written(given, MOMENT, TIME_OF_DAY)
    return _moment(found) if isinstance(found, int) else clock_time(found)


def _seconds(given: object) -> int:
    return parse_duration(_written(given, LENGTH, most=_LONGEST))


def _schema(*patterns: str, most: int = LATEST_SECOND, examples: list[object]) -> WithJsonSchema:
    texts = [{"type": "string", "pattern": pattern} for pattern in patterns]
    number = {"type": "integer", "minimum": 0, "maximum": most}
    return WithJsonSchema({"anyOf": [number, *texts], "examples": examples})


MaybeInstant = Annotated[
    int | None,  # None is what is left out; nobody writes it
    PlainValidator(_instant),
    _schema(INSTANT, examples=["2026-11-23T00:00:00+08:00", 1795363200]),
]
"""Unix seconds, from a query."""
WrittenMoment = Annotated[
    Moment, PlainValidator(_moment), _schema(MOMENT, examples=["2026-11-23T21:00", 1795438800])
]
MaybeClockTime = Annotated[
    Clock | None,
    PlainValidator(_clock),
    _schema(MOMENT, TIME_OF_DAY, examples=["25:30", "2026-11-23T21:00", 1795438800]),
]
_LENGTH_SCHEMA: Final = _schema(LENGTH, most=_LONGEST, examples=["30m", 1800])
Length = Annotated[int, PlainValidator(_seconds), _LENGTH_SCHEMA]
"""Seconds."""
MaybeLength = Annotated[int | None, PlainValidator(_seconds), _LENGTH_SCHEMA]
