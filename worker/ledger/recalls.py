"""Telling the ledger what it may have forgotten of the writes that were sent to the provider.

A slot's ``sent_at`` says which write it knows last. One that is newer was forgotten: its outcome is in doubt
again, whoever holds the slot's lease loses it, and what was sent is ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, cast

from redis import Redis

from worker.decide import Doubt
from worker.ledger.client import load_script, reachable
from worker.ledger.codec import Book, compact, dump_book, dump_window, parse_book
from worker.ledger.keys import Keys
from worker.ledger.plans import KEPT_AFTER_END
from worker.relay import PERMANENT, Relay, Slot, Span
from worker.windows import Window

PATIENCE: Final = 300
"""Seconds until a relay is taken away that only a journal knows: somebody may still say what it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a journal knows of a slot: its last write, sent ``at`` for a window under a fence (Unix seconds).

    ``relays`` are ours and may still be there. ``look_from``: no list asked for earlier tells its outcome.
    """

    slot: Slot
    at: float
    window: str
    fence: int
    doubt: Doubt
    look_from: float
    relays: tuple[Relay, ...]


@dataclass(frozen=True, slots=True)
class Recalls:
    """What journals say, and what is still to be done about it."""

    redis: Redis
    keys: Keys

    def tell(self, memory: Memory, *, now: float) -> bool:
        """Tells the ledger of a slot; whether it had forgotten that. Saying it twice changes nothing.

        If the newest that the ledger knows came from another journal, our relays join that one's.
        """
        while True:
            with reachable():
                found = self.redis.hmget(self.keys.slot(memory.slot), ["book", "sent_at", "told_at"])
            text, sent_at, told_at = (each or "" for each in cast(list[str | None], found))
            forgotten = float(sent_at or 0) < memory.at
            if not forgotten and sent_at != told_at:
                return False
            book = parse_book(text)
            known = _in_doubt(book, memory) if forgotten else _joined(book, memory)
            if known == book:
                return False
            args: list[Any] = [self.keys.prefix, str(memory.slot), text, sent_at, dump_book(known)]
            args += [repr(memory.at) if forgotten else sent_at, memory.fence, memory.slot.domain]
            args += [f"{memory.slot.app}/{memory.slot.stream}", len(known.ours), _orphan(memory, now)]
            with reachable():
                if load_script(self.redis, "recall.lua")(args=args):
                    return forgotten

    def lose(self, now: float) -> None:
        """Notes that the ledger was found without something that it had known."""
        with reachable():
            self.redis.set(self.keys.lost, now)

    def any(self) -> bool:
        """Whether slots wait for :meth:`revisit`."""
        with reachable():
            return bool(self.redis.exists(self.keys.recalled))

    def revisit(self, now: float) -> None:
        """Has the slots seen to that were recalled. Everything must be planned by now.

        What no window accounts for is taken away, but only after :data:`PATIENCE`.
        """
        with reachable():
            load_script(self.redis, "revisit.lua")(args=[self.keys.prefix, now])


def _joined(book: Book, memory: Memory) -> Book:
    return replace(book, ours=tuple(dict.fromkeys((*book.ours, *memory.relays))))


def _in_doubt(book: Book, memory: Memory) -> Book:
    return replace(
        _joined(book, memory),
        doubt=memory.doubt,
        intent=None,
        believed=None,
        refusal=None,
        look_from=max(book.look_from, memory.look_from),
    )


def _orphan(memory: Memory, now: float) -> str:
    """The window to see to; with what is on the slot, in case that no window of the plan accounts for it."""
    if not memory.relays:
        return compact([memory.window])
    relay, event = memory.relays[-1], memory.window.partition("@")[0]
    span = Span(int(now), int(now) + 1) if relay.times is PERMANENT else relay.times
    window = Window(
        id=memory.window,
        event=event,
        title=event,
        slot=memory.slot,
        sources=relay.sources,
        start=span.start,
        end=span.end,
        timezone="UTC",
        lead=0,
        min_useful=0,
        permanent=relay.times is PERMANENT,
    )
    expire_at = max(span.end, int(now)) + KEPT_AFTER_END
    return compact([memory.window, dump_window(window), span.start, span.end, expire_at, int(now) + PATIENCE])
