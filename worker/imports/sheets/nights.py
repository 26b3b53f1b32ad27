"""Programmes after midnight in the list of the day before, which would air a day early (pure).

A broadcast day goes on past midnight, and not everybody writes 24:30 for what follows 23:00.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Final

from worker.imports.sheets.cells import DAY, shown
from worker.imports.sheets.rows import Programme

_MORNING: Final = 6 * 3600
"""When a broadcast day begins, more or less everywhere."""


def of_their_night(programmes: Iterable[Programme]) -> Iterator[Programme]:
    """The programmes without those of which it is unclear on which of two nights they air: they are refused.

    These have their date from a row above, and begin before dawn and before what they follow on their stream.
    With a date of their own they are taken as they stand, and that is remarked.
    """
    before: dict[object, tuple[date, int]] = {}
    for one in programmes:
        if one.day is not None and one.on is not None:
            place = (one.row.sheet, one.place, one.stream)
            last, starts = before.get(place, (one.day, -1))
            start = round((one.on - datetime.combine(one.day, time())).total_seconds())
            if last == one.day and start < min(starts, _MORNING):
                _tell(one, start)
            else:
                before[place] = one.day, start
        if not one.row.why:
            yield one


def _tell(one: Programme, start: int) -> None:
    told = f"it starts at {shown(start)} on {one.day}, before the row that it follows"
    hint = f"for the night after, write {shown(start + DAY)}"
    if "date" in one.row.inherited:
        one.row.why = f"{told} ({hint}; else write its date in its own row)"
    else:
        one.row.remarks.append(f"{told}: {hint}")
