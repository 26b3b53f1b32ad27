"""The way to Redis: one place that connects, one that says what a failure means.

Everything the ledger stores is text, so clients answer in ``str``. They speak RESP2: nothing here needs
more, and a new connection then costs no handshake.

A dead TCP path shows itself only by silence, hence the time-outs and health checks. A command whose
connection broke is sent again, so it may run twice: every script must leave the same state when it does.
A command that timed out is not sent again: a frozen server would be waited for once more each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.commands.core import Script
from redis.retry import Retry
from redis.sentinel import Sentinel

from worker.errors import LedgerUnavailable, SettingsError

SOCKET: Final[dict[str, Any]] = {
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
"""Seconds after which a silent connection is given up; Celery's broker takes the same. Blocking commands
must ask for less than ``socket_timeout``."""

_REFUSALS: Final = ("MISCONF", "NOREPLICAS", "BUSY ", "MASTERDOWN", "CLUSTERDOWN", "NOPERM")
_EXAMPLE: Final = "for example redis://127.0.0.1:6379/0 or sentinel://127.0.0.1:26379/mymaster"


def connect(url: str) -> redis.Redis:
    """A client for ``redis://``, ``rediss://``, ``unix://`` or ``sentinel://host:port[,host:port]/service``.

    Nothing is sent before the first command, so a server that is down is found out by :func:`reachable`.
    User and password of a sentinel address are for the Redis behind it; ``?db=N`` chooses its database.
    Raises ``SettingsError`` for an address that cannot be used; the address is never shown.
    """
    if not url:
        raise SettingsError(
            "no Redis is configured",
            hint="set RELAYBEAT_REDIS_URL, or start everything with: relaybeat up FILE",
        )
    options: dict[str, Any] = SOCKET | {
        "decode_responses": True,
        "protocol": 2,
        "client_name": "relaybeat",
        "driver_info": None,
        "retry": Retry(ExponentialWithJitterBackoff(cap=0.5, base=0.05), 3, (redis.ConnectionError,)),
    }
    try:
        if url.startswith("sentinel://"):
            return _behind_sentinels(url, options)
        if url.startswith("unix://"):
            del options["socket_keepalive"]  # there is no such thing on a unix socket, and it is refused
        return redis.Redis.from_url(url, **options)
    except ValueError:
        raise SettingsError("RELAYBEAT_REDIS_URL cannot be used as an address", hint=_EXAMPLE) from None


def name_of(url: str) -> str:
    """The ledger at this address, by a name that tells no secret: ``127.0.0.1:6379/0``, ``/run/redis/0``."""
    parts = urlsplit(url)
    path, database = parts.path.strip("/"), dict(parse_qsl(parts.query)).get("db", "")
    if parts.scheme == "unix":
        return f"/{path}/{database or 0}"
    hosts = parts.netloc.rpartition("@")[2]
    if parts.scheme == "sentinel":
        return f"{hosts}/{path}/{database or 0}"
    return f"{hosts if parts.port else hosts + ':6379'}/{database or path or 0}"


def _behind_sentinels(url: str, options: dict[str, Any]) -> redis.Redis:
    parts = urlsplit(url)
    userinfo, _, hosts = parts.netloc.rpartition("@")
    user, _, password = (unquote(part) or None for part in userinfo.partition(":"))
    addresses = [(host, int(port)) for host, _, port in (pair.rpartition(":") for pair in hosts.split(","))]
    service = parts.path.strip("/")
    if not service or not all(host for host, _ in addresses):
        raise ValueError("a sentinel address names hosts, ports and a service")
    database = int(dict(parse_qsl(parts.query)).get("db", 0))
    sentinel = Sentinel(addresses, db=database, username=user, password=password, **options)  # type: ignore[no-untyped-call]
    master: redis.Redis = sentinel.master_for(service)  # type: ignore[no-untyped-call]
    return master


@contextmanager
def reachable() -> Iterator[None]:
    """Turns every way in which Redis can be away, or refuse to write, into ``LedgerUnavailable``.

    Works as a ``with`` block and as a decorator. An answer that only a mistake of ours can cause passes
    through unchanged: hiding it behind "try again" would repeat it for ever.
    """
    try:
        yield
    except redis.OutOfMemoryError as error:
        hint = "give Redis more memory; its maxmemory-policy must be noeviction"
        raise LedgerUnavailable(f"Redis is full: {error}", hint=hint) from error
    except redis.AuthenticationError as error:
        hint = "check user and password in RELAYBEAT_REDIS_URL"
        raise LedgerUnavailable(f"Redis does not let us in: {error}", hint=hint) from error
    except (redis.ConnectionError, redis.TimeoutError) as error:
        hint = "is it running, and is RELAYBEAT_REDIS_URL right?"
        raise LedgerUnavailable(f"Redis cannot be reached: {error}", hint=hint) from error
    except redis.ResponseError as error:
        if isinstance(error, redis.ReadOnlyError) or str(error).startswith(_REFUSALS):
            hint = "its own log says why"
            raise LedgerUnavailable(f"Redis refuses to write: {error}", hint=hint) from error
        raise


def load_script(client: redis.Redis, *names: str) -> Script:
    """The script ``lua/{name}`` of this package, ready to be called: ``script(keys=[…], args=[…])``.

    Of several names the first are what the last one shares with others, and stand ahead of it. A script is
    sent in full only to a server that does not know it yet, also after a restart or a flush.
    """
    return client.register_script(_source(*names))


@cache
def _source(*names: str) -> str:
    folder = files("worker.ledger") / "lua"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)
