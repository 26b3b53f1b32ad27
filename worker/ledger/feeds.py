"""Addresses under which calendars may be read without signing in. Only hashes of their keys are kept."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Final, cast

from redis import Redis

from worker.errors import Refused
from worker.ledger.client import reachable
from worker.ledger.codec import compact
from worker.ledger.keys import Keys

MOST: Final = 200
"""Addresses that there may be."""
_ID: Final = 10
"""Characters of the hash by which an address is called: they do not open it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One address: who made it, when (Unix seconds) and for whom; ``event`` is '' if it shows every event."""

    id: str = ""
    name: str
    event: str
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class Feeds:
    """All addresses. A key has 192 random bits, so a fast hash keeps it as safe as a slow one."""

    redis: Redis
    keys: Keys

    def make(self, feed: Feed) -> str:
        """A new address for it: returns its key, which nobody can ask for again. Raises ``Refused``."""
        key = secrets.token_urlsafe(24)
        told = compact({name: value for name, value in asdict(feed).items() if name != "id"})
        with reachable():
            if self.redis.hlen(self.keys.feeds) >= MOST:
                raise Refused(f"there are {MOST} calendar addresses already", hint="revoke those not in use")
            self.redis.hset(self.keys.feeds, _digest(key), told)
        return key

    def of(self, key: str) -> Feed | None:
        """What this key opens; none if it was revoked, or never was."""
        digest = _digest(key)
        with reachable():
            told = cast(str | None, self.redis.hget(self.keys.feeds, digest))
        return _feed(digest, told) if told else None

    def all(self) -> list[Feed]:
        """Every address, oldest first."""
        with reachable():
            found = cast(dict[str, str], self.redis.hgetall(self.keys.feeds))
        return sorted((_feed(digest, told) for digest, told in found.items()), key=lambda f: (f.at, f.id))

    def revoke(self, feed_id: str) -> None:
        """Closes an address for good. Raises ``Refused`` if there is none of this id."""
        with reachable():
            digests = cast(list[str], self.redis.hkeys(self.keys.feeds))
            found = [digest for digest in digests if digest[:_ID] == feed_id]
            if not found:
                raise Refused(f"there is no calendar address {feed_id}", hint="relaybeat calendar list")
            self.redis.hdel(self.keys.feeds, *found)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _feed(digest: str, told: str) -> Feed:
    return Feed(id=digest[:_ID], **json.loads(told))
