"""Telling the ledger what it may have forgotten of the writes that were sent to the provider.

A slot's ``sent_at`` says which write it knows last. One that is newer was forgotten: its outcome is in doubt
again, whoever holds the slot's lease loses it, and what was sent is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from redis import Redis

from worker.decide import Doubt
from worker.ledger.client import load_script, reachable
from worker.ledger.codec import Book, compact, dump_book, dump_window, parse_book
from worker.ledger.keys import Keys
from worker.ledger.plans import KEPT_AFTER_END
from worker.ledger.slots import KEPT
from worker.relay import PERMANENT, Relay, Slot, Span
from worker.windows import Window

PATIENCE: Final = 20
"""Seconds until a relay is taken away that only a journal knows: another machine may have a newer copy."""
_BATCH: Final = 200


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

    def tell(self, memories: Iterable[Memory], *, now: float) -> int:
        """Tells the ledger of slots; of how many it had forgotten something. Twice changes nothing.

        If the newest that the ledger knows of a slot came from another journal, our relays join that one's.
        """
        rest = iter(memories)
        return sum(self._tell(batch, now) for batch in iter(lambda: [*islice(rest, _BATCH)], []))

    def _tell(self, batch: list[Memory], now: float) -> int:
        forgotten = 0
        while batch:
            told = [
                (memory, args)
                for memory, found in zip(batch, self._known(batch), strict=True)
                if (args := _change(memory, *found))
            ]
            with reachable(), self.redis.pipeline(transaction=False) as pipe:
                script = load_script(self.redis, "recall.lua")
                for _, args in told:
                    script(args=[self.keys.prefix, now, KEPT, *args], client=pipe)
                answers = pipe.execute()
            forgotten += answers.count("forgotten")
            batch = [memory for (memory, _), answer in zip(told, answers, strict=True) if answer == "moved"]
        return forgotten

    def _known(self, batch: list[Memory]) -> list[list[str]]:
        with reachable(), self.redis.pipeline(transaction=False) as pipe:
            for memory in batch:
                pipe.hmget(self.keys.slot(memory.slot), ["book", "sent_at", "told_at"])
            return [[each or "" for each in found] for found in pipe.execute()]

    def any(self) -> bool:
        """Whether slots wait for :meth:`revisit`."""
        with reachable():
            return bool(self.redis.exists(self.keys.recalled))

    def revisit(self, now: float) -> None:
        """Has the slots seen to that were recalled. Everything must be planned by now.

        What no window accounts for is taken away, but only after :data:`PATIENCE`.
        """
        with reachable():
            args: list[Any] = [self.keys.prefix, now, PATIENCE, KEPT_AFTER_END]
            load_script(self.redis, "revisit.lua")(args=args)


def _change(memory: Memory, text: str, sent_at: str, told_at: str) -> list[Any] | None:
    """What a slot is told that is known by this book and these times; nothing if it knows all of it."""
    forgotten = float(sent_at or 0) < memory.at
    if not forgotten and sent_at != told_at:
        return None
    book, slot = parse_book(text), memory.slot
    known = _in_doubt(book, memory) if forgotten else _joined(book, memory)
    if known == book:
        return None
    place = (slot.domain, f"{slot.app}/{slot.stream}", len(known.ours))
    at = repr(memory.at) if forgotten else sent_at
    return [str(slot), text, sent_at, dump_book(known), at, memory.fence, *place, _to_see_to(memory)]


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


def _to_see_to(memory: Memory) -> str:
    """The window to see to; with what is on the slot, in case that no window of the plan accounts for it."""
    if not memory.relays:
        return compact([memory.window])
    relay, event = memory.relays[-1], memory.window.partition("@")[0]
    span = Span(int(memory.at), int(memory.at) + 1) if relay.times is PERMANENT else relay.times
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
    return compact([memory.window, dump_window(window), span.start, span.end])
