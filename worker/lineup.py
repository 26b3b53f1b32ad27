"""The windows of many events in one line, in order of start, however many there are (pure).

Events are expanded a stretch of time at a time, so that memory follows the stretch and not the range.
How long a stretch may be depends on how often the events recur, so each one decides the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import Final

from worker.events.model import Event
from worker.windows import Window, expand, longest

_FIRST_STRETCH: Final = 86_400
_MOST_GROWTH: Final = 8
_LEAST_AT_ONCE: Final = 5_000
_AT_ONCE_AN_EVENT: Final = 5

Range = Callable[[str], tuple[int, int]]
"""For a zone, the range wanted of its events: [since, until), Unix seconds."""


def running_into(events: Iterable[Event], wanted: Range) -> Range:
    """The range made longer at its front, so that what runs into it is there, whichever event it is of."""
    reach = max(map(longest, events), default=0)

    def longer(zone: str) -> tuple[int, int]:
        since, until = wanted(zone)
        return since - reach, until

    return longer


def lineup(events: Sequence[Event], wanted: Range, *, at_once: int = 0) -> Iterator[Window]:
    """All windows whose start lies within the range of their event's zone, in order of start, then id.

    A permanent window that reaches into the range is among them, ahead of whatever starts in the range.
    Aims to hold ``at_once`` windows, by default a few times as many as there are events, and never holds
    more than twice that but when they start together.
    """
    ranges = {event.timezone: wanted(event.timezone) for event in events}
    at = min((since for since, _ in ranges.values()), default=0)
    last = max((until for _, until in ranges.values()), default=0)
    stretch = _FIRST_STRETCH
    at_once = at_once or _LEAST_AT_ONCE + _AT_ONCE_AN_EVENT * len(events)
    while at < last:
        found = _stretch(events, ranges, (at, at + stretch), 2 * at_once if stretch > 1 else None)
        if found is None:
            stretch = max(1, stretch // _MOST_GROWTH)
            continue
        at += stretch
        stretch = max(1, min(stretch * _MOST_GROWTH, stretch * at_once // (len(found) + 1)))
        yield from found
        del found  # before the next stretch is made, or memory would hold two


def _stretch(
    events: Sequence[Event], ranges: dict[str, tuple[int, int]], ends: tuple[int, int], most: int | None
) -> list[Window] | None:
    """The windows of one stretch in order, or ``None`` if there are more than ``most``."""
    found: list[Window] = []
    for event in events:
        windows = _within(event, ranges[event.timezone], ends)
        found.extend(windows if most is None else islice(windows, most + 1 - len(found)))
        if most is not None and len(found) > most:
            return None
    found.sort(key=attrgetter("start", "id"))
    return found


def _within(event: Event, wanted: tuple[int, int], ends: tuple[int, int]) -> Iterator[Window]:
    """The event's windows of one stretch; a permanent one belongs where it first matters."""
    if event.permanent:
        return (w for w in expand(event, *wanted) if ends[0] <= max(w.start, wanted[0]) < ends[1])
    since, until = max(wanted[0], ends[0]), min(wanted[1], ends[1])
    return expand(event, since, until) if since < until else iter(())
