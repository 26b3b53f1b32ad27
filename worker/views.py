"""A window as users and scripts see it: one form in the command line, the API, the page and the feed (pure).

Millions of windows may be shown in one run, so whatever repeats (a zone's offset within an hour, a date, a
time of day, a masked address) is kept, in caches of bounded size.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, Final, TypedDict

from worker.durations import format_duration
from worker.language import clauses, phrase
from worker.recurrence import zone
from worker.redact import mask_source
from worker.windows import Window

_HOUR: Final = 3_600
_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()

NOTES: Final = {
    "dst-gap-shifted": "the clock skips this time: starts at the jump",
    "dst-fold": "the clock shows this time twice that night",
    "dst-in-window": "the clock changes while it runs",
    "overridden": "differs from the rule",
    "extra": "extra, outside the rule",
    "make-up-day": "a make-up workday",
    "holiday": "a holiday",
    "joined": "shares one relay with its neighbours",
    "chained": "updates carry its relay on beyond 7 days",
    "tight-handover": "follows a window with other sources sooner than the provider can act",
    "conflict": "overlaps another window on its slot, with other sources",
    "displaced": "gives way to that window",
}
"""What each note code means, for people. A code without a line here is shown as it is."""


AIR: Final = {
    "on_air": "on air",
    "degraded": "on air, and poor",
    "dark": "DARK",
    "forbidden": "FORBIDDEN",
    "off": "off air",
}
"""How a window was seen, for people."""


class PlannedView(TypedDict):
    """What a plan alone knows of a window, under names that scripts rely on.

    ``start`` and ``end`` are Unix seconds, as sent to the provider, and ``None`` for a permanent window;
    local times are ISO 8601 with the zone's offset.
    """

    id: str
    event: str
    title: str
    domain: str
    app: str
    stream: str
    start: int | None
    end: int | None
    start_local: str | None
    end_local: str | None
    timezone: str
    sources: list[str]
    state: str
    notes: list[str]
    reason: str


class WindowView(PlannedView, total=False):
    """With what the ledger adds. Times are Unix seconds."""

    due_at: float
    placed_at: float | None
    task_id: str
    attempts: list[dict[str, Any]]
    next_attempt_at: float | None
    on_air: bool


PLAN_FIELDS: Final = tuple(PlannedView.__annotations__)


def window_view(window: Window, *, state: str = "planned", show_secrets: bool = False) -> WindowView:
    """The window as the plan knows it. Sources are masked unless ``show_secrets``."""
    start, end = (None, None) if window.permanent else (window.start, window.end)
    return {
        "id": window.id,
        "event": window.event,
        "title": window.title,
        "domain": window.slot.domain,
        "app": window.slot.app,
        "stream": window.slot.stream,
        "start": start,
        "end": end,
        "start_local": None if start is None else local_iso(window.timezone, start),
        "end_local": None if end is None else local_iso(window.timezone, end),
        "timezone": window.timezone,
        "sources": list(window.sources if show_secrets else _masked(window.sources)),
        "state": state,
        "notes": list(window.notes),
        "reason": window.reason,
    }


def local_iso(zone_key: str, moment: int) -> str:
    """ISO 8601 local time with offset: ``2026-11-27T20:00:00+08:00``."""
    offset = offset_at(zone_key, moment)
    day, second = divmod(moment + offset, _DAY)
    return f"{_date(day)}T{_clock(second)}{_suffix(offset)}"


def local_start(zone_key: str, moment: int) -> str:
    """Weekday, date and time of day, for people: ``Fri 2026-11-27 20:00``, ``周五 2026-11-27 20:00``; see
    :func:`_reading`.
    """
    day, reading = _reading(zone_key, moment)
    return f"{_weekday(day)} {_date(day)} {reading}"


def moment(window: Window, at: int) -> str:
    """A time on the window's own clock, for people: ``Fri 2026-11-27 20:00 Asia/Shanghai``."""
    return f"{local_start(window.timezone, at)} {window.timezone}"


def span(window: Window) -> str:
    """When it airs, for people."""
    if window.permanent:
        return "permanent"
    end = local_end(window.timezone, window.start, window.end)
    return f"{local_start(window.timezone, window.start)} - {end} {window.timezone}"


def local_end(zone_key: str, start: int, end: int) -> str:
    """The time of day at which a window ends, and how many days after its start: ``01:30 (+1)``."""
    first, _ = _reading(zone_key, start)
    last, reading = _reading(zone_key, end)
    return f"{reading} (+{last - first})" if last != first else reading


def length(start: int, end: int) -> str:
    """How long it lasts, in elapsed time: ``1h30m``."""
    return format_duration(end - start)


def note_words(codes: list[str]) -> str:
    """What the notes say, for people."""
    return clauses(*(phrase(NOTES.get(code, code)) for code in codes))


def offset_at(zone_key: str, moment: int) -> int:
    """Seconds that the zone's clock is ahead of UTC at this moment (Unix seconds)."""
    steady = _steady_offset(zone_key, moment // _HOUR)
    return zone(zone_key).offset(moment) if steady is None else steady


def _reading(zone_key: str, moment: int) -> tuple[int, str]:
    """Local day number and time of day; on a day on which the clock changes, with the offset, for there
    02:30 may be two moments. It is written ``02:30 UTC-4``: ``02:30-04:00`` is read as from when to when.
    """
    offset = offset_at(zone_key, moment)
    day, second = divmod(moment + offset, _DAY)
    clock = _clock(second).removesuffix(":00")
    midnight = moment - second
    if offset_at(zone_key, midnight) == offset_at(zone_key, midnight + _DAY - 1):
        return day, clock
    return day, f"{clock} UTC{_ahead(offset)}"


@lru_cache(maxsize=1 << 16)
def _steady_offset(zone_key: str, hour: int) -> int | None:
    """The offset all through that hour since 1970, or ``None`` if it changes within."""
    known = zone(zone_key)
    first, last = known.offset(hour * _HOUR), known.offset(hour * _HOUR + _HOUR - 1)
    return first if first == last else None


@lru_cache(maxsize=1 << 12)
def _date(day: int) -> str:
    return date.fromordinal(_EPOCH + day).isoformat()


def _weekday(day: int) -> str:
    return phrase(("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")[day % 7])


@lru_cache(maxsize=_DAY)
def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


@lru_cache(maxsize=256)
def _suffix(offset: int) -> str:
    sign, ahead = ("-", -offset) if offset < 0 else ("+", offset)
    whole = f"{sign}{ahead // 3600:02}:{ahead // 60 % 60:02}"
    return f"{whole}:{ahead % 60:02}" if ahead % 60 else whole


def _ahead(offset: int) -> str:
    """An offset for people: ``+8``, ``-3:30``."""
    told = _suffix(offset)
    return f"{told[0]}{int(told[1:3])}{told[3:].removesuffix(':00')}"


@lru_cache(maxsize=1 << 14)
def _masked(sources: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(mask_source, sources))
