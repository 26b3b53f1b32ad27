"""A window as the planners' pages tell it: words, clock times of one zone, masked sources (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from worker.language import phrase, state_words
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.redact import mask_source
from worker.reports import described, ended, late, remarks, troubled
from worker.views import length, local_end, local_iso, local_start

_DAY_AND_DATE: Final = 2
"""Words ahead of the time of day in ``Fri 2026-11-27 20:00``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What stands there of a window. ``face`` is the stable word by which it is drawn, ``state`` says it.

    ``day`` is ``Fri 2026-11-27``, ``clock`` when it starts and ``until`` when it ends (``01:30 (+1)``) in the
    zone it is told in; a permanent one has none of them. ``starts`` and ``ends`` are ISO 8601,
    ``start`` is in Unix seconds.
    """

    id: str
    event: str
    title: str
    stream: str
    day: str
    clock: str
    until: str
    length: str
    start: int
    starts: str
    ends: str
    face: str
    state: str
    trouble: bool
    conflict: bool
    remarks: str
    sources: tuple[str, ...]


def told(record: WindowRecord, zone_key: str, now: float) -> Told:
    """The window in the language spoken, on this zone's clock, as it stands at ``now`` (Unix seconds)."""
    window = record.window
    day, clock = _begins(zone_key, window.start)
    return Told(
        id=window.id,
        event=window.event,
        title=window.title,
        stream=window.slot.stream,
        day="" if window.permanent else day,
        clock=phrase("always") if window.permanent else clock,
        until="" if window.permanent else local_end(zone_key, window.start, window.end),
        length="" if window.permanent else length(window.start, window.end),
        start=window.start,
        starts="" if window.permanent else local_iso(zone_key, window.start),
        ends="" if window.permanent else local_iso(zone_key, window.end),
        face=face(record, now),
        state=state_words(described(record, now)),
        trouble=troubled(record, now),
        conflict="conflict" in window.notes,
        remarks=remarks(record),
        sources=tuple(map(mask_source, window.sources)),
    )


def face(record: WindowRecord, now: float) -> str:
    """The word by which a state is drawn: ``on-air``, ``ended``, ``late``, or the state's own."""
    if ended(record, now):
        return "ended"
    if record.on_air(now):
        return "on-air"
    if late(record, now) and record.state not in {State.FAILED, State.MISSED}:
        return "late"
    return str(record.state)


def _begins(zone_key: str, at: int) -> tuple[str, str]:
    words = local_start(zone_key, at).split(" ", _DAY_AND_DATE)
    return " ".join(words[:_DAY_AND_DATE]), words[_DAY_AND_DATE]
