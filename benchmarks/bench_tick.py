"""What a tick costs as events grow, beside expanding every event with croniter at every tick.

``idle``: nothing has entered the horizon. ``steady``: ticks 5 s apart over ten minutes. ``cold``: all
events planned for the first time. ``catch-up``: the first tick after 24 h of silence.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

from benchmarks.fleet import daily_events, redis_server
from worker.applying import digest
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.planner import Planner

HORIZON = 86_400
EVERYTHING = 10**9
SAMPLE = 1_000


def main() -> None:
    counts = [int(a) for a in sys.argv[2:]] or [1_000, 10_000, 100_000, 1_000_000]
    print("| events | idle | steady, mean | cold | catch-up 24 h | bytes an event | croniter, all events |")
    print("|---|---|---|---|---|---|---|")
    for count in counts:
        print(_row(count), flush=True)


def _row(count: int) -> str:
    with redis_server() as server:
        ledger = Ledger(connect(server.url))
        planner = Planner(ledger, HORIZON)
        before = ledger.redis.info("memory")["used_memory"]
        ledger.plans.put(((event, digest(event)) for event in daily_events(count)), file="bench")
        now = ledger.now()
        cold = _timed(lambda: planner.tick(now, by="bench", most=EVERYTHING))
        memory = (ledger.redis.info("memory")["used_memory"] - before) / count
        idle = statistics.median(_timed(lambda: planner.tick(now, by="bench")) for _ in range(200))
        steady = statistics.mean(
            _timed(lambda at=now + 5 * n: planner.tick(at, by="bench")) for n in range(1, 121)
        )
        catch_up = _timed(lambda: planner.tick(now + 600 + 86_400, by="bench", most=EVERYTHING))
    naive = _croniter() * count
    return (
        f"| {count:,} | {idle * 1e3:.2f} ms | {steady * 1e3:.2f} ms | {cold:.1f} s | {catch_up:.1f} s "
        f"| {memory:.0f} | {naive:.1f} s ({naive / steady:,.0f}x a steady tick) |"
    )


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _croniter() -> float:
    """Seconds an event for what a naive tick does: construct, and walk a day ahead. Sampled, then scaled."""
    zone, now = ZoneInfo("Asia/Shanghai"), datetime.now(UTC)

    def walk() -> None:
        for n in range(SAMPLE):
            at = croniter(f"{n % 60} {n // 60 % 24} * * *", now.astimezone(zone))
            while at.get_next(datetime) < now + timedelta(seconds=HORIZON):
                pass

    return statistics.median(_timed(walk) for _ in range(3)) / SAMPLE


if __name__ == "__main__":
    main()
