"""Programmes of one show become one event (pure).

Rows with one id are one show, and so are rows of one title that play in one place. A show has lines for what
recurs, which agree in everything but their days and times, and dates, each with what is its own.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from worker.events.fields import MOST_CRONS, MOST_DATES
from worker.events.problems import Unusable
from worker.imports import Entry
from worker.imports.draft import told
from worker.imports.sheets.rows import Programme

_PLACES: Final = ("domain", "app", "timezone", "priority")
_LONGEST_NAME: Final = 40
_REASON: Final = "as in the spreadsheet"
_ONE_OF: Final = re.compile(r"(extra|cron)\[(\d+)\]")


@dataclass(slots=True)
class _Show:
    """What becomes one event. ``seen`` are its times, and the row that each is from."""

    first: Programme
    lines: list[Programme] = field(default_factory=list)
    dates: list[Programme] = field(default_factory=list)
    seen: dict[object, Programme] = field(default_factory=dict)

    def add(self, other: Programme) -> None:
        """One more row of it. Raises ``Unusable`` if it is there already, or does not go with the others."""
        for name, mine, its in zip(_PLACES, self.first.place, other.place, strict=True):
            if mine != its:
                raise _unlike(self.first, other, f"another {name}")
        if other.cron and not self.recurs_like(other):
            raise _unlike(self.lines[0], other, "another length, stream, source or range of dates")
        before = self.seen.setdefault(other.on or other.cron, other)
        if before is not other:
            raise _again(before, other)
        same, most = (self.lines, MOST_CRONS) if other.cron else (self.dates, MOST_DATES)
        if len(same) == most:
            hint = "say it with weekdays, or give the further rows an id of their own"
            raise Unusable(f"its show has {most:,} rows already, as many as an event takes", hint=hint)
        same.append(other)

    def recurs_like(self, other: Programme) -> bool:
        """Whether a line of it goes with those that are there."""
        return not self.lines or _recurs(self.lines[0]) == _recurs(other)

    def entry(self, name: str, defaults: Mapping[str, Any]) -> Entry:
        """The event, and nothing in it that the defaults say."""
        self.dates.sort(key=lambda each: str(each.on))
        usual = self.lines[0] if self.lines else self.dates[0]
        lengths = Counter(each.length for each in self.lines or self.dates)
        length = lengths.most_common(1)[0][0]
        said = {"stream": usual.stream, "sources": list(usual.sources)}
        said |= {key: value for key, value in zip(_PLACES, self.first.place, strict=True) if value}
        bounds = {"valid_from": usual.since, "valid_until": usual.until}
        entry: Entry = {"id": name, "title": self.first.title, length[0]: length[1]}
        entry |= {key: value for key, value in said.items() if value != defaults.get(key)}
        entry |= {key: value for key, value in bounds.items() if value}
        if self.lines:
            crons = [each.cron for each in self.lines]
            entry["cron"] = crons[0] if len(crons) == 1 else crons
        if self.dates:
            entry["extra"] = [self._extra(each, usual, length) for each in self.dates]
        return entry

    def _extra(self, one: Programme, usual: Programme, length: tuple[str, str]) -> Entry:
        assert one.on is not None
        entry: Entry = {"start": one.on.isoformat(timespec="seconds").removesuffix(":00")}
        if one.length != length:
            entry[one.length[0]] = one.length[1]
        if one.stream != usual.stream:
            entry["stream"] = one.stream
        if one.sources != usual.sources:
            entry["sources"] = list(one.sources)
        other = one.title if one.title != self.first.title else ""
        return entry | {"reason": one.reason or other or _REASON}

    def made_of(self, part: str = "") -> list[Programme]:
        """The rows behind a part of the event, such as ``extra[3].end``; all of them for what they share."""
        found = _ONE_OF.match(part)
        if found:
            return [(self.dates if found[1] == "extra" else self.lines)[int(found[2])]]
        return self.lines + self.dates


class Shows:
    """All programmes of a file: a :class:`worker.imports.draft.Draft`."""

    def __init__(self, programmes: Iterable[Programme], defaults: Mapping[str, Any]) -> None:
        self._programmes = list(programmes)
        self._defaults = defaults
        self._named: dict[str, _Show] = {}

    def entries(self) -> Sequence[Entry]:
        """The events of the rows that are not refused; what does not go together is refused now."""
        self._programmes = [each for each in self._programmes if not each.row.why]
        groups: dict[object, list[_Show]] = {}
        for one in self._programmes:
            try:
                _group(groups.setdefault(_together(one), []), one)
            except Unusable as error:
                one.row.why = told(error)
        shows = [show for group in groups.values() for show in group if show.made_of()]
        shows.sort(key=lambda show: not show.first.id)  # ids that are written come first
        self._named = {}
        for show in shows:
            self._named[_name(show, self._named)] = show
        for name, show in self._named.items():
            for one in show.made_of():
                one.row.event = name
        return [show.entry(name, self._defaults) for name, show in self._named.items()]

    def refuse(self, event: str, field: str, why: str) -> None:
        """Refuses the rows behind this part of the event."""
        for one in self._named[event].made_of(field):
            one.row.why, one.row.event = one.row.why or why, ""


def _group(shows: list[_Show], one: Programme) -> None:
    """Puts it into one of the shows that have its id or its title, or makes another. Raises ``Unusable``."""
    fits = (show for show in shows if one.id or not one.cron or show.recurs_like(one))
    show = next(fits, None)
    if show is None:
        show = _Show(one)
        shows.append(show)
    show.add(one)


def _together(one: Programme) -> object:
    """What rows of one show have in common."""
    return one.id or (one.title, one.place, one.stream)


def _recurs(one: Programme) -> tuple[object, ...]:
    """What the lines of one event share."""
    return one.stream, one.sources, one.length, one.since, one.until


def _unlike(before: Programme, other: Programme, what: str) -> Unusable:
    hint = "make the two alike, or give this one an id of its own"
    return Unusable(f"{_place(before, other)} has this id, and {what}", hint=hint)


def _again(before: Programme, other: Programme) -> Unusable:
    if _recurs(before) == _recurs(other):
        return Unusable(f"it says the same as {_place(before, other)}", hint="delete one of them")
    what = f"{_place(before, other)} has this show at the same time, with another length, stream or source"
    return Unusable(what, hint="keep one of them")


def _place(one: Programme, other: Programme) -> str:
    """Where a row is, as seen from another."""
    sheet = f" of sheet {one.row.sheet}" if one.row.sheet != other.row.sheet else ""
    return f"row {one.row.number}{sheet}"


def _name(show: _Show, taken: Mapping[str, object]) -> str:
    """The id of its event, which stays the same however many rows are added below."""
    first = show.first
    if first.id:
        return first.id
    plain = _slug(first.title) if first.title.isascii() else ""
    wanted = plain or f"{_slug(first.stream) or 'show'}-{_hash(first.title)}"
    if wanted not in taken:
        return wanted
    other = f"{wanted}-{_hash(repr((_together(first), _recurs(first))))}"
    first.row.remarks.append(f"{wanted} is another event; this one is called {other}: better give it an id")
    return other


def _slug(text: str) -> str:
    """The text as an id has it; what is filled in later is left out."""
    plain = re.sub(r"[^a-z0-9]+", "-", re.sub(r"{[^}]*}", "", text.lower()))
    return plain.strip("-")[:_LONGEST_NAME].strip("-")


def _hash(text: str) -> str:
    return hashlib.blake2s(text.encode(), digest_size=3).hexdigest()
