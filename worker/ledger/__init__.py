"""The ledger: the truth about every window, and the queue of what is to be done. It lives in Redis.

:class:`Ledger` is all that the rest of Relaybeat sees of it; :mod:`.keys` documents what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from redis import Redis
from redis.exceptions import NoPermissionError, ResponseError

from worker.ledger.alerts import Alerts
from worker.ledger.client import load_script, reachable
from worker.ledger.drifts import Drifts
from worker.ledger.editions import Editions
from worker.ledger.feeds import Feeds
from worker.ledger.intents import Intents
from worker.ledger.keys import Keys
from worker.ledger.looks import Looks
from worker.ledger.overrides import Overrides
from worker.ledger.plans import Plans
from worker.ledger.reading import Reading
from worker.ledger.recalls import Recalls
from worker.ledger.records import Forgotten
from worker.ledger.revisions import Revisions
from worker.ledger.slots import Slots
from worker.ledger.watched import Sightings


@dataclass(frozen=True, slots=True)
class Ledger:
    """One Redis, one prefix. Raises ``LedgerUnavailable`` whenever Redis cannot be reached."""

    redis: Redis
    keys: Keys = field(default_factory=Keys)

    @property
    def plans(self) -> Plans:
        """Events, and the windows they become."""
        return Plans(self.redis, self.keys)

    @property
    def overrides(self) -> Overrides:
        """What people said of events and windows."""
        return Overrides(self.redis, self.keys)

    @property
    def intents(self) -> Intents:
        """All that people want, as one whole."""
        return Intents(self.redis, self.keys)

    @property
    def revisions(self) -> Revisions:
        """Who applied what, and who said what."""
        return Revisions(self.redis, self.keys)

    @property
    def editions(self) -> Editions:
        """By which releases of data windows are planned."""
        return Editions(self.redis, self.keys)

    @property
    def slots(self) -> Slots:
        """Claims, and what comes of them."""
        return Slots(self.redis, self.keys)

    @property
    def recalls(self) -> Recalls:
        """What was sent, as journals know it."""
        return Recalls(self.redis, self.keys)

    @property
    def looks(self) -> Looks:
        """What the provider listed lately."""
        return Looks(self.redis, self.keys)

    @property
    def drifts(self) -> Drifts:
        """What is held, and what was found wrong with it."""
        return Drifts(self.redis, self.keys)

    @property
    def reading(self) -> Reading:
        """Windows and their histories."""
        return Reading(self.redis, self.keys)

    @property
    def sightings(self) -> Sightings:
        """What the watch saw of windows."""
        return Sightings(self.redis, self.keys)

    @property
    def alerts(self) -> Alerts:
        """What is wrong, and who heard of it."""
        return Alerts(self.redis, self.keys)

    @property
    def feeds(self) -> Feeds:
        """Under which addresses calendars are read."""
        return Feeds(self.redis, self.keys)

    def now(self) -> float:
        """Unix seconds by the clock of the Redis server: the one clock that all workers share."""
        with reachable():
            seconds, micros = self.redis.time()
        return float(seconds) + float(micros) / 1e6

    def epoch(self, now: float) -> str:
        """Which life of the ledger this is; one that was emptied, or restarted, begins another."""
        # By the script that claims: of two, each would be unknown after a restart, and begin another life.
        answer = self.slots.claim("", now=now, lease=0.0, holder="", epoch="")
        assert isinstance(answer, Forgotten)
        return answer.epoch

    def hand_out(self, *, now: float, capacity: int, redeliver: float) -> list[str]:
        """Windows that are due, most urgent first, so that at most ``capacity`` are under way.

        What is handed out and not claimed within ``redeliver`` seconds is due again.
        """
        with reachable():
            script = load_script(self.redis, "hand_out.lua")
            ids: list[str] = script(args=[self.keys.prefix, now, capacity, redeliver])
        return ids

    def saw(self, role: str, who: str, now: float) -> None:
        """Notes that a process of this role made progress."""
        with reachable(), self.redis.pipeline(transaction=False) as pipe:
            pipe.zadd(self.keys.seen(role), {who: now})
            pipe.zremrangebyscore(self.keys.seen(role), "-inf", now - 86_400)
            pipe.execute()

    def forget(self, role: str, who: str) -> None:
        """Takes back what a process noted by :meth:`saw`: it leaves."""
        with reachable():
            self.redis.zrem(self.keys.seen(role), who)

    def seen(self, role: str) -> dict[str, float]:
        """When each process of this role last made progress (Unix seconds), within a day."""
        with reachable():
            found = self.redis.zrange(self.keys.seen(role), 0, -1, withscores=True)
        return dict(cast(list[tuple[str, float]], found))

    def outcomes(self) -> dict[str, int]:
        """How many calls for windows came out how, since the ledger began."""
        with reachable():
            found = cast(dict[str, str], self.redis.hgetall(self.keys.outcomes))
        return {outcome: int(count) for outcome, count in found.items()}

    def overdue(self, now: float) -> float:
        """Seconds for which the oldest window that is due has waited to be handed out; 0 if none waits."""
        with reachable():
            first = cast(list[tuple[str, float]], self.redis.zrange(self.keys.due, 0, 0, withscores=True))
        return max(0.0, now - first[0][1]) if first else 0.0

    def server_config(self, *names: str) -> dict[str, str]:
        """The server's own settings by these names; empty where it does not tell."""
        with reachable():
            try:
                return {name: str(self.redis.config_get(name).get(name, "")) for name in names}
            except (ResponseError, NoPermissionError):  # managed servers hide CONFIG
                return {}

    def revision(self) -> int:
        """Grows with every change of any window."""
        with reachable():
            return int(self.redis.get(self.keys.revision) or 0)
