"""A connection that ends when its time is up, whatever the other side does."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx


class Dead(Exception):
    """The source cannot be played. ``code`` is a stable word."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


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


class Line:
    """A stream of bytes. Every wait is cut short by the deadline, so that a trickle cannot hold us."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def send(self, data: bytes) -> None:
        """Sends all of it."""
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(data)

    def read(self, size: int) -> bytes:
        """Exactly so many bytes. Raises ``Dead`` if the other side ends before."""
        found = bytearray()
        while len(found) < size:
            self._sock.settimeout(self._deadline.left())
            more = self._sock.recv(min(size - len(found), 65_536))
            if not more:
                raise Dead("silent", "it closed the connection")
            found += more
        return bytes(found)


@dataclass(frozen=True, slots=True)
class Reach:
    """The way out. Unless ``private``, addresses inside networks are not gone to: the provider cannot."""

    deadline: Deadline
    private: bool

    def address(
        self, host: str, port: int, kind: socket.SocketKind
    ) -> tuple[socket.AddressFamily, tuple[str, int]]:
        """The first address of the name. Raises ``Dead``."""
        try:
            found = socket.getaddrinfo(host, port, type=kind)
        except (socket.gaierror, UnicodeError):
            raise Dead("name", f"the name {host} is not known") from None
        self.deadline.left()
        family, _, _, _, where = found[0]
        if not self.private and not ipaddress.ip_address(where[0]).is_global:
            raise Dead("private", f"{host} is {where[0]}, which the provider cannot reach")
        return family, (str(where[0]), int(where[1]))

    @contextlib.contextmanager
    def line(self, host: str, port: int, *, tls: bool) -> Iterator[Line]:
        """A connection. Raises ``Dead`` or ``OSError``."""
        with contextlib.ExitStack() as stack:
            sock = stack.enter_context(self._connect(host, port))
            if tls:
                try:
                    sock = stack.enter_context(
                        ssl.create_default_context().wrap_socket(sock, server_hostname=host)
                    )
                except ssl.SSLError as error:
                    raise Dead("tls", f"TLS with {host} failed: {error.reason or error}") from None
            yield Line(sock, self.deadline)

    def _connect(self, host: str, port: int) -> socket.socket:
        family, where = self.address(host, port, socket.SOCK_STREAM)
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(self.deadline.left())
            sock.connect(where)
        except TimeoutError:
            sock.close()
            raise Dead("connect", f"{host}:{port} does not answer") from None
        except OSError as error:
            sock.close()
            raise Dead("connect", f"{host}:{port}: {error.strerror}") from None
        return sock

    @contextlib.contextmanager
    def get(self, url: str) -> Iterator[Iterator[bytes]]:
        """The body behind an address, piece by piece. Redirects are not followed. Raises ``Dead``."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme.lower() == "https" else 80)
        self.address(parts.hostname or "", port, socket.SOCK_STREAM)
        try:
            with (
                httpx.Client(timeout=self.deadline.left(), trust_env=False) as client,
                client.stream("GET", url, headers={"User-Agent": "relaybeat", "Accept": "*/*"}) as answer,
            ):
                _check(answer)
                yield self._pieces(answer)
        except httpx.TimeoutException:
            raise TimeoutError from None
        except httpx.ConnectError as error:
            raise Dead("connect", f"{parts.hostname}:{port}: {error}") from None
        except httpx.HTTPError as error:
            raise Dead("protocol", f"it broke off: {type(error).__name__}") from None

    def _pieces(self, answer: httpx.Response) -> Iterator[bytes]:
        for piece in answer.iter_bytes():
            self.deadline.left()
            yield piece


def _check(answer: httpx.Response) -> None:
    if answer.is_redirect:
        raise Dead("refused", f"it answers {answer.status_code} and sends us elsewhere")
    if answer.status_code in {404, 410}:
        raise Dead("absent", f"it answers {answer.status_code}: there is no such stream")
    if answer.status_code != httpx.codes.OK:
        raise Dead("refused", f"it answers {answer.status_code}")
