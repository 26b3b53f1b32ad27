"""What is not as it should be, as long as it is so (pure).

A condition is a state and no happening. Whoever watches says at each look which conditions hold; what is
made of one that began, grew worse or ended is :mod:`worker.alerts`' business. So a look that is missed, two
who watch at once, or a restart lose nothing and say nothing twice.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from worker.windows import Window


class Level(enum.IntEnum):
    """How much it hurts. ``PAGE`` wakes people: something is, or is about to be, off air."""

    INFO = 0
    WARN = 1
    PAGE = 2


class Kind(enum.StrEnum):
    """What can be wrong. The words are stable; ``docs/run-book.md`` has a section for each."""

    UNPLACED = "unplaced"
    WRONG = "wrong"
    FAILED = "failed"
    MISSED = "missed"
    SOURCE_DEAD = "source-dead"
    DARK = "dark"
    DEGRADED = "degraded"
    FORBIDDEN = "forbidden"
    STILL_ON_AIR = "still-on-air"
    FOREIGN = "foreign"
    PERMANENT_PULL = "permanent-pull"
    BEAT_SILENT = "beat-silent"
    NO_WORKER = "no-worker"
    TICKS_STOPPED = "ticks-stopped"
    REDIS_GONE = "redis-gone"
    QUOTA_EXHAUSTED = "quota-exhausted"
    PROVIDER_UNREACHABLE = "provider-unreachable"
    CREDENTIALS_REFUSED = "credentials-refused"
    BILLING = "billing"
    DOMAIN_UNKNOWN = "domain-unknown"
    CHANNEL_FAILED = "channel-failed"
    PLAN_MOVED = "plan-moved"
    HOLIDAYS_UNKNOWN = "holidays-unknown"
    DAILY_SHEET = "daily-sheet"


OF_WINDOWS: Final = frozenset(
    {
        Kind.UNPLACED,
        Kind.WRONG,
        Kind.FAILED,
        Kind.MISSED,
        Kind.SOURCE_DEAD,
        Kind.DARK,
        Kind.DEGRADED,
        Kind.FORBIDDEN,
        Kind.STILL_ON_AIR,
    }
)
"""Kinds whose subject is a window's id; that of the others is a domain, a slot, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is wrong now. Two of one ``kind`` and ``subject`` are the same one.

    ``scope`` names what was looked at: all conditions of a scope are found together, or none is judged.
    ``cause`` is a stable word that says why, if that is known. It has to hold for ``patience`` seconds before
    people are told. Once ``until`` (Unix seconds) has passed, its end is no recovery: there is nothing left
    that could have recovered. One that is found with its time passed ends so at once.

    Once people know of it, it takes the place of those of its subject that are of a kind in ``instead_of``:
    they are over, for to be wrong in another way is no recovery; until then they stand. One that is
    ``unsure`` could be neither seen nor ruled out: it stands on if it stood before, and does not begin.
    ``facts`` are what a message is made of; JSON, with no secret in it.
    """

    kind: Kind
    level: Level
    scope: str
    subject: str = ""
    cause: str = ""
    patience: int = 0
    until: float = math.inf
    instead_of: frozenset[Kind] = frozenset()
    unsure: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells it from every other one."""
        return f"{self.kind}:{self.subject}"

    @property
    def targets(self) -> frozenset[str]:
        """By what it can be snoozed: its window, event, domain or kind, or ``*`` for everything."""
        named = (self.subject, self.facts.get("event", ""), self.facts.get("domain", ""), self.kind, "*")
        return frozenset(filter(None, map(str, named)))


def of_window(
    window: Window, kind: Kind, level: Level, scope: str, *, cause: str = "", patience: int = 0, **facts: Any
) -> Condition:
    """A condition of one window, which is over with the window."""
    told = {
        "event": window.event,
        "title": window.title,
        "domain": window.slot.domain,
        "slot": str(window.slot),
        "start": window.start,
        "end": window.end,
        "timezone": window.timezone,
        "permanent": window.permanent,
    }
    return Condition(
        kind=kind,
        level=level,
        scope=scope,
        subject=window.id,
        cause=cause,
        patience=patience,
        until=window.end,
        facts=told | facts,
    )


def moot(window: Window, kinds: Iterable[Kind], scope: str) -> Iterator[Condition]:
    """The end of these conditions of a window, if there are any: to be called off is no recovery."""
    for kind in kinds:
        # Long past: a list may be newer than the look that asked for it, and its time still to come there.
        yield replace(of_window(window, kind, Level.INFO, scope), until=0.0)


def unsure(window: Window, kinds: Iterable[Kind], scope: str) -> Iterator[Condition]:
    """That these conditions of a window may hold or not: nobody can tell at the moment."""
    for kind in kinds:
        yield replace(of_window(window, kind, Level.INFO, scope), unsure=True)
