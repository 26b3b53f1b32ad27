"""What calendars do to the events of a file, for people: what they leave out, and do not know (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from worker.calendars import Days
from worker.events.load import Loaded
from worker.events.model import Deviation, Event
from worker.events.problems import Problem
from worker.language import phrase
from worker.lineup import Range
from worker.recurrence import zone
from worker.windows import left_out

_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1)
SOON: Final = 60 * _DAY
"""Seconds ahead within which a year without data is worth a word each time: China's notice is out by then."""
UPGRADE: Final = "upgrade relaybeat when the days are published, or write them under dates: of a calendar"
_NAMED: Final = 3
_SHOWN: Final = 6


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """A date on which an event would start, and does not because of a calendar; local to the event's zone."""

    event: str
    date: str
    calendar: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A year of which a calendar has no data, the references that ask for it, and the ids of their events."""

    calendar: str
    year: int
    names: tuple[str, ...]
    events: tuple[str, ...]

    def __str__(self) -> str:
        named = ", ".join(self.events[:_NAMED])
        if len(self.events) > _NAMED:
            named += f" and {len(self.events) - _NAMED} more"
        by = " and ".join(self.names)
        return f"nothing is known of {self.year} yet by {by}: no such day is left out or added for {named}"


def days_left_out(events: Iterable[Event], wanted: Range, language: str = "en") -> Iterator[LeftOut]:
    """The dates that calendars leave out of these events, in order for each; ``wanted`` as for a line-up."""
    for event in events:
        found = {
            LeftOut(event.id, _date(reading).isoformat(), days.name, days.why(reading, language))
            for reading, days in left_out(event, *wanted(event.timezone))
        }
        yield from sorted(found)


def in_words(found: Iterable[LeftOut]) -> Iterator[str]:
    """A line for each event and calendar: the dates, those that follow each other as a range, and why."""
    for (event, calendar), group in groupby(found, key=lambda each: (each.event, each.calendar)):
        of_it = list(group)
        reasons = ", ".join(dict.fromkeys(each.reason for each in of_it if each.reason))
        runs = _runs([date.fromisoformat(each.date) for each in of_it])
        shown = ", ".join(runs[:_SHOWN])
        if len(runs) > _SHOWN:
            shown += phrase(" and {n} more", n=len(runs) - _SHOWN)
        why = f" ({reasons})" if reasons else ""
        yield (
            phrase(
                "{event} is left out on {dates} by {calendar}", event=event, dates=shown, calendar=calendar
            )
            + why
        )


def unknown_years(loaded: Loaded, events: Iterable[Event], since: int, until: int) -> Iterator[Problem]:
    """A warning for each calendar and year between two instants (Unix seconds) that there are no data for."""
    for unknown in years_ahead(events, since, until):
        yield loaded.remark(("calendars", unknown.calendar), str(unknown), UPGRADE)


def years_ahead(events: Iterable[Event], since: int, until: int) -> list[Unknown]:
    """What events need to know between two instants (Unix seconds) and nobody knows."""
    asking: defaultdict[tuple[str, int], list[tuple[str, str]]] = defaultdict(list)
    for event in events:
        low, high = _readings(event, since, until)
        for days in (*event.skip, *event.also) if low < high else ():
            for year in days.unknown_years(low, high):
                asking[days.name.partition(".")[0], year].append((days.name, event.id))
    return [
        Unknown(*key, *(tuple(dict.fromkeys(all_of)) for all_of in zip(*asked, strict=True)))
        for key, asked in asking.items()
    ]


def _readings(event: Event, since: int, until: int) -> tuple[int, int]:
    """The local readings between two instants at which the event may start, as far as its dates say."""
    offset = zone(event.timezone).offset(since)
    first = (event.valid_from or date.min) - _EPOCH
    last = (event.valid_until or date.max) - _EPOCH
    return max(since + offset, first.days * _DAY), min(until + offset, (last.days + 1) * _DAY)


def unused(loaded: Loaded) -> Iterator[Problem]:
    """A warning for each calendar that no event names; none while an event may be missing for its faults."""
    if loaded.problems:
        return
    used = {days.name.partition(".")[0] for event in loaded.events for days in (*event.skip, *event.also)}
    for name in loaded.calendars:
        if name not in used:
            yield loaded.remark(
                ("calendars", name), f"no event names the calendar {name}", "skip: and also: do, or remove it"
            )


def left_out_by(event: Event, change: Deviation) -> Days | None:
    """The calendar that leaves out all that an exception means, if one does."""
    midnight = (change.on.date - _EPOCH).days * _DAY
    for reading, days in left_out(event, midnight - _DAY, midnight + 3 * _DAY):
        wanted = change.on.time is None or reading == midnight + change.on.time.seconds
        if wanted and (change.on.time is not None or reading - reading % _DAY == midnight):
            return days
    return None


def _date(reading: int) -> date:
    return _EPOCH + timedelta(days=reading // _DAY)


def _runs(dates: Sequence[date]) -> list[str]:
    """``2026-10-01..2026-10-07`` for dates that follow each other."""
    ordered = sorted(set(dates))
    groups = groupby(enumerate(ordered), key=lambda each: each[1].toordinal() - each[0])
    runs = [[day for _, day in group] for _, group in groups]
    return [f"{run[0]}..{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs]
