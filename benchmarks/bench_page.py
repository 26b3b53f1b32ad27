"""The page with 500 windows in view: what it costs the server, the network and the tick.

Fifty streams with a window every other hour. ``rendered``: the ledger has changed since the last time, so
nothing kept can be used; ``kept``: it has not. Beside it what is needed at least: reading these windows from
the ledger, and a bare table of them by Jinja2.
"""

from __future__ import annotations

import gzip
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from jinja2 import Environment

from benchmarks.fleet import redis_server
from worker.applying import digest
from worker.embedded import RedisServer, free_port
from worker.events.model import Event
from worker.runtime import Runtime
from worker.settings import Settings
from worker.views import local_iso
from worker.web.desk import Choice, Desk

STREAMS, HOUR = 50, 3_600
ROUNDS, TICKS = 30, 100
PAGES, EVERY = 50, 2.0
"""Open pages, and seconds between two questions of each: a page asks every five."""
_BARE = Environment(autoescape=True).from_string(
    "<!doctype html><title>Relaybeat</title><table>{% for w in windows %}"
    "<tr><td>{{ w.title }}<td>{{ w.slot }}"
    "<td>{{ local(w.timezone, w.start) }}<td>{{ local(w.timezone, w.end) }}{% endfor %}</table>"
)


def main() -> None:
    with redis_server() as server, _page(server) as address:
        runtime = Runtime(Settings(redis_url=server.url))
        runtime.ledger.plans.put(((event, digest(event)) for event in _events()), file="bench")
        runtime.planner.tick(runtime.ledger.now(), by="bench", most=10**9)
        with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
            _time(runtime, client)
            _weigh(client)
            _idle(client)
        _ticks(runtime, address)


def _time(runtime: Runtime, client: httpx.Client) -> None:
    desk = Desk(runtime)
    now = desk.now()
    choice = Choice(since=now - 3 * HOUR, until=now + 21 * HOUR)
    windows = [each.record.window for each in desk.windows(choice, now)]
    read = _median(lambda: Desk(runtime).windows(choice, now))
    floor = _median(lambda: _BARE.render(windows=windows, local=local_iso))
    print(f"{len(windows)} windows in 24 hours, median of {ROUNDS}\n")
    print("| what | rendered | kept | of reading the ledger | of a bare table |")
    print("|---|---|---|---|---|")
    for path in ("/", "/live"):
        fresh = _median(lambda path=path: client.get(path), first=lambda: _touch(runtime))
        kept = _median(lambda path=path: client.get(path))
        figures = f"{fresh * 1e3:.0f} ms | {kept * 1e3:.1f} ms | {fresh / read:.1f}x | {fresh / floor:.1f}x"
        print(f"| `{path}` | {figures} |", flush=True)
    print(f"| reading the ledger | {read * 1e3:.0f} ms | | | |")
    print(f"| a bare table | {floor * 1e3:.0f} ms | | | |\n")


def _touch(runtime: Runtime) -> None:
    """As if a window had changed."""
    runtime.ledger.redis.incr(runtime.ledger.keys.revision)


def _weigh(client: httpx.Client) -> None:
    page = client.get("/").text
    parts = {"page": page} | {
        kind: client.get(found[1]).text
        for kind, pattern in (("CSS", r'href="([^"]+\.css[^"]*)"'), ("JS", r'src="([^"]+\.js[^"]*)"'))
        if (found := re.search(pattern, page))
    }
    weights = {kind: len(gzip.compress(text.encode())) for kind, text in parts.items()}
    print("| " + " | ".join([*weights, "all, gzip"]) + " |")
    print("|---" * (len(weights) + 1) + "|")
    print("| " + " | ".join(f"{n / 1e3:.1f} kB" for n in [*weights.values(), sum(weights.values())]) + " |\n")


def _idle(client: httpx.Client) -> None:
    """One page that nobody touches, over a ledger that nobody changes."""
    tag, answers = "", []
    for _ in range(ROUNDS):
        answer = client.get("/live", headers={"If-None-Match": tag} if tag else {})
        tag = answer.headers["etag"]
        answers.append((answer.status_code, len(answer.content)))
        time.sleep(EVERY / 4)  # slower than the keeping, faster than a page
    unchanged = sum(status == 304 for status, _ in answers[1:])
    bodies = sum(size for _, size in answers[1:])
    print(f"idle: {unchanged} of {ROUNDS - 1} answers were 304, {bodies} bytes of body\n")


def _ticks(runtime: Runtime, address: str) -> None:
    alone = _tick(runtime)
    with _open_pages(address) as asked:
        watched = _tick(runtime)
    print("| open pages | a tick, median | answers a second |\n|---|---|---|")
    print(f"| 0 | {alone * 1e3:.2f} ms | 0 |")
    rate = len(asked) / (TICKS * 0.1)
    print(f"| {PAGES} | {watched * 1e3:.2f} ms ({watched / alone:.2f}x) | {rate:.0f} |")


def _tick(runtime: Runtime) -> float:
    """Seconds a tick, over ticks that come ten to a second."""
    times = []
    for _ in range(TICKS):
        times.append(_timed(lambda: runtime.planner.tick(runtime.ledger.now(), by="bench")))
        time.sleep(0.1)
    return statistics.median(times)


@contextmanager
def _open_pages(address: str) -> Iterator[list[int]]:
    asked: list[int] = []
    end = threading.Event()

    def page(number: int) -> None:
        tag = ""
        end.wait(EVERY * number / PAGES)
        with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
            while not end.is_set():
                answer = client.get("/live", headers={"If-None-Match": tag} if tag else {})
                tag = answer.headers["etag"]
                asked.append(answer.status_code)
                end.wait(EVERY)

    threads = [threading.Thread(target=page, args=(number,)) for number in range(PAGES)]
    for thread in threads:
        thread.start()
    try:
        yield asked
    finally:
        end.set()
        for thread in threads:
            thread.join()


@contextmanager
def _page(server: RedisServer) -> Iterator[str]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        told = {"RELAYBEAT_REDIS_URL": server.url, "PYTHONPATH": str(Path(__file__).parents[1])}
        command = [sys.executable, "-m", "worker", "web", "--port", str(port)]
        process = subprocess.Popen(command, cwd=folder, env=told)
        try:
            _wait(address)
            yield address
        finally:
            process.kill()
            process.wait()


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            httpx.get(f"{address}/healthz", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the page did not start")


def _events() -> Iterator[Event]:
    for n in range(STREAMS):
        yield Event(
            id=f"event-{n}",
            title=f"节目 Event {n}",
            domain="pull.example.com",
            app="live",
            stream=f"stream-{n}",
            sources=(f"rtmp://origin.example.com/live/{n}",),
            timezone="Asia/Shanghai",
            crons=(f"{n % 60} */2 * * *",),
            duration=HOUR,
        )


def _median(work: Callable[[], object], first: Callable[[], object] = lambda: None) -> float:
    times = []
    for _ in range(ROUNDS):
        first()
        times.append(_timed(work))
    return statistics.median(times)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
