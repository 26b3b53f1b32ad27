"""What differs between a window as it was and as it will be, and why one goes, in words (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from worker.durations import format_duration
from worker.events.model import Event
from worker.language import phrase
from worker.overrides import Pause, nominal_start
from worker.redact import mask_source
from worker.views import local_end, local_start, note_words, offset_at
from worker.windows import Window

_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1)
_ASIDE: Final = {"reason", "notes"}


def what(before: Window, after: Window) -> tuple[str, ...]:
    """Which fields differ, by their names in a window's JSON."""
    return tuple(name for name, (reads, _) in _FIELDS.items() if reads(before) != reads(after))


def moved(gone: Iterable[Window], come: Iterable[Window]) -> dict[str, Window]:
    """By the id of a window that goes, the one that comes in its place: as many, of one event, on one date.

    To people that is one show at another time; its id is another because it tells the nominal start.
    """
    places: dict[tuple[str, int], tuple[list[Window], list[Window]]] = defaultdict(lambda: ([], []))
    for side, windows in enumerate((gone, come)):
        for window in windows:
            places[window.event, _date(window)][side].append(window)
    pairs = (zip(*sides, strict=True) for sides in places.values() if len(sides[0]) == len(sides[1]))
    return {before.id: after for each in pairs for before, after in each}


def words(before: Window, after: Window) -> list[str]:
    """What differs, a phrase a field: ``starts 20:00 -> 21:00``. Sources are masked.

    Reason and notes only say why something else differs, unless nothing else does.
    """
    names = what(before, after)
    told = [name for name in names if name not in _ASIDE] or names
    return [_FIELDS[name][1](before, after) for name in told]


def _starts(before: Window, after: Window) -> str:
    if _date(before) == _date(after):
        was, will = (local_end(each.timezone, each.start, each.start) for each in (before, after))
    else:
        was, will = (local_start(each.timezone, each.start) for each in (before, after))
    return phrase("starts {was} -> {will}", was=was, will=will)


def _ends(before: Window, after: Window) -> str:
    was, will = (local_end(each.timezone, each.start, each.end) for each in (before, after))
    return phrase("ends {was} -> {will}", was=was, will=will)


def _date(window: Window) -> int:
    """The day on whose date it starts, by its own clock."""
    return (window.start + offset_at(window.timezone, window.start)) // _DAY


def _sources(before: Window, after: Window) -> str:
    old, new = (tuple(map(mask_source, window.sources)) for window in (before, after))
    if sorted(before.sources) == sorted(after.sources):
        return phrase("sources in another order: {sources}", sources=", ".join(new))
    return _from_to("sources", ", ".join(old), ", ".join(new))


def _from_to(name: str, was: object, will: object) -> str:
    none = phrase("none")
    return phrase("{field} {was} -> {will}", field=phrase(name), was=was or none, will=will or none)


def _plainly(name: str, read: Callable[[Window], object]) -> tuple[Callable[[Window], object], _Words]:
    return read, lambda before, after: _from_to(name, read(before), read(after))


_Words = Callable[[Window, Window], str]

_FIELDS: Final[dict[str, tuple[Callable[[Window], object], _Words]]] = {
    "start": (lambda window: window.start, _starts),
    "end": (lambda window: window.end, _ends),
    "stream": _plainly("stream", lambda window: window.slot),
    "sources": (lambda window: window.sources, _sources),
    "title": _plainly("title", lambda window: window.title),
    "timezone": _plainly("timezone", lambda window: window.timezone),
    "permanent": _plainly("permanent", lambda window: phrase("yes") if window.permanent else phrase("no")),
    "lead": _plainly("lead", lambda window: format_duration(window.lead)),
    "min_useful": _plainly("min_useful", lambda window: format_duration(window.min_useful)),
    "priority": _plainly("priority", lambda window: str(window.priority)),
    "reason": _plainly("reason", lambda window: window.reason),
    "notes": _plainly("notes", lambda window: note_words(list(window.notes))),
}


def why_gone(window: Window, event: Event, pause: Pause | None) -> str:
    """Why a window left the plan of its event, which the file has like this and somebody may have paused."""
    if pause:
        return str(pause)
    if event.paused:
        return phrase("paused in the file")
    nominal = nominal_start(window.id)
    if nominal is None:
        return phrase("no longer permanent")
    day, second = divmod(nominal + offset_at(event.timezone, nominal), _DAY)
    on = _EPOCH + timedelta(days=day)
    return next(_reasons(window, event, on, second), phrase("no longer among its times"))


def _reasons(window: Window, event: Event, on: date, second: int) -> Iterator[str]:
    reading = (on - _EPOCH).days * _DAY + second
    for days in event.skip:
        if days.covering(reading):
            by = phrase("left out by {calendar}", calendar=days.name)
            yield ": ".join(filter(None, (by, days.why(reading))))
    for change in event.exceptions:
        time = change.on.time
        if change.cancel and change.on.date == on and (time is None or time.seconds == second):
            yield phrase("cancelled: {reason}", reason=change.reason)
    if event.valid_until and on > event.valid_until:
        yield phrase("after valid_until, {day}", day=event.valid_until)
    if event.valid_from and on < event.valid_from:
        yield phrase("before valid_from, {day}", day=event.valid_from)
    if "extra" in window.notes:
        yield phrase("no longer under extra")
