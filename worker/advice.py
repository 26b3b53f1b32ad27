"""What is allowed in an events file and may still surprise: told by ``check``, stops nothing (pure).

Each kind is told once an event, for the first time it comes up. What windows of a slot do to each other is
told by ``preview``, ``plan`` and ``apply`` in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Final

from worker.almanac import left_out_by, unknown_years, unused
from worker.events.load import Loaded
from worker.events.model import Event, Occasion
from worker.events.problems import Problem
from worker.lineup import lineup, running_into
from worker.neighbours import Meeting, Noted, note_neighbours
from worker.recurrence import first_start, surprises, zone
from worker.relay import LONGEST_SPAN
from worker.slots import LINK, precedence
from worker.views import local_end, local_start
from worker.windows import Window, expand, longest, next_start, unmatched

_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()
_WITH_SECONDS: Final = 6
"""Fields of a cron line."""
LOOKED_AHEAD: Final = 31 * _DAY
"""Seconds: how far windows are held against each other; clock changes are looked for in a year."""
_YEAR: Final = 366 * _DAY
_NEAR: Final = 2 * _DAY
_MOST_WINDOWS: Final = 200_000

_ONE_AT_A_TIME: Final = (
    "a stream plays one thing at a time: change the times, give one of them its own stream, or the one that"
    " matters a higher priority"
)
_TWO_AT_A_TIME: Final = "leave {} s between them, or give one of them its own stream"
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
    found = [*_neighbours(loaded, now, settle), *unused(loaded)]
    found += unknown_years(loaded, loaded.events, now, now + _YEAR)
    for event in loaded.events:
        found += _cron_lines(loaded, event)
        found += _rules(loaded, event)
        found += _clock_changes(loaded, event, now)
        found += pointless(loaded, event, now)
    return sorted(found, key=lambda problem: (problem.line, problem.column))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Tells of windows that get in each other's way, or on each other's relay for longer than one lasts.

    ``told_of`` says which windows somebody asked about: of a conflict the one that gives way is told of, and
    the other only if nobody asked about that one. ``settle`` is in seconds.
    """

    loaded: Loaded
    settle: int
    told_of: Callable[[Window], bool] = lambda _: True
    _told: set[tuple[str, str]] = field(default_factory=set, init=False)

    def about(self, noted: Noted) -> Iterator[Problem]:
        """The warnings that this window gives cause for, and none before it did."""
        window, met = noted
        if not (met and self.told_of(window)):
            return
        gives_way = any(meeting.note == "displaced" for meeting in met)  # which says it all of a conflict
        for meeting in (each for each in met if not (gives_way and each.note == "conflict")):
            message, hint = self._words(window, meeting)
            about = str(window.slot) if meeting.note == "chained" else window.event
            if message and (about, meeting.note) not in self._told:
                self._told.add((about, meeting.note))
                when = local_start(window.timezone, window.start)
                yield self.loaded.warning(window.event, (), f"on {when} it {message}", hint)

    def _words(self, window: Window, meeting: Meeting) -> tuple[str, str]:
        other = meeting.other
        name = "another of its own windows" if other.event == window.event else repr(other.event)
        overlaps = f"overlaps {name} on {window.slot} with other sources"
        match meeting.note:
            case "displaced":
                return f"{overlaps} and gives way: {precedence(other, window, name)}", _ONE_AT_A_TIME
            case "conflict" if not self.told_of(other):
                return f"{overlaps} and has its place: {precedence(window, other, 'it')}", _ONE_AT_A_TIME
            case "tight-handover":
                after = f"{window.start - other.end} s after {name} on {window.slot} with other sources"
                sent = "the relay is updated at that moment, and plays them a little late"
                return f"starts {after}: {sent}", _TWO_AT_A_TIME.format(self.settle)
            case "chained":
                whole = f"more than {LONGEST_SPAN // _DAY} days without a pause on {window.slot}"
                often = f"an update carries the relay on every {LINK // _DAY} days, while it is on air"
                alone = window.end - window.start > LONGEST_SPAN
                return f"{'lasts' if alone else 'is part of'} {whole}: {often}", ""
            case _:
                return "", ""


def _neighbours(loaded: Loaded, now: int, settle: int) -> Iterator[Problem]:
    wanted = running_into(loaded.events, lambda _: (now, now + LOOKED_AHEAD))
    windows = islice(lineup(loaded.events, wanted), _MOST_WINDOWS)
    neighbours = Neighbours(loaded, settle, lambda window: window.permanent or window.start >= now)
    for noted in note_neighbours(windows, settle):
        yield from neighbours.about(noted)


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


def _rules(loaded: Loaded, event: Event) -> Iterator[Problem]:
    """Rules that leave out what their start seems to promise."""
    if event.dtstart is None:
        return
    first = min(first_start(rule, event.dtstart) for rule in event.rrules)
    if first > event.dtstart:
        message = (
            f"nothing starts at {event.dtstart:%Y-%m-%dT%H:%M}: the first start is {first:%Y-%m-%dT%H:%M}"
        )
        yield loaded.warning(event.id, ("dtstart",), message, "write that, or list the other under extra:")
    for n, rule in enumerate(event.rrules):
        for message, hint in surprises(rule, event.dtstart):
            yield loaded.warning(event.id, ("rrule", n), f"{rule!r} {message}", hint)


def _clock_changes(loaded: Loaded, event: Event, now: int) -> Iterator[Problem]:
    told: set[str] = set()
    near = longest(event) + _NEAR
    for change in zone(event.timezone).changes(now, now + _YEAR):
        for window in expand(event, change.at - near, change.at + _NEAR):
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
        told, hint = f"there is no occurrence on {_on(change.on)} to change", "see cron or rrule"
        if by := left_out_by(event, change):
            told, hint = (
                f"{told}: {by.name} leaves it out",
                "to air something all the same, write it under extra:",
            )
        yield loaded.warning(event.id, way, told, hint)
    if not event.paused and not event.permanent and next_start(event, now) is None:
        yield loaded.warning(event.id, (), "it never starts again", "see valid_until; or remove the event")


def _on(on: Occasion) -> str:
    """The date with its weekday, by which slips are found, and the time if one is given."""
    reading = (on.date.toordinal() - _EPOCH) * _DAY + (on.time.seconds if on.time else 0)
    told = local_start("UTC", reading)
    return told if on.time else told.rpartition(" ")[0]
