"""What every part of the ledger may rely on when it speaks to Redis."""

from __future__ import annotations

import pytest
import redis

from worker.embedded import RedisServer
from worker.errors import LedgerUnavailable, SettingsError
from worker.ledger.client import connect, load_script, reachable


def test_a_client_answers_in_text(redis_url: str) -> None:
    with connect(redis_url) as client:
        client.set("title", "新闻")
        assert client.get("title") == "新闻"


def test_a_unix_socket_works_too(redis_server: RedisServer) -> None:
    with connect(redis_server.url) as client:
        assert client.ping()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://redis:6379",
        "redis://:s3cret@redis:port/0",
        "sentinel://:s3cret@redis:26379",
        "sentinel://:s3cret@redis/mymaster",
        "sentinel:///mymaster",
        "sentinel://[::1/mymaster",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        connect(url)
    assert "s3cret" not in str(refused.value) + refused.value.hint
    assert refused.value.hint


def test_a_sentinel_address_names_every_sentinel_the_service_and_the_database() -> None:
    with connect("sentinel://me:s%40cret@127.0.0.1:26379,127.0.0.2:26380/news?db=3") as client:
        pool = client.connection_pool
        sentinels = [s.connection_pool.connection_kwargs for s in pool.sentinel_manager.sentinels]
        assert [(s["host"], s["port"]) for s in sentinels] == [("127.0.0.1", 26379), ("127.0.0.2", 26380)]
        assert [s.get("password") for s in sentinels] == [None, None]
        wanted = {"db": 3, "username": "me", "password": "s@cret", "decode_responses": True}
        assert wanted.items() <= pool.connection_kwargs.items()
        assert pool.service_name == "news"


def test_a_server_that_is_not_there_is_a_ledger_that_is_unavailable() -> None:
    refused = pytest.raises(LedgerUnavailable, match=r"127\.0\.0\.1:1\b")
    with connect("redis://127.0.0.1:1/0") as client, refused, reachable():
        client.ping()


@pytest.mark.parametrize(
    "answer", ["MISCONF disk is full", "READONLY a replica", "OOM used memory > maxmemory"]
)
def test_a_server_that_refuses_to_write_is_a_ledger_that_is_unavailable(redis_url: str, answer: str) -> None:
    with connect(redis_url) as client, pytest.raises(LedgerUnavailable), reachable():
        client.eval(f"return redis.error_reply('{answer}')", 0)


def test_a_mistake_of_ours_is_not_taken_for_an_outage(redis_url: str) -> None:
    with connect(redis_url) as client, pytest.raises(redis.ResponseError, match="WRONGTYPE"), reachable():
        client.set("text", "x")
        client.lpop("text")


def test_a_script_survives_a_server_that_forgot_it(redis_url: str) -> None:
    with connect(redis_url) as client:
        script = load_script(client, "quota_snapshot.lua")
        assert script(keys=["nothing"], args=[1]) == [0, 0, 0, 0, 0]
        client.script_flush()
        assert script(keys=["nothing"], args=[1]) == [0, 0, 0, 0, 0]
