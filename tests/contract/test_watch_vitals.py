"""Who is silent is named, and a Redis that was away is no reason to call anybody silent."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.contract.ledgers import ClockedLedger
from worker.duties.vitals import Vitals
from worker.embedded import RedisServer
from worker.errors import LedgerUnavailable
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.ledger.quota import Quota
from worker.vitals import QUOTA, SCOPE, TO_RETURN

ALL = ("beat", "worker", "tick")


@dataclass
class House:
    """Beats and workers that show themselves, or do not, and a watch that looks every five seconds."""

    ledger: ClockedLedger
    alive: set[str] = field(default_factory=lambda: {*ALL})

    def __post_init__(self) -> None:
        self.vitals = Vitals(self.ledger, Quota(self.ledger.redis, per_second=10), 5, "here:1")

    def live(self, seconds: int) -> list[str]:
        """What people heard by then."""
        for _ in range(0, seconds, 5):
            now = self.ledger.now()
            for role in self.alive:
                self.ledger.saw(role, "there:1", now)
            self.ledger.alerts.judge(self.vitals.look(now), now)
            self.ledger.clock.advance(5)
        return [f"{m.what} {m.condition.kind}" for m in self.ledger.alerts.messages()]


@pytest.fixture
def house(ledger: ClockedLedger) -> House:
    return House(ledger)


@pytest.mark.parametrize(
    ("dead", "named"),
    [
        ({"beat", "tick"}, {"beat-silent"}),
        ({"worker", "tick"}, {"no-worker"}),
        ({"tick"}, {"ticks-stopped"}),
        ({"beat", "worker", "tick"}, {"beat-silent", "no-worker"}),
    ],
)
def test_who_stops_is_named_within_a_minute_and_welcomed_back(
    house: House, dead: set[str], named: set[str]
) -> None:
    assert house.live(120) == []
    house.alive -= dead
    assert {*house.live(55)} == {f"began {kind}" for kind in named}
    house.alive |= dead
    assert {*house.live(60)} - {f"began {kind}" for kind in named} == {f"recovered {kind}" for kind in named}


def test_a_beat_that_leaves_in_order_is_missed_all_the_same(house: House) -> None:
    house.live(60)
    house.alive -= {"beat", "tick"}
    house.ledger.forget("beat", "there:1")
    assert house.live(55) == ["began beat-silent"]


def test_one_of_two_may_go(house: House) -> None:
    for _ in range(30):
        house.ledger.saw("beat", "elsewhere:2", house.ledger.now())
        house.alive -= {"beat"}
        assert house.live(5) == []


def test_the_watch_shows_itself_too(house: House) -> None:
    house.live(5)
    assert [*house.ledger.seen("watch")] == ["here:1"]


def test_a_restart_of_redis_gives_everybody_time_to_return(house: House) -> None:
    house.live(60)
    house.alive.clear()
    house.ledger.redis.delete(house.ledger.keys.epoch)  # a restart begins another life of the ledger
    assert house.live(45) == []
    house.alive |= {*ALL}
    assert house.live(120) == []


def test_who_does_not_return_after_a_restart_is_named(house: House) -> None:
    house.live(60)
    house.alive -= {"worker", "tick"}
    house.ledger.redis.delete(house.ledger.keys.epoch)
    assert house.live(int(TO_RETURN) + 10) == ["began no-worker"]


def test_what_was_told_before_a_restart_has_not_recovered_by_it(house: House) -> None:
    house.live(60)
    house.alive -= {"worker", "tick"}
    house.live(60)
    house.ledger.redis.delete(house.ledger.keys.epoch)
    assert house.live(180) == ["began no-worker"]


def test_a_redis_that_could_not_be_asked_gives_everybody_time_to_return(redis_server: RedisServer) -> None:
    ledger = Ledger(connect(redis_server.url))
    house = Vitals(ledger, Quota(ledger.redis, per_second=10), 5, "here:1")
    assert house.look(1_000.0).keys() == {SCOPE, QUOTA}
    redis_server.kill()
    with pytest.raises(LedgerUnavailable):
        house.look(1_005.0)
    redis_server.start()
    assert house.look(1_010.0).keys() == {QUOTA}
    assert house.look(1_010.0 + TO_RETURN).keys() == {SCOPE, QUOTA}
