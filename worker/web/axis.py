"""The axis of a timeline: ticks on round times of a zone's clock, and where that clock jumps (pure).

Instants are Unix seconds, places percent of a range.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from worker.recurrence import Zone

_HOUR: Final = 3_600
_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()
_STEPS: Final = (300, 900, 1_800, *(_HOUR * n for n in (1, 2, 3, 6, 12)), *(_DAY * n for n in (1, 2, 7, 14)))
NEAREST: Final = 8.0
"""Percent: ticks are at least so far apart, which is 80 pixels of 1000."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis. ``clock`` is what the zone's clock shows there (``20:00``), and ``date`` its date.

    ``new_day``: no tick before it is of this date. ``midnight``: the date begins here.
    """

    at: int
    left: float
    clock: str
    date: date
    new_day: bool
    midnight: bool


class Jump(NamedTuple):
    """A change of the clock at ``at``: the readings from ``first`` up to ``last`` come twice, or are missing.

    ``again``: for how many seconds what comes twice is shown for the second time, 0 for what is missing.
    """

    at: int
    again: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A jump of the clock on the axis. What comes twice begins for the second time at ``left``, and is
    ``width`` wide; what is missing has no width.
    """

    at: int
    left: float
    width: float
    repeated: bool
    first: str
    last: str


class Scale(NamedTuple):
    """Percent of a range."""

    since: int
    until: int

    def place(self, at: int) -> float:
        """Where it is, at the nearer end if it lies outside."""
        inside = min(max(at, self.since), self.until)
        return round(100 * (inside - self.since) / (self.until - self.since), 4)

    def stretch(self, start: int, end: int) -> tuple[float, float]:
        """Where it begins, and how wide it is."""
        left = self.place(start)
        return left, round(max(self.place(end) - left, 0.0), 4)


def jumps(clock: Zone, since: int, until: int) -> Iterator[Jump]:
    """The changes of the clock at instants in [since, until), in order."""
    for at, before, after in clock.changes(since, until):
        first, last = sorted((at + before, at + after))
        yield Jump(at, max(before - after, 0), _clock(first), _clock(last))


def first_instant(clock: Zone, reading: int) -> int:
    """The first instant at which the clock shows this reading, or has jumped over it."""
    stretch = clock.showing(reading)
    return max(reading - stretch.offset, stretch.start)


def ticks(scale: Scale, clock: Zone) -> Iterator[Tick]:
    """The ticks of a range, rising."""
    last: date | None = None
    for at in _thinned(scale, clock):
        reading = at + clock.offset(at)
        day = date.fromordinal(reading // _DAY + _EPOCH)
        midnight = at == first_instant(clock, reading - reading % _DAY)
        yield Tick(at, scale.place(at), _clock(reading), day, day != last, midnight)
        last = day


def _thinned(scale: Scale, clock: Zone) -> list[int]:
    """Round times far enough from each other. Where the clock changes, two may come close: days stay."""
    length = scale.until - scale.since
    step = next((step for step in _STEPS if 100 * step >= NEAREST * length), _STEPS[-1])
    days = set(_days(scale, clock, max(step, _DAY)))
    kept: list[int] = []
    for at in sorted(days | (set(_round_times(scale, clock, step)) if step < _DAY else set())):
        while kept and 100 * (at - kept[-1]) < NEAREST * length and at in days and kept[-1] not in days:
            kept.pop()
        if not kept or 100 * (at - kept[-1]) >= NEAREST * length:
            kept.append(at)
    return kept


def _round_times(scale: Scale, clock: Zone, step: int) -> Iterator[int]:
    for stretch in clock.stretches(scale.since, scale.until):
        start, end = max(stretch.start, scale.since), min(stretch.end, scale.until)
        first = start + -(start + stretch.offset) % step
        yield from range(first, end, step)


def _days(scale: Scale, clock: Zone, step: int) -> Iterator[int]:
    """When days begin, each so many seconds of a clock that never changes; weeks begin on Mondays."""
    monday = 4 * _DAY
    reading = scale.since + clock.offset(scale.since) - _DAY
    reading -= (reading - monday) % step
    while (at := first_instant(clock, reading)) < scale.until:
        if at >= scale.since:
            yield at
        reading += step


def marks(scale: Scale, clock: Zone) -> Iterator[Mark]:
    """Where the clock jumps within a range, or shows for the second time what came twice."""
    for at, again, first, last in jumps(clock, scale.since - _DAY, scale.until):
        if at + again > scale.since or at >= scale.since:
            yield Mark(at, *scale.stretch(at, at + again), bool(again), first, last)


def _clock(reading: int) -> str:
    hours, minutes = divmod(reading % _DAY // 60, 60)
    return f"{hours:02}:{minutes:02}"
