"""The types of an events file's fields: how each is read, and what editors are told of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic.fields import FieldInfo

from worker.events import values
from worker.events.model import Fold, Gap, Occasion, WallTime
from worker.events.problems import Unusable
from worker.events.sources import LONGEST_SOURCE, SCHEMES, domain, source
from worker.relay import LONGEST_WINDOW, MOST_SOURCES

SHORTEST_LEAD: Final = 600
"""Seconds: the provider takes three to five minutes to act on a create, and a retry must fit as well."""
LONGEST_LEAD: Final = 7 * 86_400
LONGEST_PAD: Final = 86_400
MOST_CRONS: Final = 50
MOST_CALENDARS: Final = 20
MOST_DATES: Final = 1000

_QUOTE: Final = "put text that begins with { or [ in quotes"
_Shape = dict[str, Any]


def _text(**shape: Any) -> _Shape:
    return {"type": "string", "minLength": 1, **shape}


def _scalar(read: Callable[[str], Any], shape: _Shape) -> tuple[PlainValidator, WithJsonSchema]:
    def validate(value: object) -> Any:
        if not isinstance(value, str):
            raise Unusable("one value belongs here, not a list or a mapping", hint=_QUOTE)
        if not value.strip():
            raise Unusable("the value is empty", hint="write one, or remove the key")
        return read(value)

    return PlainValidator(validate), WithJsonSchema(shape)


def _seconds(least: int, most: int) -> tuple[PlainValidator, WithJsonSchema]:
    shape = {
        "type": ["string", "integer"],
        "pattern": r"^(\d+|(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?)$",
        "minimum": 0,
    }
    return _scalar(values.duration(least, most), shape)


def _one_of(*choices: str) -> tuple[PlainValidator, WithJsonSchema]:
    return _scalar(values.one_of(*choices), {"enum": list(choices)})


def _one_or_several(value: object) -> object:
    return [value] if isinstance(value, str) and value else value


def bounded(most: int) -> tuple[BeforeValidator, FieldInfo]:
    """A list of 1 to ``most`` items. pydantic's own bounds would count none but the good ones."""

    def check(value: object) -> object:
        if isinstance(value, list) and not 1 <= len(value) <= most:
            raise Unusable(
                f"the list has {len(value) or 'no'} items", hint=f"write 1 to {most}, or remove the key"
            )
        return value

    return BeforeValidator(check), Field(
        json_schema_extra={"minItems": 1, "maxItems": most, "uniqueItems": True}
    )


def _different(items: tuple[str, ...]) -> tuple[str, ...]:
    for n, item in enumerate(items):
        if item in items[:n]:
            raise Unusable(
                f"item {n + 1} of the list repeats item {items.index(item) + 1}", hint="keep one of them"
            )
    return items


def _apart(spans: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """In order of time. Raises :class:`Unusable` if two overlap: one of them is a slip of the pen."""
    ordered = sorted(enumerate(spans, 1), key=lambda each: each[1])
    for (n, before), (m, after) in pairwise(ordered):
        if after[0] < before[1]:
            raise Unusable(f"items {min(n, m)} and {max(n, m)} of the list overlap", hint="keep one of them")
    return tuple(span for _, span in ordered)


_CLOCK: Final = r"([0-3]?\d|4[0-7]):[0-5]\d(:[0-5]\d)?"
_DATE: Final = r"20[0-3]\d-\d\d-\d\d"
_ID: Final = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
_NAME: Final = r"^[A-Za-z0-9_.-]+$"
_TEMPLATE: Final = r"^([A-Za-z0-9_.-]|\{id\}|\{start:[^{}]+\})+$"

Id = Annotated[str, *_scalar(values.event_id, _text(maxLength=values.LONGEST_ID, pattern=_ID))]
Title = Annotated[str, *_scalar(values.words(values.LONGEST_TITLE), _text(maxLength=values.LONGEST_TITLE))]
Reason = Annotated[str, *_scalar(values.words(values.LONGEST_REASON), _text(maxLength=values.LONGEST_REASON))]
Domain = Annotated[str, *_scalar(domain, _text(maxLength=253))]
App = Annotated[str, *_scalar(values.app, _text(maxLength=values.LONGEST_APP, pattern=_NAME))]
Stream = Annotated[str, *_scalar(values.stream, _text(pattern=_TEMPLATE))]
Zone = Annotated[str, *_scalar(values.timezone, _text())]
Cron = Annotated[str, *_scalar(values.cron, _text())]
Rule = Annotated[str, *_scalar(values.rrule, _text(pattern="[Ff][Rr][Ee][Qq]="))]
Length = Annotated[int, *_seconds(1, LONGEST_WINDOW)]
Pad = Annotated[int, *_seconds(0, LONGEST_PAD)]
Lead = Annotated[int, *_seconds(SHORTEST_LEAD, LONGEST_LEAD)]
Least = Annotated[int, *_seconds(0, LONGEST_WINDOW)]
Clock = Annotated[WallTime, *_scalar(values.wall_time, _text(pattern=f"^{_CLOCK}$"))]
Day = Annotated[date, *_scalar(values.day, _text(pattern=f"^{_DATE}$"))]
Night = Annotated[Occasion, *_scalar(values.occasion, _text(pattern=f"^{_DATE}([T ]{_CLOCK})?$"))]
Moment = Annotated[datetime, *_scalar(values.moment, _text(pattern=f"^{_DATE}[T ]{_CLOCK}$"))]
Whole = Annotated[int, *_scalar(values.whole, {"type": "integer", "minimum": -9999, "maximum": 9999})]
Truth = Annotated[bool, *_scalar(values.truth, {"type": "boolean"})]
Version = Annotated[int, *_scalar(values.version, {"const": 1})]
CalendarName = Annotated[str, *_scalar(values.event_id, _text(maxLength=values.LONGEST_ID, pattern=_ID))]
Country = Annotated[str, *_scalar(values.words(60), _text(pattern="^[A-Z]{2}$"))]
Subdivision = Annotated[str, *_scalar(values.words(30), _text(maxLength=30))]
GapRule = Annotated[Gap, *_one_of("shift", "skip")]
FoldRule = Annotated[Fold, *_one_of("first", "both")]

_Source = Annotated[
    str, *_scalar(source, _text(maxLength=LONGEST_SOURCE, pattern=f"^({'|'.join(SCHEMES)})://"))
]
Sources = Annotated[tuple[_Source, ...], *bounded(MOST_SOURCES), AfterValidator(_different)]
_Span = Annotated[
    tuple[int, int],
    *_scalar(values.span, _text(pattern=f"^{_DATE}([T ]{_CLOCK})?(\\.\\.{_DATE}([T ]{_CLOCK})?)?$")),
]
Dates = Annotated[
    tuple[_Span, ...],
    *bounded(MOST_DATES),
    AfterValidator(_apart),
    BeforeValidator(_one_or_several, json_schema_input_type=str | tuple[_Span, ...]),
]
_Reference = Annotated[
    str, *_scalar(values.reference, _text(pattern=r"^[a-z0-9-]+(\.(holidays|workdays))?$"))
]
References = Annotated[
    tuple[_Reference, ...],
    *bounded(MOST_CALENDARS),
    AfterValidator(_different),
    BeforeValidator(_one_or_several, json_schema_input_type=str | tuple[_Reference, ...]),
]
Crons = Annotated[
    tuple[Cron, ...],
    *bounded(MOST_CRONS),
    AfterValidator(_different),
    BeforeValidator(_one_or_several, json_schema_input_type=str | tuple[Cron, ...]),
]
Rules = Annotated[
    tuple[Rule, ...],
    *bounded(MOST_CRONS),
    AfterValidator(_different),
    BeforeValidator(_one_or_several, json_schema_input_type=str | tuple[Rule, ...]),
]
