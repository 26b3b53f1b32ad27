"""Windows due in one second, until the last message is in the broker: Relaybeat, RedBeat, a raw LPUSH."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from celery import Celery
from celery.schedules import schedule
from redbeat import RedBeatSchedulerEntry
from redbeat.schedulers import RedBeatScheduler

from benchmarks.fleet import daily_events, redis_server
from worker.applying import digest
from worker.embedded import RedisServer
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.planner import Planner
from worker.settings import Settings
from worker.tasks import deliver, make_app

COUNTS = (500, 5_000)
RUNS = 5


def main() -> None:
    print("| due at once | Relaybeat | RedBeat | raw LPUSH | against RedBeat | against LPUSH |")
    print("|---|---|---|---|---|---|")
    for count in COUNTS:
        with redis_server() as server:
            ours = statistics.median(_relaybeat(server, count) for _ in range(RUNS))
            raw = statistics.median(_lpush(server, count) for _ in range(RUNS))
            peer = _redbeat(server, count)
        figures = f"{ours:.2f} s | {peer:.2f} s | {raw:.3f} s"
        print(f"| {count:,} | {figures} | {peer / ours:.0f}x faster | {ours / raw:.1f}x |", flush=True)


def _relaybeat(server: RedisServer, count: int) -> float:
    ledger = Ledger(connect(server.url))
    ledger.redis.flushall()
    now = ledger.now()
    ledger.plans.put(((event, digest(event)) for event in daily_events(count)), file="bench")
    Planner(ledger, 86_400).tick(now, by="bench", most=count)
    app = make_app(Settings(redis_url=server.url))
    deliver(app, [])
    sent: list[str] = []

    def hand_out() -> None:
        sent.extend(ledger.hand_out(now=now, capacity=count, redeliver=15))
        deliver(app, sent)

    seconds = _timed(hand_out)
    if len(sent) != count:
        raise SystemExit(f"{len(sent)} of {count} windows were due: this measures something else")
    return seconds


def _lpush(server: RedisServer, count: int) -> float:
    """The floor: as many messages of the same size, in pipelines of a thousand."""
    client, message = connect(server.url), "x" * 927

    def push() -> None:
        for first in range(0, count, 1_000):
            with client.pipeline(transaction=False) as pipe:
                for _ in range(min(1_000, count - first)):
                    pipe.lpush("floor", message)
                pipe.execute()

    client.delete("floor")
    return _timed(push)


def _redbeat(server: RedisServer, count: int) -> float:
    """RedBeat as its documentation has it: one entry a schedule, all overdue at the first tick."""
    app = Celery("peer", broker=server.url)
    app.conf.update(redbeat_redis_url=server.url, redbeat_key_prefix="redbeat:", redbeat_lock_key=None)
    app.connection().default_channel.client.flushall()
    for n in range(count):
        entry = RedBeatSchedulerEntry(
            f"entry-{n}", "peer.work", schedule(timedelta(seconds=1)), args=[n], app=app
        )
        entry.save()
    time.sleep(1.1)  # until all are due: RedBeat's own clock, and no part of what is timed
    scheduler = RedBeatScheduler(app=app, lazy=True)

    def until_all_are_sent() -> None:
        sent = app.connection().default_channel.client
        while sent.llen("celery") < count:
            scheduler.tick()

    return _timed(until_all_are_sent)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
