"""The entries of a calendar file, each with what is to be said of it (pure)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

from icalendar import Component

from worker.events import values
from worker.events.problems import Unusable
from worker.events.sources import domain
from worker.imports.feed.clocks import At, Clocks
from worker.relay import LONGEST_WINDOW

_TELLING: Final = frozenset(
    ("UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS")
)
"""Properties that say when an entry airs, and whether."""
_SLOT: Final = (domain, values.app, values.stream)
"""How the parts of a slot are checked."""


@dataclass(slots=True)
class Item:
    """One component of the file, counted from 1. ``refusal`` is empty while it is taken.

    ``event`` is the id of the event that it went into.
    """

    number: int
    component: Component
    remarks: list[str] = field(default_factory=list)
    refusal: str = ""
    event: str = ""

    @property
    def title(self) -> str:
        """Its SUMMARY in one line of what a title may hold; may be empty."""
        return one_line(self.text("SUMMARY"))[: values.LONGEST_TITLE]

    @property
    def uid(self) -> str:
        """What the calendar calls it; may be empty."""
        return self.text("UID").strip()

    @property
    def status(self) -> str:
        """CONFIRMED, TENTATIVE, CANCELLED, or empty."""
        return self.text("STATUS").upper()

    @property
    def slot(self) -> tuple[str, ...]:
        """Domain, app and stream, if LOCATION is written as a slot is; else empty."""
        parts = tuple(self.text("LOCATION").split("/"))
        try:
            checked = tuple(check(part) for check, part in zip(_SLOT, parts, strict=True))
        except ValueError:
            return ()
        return checked

    def text(self, name: str) -> str:
        """The text of a property; empty if there is none. The first counts."""
        found = self.component.get(name, "")
        return str(found[0] if isinstance(found, list) else found)

    def values(self, name: str) -> list[Any]:
        """Each time a property is given."""
        found = self.component.get(name, [])
        return found if isinstance(found, list) else [found]

    def readable(self) -> None:
        """Raises ``Unusable`` if something that tells when it airs cannot be read."""
        for name, why in self.component.errors:
            if name is None or name.upper() in _TELLING:
                raise Unusable(f"{name or 'a line'} cannot be read: {why}")
        for name in ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID"):
            if len(self.values(name)) > 1:
                raise Unusable(f"{name} is given twice")

    def moment(self, name: str, clocks: Clocks) -> At:
        """The moment that a property tells. Raises ``Unusable``."""
        if not self.values(name):
            raise Unusable(f"it has no {name}")
        (found,) = self.values(name)
        return clocks.read(found.dt, found.params.get("TZID"))

    def seconds(self, start: At, clocks: Clocks) -> int:
        """How long it lasts, in elapsed time. Raises ``Unusable``."""
        if self.values("DTEND"):
            found = self.moment("DTEND", clocks).at - start.at
        elif self.values("DURATION"):
            found = self.values("DURATION")[0].dt // dt.timedelta(seconds=1)
        else:
            raise Unusable("it has no end", hint="give it one")
        if not 0 < found <= LONGEST_WINDOW:
            raise Unusable("it lasts no time, or more than 31 days")
        return int(found)

    def zones(self) -> set[str]:
        """The TZIDs that its times name."""
        names = ("DTSTART", "DTEND", "RDATE", "EXDATE", "RECURRENCE-ID")
        told = (value.params.get("TZID") for name in names for value in self.values(name))
        return {str(tzid) for tzid in told if tzid}


def one_line(text: str) -> str:
    """The text in one line, without characters that steer a terminal."""
    plain = " ".join(text.split())
    try:
        return values.words(len(plain))(plain)
    except Unusable:
        return "".join(char for char in plain if char.isprintable())
