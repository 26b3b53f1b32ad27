from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.support import wait_until
from worker.embedded import free_port
from worker.runtime import Runtime
from worker.settings import Settings
from worker.web import create_app


def get(
    redis_url: str, path: str, *, token: str = "", host: str = "127.0.0.1", **headers: str
) -> httpx.Response:
    app = create_app(Runtime(Settings(redis_url=redis_url)), token=token)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_the_page_shows_the_ledger(redis_url: str) -> None:
    answer = get(redis_url, "/")
    assert answer.status_code == 200
    assert "Next up" in answer.text


def test_from_elsewhere_only_the_health_of_the_process_is_told_without_the_token(redis_url: str) -> None:
    def asked(path: str, **headers: str) -> int:
        return get(redis_url, path, token="sesame", host="relay.example.com", **headers).status_code

    assert asked("/") == 401
    assert asked("/", Authorization="Bearer wrong") == 401
    assert asked("/", Authorization="Bearer sesame") == 200
    assert asked("/healthz") == 200


def test_prometheus_reads_the_figures_and_needs_the_token_from_elsewhere(redis_url: str) -> None:
    answer = get(redis_url, "/metrics", token="sesame", Authorization="Bearer sesame")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "relaybeat_lag_seconds 0.0\n" in answer.text
    assert get(redis_url, "/metrics", token="sesame", host="relay.example.com").status_code == 401


def test_without_redis_there_are_no_figures_rather_than_wrong_ones() -> None:
    answer = get("redis://127.0.0.1:1/0", "/metrics")
    assert answer.status_code == 503
    assert "relaybeat_" not in answer.text


def test_figures_are_served_by_the_real_process(redis_url: str, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "token").write_text("sesame", encoding="utf-8")
    (tmp_path / "token").chmod(0o600)
    told = {"RELAYBEAT_REDIS_URL": redis_url, "RELAYBEAT_WEB_TOKEN_FILE": str(tmp_path / "token")}
    command = [sys.executable, "-m", "worker", "web", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, cwd=tmp_path, env=dict(os.environ) | told) as page:
        try:
            wait_until(lambda: answers(f"{address}/healthz"), 20)
            figures = httpx.get(
                f"{address}/metrics", headers={"Authorization": "Bearer sesame"}, trust_env=False
            )
            assert next(text_string_to_metric_families(figures.text)).name == "relaybeat_build_info"
            proxied = httpx.get(
                f"{address}/metrics", headers={"X-Forwarded-For": "192.0.2.1"}, trust_env=False
            )
            assert proxied.status_code == 401
        finally:
            page.terminate()


def answers(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(url, trust_env=False).is_success
    return False


def test_without_redis_the_page_says_so_and_the_process_lives() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
        assert get(url, "/").status_code == 503
        assert get(url, "/healthz").status_code == 200
