"""What people want, as one whole: read to be kept elsewhere, and written back into a ledger that lost it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, cast
from uuid import uuid4

from redis import Redis

from worker.ledger.client import load_script, reachable
from worker.ledger.codec import compact
from worker.ledger.keys import Keys

_BATCH: Final = 500
_STAGED: Final = 3_600
"""Seconds after which a restoration that was not finished leaves nothing behind."""


@dataclass(frozen=True, slots=True)
class Intents:
    """Events with what people said of them, and the stamp that grows with every change of that."""

    redis: Redis
    keys: Keys

    def stamp(self) -> float:
        """When people last changed what they want (Unix seconds); 0 in a ledger that was told nothing."""
        with reachable():
            return float(self.redis.get(self.keys.intent) or 0)

    def texts(self) -> Iterator[str]:
        """One text for each event, as it is when it is read: what changes meanwhile has a newer stamp.

        Ahead of them, under no event's name, comes the log of what was applied and said.
        """
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            pipe.smembers(self.keys.events)
            pipe.get(self.keys.revisions)
            pipe.lrange(self.keys.applied, 0, -1)
            pipe.lrange(self.keys.words, 0, -1)
            events, count, applied, words = pipe.execute()
        if applied or words:
            yield compact(["", [count or len(applied), *applied], words])
        ids = sorted(events)
        for i in range(0, len(ids), _BATCH):
            batch = ids[i : i + _BATCH]
            with reachable(), self.redis.pipeline(transaction=True) as pipe:
                for event_id in batch:
                    pipe.hgetall(self.keys.event(event_id))
                    pipe.hgetall(self.keys.overrides(event_id))
                found = pipe.execute()
            for event_id, event, overrides in zip(batch, found[::2], found[1::2], strict=True):
                if "spec" in event:
                    yield compact([event_id, _flat(event), _flat(overrides)])

    def restore(self, stamp: float, texts: Iterable[str], *, now: float, witness: bool = False) -> bool:
        """Makes these texts what people want, all at once, unless the ledger was told something newer.

        A ``witness``, who knew the ledger until it was lost, puts back what people said also if a file was
        applied since: of the events of that file, where nobody has said anything after it.

        Every event in them is planned anew; until :meth:`restored` is called, :meth:`to_drop` says what else
        is left to do. Raises ``ValueError``, and restores nothing, if a text is damaged.
        """
        staged = f"{self.keys.restoring}:{uuid4()}"
        for batch in _batches(_whole(text) for text in texts):
            with reachable(), self.redis.pipeline(transaction=True) as pipe:
                pipe.rpush(staged, *batch)
                pipe.expire(staged, _STAGED)
                pipe.execute()
        with reachable():
            script = load_script(self.redis, "restore.lua")
            return bool(script(args=[self.keys.prefix, staged, f"{stamp:.6f}", now, int(witness)]))

    def to_drop(self) -> set[str] | None:
        """Events that the ledger has and what was restored has not; ``None`` if nothing is being restored."""
        with reachable():
            found = cast(set[str], self.redis.smembers(self.keys.restoring))
        return found - {""} if found else None

    def restored(self) -> None:
        """Notes that everything that was restored is planned, and everything else dropped."""
        with reachable():
            self.redis.delete(self.keys.restoring)


def _whole(text: str) -> str:
    match json.loads(text):  # checked here: a script that fails half-way is not undone
        case [str(), list(), list()]:
            return text
    raise ValueError("that is not an event")


def _flat(fields: dict[str, str]) -> list[str]:
    return [*chain.from_iterable(fields.items())]


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while batch := [*islice(rest, _BATCH)]:
        yield batch
