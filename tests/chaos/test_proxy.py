"""The cutting proxy cuts as it says: each test talks through it to a real server that echoes."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from tests.chaos.proxy import Proxy


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        try:
            while data := self.request.recv(1024):
                self.request.sendall(data)
        except ConnectionError:
            pass


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with _Server(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Proxy(server.server_address[1]) as found:
            yield found
        server.shutdown()


def connected(proxy: Proxy) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", proxy.port), timeout=0.5)
    assert said(connection) == b"hello"
    return connection


def said(connection: socket.socket) -> bytes:
    connection.sendall(b"hello")
    return connection.recv(1024)


def test_it_carries_what_is_said_both_ways(proxy: Proxy) -> None:
    with connected(proxy) as connection:
        assert said(connection) == b"hello"


def test_a_cut_connection_is_silent_and_a_new_one_works(proxy: Proxy) -> None:
    with connected(proxy) as old:
        assert proxy.cut() == 1
        with pytest.raises(TimeoutError):
            said(old)
        with connected(proxy) as new:
            assert said(new) == b"hello"
        with pytest.raises(TimeoutError):
            said(old)


def test_what_was_sent_while_it_held_arrives_once_it_is_released(proxy: Proxy) -> None:
    with connected(proxy) as connection:
        proxy.hold()
        with pytest.raises(TimeoutError):
            said(connection)
        proxy.release()
        assert connection.recv(1024) == b"hello"


def test_a_reset_connection_is_reset(proxy: Proxy) -> None:
    with connected(proxy) as connection:
        assert proxy.reset() == 1
        with pytest.raises(ConnectionResetError):
            connection.recv(1024)


def test_a_server_that_is_away_is_told_as_a_broken_connection() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with (
            Proxy(taken.getsockname()[1]) as proxy,
            pytest.raises(ConnectionError),
            socket.socket() as caller,
        ):
            caller.settimeout(5)
            caller.connect(("127.0.0.1", proxy.port))
            said(caller)
