"""The product in real processes, with a proxy in front of Redis and one in front of the provider.

Every process reaches Redis and the provider through the same two ports, so that all of them name the same
ledger and the same provider. Must be used from one thread: children die with the thread that started them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from redis import Redis, RedisError

from tests.chaos.proxy import Proxy
from tests.support import wait_until
from worker.embedded import RedisServer, die_with_parent, free_port
from worker.provider.emulator.options import DEMO_KEYS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RELAYBEAT = (sys.executable, "-m", "worker")
WORKERS = ("worker-1", "worker-2", "worker-3")
BEATS = ("beat-1", "beat-2")
ROLES = (*WORKERS, *BEATS)
SKEWED = "worker-3"
"""The worker whose clock can be shifted."""
FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)


@dataclass
class Station:
    """What runs, and how to reach it; leave it by :func:`station`."""

    folder: Path
    redis: RedisServer
    ledger_link: Proxy
    settings: Mapping[str, str]
    separate_journals: bool = False
    emulator_port: int = 0
    provider_link: Proxy | None = None
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def environment(self, name: str) -> dict[str, str]:
        """What a process is told."""
        journal = self.folder / (f"journal-{name}" if self.separate_journals else "journal")
        provider = self.provider_link.port if self.provider_link else 0
        told = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "RELAYBEAT_REDIS_URL": f"redis://127.0.0.1:{self.ledger_link.port}/0",
            "RELAYBEAT_PROVIDER_URL": f"http://127.0.0.1:{provider}",
            "RELAYBEAT_JOURNAL": str(journal),
            "VOLC_ACCESSKEY": DEMO_KEYS.access_key,
            "VOLC_SECRETKEY": DEMO_KEYS.secret_key,
        }
        if name == SKEWED and FAKETIME:
            told |= {
                "PYTHONPATH": f"{HERE / 'skewed'}{os.pathsep}{ROOT}",
                "LD_PRELOAD": str(FAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(self.clock_file),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        return told | dict(self.settings)

    @property
    def clock_file(self) -> Path:
        """What libfaketime reads: how far the skewed worker's clock is ahead."""
        return self.folder / "clock"

    def start(self, name: str, *args: str) -> None:
        """Starts ``relaybeat ARGS`` as ``name``; by default the role that its name says."""
        role = args or (("worker", "--concurrency", "4") if name in WORKERS else ("beat",))
        self.processes[name] = self.spawn(name, *role)

    def spawn(self, name: str, *args: str) -> subprocess.Popen[bytes]:
        """Starts a command; its output is added to a log of its name."""
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*RELAYBEAT, *args],
                cwd=self.folder,
                env=self.environment(name),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 - it makes one system call, and takes no lock
            )

    def emulate(self, options: Sequence[str]) -> None:
        """Starts the provider, and the proxy in front of it."""
        self.emulator_port = free_port()
        state, log = self.folder / "provider.json", self.folder / "provider.jsonl"
        where = ("--port", str(self.emulator_port), "--state", str(state), "--log", str(log))
        self.start("emulator", "emulator", *where, *options)
        wait_until(lambda: b"listening" in (self.folder / "emulator.log").read_bytes(), 30)

    def kill(self, name: str) -> None:
        """``kill -9``, children included."""
        if name == "redis":
            self.redis.kill()
        elif process := self.processes.pop(name, None):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def kill_all(self) -> None:
        """Ends every process but Redis."""
        for name in list(self.processes):
            self.kill(name)

    def revive(self, name: str) -> None:
        """What a supervisor does."""
        self.redis.start() if name == "redis" else self.start(name)

    def freeze(self, name: str) -> None:
        self._signal(name, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self._signal(name, signal.SIGCONT)

    def dead(self) -> list[str]:
        """Processes that ended without being asked to."""
        return [name for name, process in self.processes.items() if process.poll() is not None]

    def link(self, name: str) -> Proxy:
        """The proxy in front of ``redis`` or ``provider``."""
        assert self.provider_link
        return self.ledger_link if name == "redis" else self.provider_link

    def provider(self, what: str) -> Any:
        """``state``, ``stats`` or ``log`` of the emulator, past the proxy."""
        return self._http().get(f"/_emulator/{what}").raise_for_status().json()

    def tell_provider(self, what: str, **fields: Any) -> None:
        """Changes something behind the provider's scenes."""
        self._http().post(f"/_emulator/{what}", json=fields).raise_for_status()

    def last_tick(self) -> float | None:
        """When a tick was last carried out, by the clock of Redis; nothing if Redis does not say at once."""
        with suppress(RedisError), self.redis_client() as client:
            return max(
                (at for _, at in client.zrange("relaybeat:seen:tick", 0, -1, withscores=True)), default=None
            )
        return None

    def redis_client(self) -> Redis:
        """To Redis itself, past the proxy and without patience."""
        return Redis(port=self.redis.port, socket_timeout=1, protocol=2, decode_responses=True)

    def windows(self) -> Any:
        """The windows of the ledger as a script reads them."""
        command = [*RELAYBEAT, "windows", "--output", "json", "--show-secrets"]
        done = subprocess.run(
            command, env=self.environment("cli"), cwd=self.folder, capture_output=True, check=True, timeout=60
        )
        return json.loads(done.stdout)

    def _http(self) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{self.emulator_port}", trust_env=False, timeout=10)

    def _signal(self, name: str, number: signal.Signals) -> None:
        process = self.redis.process if name == "redis" else self.processes[name]
        assert process
        process.send_signal(number)


@contextmanager
def station(
    folder: Path, emulator: Sequence[str], settings: Mapping[str, str], *, separate_journals: bool = False
) -> Iterator[Station]:
    """Redis, provider and proxies; roles are started by whoever asks. All gone in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        server = stack.enter_context(RedisServer(folder / "redis", port=free_port()))
        ledger_link = stack.enter_context(Proxy(server.port))
        here = Station(folder, server, ledger_link, settings, separate_journals)
        stack.callback(here.kill_all)
        here.clock_file.write_text("+0s\n", encoding="utf-8")
        here.emulate(emulator)
        here.provider_link = stack.enter_context(Proxy(here.emulator_port))
        yield here


def pause(seconds: float) -> None:
    """The storm's own waiting: it lasts as long as it is told to."""
    time.sleep(seconds)
