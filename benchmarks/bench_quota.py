"""One quota shared by four processes of five threads, as a server counts what arrives.

Ours beside the moving window of `limits`, tried again until it lets a caller through, and beside a limiter
in each process that knows nothing of the others and keeps to a quarter. Commands are all that Redis
executed, those inside scripts included. An inversion is a caller let through while a more urgent one had
been waiting for 10 ms; every tenth grant of ours that is kept for the background lane is not counted.
"""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import redis
from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from benchmarks.fleet import redis_server
from tests.fleet import Arrivals, Call, Fleet, MakeGate, Road, over, quota_gate
from worker.ledger.turnstile import CREEP
from worker.turns import Turn

PROCESSES, THREADS = 4, 5
WARM_UP, SECONDS = 7.0, 8.0
QUOTAS = (10, 50, 200)
ROADS = {
    "5 ms": Road(0.005),
    "50 ms": Road(0.05),
    "50 ms, jitter 20 ms each way": Road(0.05, 0.02),
}
RESERVE = 10
WAITED, LATER = 0.010, 0.005  # seconds: less may be the threads' own disorder

Gate = Callable[[Turn], AbstractContextManager[None]]


def limits_gate(url: str, per_second: int) -> Gate:
    limiter = MovingWindowRateLimiter(RedisStorage(url))
    allowance = RateLimitItemPerSecond(per_second)

    @contextmanager
    def enter(_turn: Turn) -> Iterator[None]:
        while not limiter.hit(allowance, "account"):
            time.sleep(0.2 / per_second)
        yield

    return enter


def local_gate(_url: str, per_second: int) -> Gate:
    gap, lock = PROCESSES / per_second, threading.Lock()
    slots = itertools.accumulate(itertools.repeat(gap), initial=time.monotonic())

    @contextmanager
    def enter(_turn: Turn) -> Iterator[None]:
        with lock:
            slot = next(slots)
        time.sleep(max(slot - time.monotonic(), 0))
        yield

    return enter


GATES: dict[str, MakeGate] = {
    "Relaybeat": quota_gate,
    "limits, moving window": limits_gate,
    "a quarter each": local_gate,
}


@dataclass(frozen=True)
class Figures:
    used: float
    over: int
    arrived: int
    worst: int
    inversions: float
    commands: float

    def row(self) -> str:
        counted = f"{self.over} of {self.arrived:,} | {self.worst}"
        return f"{self.used:.1%} | {counted} | {self.inversions:.1%} | {self.commands:.1f}"


def main() -> None:
    print("| quota | latency | limiter | of quota | over | worst second | inversions | commands a call |")
    print("|---|---|---|---|---|---|---|---|")
    for quota, (latency, road) in itertools.product(QUOTAS, ROADS.items()):
        for name, gate in GATES.items():
            print(f"| {quota} | {latency} | {name} | {measure(gate, quota, road).row()} |", flush=True)


def measure(gate: MakeGate, quota: int, road: Road) -> Figures:
    """One fleet under load: what arrived while it was watched, after it has warmed up."""
    with (
        redis_server() as redis_,
        Arrivals(road) as server,
        Fleet(redis_.url, server.port, quota, processes=PROCESSES, threads=THREADS, gate=gate) as fleet,
        redis.Redis.from_url(redis_.url) as client,
    ):
        fleet.go()
        # Where the way is long, our floor has to rise to it first.
        time.sleep(WARM_UP + (road.latency / CREEP if gate is quota_gate else 0.0))
        since, began, commands = len(server.times()), time.time(), _commands(client)
        time.sleep(SECONDS)
        watched, commands = len(server.times()) - since, _commands(client) - commands
        ended = time.time()
        calls = [call for call in fleet.stop() if began < call.let_in < ended]
        times = server.times()
    most = max(
        sum(first <= at < first + 1 for at in times[n : n + 3 * quota]) for n, first in enumerate(times)
    )
    return Figures(
        watched / (ended - began) / quota, over(times, quota), len(times), most,
        _inversions(calls), commands / watched,
    )  # fmt: skip


def _commands(client: redis.Redis) -> int:
    stats = client.info("commandstats")
    return sum(figures["calls"] for name, figures in stats.items() if name != "cmdstat_info")


def _inversions(calls: list[Call]) -> float:
    found, reserved = 0, -RESERVE
    for n, call in enumerate(calls):
        overtaken = [later.turn for later in calls[n + 1 : n + 1 + 50] if _waited(call, later)]
        if any(turn.lane == call.turn.lane for turn in overtaken):
            found += 1
        elif overtaken:
            found += n - reserved < RESERVE - 1  # by one, as two threads may note their times in either order
            reserved = n
    return found / len(calls)


def _waited(call: Call, later: Call) -> bool:
    asked, let_in = later.asked < call.let_in - WAITED, later.let_in > call.let_in + LATER
    return later.turn < call.turn and asked and let_in


if __name__ == "__main__":
    sys.exit(main())
