"""A calendar file (RFC 5545) becomes events: what Google, Outlook, Apple and Relaybeat itself write (pure).

:mod:`.clocks` reads its zones, :mod:`.items` its entries; :mod:`.series` makes an event of a UID, and
:mod:`.own` puts the windows of a feed of ours together again.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from icalendar import Calendar
from icalendar.error import GloballyUniqueTZIDGuessed

from worker.errors import ConfigError
from worker.events import values
from worker.events.problems import Unusable
from worker.imports.feed import own
from worker.imports.feed.clocks import Clocks
from worker.imports.feed.items import Item
from worker.imports.feed.series import Entry, series, told

MOST_BYTES: Final = 8_000_000
MOST_ITEMS: Final = 20_000
"""Components of one file, descriptions of zones and alarms among them."""

_LONGEST_NAME: Final = 40
_BEGINS: Final = re.compile(r"^BEGIN:", re.MULTILINE | re.IGNORECASE)
_ENDS: Final = re.compile(r"^END:", re.MULTILINE | re.IGNORECASE)
_NO_SHOW: Final = {
    "VTODO": "it is a task",
    "VJOURNAL": "it is a note",
    "VFREEBUSY": "it tells when somebody is busy",
}


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar file holds: events to be, each with what it is made of, and every entry in order."""

    events: tuple[tuple[Entry, tuple[Item, ...]], ...]
    items: tuple[Item, ...]


def read_feed(content: bytes, timezone: str = "") -> Feed:
    """The events of a calendar file; ``timezone`` is whose clock it means where it names none.

    An event has what the calendar knows of it: id, title, times, and a slot where LOCATION is one. Raises
    ``Unusable`` for what is no calendar.
    """
    calendars = _calendars(content)
    items: list[Item] = []
    events: list[tuple[Entry, tuple[Item, ...]]] = []
    names: set[str] = set()
    for calendar in calendars:
        clocks = Clocks(calendar, timezone)
        found = list(_items(calendar, len(items)))
        items += found
        for entry, of in _events([item for item in found if not item.refusal], clocks):
            named = {"id": _name(of[0], names)} | entry
            for item in of:
                item.event = named["id"]
            events.append((named, tuple(of)))
    return Feed(tuple(events), tuple(items))


def _calendars(content: bytes) -> list[Calendar]:
    if len(content) > MOST_BYTES:
        raise Unusable(f"the file is larger than {MOST_BYTES // 1_000_000} MB", hint="export a shorter time")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unusable("the file is not UTF-8 text", hint="calendars are; export it again") from None
    begun, ended = len(_BEGINS.findall(text)), len(_ENDS.findall(text))
    if begun > MOST_ITEMS:
        raise Unusable(f"the file has more than {MOST_ITEMS:,} parts", hint="export a shorter time")
    if not begun or begun != ended:
        what = "the file ends in the middle" if begun else "the file is no calendar"
        raise Unusable(what, hint="export it from the calendar program again, as .ics")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)  # zones are read, and told of, here
            found = Calendar.from_ical(text, multiple=True)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise Unusable(f"the file cannot be read as a calendar: {error}") from None
    return [each for each in found if isinstance(each, Calendar)]


def _items(calendar: Calendar, before: int) -> Iterator[Item]:
    """What is in a calendar, but for the descriptions of zones; what is no show is refused."""
    parts = (part for part in calendar.subcomponents if part.name != "VTIMEZONE")
    for number, part in enumerate(parts, before + 1):
        item = Item(number, part)
        if part.name != "VEVENT":
            item.refusal = _NO_SHOW.get(part.name or "", f"{part.name} is nothing that airs")
        yield item


def _events(items: list[Item], clocks: Clocks) -> Iterator[tuple[Entry, list[Item]]]:
    ours = [item for item in items if own.is_own(item)]
    for of in _grouped((own.together(item), item) for item in ours):
        for entry, made_of in own.events(of, clocks):
            yield _with_title(entry, made_of[0]), made_of
    theirs = [item for item in items if not own.is_own(item)]
    for of in _grouped(((item.uid or f"#{item.number}",), item) for item in theirs):
        yield from _series(of, clocks)


def _grouped(pairs: Iterable[tuple[tuple[str, ...], Item]]) -> Iterable[list[Item]]:
    found: dict[tuple[str, ...], list[Item]] = {}
    for name, item in pairs:
        found.setdefault(name, []).append(item)
    return found.values()


def _series(items: list[Item], clocks: Clocks) -> Iterator[tuple[Entry, list[Item]]]:
    """The event of one UID; without an entry for the series, those for single occurrences stand alone."""
    masters = [item for item in items if not item.values("RECURRENCE-ID")]
    changes = [item for item in items if item.values("RECURRENCE-ID")]
    if not masters:
        for alone in changes:
            alone.remarks.append("its series is not in the file: it is taken as a show of one night")
            yield from _one(alone, [], clocks)
    for master in masters[:1]:
        yield from _one(master, changes, clocks)
    for again in masters[1:]:
        again.refusal = f"entry {masters[0].number} has the same UID"


def _one(master: Item, changes: list[Item], clocks: Clocks) -> Iterator[tuple[Entry, list[Item]]]:
    try:
        master.readable()
        entry = series(master, changes, clocks)
        start = master.moment("DTSTART", clocks)
        for item in (master, *(each for each in changes if not each.refusal)):
            item.remarks += clocks.remarks(item.zones(), start.reading)
    except ConfigError as error:
        _refuse(master, changes, error)
        return
    _remark(master, changes)
    taken = [master, *(item for item in changes if not item.refusal)]
    yield _with_slot(_with_title(entry, master), master), taken


def _refuse(master: Item, changes: Iterable[Item], error: ConfigError) -> None:
    master.refusal = told(error)
    for item in changes:
        item.refusal = item.refusal or f"it belongs to entry {master.number}, which is refused"


def _remark(master: Item, changes: Iterable[Item]) -> None:
    left = [str(item.number) for item in changes if item.refusal]
    if left:
        master.remarks.append(f"entries that would change it are refused: {', '.join(left)}")
    if master.status == "TENTATIVE":
        master.remarks.append("the calendar calls it tentative")
    if not master.uid:
        master.remarks.append("it has no UID: what it is called depends on its place in the file")


def _with_title(entry: Entry, item: Item) -> Entry:
    return ({"title": item.title} if item.title else {}) | entry


def _with_slot(entry: Entry, item: Item) -> Entry:
    return entry | dict(zip(("domain", "app", "stream"), item.slot, strict=False))


def _name(item: Item, taken: set[str]) -> str:
    """The id of an event: ours as it was; else from the UID, which stays when a show is renamed or moved."""
    wanted = own.event_of(item) if own.is_own(item) else _from_uid(item)
    if wanted in taken:
        wanted = _hashed(f"{item.uid}#{item.number}")
        item.remarks.append(f"another event has its id; it is called {wanted}")
    taken.add(wanted)
    return wanted


def _from_uid(item: Item) -> str:
    plain = item.uid.partition("@")[0].lower()
    try:
        return values.event_id(plain) if len(plain) <= _LONGEST_NAME else _hashed(item.uid)
    except Unusable:
        return _hashed(item.uid or f"#{item.number}")


def _hashed(uid: str) -> str:
    return f"entry-{hashlib.blake2s(uid.encode(), digest_size=5).hexdigest()}"
