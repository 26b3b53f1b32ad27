"""What is allowed in an events file and may still surprise: told by ``check``, stops nothing (pure).

Each kind is told once an event, for the first time it comes up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from worker.events.load import Loaded
from worker.events.model import Event
from worker.events.problems import Problem
from worker.lineup import lineup
from worker.recurrence import zone
from worker.views import local_end, local_start
from worker.windows import Window, expand, next_start, overlaps, unmatched

_DAY: Final = 86_400
_WITH_SECONDS: Final = 6
"""Fields of a cron line."""
LOOKED_AHEAD: Final = 31 * _DAY
"""Seconds: how far windows are held against each other; clock changes are looked for in a year."""
_YEAR: Final = 366 * _DAY
_NEAR: Final = 2 * _DAY
_MOST_WINDOWS: Final = 200_000
_MOST_PAIRS: Final = 20_000

_ONE_AT_A_TIME: Final = (
    "a stream plays one thing at a time: change the times, or give one of them its own stream"
)
_CLOCK: Final = {
    "dst-gap-shifted": (
        "the clock skips its time, and it starts at the jump",
        "dst: {gap: skip} leaves it out",
    ),
    "dst-fold": (
        "the clock shows its time twice",
        "dst: {fold: first} or {fold: both} says how often it airs",
    ),
    "dst-in-window": (
        "the clock changes while it runs, and its length does not",
        "end: keeps to the clock instead",
    ),
}


def advise(loaded: Loaded, now: int, settle: int) -> list[Problem]:
    """Warnings about the file's events, in order of line.

    ``now`` is in Unix seconds; ``settle`` is how many seconds the provider takes to act on a change.
    """
    found = [*_collisions(loaded, now, settle)]
    for event in loaded.events:
        found += _cron_lines(loaded, event)
        found += _clock_changes(loaded, event, now)
        found += pointless(loaded, event, now)
    return sorted(found, key=lambda problem: (problem.line, problem.column))


def _collisions(loaded: Loaded, now: int, settle: int) -> Iterator[Problem]:
    """Windows that want one slot at once, or follow each other too closely for the provider."""
    windows = islice(lineup(loaded.events, lambda _: (now, now + LOOKED_AHEAD)), _MOST_WINDOWS)
    stretched = (replace(window, end=window.end + settle) for window in windows)
    told: set[tuple[str, str]] = set()
    for first, second in islice(overlaps(stretched), _MOST_PAIRS):
        gap = second.start - (first.end - settle)
        kinds = ("overlap",) if gap < 0 else ("close", "overlap")  # an overlap makes the other old news
        if told.isdisjoint((second.event, kind) for kind in kinds):
            told.add((second.event, kinds[0]))
            yield loaded.warning(second.event, (), _collision(first, second, gap), _ONE_AT_A_TIME)


def _collision(first: Window, second: Window, gap: int) -> str:
    when = local_start(second.timezone, second.start)
    other = "itself" if first.event == second.event else repr(first.event)
    if gap < 0:
        return f"on {when} it overlaps {other} on {second.slot}"
    return f"on {when} it starts {gap} s after {other} on {second.slot}, sooner than the provider can act"


def _cron_lines(loaded: Loaded, event: Event) -> Iterator[Problem]:
    """Lines that mean something else in other programs, and so to who wrote them, perhaps."""
    for line in event.crons:
        fields = line.split()
        if len(fields) == _WITH_SECONDS and "*" in fields[-1]:
            rest = " ".join(fields[1:])
            message = f"{line!r} starts many times a minute: its sixth field is the seconds, and comes last"
            yield loaded.warning(event.id, ("cron",), message, f"if the first was meant, write {rest}")
        if len(fields) > 1 and not {fields[2], fields[4]} & {"*", "?"}:
            message = f"{line!r} starts on those days of the month, and on those days of the week as well"
            yield loaded.warning(event.id, ("cron",), message, "write * for the one that is not meant")


def _clock_changes(loaded: Loaded, event: Event, now: int) -> Iterator[Problem]:
    told: set[str] = set()
    for change in zone(event.timezone).changes(now, now + _YEAR):
        for window in expand(event, change.at - _NEAR, change.at + _NEAR):
            for note in sorted(set(window.notes) & _CLOCK.keys() - told):
                told.add(note)
                if note != "dst-in-window" or event.end is None:
                    yield loaded.warning(event.id, (), *_clock_change(window, note))


def _clock_change(window: Window, note: str) -> tuple[str, str]:
    start = local_start(window.timezone, window.start)
    end = local_end(window.timezone, window.start, window.end)
    words, hint = _CLOCK[note]
    return f"on {start} to {end} {words}", hint


def pointless(loaded: Loaded, event: Event, now: int) -> Iterator[Problem]:
    """What of the event has no effect from ``now`` on: exceptions that mean no occurrence, or all of it."""
    for change in unmatched(event):
        way = ("exceptions", event.exceptions.index(change), "on")
        yield loaded.warning(
            event.id, way, f"there is no occurrence on {change.on.date} to change", "see the cron line"
        )
    if not event.paused and not event.permanent and next_start(event, now) is None:
        yield loaded.warning(event.id, (), "it never starts again", "see valid_until; or remove the event")
