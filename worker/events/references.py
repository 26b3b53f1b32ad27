"""The file's calendars, and what ``skip`` and ``also`` make of their names."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from worker.calendars import PARTS, Days, country_days
from worker.events.document import Mapped, Tree
from worker.events.problems import Fault, Unusable, Way
from worker.events.schema import Calendar
from worker.events.validate import Given, validate
from worker.events.values import event_id

WAY: Way = ("calendars",)


@dataclass(frozen=True, slots=True)
class Calendars:
    """Those that are right, by name, and the names of all that are written."""

    known: Mapping[str, Given] = field(default_factory=dict)
    written: frozenset[str] = frozenset()

    def resolve(self, merged: Given, way: Way) -> tuple[Given, list[Fault]]:
        """The same fields with days in place of names, and what is wrong with the names."""
        faults: list[Fault] = []
        found = dict(merged)
        for key in ("skip", "also"):
            if key in merged:
                found[key] = tuple(self._each(merged[key], (*way, key), faults))
        return found, faults

    def _each(self, names: tuple[str, ...], way: Way, faults: list[Fault]) -> Iterator[Days]:
        for n, name in enumerate(names):
            try:
                days = self._days(name)
            except ValueError as error:
                # A list of one may be written without brackets, and has no positions then.
                faults.append(Fault((*way, n), str(error), getattr(error, "hint", "")))
            else:
                if days:
                    yield days

    def _days(self, name: str) -> Days | None:
        """The days of this name, or ``None`` if its calendar is wrong. Raises ``ValueError``."""
        called, dot, part = name.partition(".")
        if called not in self.written:
            near = difflib.get_close_matches(called, self.written, n=1)
            hint = f"did you mean {near[0]}?" if near else "write it under calendars:, at the top of the file"
            raise Unusable(f"there is no calendar {called!r} in this file", hint=hint)
        told = self.known.get(called)
        if told is None:
            return None
        reason = told.get("reason", "")
        if "dates" in told:
            if dot:
                raise Unusable(f"{called} is a calendar of dates", hint=f"write {called} alone")
            return Days(name=name, reason=reason, spans=told["dates"])
        if part not in PARTS:
            parts = f"{called} is a country's calendar, and has two parts"
            raise Unusable(
                f"{called} has no {part!r}" if dot else parts,
                hint="write " + " or ".join(f"{called}.{each}" for each in PARTS),
            )
        return country_days(name, told["country"], told.get("subdivision", ""), part, reason)


def read_calendars(raw: Tree | None) -> tuple[Calendars, list[Fault]]:
    """What the file says under ``calendars:``, and what is wrong with it."""
    if raw is None:
        return Calendars(), []
    if not isinstance(raw, Mapped):
        hint = "write a name, and below it country: or dates:"
        return Calendars(), [Fault(WAY, "calendars are a mapping from names to days", hint)]
    known: dict[str, Given] = {}
    faults: list[Fault] = []
    for name, written in raw.items():
        told, wrong = validate(Calendar, written, (*WAY, name))
        wrong += _named(name)
        wrong += [] if wrong else [*_rules(told, (*WAY, name))]
        faults += wrong
        if not wrong:
            known[name] = told
    return Calendars(known, frozenset(raw)), faults


def _named(name: str) -> list[Fault]:
    try:
        event_id(name)
    except Unusable as error:
        return [Fault((*WAY, name), f"{name!r} is not a name for a calendar", error.hint)]
    return []


def _rules(told: Given, way: Way) -> Iterator[Fault]:
    """What holds between the fields, and whether there are such holidays: said once, not at each event."""
    if ("country" in told) == ("dates" in told):
        yield Fault(way, "a calendar has either a country or dates", "write one of the two")
    elif "dates" in told:
        if "subdivision" in told:
            yield Fault((*way, "subdivision"), "dates have no subdivision", "remove it")
    else:
        try:
            country_days("", told["country"], told.get("subdivision", ""), "holidays")
        except ValueError as error:
            at = "subdivision" if "subdivision" in str(error) else "country"
            yield Fault((*way, at), str(error), getattr(error, "hint", ""))
