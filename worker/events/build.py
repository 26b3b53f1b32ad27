"""One entry of the file becomes an event: the rules between its fields, and the defaults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from worker.durations import format_duration
from worker.events import values
from worker.events.document import Mapped, Tree
from worker.events.model import Deviation, Event, Extra, Occasion
from worker.events.problems import Fault, Unusable, Way
from worker.events.references import Calendars
from worker.events.schema import TWO_LENGTHS, Entry
from worker.events.validate import Given, given, validate
from worker.recurrence import RuleRefused, rrule_recurrence
from worker.relay import LONGEST_WINDOW

_NEEDED: Final = {
    "id": "such as nightly-news",
    "domain": "write it here or under defaults, such as pull.example.com",
    "app": "write it here or under defaults, such as live",
    "stream": "write it here or under defaults; {id} alone will do",
    "sources": "write at least one address, here or under defaults",
    "timezone": "write it here or under defaults, such as Asia/Shanghai",
}
_NOT_PERMANENT: Final = (
    "cron",
    "rrule",
    "dtstart",
    "duration",
    "end",
    "dst",
    "pad_before",
    "pad_after",
    "exceptions",
    "extra",
    "skip",
    "also",
)


def build(
    raw: Tree, defaults: Given, inherited: frozenset[str], calendars: Calendars, way: Way
) -> tuple[Event | None, list[Fault]]:
    """The event, if it can be made, and everything that is wrong with it.

    ``defaults`` are the good ones, with days in place of the names of ``calendars``; ``inherited`` names all
    that are written. A bad default is told once, elsewhere, and not again as missing from each event that
    needs it.
    """
    named, faults = validate(Entry, raw, way)
    own, unknown = calendars.resolve(named, way)
    faults += unknown
    if not isinstance(raw, Mapped):
        return None, faults
    merged = _merge(defaults, own)
    for fault in _rules(frozenset(raw), inherited, merged):
        faults.append(fault._replace(way=way + fault.way))
    complete = not faults and inherited <= defaults.keys() | own.keys()
    return (_event(merged) if complete else None), faults


def _merge(defaults: Given, own: Given) -> Given:
    permanent = own.get("permanent", False)
    merged = {name: value for name, value in defaults.items() if not (permanent and name in _NOT_PERMANENT)}
    return merged | own


def _event(merged: Given) -> Event:
    fields = dict(merged)
    fields.setdefault("title", fields["id"])
    fields["crons"] = fields.pop("cron", ())
    fields["rrules"] = fields.pop("rrule", ())
    fields.update(given(fields.pop("dst")) if "dst" in fields else {})
    fields["exceptions"] = tuple(Deviation(**given(entry)) for entry in fields.get("exceptions", ()))
    fields["extra"] = tuple(Extra(**given(entry)) for entry in fields.get("extra", ()))
    return Event(**fields)


def _rules(written: frozenset[str], inherited: frozenset[str], event: Given) -> Iterator[Fault]:
    for name, hint in _NEEDED.items():
        if name not in written | inherited:
            yield Fault((name,), "this is missing", hint)
    yield from _permanent(written, event) if event.get("permanent") else _recurring(written, event)
    first, last = event.get("valid_from"), event.get("valid_until")
    if first and last and first > last:
        yield Fault(
            ("valid_until",), f"{last} is before valid_from, {first}", "no occurrence could ever start"
        )
    yield from _fits(event, event, ())
    yield from _exceptions(event)
    yield from _extras(event)


def _permanent(written: frozenset[str], event: Given) -> Iterator[Fault]:
    for name in _NOT_PERMANENT:
        if name in written:
            yield Fault(
                (name,), "a permanent event has no such thing", "remove it, or remove permanent: true"
            )
    if "{start" in event.get("stream", ""):
        yield Fault(("stream",), "a permanent event has no start to fill in", "leave {start} out")


def _recurring(written: frozenset[str], event: Given) -> Iterator[Fault]:
    if not written & {"cron", "rrule", "extra"}:
        yield Fault(("cron",), "this is missing", 'such as cron: "0 20 * * *"; or write permanent: true')
    if {"duration", "end"} <= written:
        yield Fault(("end",), *TWO_LENGTHS)
    if not written & {"duration", "end"}:
        yield Fault(("duration",), "this is missing", TWO_LENGTHS[1])
    yield from _counts(written, event)


def _counts(written: frozenset[str], event: Given) -> Iterator[Fault]:
    """What holds between rules and the start they count from."""
    if "rrule" in written and "dtstart" not in written:
        yield Fault(
            ("dtstart",), "this is missing", "rrule counts from it; such as dtstart: 2026-11-02T20:00"
        )
    if "dtstart" in written and "rrule" not in written:
        yield Fault(("dtstart",), "there is no rrule to begin then", "for a cron line, write valid_from")
    for n, rule in enumerate(event.get("rrule", ()) if "dtstart" in event else ()):
        try:
            rrule_recurrence(rule, event["dtstart"], event.get("timezone", "UTC"))
        except RuleRefused as error:
            yield Fault(("rrule", n), str(error), error.hint)


def _exceptions(event: Given) -> Iterator[Fault]:
    seen: dict[Occasion, int] = {}
    for n, entry in enumerate(event.get("exceptions", ())):
        way = ("exceptions", n)
        if entry.on in seen:
            yield Fault(
                (*way, "on"), f"exceptions[{seen[entry.on]}] is for the same occurrence", "join the two"
            )
        seen.setdefault(entry.on, n)
        yield from _fits(given(entry), event, way)


def _extras(event: Given) -> Iterator[Fault]:
    seen: dict[datetime, int] = {}
    for n, entry in enumerate(event.get("extra", ())):
        way = ("extra", n)
        if entry.start in seen:
            yield Fault(
                (*way, "start"), f"extra[{seen[entry.start]}] starts then as well", "keep one of them"
            )
        seen.setdefault(entry.start, n)
        yield from _fits(given(entry), event, way)


def _fits(said: Given, event: Given, way: Way) -> Iterator[Fault]:
    """What holds for an event and for each exception and extra alike."""
    span = said.get("duration", 0) + event.get("pad_before", 0) + event.get("pad_after", 0)
    if span > LONGEST_WINDOW:
        told = f"with its pads this lasts {format_duration(span)}; at most {format_duration(LONGEST_WINDOW)}"
        yield Fault((*way, "duration"), told, "shorten it, or write permanent: true for what never ends")
    stream: Any = said.get("stream")
    if stream and "id" in event:
        try:
            values.stream_of(stream, event["id"])
        except Unusable as error:
            yield Fault((*way, "stream"), str(error), error.hint)
