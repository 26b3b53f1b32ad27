"""What people said of windows, as entries of an events file: how to write an override down (pure).

An override holds instants as they are sent; the file holds readings of the event's clock, without pads, by
nominal date. An entry is only proposed if the file with it means what was said, and nothing else changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from worker.durations import format_duration
from worker.events.model import Deviation, Event, Extra, Occasion, WallTime
from worker.overrides import Override, nominal_start, overridden, planned
from worker.recurrence import fixed_time, zone
from worker.redact import mask_source
from worker.views import offset_at
from worker.windows import Window, expand

Entry = Deviation | Extra

_DAY: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - what a clock shows, in no zone
_NEAR: Final = 5 * _DAY
"""Seconds around a window, further than an entry for it could change another one."""


_PERMANENT_OFF: Final = "it has no dates to except; write paused: true in the event itself"
_PERMANENT_CHANGED: Final = "it has no dates to except; write it in the event itself"


@dataclass(frozen=True, slots=True)
class Advice:
    """How the file would say what somebody said: ``event`` as it would be then.

    ``put`` are the entries to write, ``drop`` those that they replace or that go. ``why_not`` says why there
    is nothing to write.
    """

    event: Event
    put: tuple[Entry, ...] = ()
    drop: tuple[Entry, ...] = ()
    why_not: str = ""


def advise(event: Event, told: Override) -> Advice:
    """How this event of the file would say what the override says."""
    window = planned(event, told.window)
    if window is None:
        return Advice(event, why_not="the file has no such window any more, so it changes nothing")
    wanted = None if told.cancel else overridden(window, told)
    if told.added and wanted in {None, window}:
        return _of_added(event, told.added, wanted)
    if wanted and _airs(wanted) == _airs(window):
        return Advice(event, why_not="the file says the same")
    if window.permanent:
        return Advice(event, why_not=_PERMANENT_OFF if wanted is None else _PERMANENT_CHANGED)
    case = _Case(event, window, wanted, told.reason)
    found = (advice for advice in case.candidates() if case.is_meant_by(advice.event))
    advice = next(found, None) or Advice(event, why_not=case.why_not())
    return replace(advice, drop=()) if told.added else advice


def _of_added(event: Event, added: Extra, wanted: Window | None) -> Advice:
    """Of what people added, and may have called off again; it is among the extras of the event by now."""
    if wanted is None:
        return Advice(event, why_not="the file does not have it")
    if sum(each.start == added.start for each in event.extra) > 1:
        return Advice(event, why_not="the file says the same")
    return Advice(event, put=(added,))


def text(entry: Entry, *, show_secrets: bool = False) -> str:
    """The entry as a line of YAML: ``{on: 2026-12-24, start: "21:00", reason: "Christmas special"}``."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in _fields(entry, show_secrets)) + "}"


def _fields(entry: Entry, show_secrets: bool) -> Iterator[tuple[str, str]]:
    if isinstance(entry, Deviation):
        yield "on", str(entry.on.date) + (f"T{_clock(entry.on.time)}" if entry.on.time else "")
        if entry.cancel:
            yield "cancel", "true"
        if entry.start:
            yield "start", f'"{_clock(entry.start)}"'
    else:
        yield "start", entry.start.isoformat(timespec="seconds").removesuffix(":00")
    if entry.duration:
        yield "duration", format_duration(entry.duration)
    if entry.end:
        yield "end", f'"{_clock(entry.end)}"'
    if entry.sources:
        shown = entry.sources if show_secrets else map(mask_source, entry.sources)
        yield "sources", f"[{', '.join(map(_quoted, shown))}]"
    if entry.stream:
        yield "stream", _quoted(entry.stream)
    yield "reason", _quoted(entry.reason)


def _clock(time: WallTime) -> str:
    minutes, second = divmod(time.seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{second:02}" if second else "")


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Case:
    """One window of the file, and how it is wanted instead; ``None`` is not at all."""

    event: Event
    window: Window
    wanted: Window | None
    reason: str

    def candidates(self) -> Iterator[Advice]:
        """Ways to say it, the plainest first, of which not all are right."""
        if self.wanted and self._length(self.wanted) <= 0:
            return
        if "extra" in self.window.notes:
            yield from self._as_extra()
        else:
            yield from self._as_exception()

    def is_meant_by(self, event: Event) -> bool:
        """Whether that event's windows are those of this one, but for the one window."""
        there = sorted(self._around(self.event))
        there.remove(_airs(self.window))
        wanted = [_airs(self.wanted)] if self.wanted else []
        return sorted(self._around(event)) == sorted(there + wanted)

    def why_not(self) -> str:
        """Why no candidate is right."""
        if self.wanted and self._length(self.wanted) <= 0:
            return "nothing is left of it without the pads of the file"
        if self.wanted and self._read(self._reading(self.wanted)) != self._begin(self.wanted):
            return "the clock shows its new start twice that night, and the file can only mean the first"
        return "no entry could say it without changing another window of the event"

    def _as_extra(self) -> Iterator[Advice]:
        nominal = nominal_start(self.window.id)
        for extra in self.event.extra:
            if self._read(_seconds(extra.start)) == nominal:
                puts = self._extras(extra, self.wanted) if self.wanted else iter([None])
                yield from (self._edited((extra,), (put,) if put else ()) for put in puts)

    def _as_exception(self) -> Iterator[Advice]:
        nominal = nominal_start(self.window.id) or 0
        day, second = divmod(nominal + offset_at(self.event.timezone, nominal), _DAY)
        date = Occasion((_EPOCH + timedelta(days=day)).date())
        exactly = Occasion(date.date, WallTime(second))
        there = {each.on: each for each in self.event.exceptions}
        now = there.get(exactly) or there.get(date) or Deviation(on=date, reason=self.reason)
        for first, *rest in self._puts(now, day * _DAY):
            for on in (date, exactly):
                drop = (there[on],) if on in there else ()
                yield self._edited(drop, (replace(first, on=on), *rest))

    def _puts(self, now: Deviation, midnight: int) -> Iterator[tuple[Deviation, *tuple[Extra, ...]]]:
        """What may be written for an occurrence, of which ``now`` is said already."""
        off = Deviation(on=now.on, reason=self.reason, cancel=True)
        if self.wanted is None:
            yield (off,)
            return
        yield from ((each,) for each in self._changed(now, self.wanted, midnight))
        new = Extra(start=_EPOCH, reason=self.reason)
        yield from ((off, each) for each in self._extras(new, self.wanted))

    def _changed(self, now: Deviation, wanted: Window, midnight: int) -> Iterator[Deviation]:
        start = now.start
        if wanted.start != self.window.start:
            start = WallTime(self._reading(wanted) - midnight)
        if start and not 0 <= start.seconds < 2 * _DAY:
            return
        sources = now.sources if wanted.sources == self.window.sources else wanted.sources
        stream = now.stream if wanted.slot == self.window.slot else wanted.slot.stream
        plain = replace(now, reason=self.reason, start=start, sources=sources, stream=stream)
        yield from (plain, replace(plain, duration=self._length(wanted), end=None))

    def _extras(self, now: Extra, wanted: Window) -> Iterator[Extra]:
        event, stream = self.event, wanted.slot.stream
        plain = replace(
            now,
            start=_EPOCH + timedelta(seconds=self._reading(wanted)),
            reason=self.reason,
            sources=None if wanted.sources == event.sources else wanted.sources,
            stream=None if stream == event.stream else stream,
        )
        yield from (plain, replace(plain, duration=self._length(wanted), end=None))

    def _edited(self, drop: tuple[Entry, ...], put: tuple[Entry, ...]) -> Advice:
        entries = [each for each in (*self.event.exceptions, *self.event.extra) if each not in drop]
        exceptions = tuple(each for each in (*entries, *put) if isinstance(each, Deviation))
        extra = tuple(each for each in (*entries, *put) if isinstance(each, Extra))
        return Advice(replace(self.event, exceptions=exceptions, extra=extra), put, drop)

    def _around(self, event: Event) -> Iterator[_Airs]:
        moments = [self.window.start, (self.wanted or self.window).start]
        return map(_airs, expand(event, min(moments) - _NEAR, max(moments) + _NEAR))

    def _begin(self, window: Window) -> int:
        return window.start + self.event.pad_before

    def _length(self, window: Window) -> int:
        return window.end - self.event.pad_after - self._begin(window)

    def _reading(self, window: Window) -> int:
        """What the event's clock shows when it begins, in seconds since it would have shown 1970-01-01."""
        begin = self._begin(window)
        return begin + offset_at(self.event.timezone, begin)

    def _read(self, reading: int) -> int:
        """The instant that the file means by a reading (Unix seconds)."""
        return fixed_time(zone(self.event.timezone), reading).at


_Airs = tuple[int, int, str, tuple[str, ...]]


def _airs(window: Window) -> _Airs:
    return window.start, window.end, str(window.slot), window.sources


def _seconds(reading: datetime) -> int:
    return (reading - _EPOCH) // timedelta(seconds=1)
