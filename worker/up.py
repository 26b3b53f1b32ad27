"""Everything on one machine: Redis, emulator, worker, beat and page, in that order and as one process tree.

What it keeps lies in the state folder: ``redis/`` and ``emulator/`` with the demonstration's data,
``live/redis/`` with the real thing's, so that a plan rehearsed on the emulator is never taken for placed
at the real provider. ``running.env`` tells other verbs how to reach what runs, ``web-token`` is what opens
the page.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from worker.embedded import RedisServer, free_port
from worker.errors import LedgerUnavailable, RelaybeatError, SettingsError
from worker.health import ROLES, check, patience
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.provider.emulator.options import DEMO_KEYS
from worker.redact import mask_source
from worker.settings import RUNNING, Settings
from worker.supervisor import Role, Supervisor

EMULATOR_PORT: Final = 8123
OPENER: Final = "web-token"
"""The file, in the state folder, of the token that we make for the page if none is set."""
_COLOURS: Final = {
    "redis": 31,
    "emulator": 35,
    "apply": 36,
    "worker": 32,
    "beat": 33,
    "watch": 37,
    "web": 34,
}
_ENDS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AlreadyUp(RelaybeatError):
    """Relaybeat runs on this folder already."""

    code = "already-up"


@dataclass(frozen=True, slots=True)
class Up:
    """What shall run. ``page`` is the address of the page, on ``port`` if that was free; ``provider`` that of
    the provider.
    """

    settings: Settings
    environment: Mapping[str, str]
    file: Path | None
    live: bool
    port: int
    page: str
    provider: str
    redis: RedisServer | None

    @property
    def state(self) -> Path:
        """The folder that holds everything."""
        return self.settings.state_dir.absolute()


def up(
    settings: Settings, environment: Mapping[str, str], file: Path | None, *, port: int, live: bool
) -> None:
    """Runs everything until it is told to end. ``port`` is the page's, or any free one if it is taken.

    Raises ``AlreadyUp``, ``SettingsError`` or, if a part does not start, ``RelaybeatError``; then nothing
    is left running.
    """
    if live and settings.credentials is None:
        raise SettingsError(
            "--live needs the keys of an account, and VOLC_ACCESSKEY and VOLC_SECRETKEY are not set",
            hint="set both, better as VOLC_ACCESSKEY_FILE and VOLC_SECRETKEY_FILE; without --live no keys",
        )
    state = settings.state_dir.absolute()
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    page = f"http://127.0.0.1:{free_port(port)}/"
    provider = settings.provider_url if live else f"http://127.0.0.1:{free_port(EMULATOR_PORT)}"
    redis = None if settings.redis_url else RedisServer((state / "live" if live else state) / "redis")
    with _only_one(state, page):
        asyncio.run(_run(Up(settings, environment, file, live, port, page, provider, redis)))


@contextlib.contextmanager
def _only_one(state: Path, page: str) -> Iterator[None]:
    """Holds the folder. Raises ``AlreadyUp`` with the holder's process and page."""
    with (state / "up.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "it is just starting"
            raise AlreadyUp(
                f"Relaybeat runs on {state} already: {holder}",
                hint="use that one, or choose another folder with RELAYBEAT_STATE",
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, page {page}\n")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


async def _run(this: Up) -> None:
    ended = asyncio.Event()
    voice = _Voice(ended)
    supervisor = Supervisor(voice.say)

    def end() -> None:
        if ended.is_set():
            supervisor.hurry()
        ended.set()

    for number in _ENDS:
        asyncio.get_running_loop().add_signal_handler(number, end)
    voice.introduce(this)
    start, wait = asyncio.create_task(_start(this, supervisor)), asyncio.create_task(ended.wait())
    try:
        await asyncio.wait({start, wait}, return_when=asyncio.FIRST_COMPLETED)
        if start.done():
            start.result()
            voice.say("up", "everything runs")
            await wait
        voice.say("up", "ending everything; Ctrl-C again ends it at once")
    finally:
        start.cancel()
        await asyncio.wait({start})
        await supervisor.end()
        (this.state / RUNNING).unlink(missing_ok=True)
        if this.redis:
            this.redis.stop()


async def _start(this: Up, supervisor: Supervisor) -> None:
    """Each part once the ones before it are ready."""
    environment = dict(this.environment)
    if this.redis:
        command = this.redis.prepare()
        await supervisor.start(
            Role(
                "redis",
                command,
                environment,
                ready=lambda _: this.redis is not None and this.redis.answers(),
                pass_fds=(this.redis.lock_fd,),
                log=this.redis.folder / "redis.log",
            )
        )
    told = _told(this)
    for name in told:
        environment.pop(f"{name}_FILE", None)
    environment |= told | {"PYTHONUNBUFFERED": "1", "RELAYBEAT_STATE": str(this.state)}
    if this.redis:
        _write_down(this.state / RUNNING, told)
    if not this.live:
        await supervisor.start(_emulator(this, environment))
    if this.file:
        await supervisor.run(Role("apply", _verb("apply", str(this.file), "--yes"), environment))
    grace = this.settings.timeout + 5.0
    stuck = _without_progress(this)
    await supervisor.start(
        Role("worker", _verb("worker"), environment, ready=_said(" ready."), grace=grace, stuck=stuck)
    )
    await supervisor.start(Role("beat", _verb("beat"), environment, stuck=stuck))
    await supervisor.start(Role("watch", _verb("watch"), environment, ready=_said("watch.begins")))
    port = urlsplit(this.page).port
    if not this.settings.web_token:
        environment["RELAYBEAT_WEB_TOKEN_FILE"] = str(_kept_token(this.state))
    await supervisor.start(
        Role("web", _verb("web", "--port", str(port)), environment, ready=_listening(this.page))
    )


def _kept_token(state: Path) -> Path:
    """The file of the token that we made for the page, once for this folder; nobody else may read it."""
    path = state / OPENER
    if not path.exists():
        made = path.with_suffix(".new")
        _write(made, f"{secrets.token_urlsafe(24)}\n")
        made.replace(path)
    return path


def _without_progress(this: Up) -> Callable[[int], str]:
    """Says of a process of ours since when it has nothing to show, by the rule of ``relaybeat health``."""
    ledger = Ledger(connect(this.redis.url if this.redis else this.settings.redis_url))
    within = patience(this.settings)

    def stuck(pid: int) -> str:
        with contextlib.suppress(LedgerUnavailable):
            for sign in check(ledger, socket.gethostname(), ROLES, within).stuck:
                if sign.pid == pid:
                    return f"made no progress for {sign.age:.0f} s"
        return ""

    return stuck


def _emulator(this: Up, environment: Mapping[str, str]) -> Role:
    folder = this.state / "emulator"
    folder.mkdir(mode=0o700, exist_ok=True)
    port, quota = str(urlsplit(this.provider).port), str(this.settings.quota)
    files = ("--state", str(folder / "state.json"), "--log", str(folder / "log.jsonl"))
    command = _verb("emulator", "--port", port, "--quota", quota, *files)
    return Role("emulator", command, environment, ready=_listening(this.provider))


def _told(this: Up) -> dict[str, str]:
    """The settings that we decide: for the children, and in ``running.env`` for verbs run beside them."""
    told = {"RELAYBEAT_PROVIDER_URL": this.provider, "RELAYBEAT_JOURNAL": str(_journal(this))}
    if not this.settings.page_url:
        told["RELAYBEAT_PAGE_URL"] = this.page
    if this.redis:
        told["RELAYBEAT_REDIS_URL"] = this.redis.url
    if not this.live:
        told |= {"VOLC_ACCESSKEY": DEMO_KEYS.access_key, "VOLC_SECRETKEY": DEMO_KEYS.secret_key}
        told["VOLC_SESSION_TOKEN"] = ""
        told["RELAYBEAT_PREFLIGHT"] = "off"  # nothing leaves this machine; the emulator's sources are made up
    return told


def _journal(this: Up) -> Path:
    """Where it was told to be; else beside the Redis whose memory it keeps."""
    if this.environment.get("RELAYBEAT_JOURNAL"):
        return this.settings.journal.absolute()
    return (this.state / "live" if this.live else this.state) / "journal"


def _write_down(path: Path, told: Mapping[str, str]) -> None:
    _write(path, "".join(f"{name}={value}\n" for name, value in told.items()))


def _write(path: Path, text: str) -> None:
    with open(path, "w", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
        file.write(text)


def _verb(*words: str) -> Sequence[str]:
    return (sys.executable, "-P", "-m", "worker", *words)


def _command() -> str:
    """How to call us from this folder."""
    ours = Path(sys.executable).with_name("relaybeat")
    if not ours.exists():
        return f"{sys.executable} -m worker"
    return str(ours.relative_to(Path.cwd()) if ours.is_relative_to(Path.cwd()) else ours)


def _said(words: str) -> Callable[[Sequence[str]], bool]:
    return lambda lines: any(words in line for line in lines)


def _listening(url: str) -> Callable[[Sequence[str]], bool]:
    """Whether somebody listens on the address, which is on this machine."""
    where = urlsplit(url)

    def listening(_: Sequence[str]) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((where.hostname, where.port), 1.0):
            return True
        return False

    return listening


class _Voice:
    """Prints lines with their role before them, in colour for a person; sets ``unheard`` if nobody reads."""

    def __init__(self, unheard: asyncio.Event) -> None:
        self._unheard = unheard
        self._coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def introduce(self, this: Up) -> None:
        """Where the page is, first; then what runs where."""
        provider = "the real one: relays are made" if this.live else "an emulator; nothing leaves here"
        redis = "our own, each write on disk" if this.redis else mask_source(this.settings.redis_url)
        taken = "" if urlsplit(this.page).port == this.port else f"  (port {this.port} is taken)"
        self._print(f"page      {this.page}{taken}")
        if not this.settings.web_token:
            self._print(f"token     in {this.state / OPENER}  (sign in with it to change anything)")
        self._print(f"plan      {this.file or 'what the ledger holds'}")
        self._print(f"provider  {this.provider}  ({provider})")
        self._print(f"redis     {redis}")
        self._print(f"state     {this.state}")
        if this.redis:
            self._print(f"look      {_command()} windows  (in a second terminal, in this folder)")
        self._print("Ctrl-C ends all of it.")

    def say(self, name: str, line: str) -> None:
        """One line of a role."""
        mark = f"{name:8} |"
        self._print(
            f"\x1b[{_COLOURS.get(name, 0)}m{mark}\x1b[0m {line}" if self._coloured else f"{mark} {line}"
        )

    def _print(self, line: str) -> None:
        try:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            self._unheard.set()
