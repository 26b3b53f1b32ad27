"""What new data cost: finding out what would move, and planning every event by them; here nothing moves.

Events of an hour a day; a horizon of eight days. ``compare`` is what has to be done before anything is moved,
five seconds a tick; ``plan`` the rest, ten seconds a tick. ``first planning`` of an empty ledger: beside it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from benchmarks.fleet import daily_events, redis_server
from worker.applying import digest
from worker.changeover import Changeover
from worker.edition import Edition
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.planner import Planner

HORIZON = 8 * 86_400
EVERYTHING = 10**9


def main() -> None:
    counts = [int(a) for a in sys.argv[2:]] or [1_000, 10_000]
    print("| events | windows | first planning | compare | plan |")
    print("|---|---|---|---|---|")
    for count in counts:
        print(_row(count), flush=True)


def _row(count: int) -> str:
    with redis_server() as server:
        ledger = Ledger(connect(server.url))
        planner = Planner(ledger, HORIZON)
        ledger.plans.put(((event, digest(event)) for event in daily_events(count)), file="bench")
        cold = _timed(lambda: planner.tick(ledger.now(), by="bench", most=EVERYTHING))
        newer = Planner(ledger, HORIZON, Edition((("rules", "999"), *planner.edition.parts[1:])))
        compare = _timed(lambda: _take_over(Changeover(newer)))
        again = _timed(lambda: newer.tick(ledger.now(), by="bench", most=EVERYTHING))
        windows = sum(ledger.redis.zcard(ledger.keys.event_windows(each)) for each in ledger.plans.ids())
    return f"| {count:,} | {windows:,} | {cold:.1f} s | {compare:.1f} s | {again:.1f} s |"


def _take_over(changeover: Changeover) -> None:
    ledger = changeover.planner.ledger
    while not changeover.tick(ledger.now()):
        pass


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
