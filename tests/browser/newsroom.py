"""A newsroom to look at: events round now in a real ledger, a page that serves it, and a worker at hand."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from redis import Redis

from tests.integration.station import RELAYBEAT, ROOT, Station
from tests.support import wait_until
from worker.applying import digest
from worker.embedded import RedisServer, free_port
from worker.events.load import parse_events
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.ledger.records import WindowRecord
from worker.provider.emulator.options import DEMO_KEYS, Options
from worker.provider.emulator.server import serving
from worker.runtime import Runtime
from worker.settings import Settings
from worker.verbs import Verbs

TOKEN = "open-sesame-for-the-whole-newsroom"
READ_TOKEN = "look-but-do-not-touch-the-newsroom"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
Event = Mapping[str, Any]


def show(event: str, start: float, seconds: int = HOUR, **changes: Any) -> Event:
    """An event that airs once, from the full minute of ``start`` (Unix seconds) for so long."""
    at = datetime.fromtimestamp(start, UTC)
    return {
        "id": event,
        "title": event.replace("-", " ").capitalize(),
        "cron": f"{at.minute} {at.hour} {at.day} {at.month} *",
        "timezone": "UTC",
        "duration": f"{seconds}s",
        "stream": event,
        "sources": [f"rtmp://origin.example.com/live/{event}-streamkey"],
    } | changes


FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)


@dataclass
class Clock:
    """The clock that decides, which is Redis's. Without libfaketime it cannot be set."""

    folder: Path

    @property
    def _ahead(self) -> Path:
        return self.folder / "ahead"

    @property
    def right(self) -> bool:
        """Whether nobody set it."""
        return float(self._ahead.read_text(encoding="ascii")) == 0

    def reads(self, at: float) -> None:
        """From now on it goes on from there (Unix seconds)."""
        self._put(at - time.time())

    def is_right(self) -> None:
        """It is this machine's."""
        self._put(0)

    @contextmanager
    def redis(self) -> Iterator[RedisServer]:
        """A Redis that goes by this clock."""
        self.is_right()
        server = RedisServer(self.folder / "redis", port=free_port())
        self.starts(server)
        try:
            yield server
        finally:
            server.stop()

    def starts(self, server: RedisServer) -> None:
        """Starts it, or starts it again, by this clock."""
        told = {
            "LD_PRELOAD": str(FAKETIME or ""),
            "FAKETIME_TIMESTAMP_FILE": str(self._ahead),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1",
        }
        os.environ.update(told)
        try:
            server.start()
        finally:
            for name in told:
                del os.environ[name]

    def _put(self, seconds: float) -> None:
        told = self.folder / "ahead.new"
        told.write_text(f"{seconds:+.3f}\n", encoding="ascii")
        told.replace(self._ahead)  # it is read at every question


@dataclass
class Newsroom:
    """What is served at ``address`` from an empty ledger. Leave it by :func:`newsroom`."""

    address: str
    redis: RedisServer
    clock: Clock
    folder: Path
    _open: ExitStack = field(default_factory=ExitStack)

    @property
    def ledger(self) -> Ledger:
        """The ledger, read from here."""
        return self._runtime.ledger

    @cached_property
    def provider(self) -> str:
        """The address of an emulated provider."""
        return self._open.enter_context(serving(Options(quota=1_000)))

    @cached_property
    def _runtime(self) -> Runtime:
        runtime = Runtime(
            Settings(
                redis_url=self.redis.url,
                provider_url=self.provider,
                credentials=DEMO_KEYS,
                quota=1_000,
                state_dir=self.folder,
                journal=self.folder / "journal",
            )
        )
        self._open.enter_context(closing(runtime.provider))
        return runtime

    @property
    def verbs(self) -> Verbs:
        """What people may do."""
        return Verbs(self._runtime.planner, self._runtime.settings.settle)

    def now(self) -> float:
        """Unix seconds."""
        return self.ledger.now()

    def plans(self, *events: Event) -> None:
        """These events are in the plan, and what of them is near has its windows."""
        defaults = {"domain": "pull.example.com", "app": "live"}
        self.plans_text(json.dumps({"version": 1, "defaults": defaults, "events": events}))

    def plans_text(self, text: str) -> None:
        """The same of the text of an events file."""
        loaded = parse_events(text.encode(), "events.yaml")
        assert not loaded.problems, loaded.problems
        self.ledger.plans.put([(event, digest(event)) for event in loaded.events], file="events.yaml")
        self._runtime.planner.tick(self.now(), by="beat")

    def restarts_redis(self) -> None:
        """After it was killed."""
        self.clock.starts(self.redis)

    def works(self) -> None:
        """A beat and a worker do what is due by now."""
        self._runtime.remember()
        for window_id in self._runtime.tick():
            self._runtime.attempts.run(window_id)

    def crew(self) -> Station:
        """A worker, a beat and a watch, in processes of their own."""
        told = {"RELAYBEAT_TICK": "1", "RELAYBEAT_STATE": str(self.folder), "RELAYBEAT_PREFLIGHT": "off"}
        here = Station(self.folder, self.redis, told, provider=self.provider)
        for role in ("worker", "beat", "watch"):
            here.start(role, role)
            self._open.callback(here.kill, role)
        return here

    def shows_signs(self) -> None:
        """A beat, a worker and a watch were seen just now."""
        for role in ("beat", "worker", "watch", "tick"):
            self.ledger.saw(role, "newsroom:1", self.now())

    def meets(self, *faults: str) -> None:
        """What goes wrong at the provider from now on; without any, nothing more."""
        answer = httpx.post(f"{self.provider}/_emulator/faults", json={"Faults": faults}, trust_env=False)
        answer.raise_for_status()

    def window(self, event: str) -> WindowRecord:
        """The first window of an event."""
        return next(iter(self.ledger.reading.windows([event], float("-inf"), float("inf"))))

    def url_of(self, event: str) -> str:
        """Where the first window of an event is shown."""
        return f"{self.address}/windows/{self.window(event).window.id}"


@contextmanager
def page_of(redis: RedisServer, folder: Path, **settings: str) -> Iterator[str]:
    """``relaybeat web`` on this Redis, in a process of its own; gives its address once it answers."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    told = {
        "PYTHONPATH": str(ROOT),
        "RELAYBEAT_REDIS_URL": redis.url,
        "RELAYBEAT_STATE": str(folder),
        "RELAYBEAT_WEB_TOKEN": TOKEN,
        "RELAYBEAT_WEB_READ_TOKEN": READ_TOKEN,
        **settings,
    }
    with (folder / "web.log").open("ab") as log:
        process = subprocess.Popen(
            [*RELAYBEAT, "web", "--port", str(port)], cwd=folder, env=told, stdout=log, stderr=log
        )
        try:
            wait_until(lambda: process.poll() is not None or _answers(address), 30)
            assert process.poll() is None, (folder / "web.log").read_text(encoding="utf-8")
            yield address
        finally:
            process.kill()
            process.wait()


@contextmanager
def newsroom(address: str, redis: RedisServer, clock: Clock, folder: Path) -> Iterator[Newsroom]:
    """An empty one, and an end to what it opened."""
    _clear(connect(redis.url), with_quota=not clock.right)
    clock.is_right()
    with ExitStack() as stack:
        yield Newsroom(address, redis, clock, folder, stack)


def _clear(redis: Redis, *, with_quota: bool) -> None:
    """Forgets everything. Whoever finds no quota waits a while, until no older request can be under way."""
    with redis.pipeline() as pipe:
        for key in redis.scan_iter():
            if with_quota or ":quota" not in key:
                pipe.delete(key)
        pipe.execute()


def _answers(address: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{address}/healthz", trust_env=False).is_success
    return False
