"""The shared quota against a real Redis. Over and under is what a server counts, never what a clock says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import redis

from tests.fleet import Arrivals, Fleet, Road, over
from tests.support import wait_until
from worker.embedded import RedisServer
from worker.errors import LedgerUnavailable
from worker.ledger.client import connect
from worker.ledger.quota import Quota
from worker.turns import Lane, Turn

pytestmark = pytest.mark.calm

SOON = Turn(Lane.URGENT, 1_000.0)


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with connect(redis_url) as client:
        yield client


def call(quota: Quota, turn: Turn, done: list[Turn]) -> threading.Thread:
    """Calls in a thread; what was let through is in ``done``, in order."""

    def run() -> None:
        with quota(turn):
            done.append(turn)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("jitter", [0.0, 0.08])
def test_a_fleet_never_exceeds_the_quota_however_late_requests_arrive(redis_url: str, jitter: float) -> None:
    road = Road(latency=0.02, jitter=jitter)
    with Arrivals(road) as server, Fleet(redis_url, server.port, 40) as fleet:
        fleet.go()
        times = wait_until(lambda: len(times := server.times()) > 160 and times, every=0.1)
    assert over(times, 40) == 0


def test_requests_that_hang_hold_up_nobody_for_long(redis_url: str) -> None:
    with Arrivals(Road(hang=0.2)) as server, Fleet(redis_url, server.port, 40, give_up=2) as fleet:
        fleet.go()
        times = wait_until(lambda: len(times := server.times()) > 120 and times, every=0.1)
    assert over(times, 40) == 0


def test_the_most_urgent_is_let_through_first_whichever_process_it_waits_in(client: redis.Redis) -> None:
    quotas = [Quota(client, per_second=10) for _ in range(2)]
    turns = [Turn(lane, deadline) for deadline in (40.0, 20.0, 30.0, 10.0) for lane in Lane]
    done: list[Turn] = []
    threads = [call(quotas[n % 2], turn, done) for n, turn in enumerate(turns)]
    for thread in threads:
        thread.join(10)
    assert done == sorted(turns)


def test_equal_turns_are_let_through_in_the_order_they_came(client: redis.Redis) -> None:
    quota, done = Quota(client, per_second=20), []
    with quota(SOON):
        pass
    turns = [Turn(Lane.URGENT, 1_000.0, announce=str) for _ in range(8)]
    threads = []
    for n, turn in enumerate(turns):
        threads.append(call(quota, turn, done))
        wait_until(lambda n=n: quota.snapshot().waiting_urgent + len(done) > n)
    for thread in threads:
        thread.join(10)
    assert [id(turn) for turn in done] == [id(turn) for turn in turns]


def test_the_background_is_served_though_urgent_callers_never_cease(client: redis.Redis) -> None:
    quota, done, stop = Quota(client, per_second=50), [], threading.Event()

    def again() -> None:
        while not stop.is_set():
            with quota(SOON):
                done.append(SOON)

    crowd = [threading.Thread(target=again, daemon=True) for _ in range(5)]
    for thread in crowd:
        thread.start()
    wait_until(lambda: len(done) > 5)
    before = len(done)
    call(quota, Turn(Lane.BACKGROUND, 1.0), done).join(10)
    stop.set()
    assert done.index(Turn(Lane.BACKGROUND, 1.0)) - before <= 12
    for thread in crowd:
        thread.join(10)


def test_processes_killed_while_they_wait_cost_a_few_grants_and_no_stall(redis_url: str) -> None:
    with Arrivals() as server, Fleet(redis_url, server.port, 40) as fleet:
        fleet.go()
        wait_until(lambda: len(server.times()) > 20)
        for process in fleet.processes[:3]:
            process.kill()
            process.join()
        killed_at = len(server.times())
        wait_until(lambda: len(server.times()) > killed_at + 60)
        with connect(redis_url) as client:
            granted = Quota(client, per_second=40).snapshot().granted
        times = server.times()
    assert over(times, 40) == 0
    assert granted - len(times) <= 3 * 4  # of 15 callers that were killed


def test_a_redis_that_forgets_everything_is_no_reason_to_exceed_the_quota(
    redis_url: str, client: redis.Redis
) -> None:
    with Arrivals() as server, Fleet(redis_url, server.port, 40) as fleet:
        fleet.go()
        for round_ in (1, 2):
            wait_until(lambda n=round_: len(server.times()) > 50 * n)
            client.flushall()
        times = wait_until(lambda: len(times := server.times()) > 150 and times)
    assert over(times, 40) == 0


def test_a_redis_that_comes_back_with_older_data_is_not_believed(redis_url: str, client: redis.Redis) -> None:
    quota, times = Quota(client, per_second=5), []

    def call_five_times() -> None:
        for _ in range(5):
            with quota(SOON):
                times.append(time.monotonic())

    call_five_times()
    wait_until(lambda: quota.snapshot().last_second == 0)
    with redis.Redis.from_url(redis_url) as raw:
        older = raw.dump("relaybeat:quota")
        call_five_times()
        raw.restore("relaybeat:quota", 0, older, replace=True)
    client.script_flush()
    call_five_times()
    assert over(times, 5) == 0


def test_a_clock_that_is_set_back_holds_up_nobody(client: redis.Redis) -> None:
    quota = Quota(client, per_second=5)
    with quota(SOON):
        pass
    in_an_hour = client.time()[0] + 3_600
    permits = client.zrange("relaybeat:quota", 0, 4)
    client.zadd("relaybeat:quota", dict.fromkeys(permits, -in_an_hour))
    with quota(SOON):
        pass
    assert quota.snapshot().granted == 2


def test_waiters_outlive_a_restart_of_redis(redis_server: RedisServer) -> None:
    with Arrivals() as server, Fleet(redis_server.url, server.port, 40) as fleet:
        fleet.go()
        wait_until(lambda: len(server.times()) > 20)
        redis_server.kill()
        redis_server.start()
        before = len(server.times())
        times = wait_until(lambda: len(times := server.times()) > before + 40 and times)
    assert over(times, 40) == 0


def test_nobody_is_let_through_when_redis_is_away(redis_server: RedisServer) -> None:
    with connect(redis_server.url) as client:
        quota, errors = Quota(client, per_second=20, patience=0.2), []
        with quota(SOON):
            redis_server.kill()

        def try_it() -> None:
            with pytest.raises(LedgerUnavailable) as refused, quota(SOON):
                pass
            errors.append(refused.value)

        threads = [threading.Thread(target=try_it) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(15)
        assert len(errors) == 3


def test_what_goes_wrong_in_a_request_reaches_its_caller_and_frees_the_way(client: redis.Redis) -> None:
    quota = Quota(client, per_second=2)
    for _ in range(4):
        with pytest.raises(ValueError, match="mine"), quota(SOON):
            raise ValueError("mine")
    assert quota.snapshot().granted == 4


def test_a_snapshot_tells_what_was_used_and_who_waits(client: redis.Redis) -> None:
    quota, done = Quota(client, per_second=10), []
    for _ in range(3):
        with quota(SOON):
            pass
    threads = [call(quota, Turn(lane, 5.0), done) for lane in (*Lane, *Lane, *Lane)]
    seen = wait_until(lambda: (seen := quota.snapshot()).waiting_urgent and seen)
    assert (seen.per_second, seen.granted) == (10, seen.last_minute)
    assert 3 <= seen.granted <= 9
    assert seen.drain == (seen.waiting_urgent + seen.waiting_background) / 9.8
    for thread in threads:
        thread.join(10)
    assert quota.snapshot().waiting_urgent + quota.snapshot().waiting_background == 0


def test_what_the_quota_stores_expires_when_nobody_calls(client: redis.Redis) -> None:
    quota = Quota(client, per_second=10)
    with quota(SOON):
        pass
    assert sorted(client.keys("*")) == ["relaybeat:quota", "relaybeat:quota:baton"]
    assert client.ttl("relaybeat:quota") > 0


def test_requests_that_are_never_answered_do_not_make_late_ones_look_punctual(client: redis.Redis) -> None:
    quota, floor = Quota(client, per_second=50), []
    for _ in range(20):
        with suppress(ConnectionError), quota(SOON):
            raise ConnectionError
        floor.append(1 - float(client.zscore("relaybeat:quota", "floor") or 0))
    assert floor == floor[:1] * 20
