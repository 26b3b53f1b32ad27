"""What was read of the ledger, kept until anything in it changes. All of it is safe in any number of threads.

A ``stamp`` is the desk's, taken before anything is read: what changes meanwhile is read again next time.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from worker.ledger import Ledger
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.near import Near
from worker.relay import Slot
from worker.slots import Standing
from worker.windows import Window

Stamp = tuple[int, float]

_NONE: Final = (-1, -1.0)
_LONGEST: Final = 10 * 86_400.0
"""Seconds of a range that is kept: what pages look at again and again. Longer ones might fill the memory."""

_MOST: Final = 50_000
"""Windows that are kept: with more, all are read anew, and what is past is forgotten."""


_AHEAD: Final = 300.0
"""Seconds that are read ahead, or the next to ask would want a little more than what is kept."""


@dataclass
class Slots:
    """Who shares a slot. Windows that did not change are not read again."""

    ledger: Ledger
    _known: tuple[Stamp, dict[Slot, list[Standing]]] = field(default=(_NONE, {}), init=False)
    _read: dict[str, Standing] = field(default_factory=dict, init=False)

    def read(self, slots: Collection[Slot], stamp: Stamp) -> list[list[Standing]]:
        """The open windows of each of these slots, in order of start."""
        before, known = self._known
        if before != stamp:
            known = {}
        missing = [slot for slot in slots if slot not in known]
        known |= zip(missing, self._of(missing), strict=True)
        self._known = stamp, known
        return [known[slot] for slot in slots]

    def _of(self, slots: Collection[Slot]) -> Iterator[list[Standing]]:
        reading, read = self.ledger.reading, self._read if len(self._read) < _MOST else {}
        told = list(reading.states_on(slots))
        lines = [line for of_slot in told for line in of_slot]
        stale = [each for each, revision, _ in lines if each not in read or read[each].revision != revision]
        read = read | {each.window.id: each for each in reading.standings(stale)}
        self._read = read
        for of_slot in told:
            yield [_now(read[each], state) for each, _, state in of_slot if each in read]


@dataclass
class Round:
    """The windows round a time."""

    near: Near
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _known: tuple[Stamp, float, float, Sequence[WindowRecord]] = field(
        default=(_NONE, 0.0, 0.0, ()), init=False
    )

    def read(self, since: float, until: float, stamp: Stamp) -> list[WindowRecord]:
        """The windows that play within [since, until), in Unix seconds, and permanent ones, in no order."""
        with self._lock:
            before, first, last, records = self._known
            if before != stamp or since < first or until > last:
                records = tuple(self.near.windows(since, behind=0.0, ahead=until - since + _AHEAD))
                if until - since <= _LONGEST:
                    self._known = stamp, since, until + _AHEAD, records
        return [each for each in records if _plays(each.window, since, until)]

    def events(self, *, permanent: bool) -> list[str]:
        """The ids of the events whose windows are permanent, or of all others."""
        with self._lock:
            return self.near.events(permanent=permanent)


def _now(standing: Standing, state: State) -> Standing:
    return standing if standing.state is state else replace(standing, state=state)


def _plays(window: Window, since: float, until: float) -> bool:
    return window.end > since and (window.permanent or window.start < until)
