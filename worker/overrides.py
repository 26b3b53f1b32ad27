"""What people say of windows and events, over the word of the file (pure).

An override holds for one window until that window has passed; a pause holds for an event until it is
resumed. Both win over the file however often it is applied: a :class:`Programme` is an event with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Final

from worker.events.model import Event, Extra
from worker.relay import LATEST_SECOND, LONGEST_WINDOW, Slot
from worker.windows import Window, expand, longest, places

OVERRIDDEN: Final = "overridden"
"""The note of a window that differs from its rule."""

_STAMP: Final = re.compile(r"(\d{8}T\d{6}Z)(-extra)?", re.ASCII)
_MOVED: Final = 3 * 86_400
"""Seconds: how far an exception of the file can take a start from its nominal one (47:59:59, and pads)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What somebody said of one window: that it is off, or has other times, other sources or another stream.

    ``added``: they put it beside the rule themselves, as an ``extra`` of the file would be.

    ``None`` and what is empty are as planned. ``at``, ``start`` and ``end`` are Unix seconds. A window that
    is called off keeps what else was said of it, for when that is taken back. ``reading`` is what the clock
    shows at its nominal start, by which :mod:`worker.renaming` knows the night when its id becomes another.
    """

    window: str
    at: float
    by: str
    reason: str
    cancel: bool = False
    start: int | None = None
    end: int | None = None
    sources: tuple[str, ...] = field(default=(), repr=False)
    stream: str = ""
    added: Extra | None = field(default=None, repr=False)
    reading: int | None = None

    @property
    def plain(self) -> Override | None:
        """What is left if its changes are taken back: that it was added, or nothing."""
        left = replace(self, cancel=False, start=None, end=None, sources=(), stream="")
        return left if self.added else None

    @property
    def changes(self) -> bool:
        """Whether the window, were it not called off, would differ from the plan."""
        return bool(self.start is not None or self.end is not None or self.sources or self.stream)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Somebody paused an event at ``at`` (Unix seconds). ``cut``: also what was on air then."""

    at: float
    by: str
    reason: str
    cut: bool = False

    def __str__(self) -> str:
        return f"paused by {self.by}: {self.reason}"


def overridden(window: Window, override: Override) -> Window:
    """The window as somebody wants it instead, were it not called off."""
    if not override.changes:
        return window
    return replace(
        window,
        start=window.start if override.start is None else override.start,
        end=window.end if override.end is None else override.end,
        sources=override.sources or window.sources,
        slot=replace(window.slot, stream=override.stream or window.slot.stream),
        notes=tuple(dict.fromkeys((*window.notes, OVERRIDDEN))),
        reason=override.reason,
    )


def with_added(event: Event, overrides: Iterable[Override]) -> Event:
    """The event with what people added to it among its extras."""
    added = tuple(told.added for told in overrides if told.added)
    return replace(event, extra=(*added, *event.extra)) if added else event


def planned(event: Event, window_id: str) -> Window | None:
    """The window of this id as the file has it, wherever it lies; ``None`` if the file has none."""
    nominal = nominal_start(window_id)
    if nominal is None:
        near = expand(event, 0, LATEST_SECOND) if event.permanent else iter(())
    else:
        start = nominal - event.pad_before
        near = expand(event, start, start + 1)
        if event.exceptions:
            near = chain(near, expand(event, start - _MOVED, start + _MOVED))
    return next((window for window in near if window.id == window_id), None)


def nominal_start(window_id: str) -> int | None:
    """The nominal start that a window's id tells (Unix seconds); ``None`` where it tells none."""
    stamp = _STAMP.fullmatch(window_id.partition("@")[2])
    try:
        return int(datetime.fromisoformat(stamp[1]).timestamp()) if stamp else None
    except ValueError:  # such as the 31st of April
        return None


@dataclass(frozen=True, slots=True)
class Programme:
    """An event with what people said of it; what they added is among its extras.

    ``said`` counts how often that was, for a compare-and-set; ``None`` where nothing they said still holds.
    """

    event: Event
    overrides: Mapping[str, Override] = field(default_factory=dict)
    pause: Pause | None = None
    said: int | None = None

    def windows(self, since: int, until: int) -> Iterator[Window]:
        """The windows that start in [since, until), those called off included, in order of start.

        With them come those that people changed or added, wherever they lie, if they end after ``since``:
        the plan alone would look for them elsewhere, or later. A paused event has none.
        """
        if self.pause:
            return iter(())
        changed = {each: told for each, told in self.overrides.items() if told.changes or told.added}
        if not changed:
            return expand(self.event, since, until)
        plain = (window for window in expand(self.event, since, until) if window.id not in changed)
        found = (self.window(each) for each in changed)
        told = (window for window in found if window and window.end > since)
        return iter(sorted((*plain, *told), key=lambda window: (window.start, window.id)))

    @property
    def longest(self) -> int:
        """Seconds that none of its windows lasts longer than; a permanent one has no length."""
        changed = any(told.changes for told in self.overrides.values())
        return LONGEST_WINDOW if changed else longest(self.event)

    def window(self, window_id: str) -> Window | None:
        """The window of this id as it is wanted, were it not called off and its event not paused."""
        window, told = planned(self.event, window_id), self.overrides.get(window_id)
        return overridden(window, told) if window and told else window

    def places(self) -> set[Slot]:
        """The slots it may play on, as :func:`worker.windows.places` names them."""
        streams = {told.stream for told in self.overrides.values() if told.stream}
        return places(self.event) | {Slot(self.event.domain, self.event.app, each) for each in streams}

    def off(self, window_id: str) -> Override | None:
        """The word by which somebody called this window off."""
        told = self.overrides.get(window_id)
        return told if told and told.cancel else None

    def expired(self, now: float) -> tuple[str, ...]:
        """The overrides whose windows have passed, both as planned and as overridden."""
        return tuple(each for each, told in self.overrides.items() if self.until(told) <= now)

    def until(self, told: Override) -> int:
        """How long it holds (Unix seconds): its window has passed then, both as planned and as overridden."""
        window = planned(self.event, told.window)
        by_plan = window.end if window else (nominal_start(told.window) or 0) + LONGEST_WINDOW
        return max(by_plan, told.end or 0)
