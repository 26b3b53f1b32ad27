"""What a process does when the ledger is not the one it knew: emptied, or restarted from an older file.

What people want is put back from the snapshot on disk, if the ledger has nothing newer, and every write of
the journal that the ledger has forgotten is in doubt again. From there on it is the usual work: everything is
planned, looked for before it is placed, and adopted where it is. Nothing is sent because of a journal alone,
but that what we put at the provider, and no plan wants, is taken away.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from worker import telemetry
from worker.decide import Doubt
from worker.errors import UnknownEvent
from worker.journal import Entry, Journal, Snapshot
from worker.ledger import Ledger
from worker.ledger.recalls import Memory
from worker.planner import Planner
from worker.relay import LONGEST_WINDOW, PERMANENT, Relay, Slot

REMEMBERED: Final = LONGEST_WINDOW + 28 * 86_400
"""Seconds for which a write may matter: the longest window, and the longest lead before it."""
DELETED: Final = 3_600
"""Seconds after which a delete was done that nothing followed: one that failed is tried again sooner."""
CLEARED: Final = 86_400
"""Seconds after its end for which a relay may still be listed: what was to take its place may have failed."""
_AT_ONCE: Final = 50_000
"""Events to be planned in one tick while everything waits for that."""


@dataclass(slots=True)
class Trail:
    """What the journal says of one slot: its last write, and all it may hold, oldest first."""

    last: Entry
    relays: tuple[Relay, ...] = ()

    def follow(self, entry: Entry) -> None:
        """One write more. A create is sent to an empty slot, so what was there before it is gone."""
        before = () if entry.verb == "create" else self.relays
        self.relays = (*before, entry.relay) if entry.relay else before
        self.last = entry

    def left(self, now: float) -> tuple[Relay, ...]:
        """What may still be there at ``now`` (Unix seconds)."""
        if self.last.relay is None and self.last.at < now - DELETED:
            return ()
        return tuple(relay for relay in dict.fromkeys(self.relays) if _end(relay) > now - CLEARED)


def _end(relay: Relay) -> float:
    return float("inf") if relay.times is PERMANENT else relay.times.end


def memories(entries: Iterable[Entry], *, now: float, timeout: float, settling: float) -> Iterator[Memory]:
    """What these writes, in the order in which they were sent, mean at ``now`` for each slot they name.

    A slot is left out if its last write is long done and nothing can be left of it.
    """
    trails: dict[Slot, Trail] = {}
    for entry in entries:
        trails.setdefault(entry.slot, Trail(entry)).follow(entry)
    for slot, trail in trails.items():
        last, relays = trail.last, trail.left(now)
        since = last.at + timeout
        if relays or last.at > now - DELETED:
            yield Memory(
                slot=slot,
                at=last.at,
                window=last.window,
                fence=last.fence,
                doubt=Doubt(last.verb, last.relay, since),
                look_from=since + settling,
                relays=relays,
            )


class _Moved(Exception):
    """The ledger became another one while it was copied."""


@dataclass(slots=True)
class Rebuild:
    """Keeps the disk of this machine in step with the ledger, and the ledger with the disk.

    ``name`` says which ledger this is, ``by`` who we are; ``timeout`` is the deadline of a call, ``settling``
    how long a list may lag behind a write (seconds). ``epoch`` is the life of the ledger that was told
    everything. Safe to use from many threads and processes at once.
    """

    ledger: Ledger
    journal: Journal
    planner: Planner
    name: str
    by: str
    timeout: float
    settling: float
    epoch: str = field(default="", init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def recall(self) -> str:
        """Tells the ledger what it has forgotten, if this life of it was not told yet; which life it is."""
        with self._lock:
            now = self.ledger.now()
            epoch = self.ledger.epoch(now)
            if epoch != self.epoch:
                self._restore(now, witness=bool(self.epoch))
                self._tell(epoch, now)
                self.epoch = epoch
            return epoch

    def _restore(self, now: float, *, witness: bool) -> None:
        """A process that has just begun may have slept for weeks: it is no witness of what was lost."""
        kept, intents = self.journal.kept(self.name), self.ledger.intents
        try:
            ahead = kept.stamp - intents.stamp() if kept else 0.0
            wanted = ahead > 0 or (witness and ahead < 0)
            if kept and wanted and intents.restore(kept.stamp, kept.texts, now=now, witness=witness):
                telemetry.warn("ledger.lost", then="what people want is put back from the snapshot on disk")
        except (ValueError, TypeError) as error:
            telemetry.warn("journal.damaged", why=error, then="apply the events file again")

    def _tell(self, epoch: str, now: float) -> None:
        """Killed half-way, the next one tells it all again: saying it twice changes nothing."""
        end, start = self.journal.end(), self.journal.marked(self.name, epoch)
        if end == start:
            return
        entries = self.journal.entries(now - REMEMBERED, start)
        known = memories(entries, now=now, timeout=self.timeout, settling=self.settling)
        told = self.ledger.recalls.tell(known, now=now)
        if told:
            telemetry.warn("ledger.forgot", slots=told, then="what was sent there is looked for again")
        self.journal.mark(self.name, epoch, end)

    def mended(self, now: float) -> bool:
        """Goes on with a restoration, if there is one; false if nothing may be handed out yet.

        Before everything is planned, nobody can tell what on a slot is wanted and what is left over.
        """
        to_drop, told = self.ledger.intents.to_drop(), self.ledger.recalls.any()
        if to_drop is not None:
            self.planner.tick(now, by=self.by, most=_AT_ONCE)
        elif not told:
            return True
        if self.ledger.plans.to_plan(now, 1):
            return to_drop is None
        if to_drop is not None:
            self._finish(to_drop, now)
        if self.ledger.intents.stamp():  # a ledger without a plan does not mean that everything must end
            self.ledger.recalls.revisit(now)
        return True

    def _finish(self, to_drop: Iterable[str], now: float) -> None:
        """What planning does not do: events that had been dropped, and those that had left their file."""
        for event_id in to_drop:
            with suppress(UnknownEvent):
                gone = self.planner.removals(self.ledger.plans.event(event_id).event, now)
                self.planner.call_off(gone, now, by=self.by, reason="its event had left the plan")
                self.ledger.plans.drop(event_id)
        for record in self.ledger.plans.events():
            if not record.in_file and record.planned_until > now:
                self.planner.replan(record.event.id, now, by=self.by)
        self.ledger.intents.restored()

    def keep(self) -> None:
        """Keeps what people want on this machine's disk, if that has changed since it was kept last."""
        stamp, kept = self.ledger.intents.stamp(), self.journal.kept(self.name)
        if self.epoch and stamp > (kept.stamp if kept else 0.0):
            with suppress(_Moved):
                self.journal.keep(self.name, Snapshot(stamp, self._texts(stamp)))

    def _texts(self, stamp: float) -> Iterator[str]:
        """All texts, or ``_Moved``: a ledger that was emptied meanwhile is not to be kept."""
        yield from self.ledger.intents.texts()
        if self.ledger.epoch(self.ledger.now()) != self.epoch or self.ledger.intents.stamp() < stamp:
            raise _Moved
