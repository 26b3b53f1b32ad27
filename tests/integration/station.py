"""A station in miniature: the real roles in processes of their own, on a real Redis, against the emulator."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support import wait_until
from worker.embedded import RedisServer, free_port
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.provider.emulator.options import DEMO_KEYS

RELAYBEAT = (sys.executable, "-m", "worker")
ROOT = Path(__file__).parents[2]


@dataclass
class Station:
    """What runs, and how to reach it. Leave it by :func:`station`, which ends everything."""

    folder: Path
    redis: RedisServer
    settings: Mapping[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    provider: str = ""

    @property
    def ledger(self) -> Ledger:
        """The ledger, read from here."""
        return Ledger(connect(self.redis.url))

    @property
    def environment(self) -> dict[str, str]:
        """What every role is told."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "RELAYBEAT_REDIS_URL": self.redis.url,
            "RELAYBEAT_PROVIDER_URL": self.provider,
            "VOLC_ACCESSKEY": DEMO_KEYS.access_key,
            "VOLC_SECRETKEY": DEMO_KEYS.secret_key,
            **self.settings,
        }

    def start(self, name: str, *args: str) -> subprocess.Popen[bytes]:
        """Starts ``relaybeat ARGS`` as ``name``; its output is kept in the folder."""
        return self.start_plainly(name, *RELAYBEAT, *args)

    def start_plainly(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Starts any command as ``name``, told what every role is told."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes[name] = process
        return process

    def kill(self, name: str) -> None:
        """``kill -9``, its children included; fine if it has ended already."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def emulate(self, *options: str) -> None:
        """Starts an emulator with these options and waits until it listens."""
        port = free_port()
        self.provider = f"http://127.0.0.1:{port}"
        self.start("emulator", "emulator", "--port", str(port), *options)
        wait_until(lambda: "listening" in self.log("emulator"), 20)

    def log(self, name: str) -> str:
        """What a role has said."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def run(self, *args: str | Path) -> str:
        """One command to its end; what it printed. Fails if it does."""
        done = subprocess.run(
            [*RELAYBEAT, *map(str, args)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def windows(self) -> list[dict[str, Any]]:
        """The windows of the ledger as a script reads them."""
        found: list[dict[str, Any]] = json.loads(self.run("windows", "--output", "json"))["windows"]
        return found

    def states(self) -> dict[str, str]:
        """Every window's state, read straight from the ledger."""
        ledger = self.ledger
        ids = [record.event.id for record in ledger.plans.events()]
        return {r.window.id: r.state for r in ledger.reading.windows(ids, float("-inf"), float("inf"))}

    def emulator(self, what: str) -> Any:
        """``state``, ``stats`` or ``log`` of the emulator."""
        return httpx.get(f"{self.provider}/_emulator/{what}", trust_env=False).json()

    def tell_emulator(self, what: str, **fields: Any) -> None:
        """Changes something behind the scenes."""
        httpx.post(f"{self.provider}/_emulator/{what}", json=fields, trust_env=False).raise_for_status()


@contextmanager
def station(folder: Path, **settings: str) -> Iterator[Station]:
    """A Redis of its own, and whatever is started on it; all gone in the end."""
    with RedisServer(folder / "redis", port=free_port()) as redis:
        here = Station(folder, redis, settings)
        try:
            yield here
        finally:
            for name in list(here.processes):
                here.kill(name)


def events_file(folder: Path, events: Sequence[Mapping[str, Any]]) -> Path:
    """An events file with these events; JSON is YAML."""
    path = folder / "events.yaml"
    defaults = {"timezone": "UTC", "domain": "pull.example.com", "app": "live"}
    path.write_text(json.dumps({"version": 1, "defaults": defaults, "events": [*events]}), encoding="utf-8")
    return path
