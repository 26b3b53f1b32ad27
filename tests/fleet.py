"""A fleet of processes that share a quota, and a server that counts what reaches it."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Self

from worker.ledger.client import connect
from worker.ledger.quota import Quota
from worker.turns import Lane, Turn

_SPAWN = multiprocessing.get_context("spawn")

MakeGate = Callable[[str, int], Callable[[Turn], AbstractContextManager[None]]]


@dataclass(frozen=True)
class Road:
    """How long a request is under way: seconds to the server and back, jitter of each, seconds of work."""

    latency: float = 0.0
    jitter: float = 0.0
    hang: float = 0.0  # share of requests that hang for as long as anybody waits for an answer

    def one_way(self) -> float:
        return self.latency / 2 + random.uniform(0, self.jitter)


class Arrivals:
    """A server in a process of its own. It notes when each request arrives, at the far end of the road."""

    def __init__(self, road: Road = Road()) -> None:
        self._ours, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs, road), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self.port = int(self._ours.recv())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()

    def times(self) -> list[float]:
        """When requests arrived, in seconds of the server's own clock."""
        self._ours.send("times")
        return sorted(self._ours.recv())


def _serve(pipe: Connection, road: Road) -> None:
    times: list[float] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await _line(reader):
            await asyncio.sleep(road.one_way())
            times.append(time.monotonic())
            await asyncio.sleep(3600 if random.random() < road.hang else road.one_way())
            writer.write(b"ok\n")
        writer.close()

    async def _line(reader: asyncio.StreamReader) -> bytes:
        with suppress(ConnectionError):  # whoever called was killed
            return await reader.readline()
        return b""

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        while await asyncio.to_thread(pipe.recv):
            pipe.send(list(times))

    asyncio.run(main())


def over(times: list[float], quota: int) -> int:
    """How many requests arrived less than a second after the one that is ``quota`` places ahead."""
    return sum(late - early < 1.0 for early, late in zip(times, times[quota:], strict=False))


@dataclass(frozen=True)
class Call:
    """One call: when it was asked for, when it was let through (Unix seconds), and how urgent it was."""

    asked: float
    let_in: float
    turn: Turn


def quota_gate(url: str, per_second: int) -> Quota:
    return Quota(connect(url), per_second=per_second)


@dataclass(frozen=True)
class Post:
    """Where the members of a fleet find everything."""

    url: str
    port: int
    per_second: int
    threads: int
    gate: MakeGate
    give_up: float


class Fleet:
    """Processes of threads that call the server through a gate again and again until stopped."""

    def __init__(
        self, url: str, port: int, per_second: int, *, processes: int = 4, threads: int = 5,
        gate: MakeGate = quota_gate, give_up: float = 15.0,
    ) -> None:  # fmt: skip
        post = Post(url, port, per_second, threads, gate, give_up)
        self._pipes: list[Any] = []
        self.processes: list[Any] = []
        for _ in range(processes):
            ours, theirs = _SPAWN.Pipe()
            self._pipes.append(ours)
            self.processes.append(_SPAWN.Process(target=_work, args=(theirs, post), daemon=True))

    def __enter__(self) -> Self:
        for process in self.processes:
            process.start()
        for pipe in self._pipes:
            pipe.recv()
        return self

    def go(self) -> None:
        for pipe in self._pipes:
            pipe.send("go")

    def stop(self) -> list[Call]:
        """Ends all that are still alive; what they did, in the order in which they were let through."""
        alive = [
            (pipe, process)
            for pipe, process in zip(self._pipes, self.processes, strict=True)
            if process.is_alive()
        ]
        for pipe, _ in alive:
            pipe.send("stop")
        calls = [call for pipe, _ in alive for call in pipe.recv()]
        return sorted(calls, key=lambda call: call.let_in)

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.join()


def _work(pipe: Connection, post: Post) -> None:
    enter, stopping = post.gate(post.url, post.per_second), threading.Event()
    calls: list[Call] = []

    def run() -> None:
        server = _Line(post.port, post.give_up)
        while not stopping.is_set():
            lane = Lane.BACKGROUND if random.random() < 0.3 else Lane.URGENT
            turn = Turn(lane, time.time() + random.uniform(0, 3600))
            asked = time.time()
            with enter(turn):
                calls.append(Call(asked, time.time(), turn))
                server.call()

    workers = [threading.Thread(target=run, daemon=True) for _ in range(post.threads)]
    pipe.send("ready")
    pipe.recv()
    for worker in workers:
        worker.start()
    pipe.recv()
    stopping.set()
    pipe.send(list(calls))


class _Line:
    """One kept-alive connection; a call that is given up closes it."""

    def __init__(self, port: int, give_up: float) -> None:
        self._address, self._give_up = ("127.0.0.1", port), give_up
        self._socket: Any = None

    def call(self) -> None:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=self._give_up)
        try:
            self._socket.sendall(b"go\n")
            self._socket.recv(16)
        except TimeoutError:
            self._socket.close()
            self._socket = None
