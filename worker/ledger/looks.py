"""The provider's list, kept for a moment, so that a hundred attempts cost one listing."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, cast

from redis import Redis
from redis.typing import EncodableT

from worker.ledger.client import load_script, reachable
from worker.ledger.codec import dump_rows, parse_rows
from worker.ledger.keys import Keys
from worker.relay import Row, Slot

_AT: Final = "@at"
KEPT: Final = 120
"""Seconds that a list is kept; how old it may be for a purpose is the reader's to say."""
PATIENCE: Final = 3
"""Seconds that others wait for whoever asks. A list is there in less, unless its asker was killed or the
provider is slow, and then one more asks: it costs a request, and waiting costs leases."""


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
    """One list a domain, shared by all workers. Each instance is one who asks: :meth:`end` what it began."""

    redis: Redis
    keys: Keys
    token: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)

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
        """Whether it is up to the caller to ask the provider.

        For ``seconds``, and for :data:`PATIENCE` at most, nobody else is told so.
        """
        with reachable():
            mark = f"{self.keys.look(domain)}:busy"
            return bool(self.redis.set(mark, self.token, nx=True, ex=min(seconds, PATIENCE)))

    def end(self, domain: str) -> None:
        """The caller has asked, with or without an answer; another who asks by now is not disturbed."""
        with reachable():
            load_script(self.redis, "unmark.lua")(keys=[f"{self.keys.look(domain)}:busy"], args=[self.token])

    def keep(self, domain: str, rows: Iterable[Row], at: float) -> None:
        """Keeps a list that was asked for at ``at`` (Unix seconds), unless a newer one is kept.

        Of two that arrive in the same moment the older may stay, which costs its readers another look.
        """
        by_slot: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_slot[f"{row.slot.app}/{row.slot.stream}"].append(row)
        told: dict[EncodableT, EncodableT] = {name: dump_rows(rows) for name, rows in by_slot.items()}
        key = self.keys.look(domain)
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            if float(cast(str | None, self.redis.hget(key, _AT)) or 0) > at:
                return
            pipe.delete(key)
            pipe.hset(key, mapping={**told, _AT: at})
            pipe.expire(key, KEPT)
            pipe.execute()
