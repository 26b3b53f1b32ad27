"""An emulator behind a real port, whose connections can be broken the way the network breaks them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from worker.errors import ConfigError
from worker.provider.emulator.app import create_app
from worker.provider.emulator.options import Options
from worker.provider.emulator.wire import SEVER

_Ends = tuple[object, object]
_connections: dict[_Ends, asyncio.Transport] = {}


class _Protocol(H11Protocol):
    """Keeps every open connection where a fault can find it, by the addresses of its two ends."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _connections[self.server, self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _connections.pop((self.server, self.client), None)
        super().connection_lost(exc)


class _Server(uvicorn.Server):
    """Tells when it listens, and takes a signal to end for a normal end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: object) -> None:
        del sig, frame
        self.should_exit = True


def serve(options: Options, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM; calls ``ready`` with the address once it can be reached.

    Port 0 is a free one. Raises ``ConfigError`` if the address cannot be had or the options make no sense.
    """
    listener = _bind(host, port)
    with listener:
        _server(options, listener, ready).run([listener])


@contextlib.contextmanager
def serving(options: Options | None = None) -> Iterator[str]:
    """An emulator on a free port of this machine, in a thread; gives its address."""
    started = threading.Event()
    with _bind("127.0.0.1", 0) as listener:
        server = _server(options or Options(), listener, lambda _: started.set())
        thread = threading.Thread(target=server.run, args=([listener],), name="emulator", daemon=True)
        thread.start()
        started.wait()
        try:
            yield _address(listener)
        finally:
            server.should_exit = True
            thread.join()


def _server(options: Options, listener: socket.socket, ready: Callable[[str], None]) -> _Server:
    try:
        app = create_app(options)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    config = uvicorn.Config(
        _breakable(app),
        http=_Protocol,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )
    return _Server(config, lambda: ready(_address(listener)))


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror or error}",
            hint="choose another --port, or 0 for a free one",
        ) from None
    # Every connection inherits it; without, head and body of an answer are 40 ms apart (Nagle, delayed ACK).
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _breakable(app: ASGIApp) -> ASGIApp:
    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        def sever(reset: bool) -> None:
            if transport := _connections.get((scope["server"], scope["client"])):
                _break(transport, reset=reset)

        extensions = scope.get("extensions", {}) | {SEVER: sever}
        await app({**scope, "extensions": extensions}, receive, send)

    return wrapped


def _break(transport: asyncio.Transport, *, reset: bool) -> None:
    if reset:
        # Lingering for no time makes the kernel send RST in place of FIN, and drop what is still unsent.
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
