"""Windows in an order that holds, a leaf at a time: permanent ones by id, then all others by their start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import inf
from typing import Final

from worker.ledger.plans import FORGET_AFTER_START
from worker.ledger.records import WindowRecord
from worker.web.desk import Choice, Desk, Shown

_DAY: Final = 86_400
_YEAR: Final = 366 * _DAY
_ALWAYS: Final = -1
"""In place of a start, for what has none."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a window stands in that order; a window that comes or goes moves no other."""

    start: int
    id: str

    @classmethod
    def of(cls, record: WindowRecord) -> Place:
        """That of this window."""
        window = record.window
        return cls(_ALWAYS if window.permanent else window.start, window.id)

    @classmethod
    def parse(cls, cursor: str) -> Place:
        """What a cursor says, which the pattern of one fits."""
        start, _, window_id = cursor.partition(".")
        return cls(_ALWAYS if start == "p" else int(start), window_id)

    def __str__(self) -> str:
        return f"{'p' if self.start == _ALWAYS else self.start}.{self.id}"


CURSOR: Final = r"^(p|[0-9]{1,10})\.[!-~]{0,200}$"
"""What every place looks like, and everything that looks like it is a place."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Some windows, and where the next of them stand behind, if there are more."""

    shown: tuple[Shown, ...]
    last: Place | None


def leaf(desk: Desk, choice: Choice, after: Place | None, most: int, now: float) -> Leaf:
    """The first ``most`` windows of a choice behind this place, as they stand at ``now`` (Unix seconds).

    Of the choice are those that start within [since, until), and permanent ones whenever that is.
    Raises ``LedgerUnavailable``.
    """
    wanted = (each for each in _behind(desk, choice, after, now) if choice.takes(each, now))
    found = list(islice(wanted, most + 1))
    last = Place.of(found[most - 1]) if len(found) > most else None
    shown = desk.shown(found[:most], now)
    return Leaf(tuple(sorted(shown, key=lambda each: Place.of(each.record))), last)


def _behind(desk: Desk, choice: Choice, after: Place | None, now: float) -> Iterator[WindowRecord]:
    reading = desk.ledger.reading
    if after is None or after.start == _ALWAYS:
        found = reading.windows(_events(desk, choice, permanent=True), -inf, inf)
        yield from sorted((each for each in found if after is None or Place.of(each) > after), key=Place.of)
    events = _events(desk, choice, permanent=False)
    since = max(choice.since, -inf if after is None else after.start)
    for first, last in _stretches(since, choice.until, now):
        starts = reading.starts(events, first, last)
        yield from reading.records([each for at, each in starts if after is None or Place(at, each) > after])


def _events(desk: Desk, choice: Choice, *, permanent: bool) -> list[str]:
    known = desk.events_of(permanent=permanent)
    return [choice.event] if choice.event in known else [] if choice.event else known


def _stretches(since: float, until: float, now: float) -> Iterator[tuple[float, float]]:
    """[since, until) in parts, ever longer: not all of it is looked through if much is found soon."""
    first, length, oldest = since, _DAY, now - FORGET_AFTER_START
    if first < min(oldest, until):
        yield first, min(oldest, until)
    first = max(first, oldest)
    while first < min(until, now + _YEAR):
        last = min(first + length, until)
        yield first, last
        first, length = last, 2 * length
    if first < until:
        yield first, until
