from __future__ import annotations

import asyncio
import socket

import httpx

from worker.runtime import Runtime
from worker.settings import Settings
from worker.web import create_app


def get(redis_url: str, path: str, *, token: str = "", **headers: str) -> httpx.Response:
    app = create_app(Runtime(Settings(redis_url=redis_url)), token=token)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_the_page_shows_the_ledger(redis_url: str) -> None:
    answer = get(redis_url, "/")
    assert answer.status_code == 200
    assert "The next windows" in answer.text


def test_with_a_token_only_the_health_of_the_process_is_told_without_it(redis_url: str) -> None:
    assert get(redis_url, "/", token="sesame").status_code == 401
    assert get(redis_url, "/", token="sesame", Authorization="Bearer wrong").status_code == 401
    assert get(redis_url, "/", token="sesame", Authorization="Bearer sesame").status_code == 200
    assert get(redis_url, "/healthz", token="sesame").status_code == 200


def test_without_redis_the_page_says_so_and_the_process_lives() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
        assert get(url, "/").status_code == 503
        assert get(url, "/healthz").status_code == 200
