"""Programmes on nights on which they would not air, or not when they were meant to (pure).

A broadcast day goes on past midnight, and not everybody writes 24:30 for what follows 23:00. And in one night
of the year a clock skips an hour, with all that lies within it.
"""

from __future__ import annotations

from calendar import timegm
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Final

from worker.events.values import wall_time
from worker.imports.sheets.cells import DAY, shown
from worker.imports.sheets.rows import Programme
from worker.recurrence import fixed_time, wall_clock_end, zone

_MORNING: Final = 6 * 3600
"""When a broadcast day begins, more or less everywhere."""


def of_their_night(programmes: Iterable[Programme]) -> Iterator[Programme]:
    """The programmes without those that a clock skips, or that may be meant of another night: refused.

    The latter have their date from a row above, and begin before dawn and before what they follow on their
    stream. With a date of their own they are taken as they stand, and that is remarked.
    """
    before: dict[object, tuple[date, int]] = {}
    for one in programmes:
        if one.day is not None and one.on is not None:
            place = (one.row.sheet, one.place, one.stream)
            start = round((one.on - datetime.combine(one.day, time())).total_seconds())
            last, began = before.get(place, (one.day, -1))
            if last == one.day and start < min(began, _MORNING):
                _ask(one, start)
            else:
                before[place] = one.day, start
            if _is_skipped(one, one.on):
                what = f"the clock of {one.place[2]} skips this time on {one.on.date()}"
                one.row.why = f"{what} (move it that night)"
        if not one.row.why:
            yield one


def _is_skipped(one: Programme, on: datetime) -> bool:
    """Whether nothing is left between its start and its end on the night of a clock change (docs/time.md)."""
    kind, end = one.length
    if kind != "end":
        return False
    clock, reading = zone(one.place[2]), timegm(on.timetuple())
    until = reading - reading % DAY + wall_time(end).seconds
    return wall_clock_end(clock, fixed_time(clock, reading), until) is None


def _ask(one: Programme, start: int) -> None:
    told = f"it starts at {shown(start)} on {one.day}, before the row that it follows"
    hint = f"for the night after, write {shown(start + DAY)}"
    if "date" in one.row.inherited:
        one.row.why = f"{told} ({hint}; else write its date in its own row)"
    else:
        one.row.remarks.append(f"{told}: {hint}")
