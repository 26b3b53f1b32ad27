"""POSTs a second that a process gets through the provider client, against bare httpx at equal concurrency.

The server answers after 50 ms, as the provider might; it runs in a process of its own. The peer is a thread
pool in which each thread has its own kept-alive ``httpx.Client``: nothing signed, no deadline on the whole
call, no limit on the answer. Goal: at least 0.85 of its rate.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection

import httpx

from worker.provider.cloud import Cloud
from worker.relay import Relay, Slot, Span
from worker.settings import Credentials
from worker.turns import Lane, Turn, open_gate

THREADS = 20
SECONDS = 2.0
ROUNDS = 5
ANSWER_AFTER = 0.05
ANSWER = json.dumps({"ResponseMetadata": {"RequestId": "2026X"}, "Result": {"TaskId": "77"}}).encode()
RELAY = Relay(
    Slot("pull.example.com", "live", "news"),
    ("rtmp://a.example.com/live/news",),
    Span(1_798_761_600, 1_798_768_800),
)
BODY = {
    "Domain": "pull.example.com",
    "App": "live",
    "Stream": "news",
    "SrcAddrS": ["rtmp://a.example.com/live/news"],
    "StartTime": 1_798_761_600,
    "EndTime": 1_798_768_800,
}


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    reply = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)
        + ANSWER
    )
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
            await asyncio.sleep(ANSWER_AFTER)
            writer.write(reply)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def serve(port: Connection) -> None:
    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def rate(call_for: Callable[[], Callable[[], object]]) -> float:
    """Calls a second; each thread makes its call by ``call_for`` and warms it up before the clock starts."""
    done = [0] * THREADS
    start = threading.Barrier(THREADS + 1)

    def work(number: int) -> None:
        call = call_for()
        call()
        start.wait()
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            call()
            done[number] += 1

    workers = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for worker in workers:
        worker.start()
    start.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    return sum(done) / (time.perf_counter() - began)


def main() -> None:
    ours_end, theirs_end = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(target=serve, args=(theirs_end,), daemon=True)
    server.start()
    try:
        compare(f"http://127.0.0.1:{ours_end.recv()}")
    finally:
        server.terminate()
        server.join()


def compare(url: str) -> None:
    cloud = Cloud(
        url,
        Credentials("AKLTbench", "secret"),
        gate=open_gate,
        now=lambda: datetime.now(UTC),
        stopwatch=time.monotonic,
    )
    turn = Turn(Lane.URGENT, 0.0)

    def through_cloud() -> Callable[[], object]:
        return lambda: cloud.create(RELAY, turn=turn)

    def bare() -> Callable[[], object]:
        client = httpx.Client(trust_env=False)
        return lambda: client.post(url, params={"Action": "CreateRelaySourceV4"}, json=BODY).json()

    rates = [(rate(bare), rate(through_cloud)) for _ in range(ROUNDS)]
    cloud.close()
    peer, ours = (statistics.median(column) for column in zip(*rates, strict=True))
    ratio = statistics.median(mine / theirs for theirs, mine in rates)
    print(f"{THREADS} threads, an answer after {ANSWER_AFTER * 1000:.0f} ms, median of {ROUNDS} rounds\n")
    print("| ideal | bare httpx, POST/s | provider client, POST/s | ratio |")
    print("|---|---|---|---|")
    print(f"| {THREADS / ANSWER_AFTER:.0f} | {peer:.0f} | {ours:.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
