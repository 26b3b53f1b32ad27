"""The provider's list, kept for a moment, so that a hundred attempts cost one listing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

from redis import Redis
from redis.typing import EncodableT

from worker.ledger.client import reachable
from worker.ledger.codec import dump_rows, parse_rows
from worker.ledger.keys import Keys
from worker.relay import Row, Slot

_AT: Final = "@at"
KEPT: Final = 120
"""Seconds that a list is kept; how old it may be for a purpose is the reader's to say."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the provider listed on one slot, when asked at ``at`` (Unix seconds)."""

    rows: tuple[Row, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Listing:
    """What the provider listed on a whole domain, when asked at ``at`` (Unix seconds)."""

    rows: tuple[Row, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Looks:
    """One list a domain, shared by all workers."""

    redis: Redis
    keys: Keys

    def last(self, slot: Slot) -> Sight | None:
        """What the newest kept list says of the slot, if there is one."""
        with reachable():
            found = self.redis.hmget(self.keys.look(slot.domain), [_AT, f"{slot.app}/{slot.stream}"])
        at, rows = cast(list[str | None], found)
        return Sight(parse_rows(rows) if rows else (), float(at)) if at else None

    def whole(self, domain: str) -> Listing | None:
        """The newest kept list, if there is one."""
        with reachable():
            found = cast(dict[str, str], self.redis.hgetall(self.keys.look(domain)))
        at = found.pop(_AT, "")
        return (
            Listing(tuple(row for text in found.values() for row in parse_rows(text)), float(at))
            if at
            else None
        )

    def begin(self, domain: str, seconds: int) -> bool:
        """Whether it is up to the caller to ask the provider; for ``seconds`` nobody else is told so."""
        with reachable():
            return bool(self.redis.set(f"{self.keys.look(domain)}:busy", "1", nx=True, ex=seconds))

    def end(self, domain: str) -> None:
        """The caller has asked, with or without an answer."""
        with reachable():
            self.redis.delete(f"{self.keys.look(domain)}:busy")

    def keep(self, domain: str, rows: Iterable[Row], at: float) -> None:
        """Keeps a list that was asked for at ``at`` (Unix seconds)."""
        by_slot: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_slot[f"{row.slot.app}/{row.slot.stream}"].append(row)
        told: dict[EncodableT, EncodableT] = {name: dump_rows(rows) for name, rows in by_slot.items()}
        key = self.keys.look(domain)
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            pipe.delete(key)
            pipe.hset(key, mapping={**told, _AT: at})
            pipe.expire(key, KEPT)
            pipe.execute()
