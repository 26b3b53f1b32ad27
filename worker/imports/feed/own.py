"""Feeds of our own come back: the windows of one event, each an entry, become that event again (pure).

Rules are not in a feed, so each window becomes an ``extra``. What a window was called depends on its nominal
start: where that lies the same time ahead of all starts, it was a pad, and becomes one again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from worker.durations import format_duration
from worker.events.fields import MOST_DATES
from worker.events.problems import Unusable
from worker.ics import ZONE_PROPERTY
from worker.imports.feed.clocks import DAY, UTC, Clocks, is_known, shown, written
from worker.imports.feed.items import Item
from worker.imports.feed.series import Entry, told
from worker.overrides import nominal_start

_UID: Final = re.compile(r"([a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)@\d{8}T\d{6}Z(?:-extra)?", re.ASCII)
_REASON: Final = "as exported"


def is_own(item: Item) -> bool:
    """Whether this entry is as Relaybeat wrote it."""
    return bool(_UID.fullmatch(item.uid) and item.slot and is_known(item.text(ZONE_PROPERTY)))


def event_of(item: Item) -> str:
    """The id of the event that it is a window of."""
    return item.uid.partition("@")[0]


def together(item: Item) -> tuple[str, ...]:
    """What the windows of one event have in common: its id, zone, domain and app."""
    return (event_of(item), item.text(ZONE_PROPERTY), *item.slot[:2])


@dataclass(frozen=True, slots=True)
class _Window:
    """One entry. Times are Unix seconds."""

    item: Item
    start: int
    seconds: int

    @property
    def ahead(self) -> int:
        """How long before its nominal start it begins."""
        return (nominal_start(self.item.uid) or self.start) - self.start


def events(items: Sequence[Item], clocks: Clocks) -> Iterator[tuple[Entry, list[Item]]]:
    """The entries of one event as events of at most 1,000 windows each, and what each is made of."""
    windows = list(_windows(items, clocks))
    for n in range(0, len(windows), MOST_DATES):
        some = windows[n : n + MOST_DATES]
        yield _event(some), [window.item for window in some]


def _windows(items: Iterable[Item], clocks: Clocks) -> Iterator[_Window]:
    seen: dict[int, int] = {}
    for item in items:
        try:
            item.readable()
            start = item.moment("DTSTART", clocks)
            window = _Window(item, start.at, item.seconds(start, clocks))
        except Unusable as error:
            item.refusal = told(error)
            continue
        if item.status == "CANCELLED":
            item.refusal = "it is called off"
        elif seen.setdefault(start.at, item.number) != item.number:
            item.refusal = f"entry {seen[start.at]} is of the same event and begins then, too"
        else:
            yield window


def _event(windows: Sequence[_Window]) -> Entry:
    first = windows[0].item
    pad = _pad(windows)
    key = _zone([window.start + pad for window in windows], first)
    seconds = Counter(window.seconds - pad for window in windows).most_common(1)[0][0]
    stream = Counter(window.item.slot[2] for window in windows).most_common(1)[0][0]
    domain, app, _ = first.slot
    entry: Entry = {"timezone": key}
    if pad:
        entry["pad_before"] = format_duration(pad)
    entry |= {"duration": format_duration(seconds), "domain": domain, "app": app, "stream": stream}
    entry["extra"] = [_extra(window, pad, key, seconds, stream) for window in windows]
    return entry


def _extra(window: _Window, pad: int, key: str, seconds: int, stream: str) -> dict[str, Any]:
    entry: Entry = {"start": written(shown(key, window.start + pad))}
    if window.seconds - pad != seconds:
        entry["duration"] = format_duration(window.seconds - pad)
    if window.item.slot[2] != stream:
        entry["stream"] = window.item.slot[2]
    return entry | {"reason": _REASON}


def _pad(windows: Sequence[_Window]) -> int:
    """How much earlier than nominal most of them begin; 0 if one is too short for that to be a pad."""
    ((pad, _),) = Counter(window.ahead for window in windows).most_common(1)
    return pad if 0 < pad <= DAY and all(window.seconds > pad for window in windows) else 0


def _zone(starts: Iterable[int], item: Item) -> str:
    """The event's own zone, unless a start is one that a local time there cannot say."""
    key = item.text(ZONE_PROPERTY)
    try:
        for start in starts:
            shown(key, start)
    except Unusable as error:
        item.remarks.append(f"{error}: the event goes by UTC")
        return UTC
    return key
