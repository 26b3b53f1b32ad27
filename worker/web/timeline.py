"""What stands where on the timeline: bars in lanes, an axis in local time, and its changes of clock (pure).

Instants are Unix seconds. Places are percent of the range, so that a page of any width can use them; how
narrow a bar may get, and what a bar looks like, is for the style sheet to say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from worker.neighbours import Noted
from worker.recurrence import Zone, zone
from worker.relay import Slot
from worker.windows import Window

Reach = Literal["6h", "24h", "7d"]

_HOUR: Final = 3_600
_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()
_STEPS: Final = (300, 900, 1_800, *(_HOUR * n for n in (1, 2, 3, 6, 12)), *(_DAY * n for n in (1, 2, 7, 14)))
NEAREST: Final = 8.0
"""Percent: ticks are at least so far apart, which is 80 pixels of 1000."""


class _Frame(NamedTuple):
    """How long a range is, how much of it is past at least, and what its start is snapped to; in seconds."""

    length: int
    behind: int
    step: int


_FRAMES: Final[dict[Reach, _Frame]] = {
    "6h": _Frame(6 * _HOUR, _HOUR, _HOUR // 2),
    "24h": _Frame(24 * _HOUR, 3 * _HOUR, _HOUR),
    "7d": _Frame(7 * _DAY, 0, _DAY),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A window in its lane. ``left`` and ``width`` are of what lies within the range.

    The hatch (``lead_left``, ``lead_width``) is from when the window may be placed to its start: not while
    its lane is taken, and of no width where no relay is to be placed for it alone. ``bridge`` is the pause
    to the bar before it in the lane if both share one relay, 0 where they touch, ``None`` if they do not.
    ``joins`` is the same of the bar after it, ``chained`` whether updates carry the relay on. What is
    ``aside`` is not aired: another has its place, or somebody called it off.
    """

    window: Window
    left: float
    width: float
    clipped_left: bool
    clipped_right: bool
    lead_left: float
    lead_width: float
    bridge: float | None
    joins: bool
    chained: bool
    aside: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One slot. ``label`` is as much of its name as tells it from the other rows.

    Bars of a lane do not overlap and come in order. The lanes of what is aired come first; there are as few
    of them as can be, and as few of those of what is aside.
    """

    slot: Slot
    label: str
    lanes: tuple[tuple[Bar, ...], ...]


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


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that plays within [since, until), in Unix seconds."""

    since: int
    until: int
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    rows: tuple[Row, ...]


def range_of(reach: Reach, around: float, zone_key: str) -> tuple[int, int]:
    """The range [since, until) to show at ``around``, which it holds.

    It begins on a round time of the zone's clock and stays the same until the next one: half an hour, an
    hour, or for ``7d`` a day, which then are seven days of the calendar.
    """
    frame, clock, now = _FRAMES[reach], zone(zone_key), int(around)
    if frame.step == _DAY:
        reading = now + clock.offset(now)
        today = reading - reading % _DAY
        return first_instant(clock, today), first_instant(clock, today + frame.length)
    start = now - frame.behind
    start -= (start + clock.offset(start)) % frame.step
    return start, start + frame.length


def moment_of(reach: Reach, since: int) -> int:
    """A moment round which the range begins at ``since``, which is a start of such a range."""
    return since + _FRAMES[reach].behind


def timeline(
    noted: Iterable[Noted], since: int, until: int, zone_key: str, *, aside: Container[str] = ()
) -> Timeline:
    """Where these windows stand in [since, until); those that do not play then are left out.

    The axis is in the time of the zone. ``aside`` are ids of windows that will not be aired; what another
    displaces is known for it without.
    """
    scale, clock = _Scale(since, until), zone(zone_key)
    of_slots: defaultdict[Slot, list[Noted]] = defaultdict(list)
    for window, met in noted:
        if window.start < until and window.end > since:
            of_slots[window.slot].append((window, met))
    names = _labels(sorted(of_slots))
    rows = (Row(slot, name, _lanes(of_slots[slot], scale, aside)) for slot, name in names)
    return Timeline(since, until, tuple(_ticks(scale, clock)), tuple(_marks(scale, clock)), tuple(rows))


def first_instant(clock: Zone, reading: int) -> int:
    """The first instant at which the clock shows this reading, or has jumped over it."""
    stretch = clock.showing(reading)
    return max(reading - stretch.offset, stretch.start)


def jumps(clock: Zone, since: int, until: int) -> Iterator[Jump]:
    """The changes of the clock at instants in [since, until), in order."""
    for at, before, after in clock.changes(since, until):
        first, last = sorted((at + before, at + after))
        yield Jump(at, max(before - after, 0), _clock(first), _clock(last))


class _Scale(NamedTuple):
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


def _labels(slots: Sequence[Slot]) -> Iterator[tuple[Slot, str]]:
    names = {slot: (slot.stream, f"{slot.app}/{slot.stream}", str(slot)) for slot in slots}
    told = Counter(name for all_of in names.values() for name in all_of)
    for slot, all_of in names.items():
        yield slot, next((name for name in all_of if told[name] == 1), str(slot))


def _lanes(noted: Sequence[Noted], scale: _Scale, aside: Container[str]) -> tuple[tuple[Bar, ...], ...]:
    ordered = sorted(noted, key=lambda each: (each[0].start, each[0].id))
    halves: tuple[list[Noted], list[Noted]] = [], []
    for window, met in ordered:
        off = window.id in aside or any(meeting.note == "displaced" for meeting in met)
        halves[off].append((window, met))
    return tuple(tuple(_bars(lane, scale, off)) for off, half in enumerate(halves) for lane in _apart(half))


def _apart(ordered: Iterable[Noted]) -> list[list[Noted]]:
    """Lanes of windows that do not overlap: as many as play at once at most, as each takes one that is free.

    What shares a relay with the last of a lane stays there.
    """
    lanes: list[list[Noted]] = []
    for window, met in ordered:
        free = [lane for lane in lanes if lane[-1][0].end <= window.start]
        same = (lane for lane in free if _shared(lane[-1], (window, met)))
        lane = next(same, free[0] if free else None)
        if lane is None:
            lanes.append([(window, met)])
        else:
            lane.append((window, met))
    return lanes


def _shared(one: Noted, other: Noted) -> bool:
    """Whether these two, the second right after the first, are served by one relay."""
    (before, its), (after, met) = one, other
    return any(m.note == "joined" and m.other.id == before.id for m in met) or any(
        m.note == "joined" and m.other.id == after.id for m in its
    )


def _bars(lane: Sequence[Noted], scale: _Scale, off: int) -> Iterator[Bar]:
    joined = [False, *(_shared(one, other) for one, other in pairwise(lane)), False]
    free_at = scale.since
    for n, (window, met) in enumerate(lane):
        left, width = scale.stretch(window.start, window.end)
        alone = not (off or joined[n] or window.permanent)
        lead_left, lead_width = scale.stretch(
            max(window.due_at, free_at) if alone else window.start, window.start
        )
        yield Bar(
            window=window,
            left=left,
            width=width,
            clipped_left=window.start < scale.since,
            clipped_right=window.end > scale.until,
            lead_left=lead_left,
            lead_width=lead_width,
            bridge=scale.stretch(free_at, window.start)[1] if joined[n] else None,
            joins=joined[n + 1],
            chained=any(meeting.note == "chained" for meeting in met),
            aside=bool(off),
        )
        free_at = window.end


def _ticks(scale: _Scale, clock: Zone) -> Iterator[Tick]:
    last: date | None = None
    for at in _thinned(scale, clock):
        reading = at + clock.offset(at)
        day = date.fromordinal(reading // _DAY + _EPOCH)
        midnight = at == first_instant(clock, reading - reading % _DAY)
        yield Tick(at, scale.place(at), _clock(reading), day, day != last, midnight)
        last = day


def _thinned(scale: _Scale, clock: Zone) -> list[int]:
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


def _round_times(scale: _Scale, clock: Zone, step: int) -> Iterator[int]:
    for stretch in clock.stretches(scale.since, scale.until):
        start, end = max(stretch.start, scale.since), min(stretch.end, scale.until)
        first = start + -(start + stretch.offset) % step
        yield from range(first, end, step)


def _days(scale: _Scale, clock: Zone, step: int) -> Iterator[int]:
    """When days begin, each so many seconds of a clock that never changes; weeks begin on Mondays."""
    monday = 4 * _DAY
    reading = scale.since + clock.offset(scale.since) - _DAY
    reading -= (reading - monday) % step
    while (at := first_instant(clock, reading)) < scale.until:
        if at >= scale.since:
            yield at
        reading += step


def _marks(scale: _Scale, clock: Zone) -> Iterator[Mark]:
    for at, again, first, last in jumps(clock, scale.since - _DAY, scale.until):
        if at + again > scale.since or at >= scale.since:
            yield Mark(at, *scale.stretch(at, at + again), bool(again), first, last)


def _clock(reading: int) -> str:
    hours, minutes = divmod(reading % _DAY // 60, 60)
    return f"{hours:02}:{minutes:02}"
