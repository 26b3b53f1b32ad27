"""The same occurrence by other rules: what its window is called by them, and what people said of it (pure).

A window's id tells its nominal start in UTC. When the law moves the clocks of a zone, the same night has
another id from then on. What stays is the *reading*: what the clock of the zone showed at that start, in
whole seconds since it would have shown 1970-01-01 00:00. The ledger keeps it with each window and each word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from worker.events.model import Event
from worker.overrides import Override, Programme, nominal_start, planned
from worker.recurrence import fixed_time, zone
from worker.windows import Window, expand

NEAR: Final = 3 * 3_600
"""Seconds within which a window that comes takes the place of one that goes, where no reading tells."""


def reading_of(window_id: str, timezone: str) -> int | None:
    """What a clock of this zone shows at the nominal start; ``None`` for what has none, being permanent."""
    nominal = nominal_start(window_id)
    return None if nominal is None else nominal + zone(timezone).offset(nominal)


def renamed(event: Event, window_id: str, reading: int | None) -> str:
    """What the occurrence is called by the present rules that began at this reading by those of its id."""
    if reading is None or reading_of(window_id, event.timezone) in {None, reading}:
        return window_id
    at = datetime.fromtimestamp(fixed_time(zone(event.timezone), reading).at, UTC)
    return f"{event.id}@{at:%Y%m%dT%H%M%SZ}{'-extra' if window_id.endswith('-extra') else ''}"


def heirs(
    event: Event, known: Mapping[str, int | None], gone: Iterable[Window], wanted: Mapping[str, Window]
) -> dict[str, str]:
    """By the id of each window that is known by other rules and has another name now: that name.

    ``known`` are their readings. Of those that are ``gone``, one whose reading is not among the times any
    more, or that has none, is followed by the nearest window that is nobody's yet, if it is near.
    """
    found = {each: renamed(event, each, reading) for each, reading in known.items()}
    found = {each: name for each, name in found.items() if name != each and name in wanted}
    free = {each: window for each, window in wanted.items() if each not in known.keys() | found.values()}
    for window in gone:
        if window.id not in found and (heir := _nearest(window, free.values())):
            found[window.id] = free.pop(heir.id).id
    return found


def _nearest(window: Window, others: Iterable[Window]) -> Window | None:
    nearest = min(others, key=lambda other: abs(other.start - window.start), default=None)
    return nearest if nearest and abs(nearest.start - window.start) <= NEAR else None


def carried(programme: Programme) -> dict[str, Override]:
    """The words on windows that have another name now, by the old one, as they hold for the new one.

    Times that somebody named were times of the clock, so they move with it.
    """
    found = ((told, _name(programme.event, told)) for told in programme.overrides.values())
    return {told.window: _under(name, told) for told, name in found if name != told.window}


def after(programme: Programme) -> Programme:
    """The programme with every word where it belongs by the present rules; of two that meet, the newer."""
    moved = carried(programme)
    told = sorted((moved.get(each, one) for each, one in programme.overrides.items()), key=lambda one: one.at)
    return replace(programme, overrides={one.window: one for one in told}) if moved else programme


def _name(event: Event, told: Override) -> str:
    """What the window of a word is called now; as before, if nothing near takes its place."""
    name = renamed(event, told.window, told.reading)
    if name == told.window or planned(event, name):
        return name
    start = (nominal_start(told.window) or 0) - event.pad_before
    around = expand(event, start - NEAR, start + NEAR + 1)
    return min(((abs(w.start - start), w.id) for w in around), default=(0, told.window))[1]


def _under(name: str, told: Override) -> Override:
    by = (nominal_start(name) or 0) - (nominal_start(told.window) or 0)
    start, end = (None if at is None else at + by for at in (told.start, told.end))
    return replace(told, window=name, start=start, end=end)
