"""What stands where on the timeline: a row for each slot, and its bars in lanes (pure).

Instants are Unix seconds. Places are percent of the range, so that a page of any width can use them; how
narrow a bar may get, and what a bar looks like, is for the style sheet to say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from worker.neighbours import Noted
from worker.recurrence import zone
from worker.relay import Slot
from worker.web.axis import Mark, Scale, Tick, first_instant, marks, ticks
from worker.windows import Window

Reach = Literal["6h", "24h", "7d"]

_HOUR: Final = 3_600
_DAY: Final = 86_400


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
    scale, clock = Scale(since, until), zone(zone_key)
    of_slots: defaultdict[Slot, list[Noted]] = defaultdict(list)
    for window, met in noted:
        if window.start < until and window.end > since:
            of_slots[window.slot].append((window, met))
    names = _labels(sorted(of_slots))
    rows = (Row(slot, name, _lanes(of_slots[slot], scale, aside)) for slot, name in names)
    return Timeline(since, until, tuple(ticks(scale, clock)), tuple(marks(scale, clock)), tuple(rows))


def _labels(slots: Sequence[Slot]) -> Iterator[tuple[Slot, str]]:
    names = {slot: (slot.stream, f"{slot.app}/{slot.stream}", str(slot)) for slot in slots}
    told = Counter(name for all_of in names.values() for name in all_of)
    for slot, all_of in names.items():
        yield slot, next((name for name in all_of if told[name] == 1), str(slot))


def _lanes(noted: Sequence[Noted], scale: Scale, aside: Container[str]) -> tuple[tuple[Bar, ...], ...]:
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


def _bars(lane: Sequence[Noted], scale: Scale, off: int) -> Iterator[Bar]:
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
