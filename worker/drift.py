"""Where plan, ledger and provider disagree, and what of that is ours to mend (pure).

A row carries no owner, so whose it is follows from what the ledger holds and what the plan explains.
Whatever is neither is somebody else's: it is told of, and never touched.
"""

from __future__ import annotations

import enum
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from worker.decide import changed
from worker.lifecycle import State
from worker.redact import mask_source
from worker.relay import Relay, Row, Slot
from worker.slots import Standing
from worker.windows import Window

GRACE: Final = 60.0
"""Seconds after its end for which a relay may still be listed: its window is about to remove it."""


class Kind(enum.StrEnum):
    """What can be found."""

    MISSING = "missing"
    CHANGED = "changed"
    PERMANENT = "permanent"
    ORPHAN = "orphan"
    EXPIRED = "expired"
    FOREIGN = "foreign"
    UNPLANNED = "unplanned"
    UNEXPLAINED = "unexplained"


OF_PLAN: Final = frozenset({Kind.UNPLANNED, Kind.UNEXPLAINED})
"""Between the stored events and the ledger; the others are between the ledger and the provider."""

AT_ONCE: Final = frozenset({Kind.MISSING, Kind.CHANGED, Kind.PERMANENT})
"""What can cost air time or money: one look is enough. The rest may be an attempt's work half done."""

UNKNOWN: Final = frozenset({Kind.FOREIGN, Kind.ORPHAN, Kind.PERMANENT})
"""What the open windows alone cannot tell: all that the events want must be asked before it is believed."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What the ledger knows of one slot.

    ``ours``: relays we sent and have not seen gone. ``standings``: its open windows, earliest first.
    ``look_from``: a list asked for before this time (Unix seconds) says nothing of the slot; infinity
    while an attempt is at it, or has left a doubt.
    """

    ours: tuple[Relay, ...] = ()
    standings: tuple[Standing, ...] = ()
    look_from: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One disagreement. ``ours``: it is mended; what is not ours is only told of.

    ``row`` is what the provider lists and ``relay`` what the ledger holds there, each if there is one.
    ``windows`` are the ids concerned: those served, or those that the row is in the way of.
    """

    kind: Kind
    slot: Slot
    why: str
    ours: bool
    windows: tuple[str, ...] = ()
    row: Row | None = field(default=None, repr=False)
    relay: Relay | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """The same for the same disagreement at every look, and without a secret."""
        told = repr((self.kind, self.slot, self.row, self.relay, self.row is None and self.windows))
        return hashlib.blake2s(told.encode(errors="surrogatepass"), digest_size=8).hexdigest()

    def view(self) -> dict[str, Any]:
        """For scripts; sources are masked, times are Unix seconds."""
        return {
            "kind": self.kind,
            "domain": self.slot.domain,
            "app": self.slot.app,
            "stream": self.slot.stream,
            "ours": self.ours,
            "why": self.why,
            "windows": list(self.windows),
            "listed": _row_view(self.row),
            "held": _row_view(self.relay.as_row() if self.relay else None),
        }


def _row_view(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"start": row.start, "end": row.end, "sources": [mask_source(each) for each in row.sources]}


def findings(
    rows: Iterable[Row],
    holdings: Mapping[Slot, Holding],
    explained: Callable[[Row], bool],
    *,
    at: float,
    now: float,
    planned: bool = True,
) -> Iterator[Finding]:
    """What is wrong with a domain's list, asked for at ``at``, seen at ``now`` (Unix seconds), slot by slot.

    ``holdings`` must have been read after ``at``, and tell of every slot that is held or listed; slots of
    which the list says nothing yet are passed over. ``explained`` says whether the plan accounts for a row.
    Unless everything is ``planned``, a relay that no window wants may be one whose window is still to come.
    """
    listed: defaultdict[Slot, list[Row]] = defaultdict(list)
    for row in rows:
        listed[row.slot].append(row)
    for slot in sorted(listed.keys() | holdings.keys()):
        holding = holdings.get(slot, Holding())
        if holding.look_from <= at:
            yield from _Place(slot, tuple(listed[slot]), holding, explained, now, planned).findings()


def unplanned(window: Window, stored: Window | None) -> Finding:
    """A window that the stored events want, and the ledger lacks or has otherwise."""
    why = (
        "the ledger has it otherwise than its event" if stored else "its event wants it, the ledger lacks it"
    )
    return Finding(kind=Kind.UNPLANNED, slot=window.slot, why=why, ours=True, windows=(window.id,))


def unexplained(window: Window) -> Finding:
    """A window to come that no event wants any more."""
    why = "the ledger has it, and no event explains it"
    return Finding(kind=Kind.UNEXPLAINED, slot=window.slot, why=why, ours=True, windows=(window.id,))


@dataclass(frozen=True, slots=True)
class _Place:
    """One slot, and what is said of it."""

    slot: Slot
    rows: tuple[Row, ...]
    holding: Holding
    explained: Callable[[Row], bool]
    now: float
    planned: bool

    def findings(self) -> Iterator[Finding]:
        """Each row is looked at once, and each held relay that no row shows."""
        altered = changed(self.rows, self.holding.ours)
        if altered and not self.explained(altered):
            found = self._altered(altered)
            if found.windows or self.planned:
                yield found
            return
        told = (self._row(row, again=row in self.rows[:n]) for n, row in enumerate(self.rows))
        yield from filter(None, told)
        yield from self._missing()

    def _altered(self, row: Row) -> Finding:
        alike = [relay for relay in self.holding.ours if changed([row], [relay])]
        relay = max(alike, key=lambda each: bool(self._wanting(each.as_row())))
        own = relay.as_row()
        windows = self._wanting(own)
        if row.end is None:
            why = "somebody took the times off our relay: it would pull for ever"
            return self._found(Kind.PERMANENT, why, windows, row, relay)
        parts = [name for name in ("sources", "start", "end") if getattr(row, name) != getattr(own, name)]
        why = f"somebody changed the {' and '.join(parts)} of our relay"
        return self._found(Kind.CHANGED, why, windows, row, relay)

    def _row(self, row: Row, *, again: bool) -> Finding | None:
        held = next((relay for relay in self.holding.ours if row.shows(relay)), None)
        explained = self.explained(row)
        if not (held or explained):
            return self._foreign(row)
        if again:
            return self._found(Kind.ORPHAN, "our relay is listed twice", self._wanting(row), row, held)
        if row.end is not None and row.end + GRACE <= self.now:
            return self._found(Kind.EXPIRED, "it has ended and is still listed", (), row, held)
        # What the plan explains and nobody remembers is adopted by whoever sees to its window.
        if held is None or explained or not self.planned:
            return None
        return self._endless(row, held) if row.end is None else self._orphan(row, row.end, held)

    def _orphan(self, row: Row, end: int, held: Relay) -> Finding | None:
        if end <= self.now or self._wanting(row):
            return None
        return self._found(Kind.ORPHAN, "it is ours, and no open window wants it", (), row, held)

    def _endless(self, row: Row, held: Relay) -> Finding | None:
        if any(standing.window.permanent for standing in self.holding.standings):
            return None
        why = "it pulls for ever, and no permanent event wants it any more"
        return self._found(Kind.PERMANENT, why, (), row, held)

    def _foreign(self, row: Row) -> Finding:
        windows = self._wanting(row)
        why = "it was not placed by Relaybeat"
        if row.end is None:
            why += ", and pulls for ever: no permanent event explains it"
        if windows:
            why += f"; it is in the way of {windows[0]}"
        kind = Kind.PERMANENT if row.end is None else Kind.FOREIGN
        return Finding(kind=kind, slot=self.slot, why=why, ours=False, windows=windows, row=row)

    def _missing(self) -> Iterator[Finding]:
        """Relays of placed windows that nothing listed stands in for."""
        standing_in = [row for row in self.rows if self._is_ours(row)]
        told: set[str] = set()
        for relay in self.holding.ours:
            own = relay.as_row()
            if own in self.rows or (own.end is not None and own.end <= self.now):
                continue
            windows = tuple(
                standing.window.id
                for standing in self.holding.standings
                if standing.state is State.PLACED
                and standing.window.end > self.now
                and _meet(standing.window, own)
                and not any(_meet(standing.window, row) for row in standing_in)
            )
            if told.isdisjoint(windows) and windows:
                told.update(windows)
                why = "it was placed, and the provider does not list it"
                yield self._found(Kind.MISSING, why, windows, None, relay)

    def _is_ours(self, row: Row) -> bool:
        return any(row.shows(relay) for relay in self.holding.ours) or self.explained(row)

    def _wanting(self, row: Row) -> tuple[str, ...]:
        """The windows that want the slot while this row has it."""
        return tuple(
            standing.window.id
            for standing in self.holding.standings
            if standing.state is not State.DISPLACED and _meet(standing.window, row)
        )

    def _found(
        self, kind: Kind, why: str, windows: tuple[str, ...], row: Row | None, relay: Relay | None
    ) -> Finding:
        return Finding(kind=kind, slot=self.slot, why=why, ours=True, windows=windows, row=row, relay=relay)


def _meet(window: Window, row: Row) -> bool:
    """Whether they share a moment; a row without an end is there for ever."""
    return (row.end is None or window.start < row.end) and (row.start or 0) < window.end
