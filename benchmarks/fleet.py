"""Many events and a real Redis, for the benchmarks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from worker.embedded import RedisServer, free_port
from worker.events.model import Event


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """The embedded server as `relaybeat up` runs it: every write on disk before it is acknowledged."""
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder), port=free_port()) as server:
        yield server


def daily_events(count: int) -> Iterator[Event]:
    """Events that air for an hour a day, their starts spread over all minutes of it."""
    for n in range(count):
        yield Event(
            id=f"event-{n}",
            title=f"Event {n}",
            domain="pull.example.com",
            app="live",
            stream=f"stream-{n}",
            sources=(f"rtmp://origin.example.com/live/{n}",),
            timezone="Asia/Shanghai",
            crons=(f"{n % 60} {n // 60 % 24} * * *",),
            duration=3_600,
        )
