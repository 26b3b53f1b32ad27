"""Every test: an environment without our settings, no network but loopback, and a real Redis on request."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from weakref import WeakSet

import pytest
import redis
from hypothesis import HealthCheck, settings

from worker.embedded import EmbeddedError, RedisServer, find_server, free_port

_SCRUBBED = ("RELAYBEAT_", "VOLC_", "CELERY_", "LANG", "LC_")

settings.register_profile(
    "unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")
"""What hypothesis does by default, in CI or at a desk, without its clocks: others may need the cores."""


@pytest.fixture(scope="session", autouse=True)
def _clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(_SCRUBBED) or name.lower().endswith("_proxy"):
                patch.delenv(name)
        # Else a test could find, and change, what a `relaybeat up` in this folder runs on.
        patch.setenv("RELAYBEAT_STATE", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """A shell that starts tests in the background has them ignore it, and with them all that they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuses every connection and look-up that leaves this machine, in a way no ``except`` swallows."""
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}
    look_up = socket.getaddrinfo

    def guarded(name: str) -> Any:
        def call(self: socket.socket, *args: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _refuse_unless_loopback(args[-1][0])
            return real[name](self, *args)

        return call

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_unless_loopback(host)
        return look_up(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        for name in real:
            patch.setattr(socket.socket, name, guarded(name))
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


def _refuse_unless_loopback(host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    try:
        local = not name or name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = False
    if not local:
        pytest.fail(f"tests speak to loopback only, and this one wanted {name}")


@pytest.fixture(scope="session")
def _session_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    _need_redis()
    with RedisServer(tmp_path_factory.mktemp("redis"), port=free_port()) as server:
        yield server


@pytest.fixture
def redis_url(_session_redis: RedisServer) -> str:
    """The address of a real, empty Redis that every test shares in turn."""
    with redis.Redis.from_url(_session_redis.url) as client:
        client.flushall()
    return _session_redis.url


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A real Redis of the test's own, to kill, freeze and start again."""
    _need_redis()
    server = RedisServer(tmp_path / "redis", port=free_port())
    with server:
        yield server


@pytest.fixture(scope="session")
def _pools() -> Iterator[WeakSet[redis.ConnectionPool]]:
    """Every pool of connections to a Redis that is still in use somewhere."""
    pools, make = WeakSet(), redis.ConnectionPool.__init__

    def remembered(self: redis.ConnectionPool, *args: Any, **options: Any) -> None:
        make(self, *args, **options)
        pools.add(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redis.ConnectionPool, "__init__", remembered)
        yield pools


@pytest.fixture(autouse=True)
def _no_connection_outlives_its_test(_pools: WeakSet[redis.ConnectionPool]) -> Iterator[None]:
    """A ledger is never closed, and what closes its socket when it is collected is a matter of chance."""
    yield
    for pool in tuple(_pools):
        pool.disconnect(inuse_connections=False)


def _need_redis() -> None:
    try:
        find_server()
    except EmbeddedError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
