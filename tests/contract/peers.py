"""The other end of a call: sockets that behave as badly as a test wants, and an app that answers well."""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from worker.provider.cloud import Cloud
from worker.relay import Relay, Slot, Span
from worker.settings import Credentials
from worker.turns import Lane, Turn, open_gate

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = Credentials("AKLTcanaryaccess", "canarysecret==", "canarytoken")
TURN = Turn(Lane.URGENT, 0.0)
SLOT = Slot("pull.example.com", "live", "news")
SOURCE = "rtmp://user:canarypassword@src.example.com/live/canarykey?token=canaryquery"
RELAY = Relay(SLOT, (SOURCE,), Span(1_798_761_600, 1_798_768_800))


def make_cloud(url: str = "http://provider.test", **settings: Any) -> Cloud:
    settings = {"gate": open_gate, "now": lambda: NOON, "stopwatch": lambda: 0.0, "timeout": 10.0} | settings
    return Cloud(url, settings.pop("credentials", KEYS), **settings)


class Line:
    """One connection, seen from the server."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def wait_for_first_byte(self) -> None:
        select.select([self._sock], [], [], 10)

    def request(self) -> bytes:
        """A whole request, or what there was before the client hung up."""
        data = b""
        while b"\r\n\r\n" not in data and (more := self._sock.recv(65_536)):
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
        )
        while len(body) < length and (more := self._sock.recv(65_536)):
            body += more
        return head + b"\r\n\r\n" + body if head else b""

    def say(self, data: bytes) -> None:
        self._sock.sendall(data)

    def answer(self, document: Any, status: str = "200 OK", headers: str = "") -> None:
        body = json.dumps(document).encode()
        self.say(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body)

    def hung_up(self, within: float = 10.0) -> bool:
        """Whether the client closes within some seconds."""
        ready, _, _ = select.select([self._sock], [], [], within)
        try:
            return bool(ready) and self._sock.recv(1) == b""
        except ConnectionError:
            return True

    def drip(self, text: bytes, most: int = 500) -> None:
        """A byte now and then until the client hangs up, or long enough to see that it does not."""
        for _ in range(most):
            if self.hung_up(within=0.01):
                raise BrokenPipeError
            self.say(text)

    def shake_hands(self, context: ssl.SSLContext) -> None:
        with suppress(ssl.SSLError):
            context.wrap_socket(self._sock, server_side=True)

    def reset(self) -> None:
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()


class Peer:
    """A server on loopback whose every connection is handed to ``behave``, on a thread of its own."""

    def __init__(self, behave: Callable[[Line], None]) -> None:
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"http://{self.address}"
        self.connections = 0
        self.client_hung_up = threading.Event()

    def serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._attend, args=(sock,), daemon=True).start()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _attend(self, sock: socket.socket) -> None:
        with sock:
            try:
                self._behave(Line(sock))
            except (BrokenPipeError, ConnectionResetError):
                self.client_hung_up.set()


@contextmanager
def peer(behave: Callable[[Line], None]) -> Iterator[Peer]:
    server = Peer(behave)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


@dataclass(frozen=True)
class Seen:
    """One request as the desk got it."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any

    @property
    def action(self) -> str:
        return self.query["Action"]


def success(**result: Any) -> dict[str, Any]:
    return {"ResponseMetadata": {"RequestId": "2026X"}, "Result": result}


def refusal(code: str, message: str = "no") -> dict[str, Any]:
    return {"ResponseMetadata": {"RequestId": "2026X", "Error": {"Code": code, "Message": message}}}


@dataclass
class Desk:
    """An ASGI app that writes every request down and answers it by a function, mounted without a port."""

    reply: Callable[[Seen], Any]
    seen: list[Seen] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while (message := await receive())["body"] or message["more_body"]:
            body += message["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = dict(parse_qsl(scope["query_string"].decode()))
        self.seen.append(Seen(scope["method"], query, headers, json.loads(body) if body else None))
        given = self.reply(self.seen[-1])
        status, more, document = given if isinstance(given, tuple) else (200, {}, given)
        raw = [(name.encode(), value.encode()) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": json.dumps(document).encode()})

    @property
    def transport(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(app=self)


@contextmanager
def cloud_of(desk: Desk, **settings: Any) -> Iterator[Cloud]:
    with closing(make_cloud(transport=desk.transport, **settings)) as cloud:
        yield cloud


def desk_saying(*replies: Any) -> Desk:
    """Answers in turn, the last one for ever."""
    left = list(replies)
    return Desk(lambda _: left.pop(0) if len(left) > 1 else left[0])
