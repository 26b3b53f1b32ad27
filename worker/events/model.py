"""Events as the rest of Relaybeat knows them: checked, complete, unchangeable (pure).

Whoever holds an :class:`Event` may rely on every rule of the events file being kept: :mod:`.load` makes
them and refuses everything else. Times of day are kept as written, in the event's zone, because a wall
clock is what planners mean; they become instants in :mod:`worker.windows`, by the rules of
:mod:`worker.recurrence`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from worker.calendars import Days

Gap = Literal["shift", "skip"]
Fold = Literal["first", "both"]


@dataclass(frozen=True, slots=True, order=True)
class WallTime:
    """A time of day in seconds after midnight. 24:00 and later (``25:30``) belong to the next day."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Occasion:
    """Which occurrences an exception means: a nominal local date, or one time of it."""

    date: dt.date
    time: WallTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One entry of ``exceptions``: an occurrence that is cancelled, or differs. ``None`` is unchanged.

    ``start`` moves it within its nominal date; ``duration`` (elapsed seconds) or ``end`` (wall clock)
    replaces its length.
    """

    on: Occasion
    reason: str
    cancel: bool = False
    start: WallTime | None = None
    duration: int | None = None
    end: WallTime | None = None
    sources: tuple[str, ...] | None = field(default=None, repr=False)
    stream: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """One entry of ``extra``: an occurrence the cron line does not know. ``start`` is naive local time."""

    start: dt.datetime
    reason: str
    duration: int | None = None
    end: WallTime | None = None
    sources: tuple[str, ...] | None = field(default=None, repr=False)
    stream: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What recurs. Durations are whole elapsed seconds; dates are inclusive and local to ``timezone``.

    Exactly one of ``duration`` and ``end`` is set, unless ``permanent``, which has neither and no crons.
    ``rrules`` begin at ``dtstart``, naive local time, which is set if there are any.
    ``skip`` are days on which nothing of it starts, ``also`` those on which it starts whatever its lines say
    of days. ``gap`` and ``fold`` are ``None`` where the table of ``docs/time.md`` decides. ``stream`` may
    still be a template, see :func:`worker.windows.expand`.
    """

    id: str
    title: str
    domain: str
    app: str
    stream: str
    sources: tuple[str, ...] = field(repr=False)
    timezone: str
    crons: tuple[str, ...] = ()
    rrules: tuple[str, ...] = ()
    dtstart: dt.datetime | None = None
    duration: int | None = None
    end: WallTime | None = None
    gap: Gap | None = None
    fold: Fold | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    pad_before: int = 0
    pad_after: int = 0
    lead: int = 86_400
    min_useful: int = 600
    priority: int = 0
    paused: bool = False
    permanent: bool = False
    skip: tuple[Days, ...] = ()
    also: tuple[Days, ...] = ()
    exceptions: tuple[Deviation, ...] = ()
    extra: tuple[Extra, ...] = ()
