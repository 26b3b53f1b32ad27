"""A connection that ends when its time is up, whatever the other side does."""

from __future__ import annotations

import contextlib
import io
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from worker.events.sources import is_routed

Address = tuple[socket.AddressFamily, tuple[Any, ...]]

_MOST_ADDRESSES: Final = 4
"""Addresses of one name that are gone to, one after another."""
_CONNECT: Final = 5.0
"""Seconds within which one of them has to let us in: more than any way across the world takes."""


class Dead(Exception):
    """The source cannot be played. ``code`` is a stable word.

    The words name nothing that stands in the address, and quote nothing that the other side said: either
    could hold a secret.
    """

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class Ended(Dead):
    """The other side closed the connection, or it broke."""

    def __init__(self) -> None:
        super().__init__("silent", "it closes the connection before anything plays")


@dataclass(frozen=True, slots=True)
class Played:
    """What a source sends, in words, and the beginning of it as a file of its format; empty if none."""

    words: str
    sample: bytes = b""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When all must be done, by the stopwatch."""

    stopwatch: Callable[[], float]
    at: float

    def left(self) -> float:
        """Seconds that are left. Raises ``TimeoutError`` if none are."""
        left = self.at - self.stopwatch()
        if left <= 0:
            raise TimeoutError
        return left

    def pause(self, seconds: float) -> None:
        """Lets so much time pass, or what is left."""
        time.sleep(min(seconds, self.left()))


class Line:
    """A stream of bytes. Every wait is cut short by the deadline, so that a trickle cannot hold us.

    ``http.client`` takes it for a socket, and closes it when the body is still to be read; so it is closed
    by who opened it alone.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._incoming = io.BufferedReader(_Incoming(sock, deadline), 65_536)

    def sendall(self, data: bytes) -> None:
        """Sends all of it. Raises ``Ended`` if the other side has gone."""
        self._sock.settimeout(self._deadline.left())
        try:
            self._sock.sendall(data)
        except TimeoutError:
            raise
        except OSError:
            raise Ended from None

    def read(self, size: int) -> bytes:
        """Exactly so many bytes. Raises ``Ended`` if the other side ends before."""
        found = self._incoming.read(size)
        if len(found) < size:
            raise Ended
        return found

    def makefile(self, _mode: str) -> io.BufferedIOBase:
        """What comes in."""
        return self._incoming

    def close(self) -> None:
        """Nothing."""


class _Incoming(io.RawIOBase):
    """What a socket receives; a connection that breaks has ended, however."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.left())
        try:
            return self._sock.recv_into(buffer)
        except TimeoutError:
            raise
        except OSError:
            return 0


@dataclass(frozen=True, slots=True)
class Reach:
    """The way out. Unless ``private``, addresses inside networks are not gone to: the provider cannot.

    A name is looked up once for a connection, and what was checked is what is gone to: an answer that
    changes in between leads nowhere.
    """

    deadline: Deadline
    private: bool

    def addresses(self, host: str, port: int, kind: socket.SocketKind) -> list[Address]:
        """Where a name leads to, most promising first; at least one. Raises ``Dead``."""
        found = _look_up(host, port, kind, self.deadline.left())
        usable = [each for each in found if self.private or is_routed(each[1][0])]
        if not usable:
            raise Dead(
                "private", f"it is at {found[0][1][0]}, inside a network: the provider cannot go there"
            )
        return usable[:_MOST_ADDRESSES]

    @contextlib.contextmanager
    def line(self, host: str, port: int, *, tls: bool) -> Iterator[Line]:
        """A connection. Raises ``Dead`` or ``TimeoutError``."""
        with contextlib.ExitStack() as stack:
            sock = stack.enter_context(self._connect(host, port))
            if tls:
                sock = stack.enter_context(self._encrypt(sock, host))
            yield Line(sock, self.deadline)

    def _connect(self, host: str, port: int) -> socket.socket:
        addresses = self.addresses(host, port, socket.SOCK_STREAM)
        why = []
        for n, (family, where) in enumerate(addresses):
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                # One that swallows everything leaves time for the next.
                sock.settimeout(min(_CONNECT, self.deadline.left()) / (len(addresses) - n))
                sock.connect(where)
            except TimeoutError:
                why.append("does not answer")
            except OSError as error:
                why.append(f"cannot be reached: {error.strerror or type(error).__name__}")
            else:
                return sock
            sock.close()
        raise Dead("connect", f"port {port} {why[0]}")

    def _encrypt(self, sock: socket.socket, host: str) -> ssl.SSLSocket:
        sock.settimeout(self.deadline.left())
        try:
            return ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            raise Dead("tls", f"its certificate is not accepted: {error.verify_message}") from None
        except TimeoutError:
            raise Dead("tls", "TLS fails: it says too little in time") from None
        except (ssl.SSLEOFError, ConnectionError):
            raise Dead("tls", "TLS fails: it closes the connection") from None
        except ssl.SSLError as error:
            raise Dead("tls", f"TLS fails: {error.reason.lower().replace('_', ' ')}") from None


def _look_up(host: str, port: int, kind: socket.SocketKind, seconds: float) -> list[Address]:
    """Asks in a thread of its own: a resolver that hangs cannot be told to hurry.

    A thread that is given up ends with the resolver's own patience, half a minute as a rule.
    """
    answers: queue.SimpleQueue[list[Address] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put([(each[0], each[4]) for each in socket.getaddrinfo(host, port, type=kind)])
        except (OSError, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise Dead("name", "looking up its name takes too long") from None
    if isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_AGAIN:
        raise Dead("name", "its name cannot be looked up now: the name server does not answer")
    if isinstance(answer, Exception) or not answer:
        raise Dead("name", "its name is not known")
    return answer
