"""``relaybeat web`` and ``relaybeat calendar`` as operators run them."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.acceptance.command import ROOT, relaybeat
from tests.support import wait_until
from worker.embedded import free_port

TOKEN = secrets.token_urlsafe(24)


@contextmanager
def serving(redis_url: str, folder: Path, *words: str, **settings: str) -> Iterator[tuple[str, Path]]:
    """The page in a process of its own: its address, and the file with all that it says."""
    port, log = free_port(), folder / "said.txt"
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "RELAYBEAT_REDIS_URL": redis_url}
    command = [sys.executable, "-m", "worker", "web", "--port", str(port), *words]
    with (
        log.open("w") as said,
        subprocess.Popen(command, cwd=folder, env=told | settings, stdout=said, stderr=said) as page,
    ):
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 20)
            yield f"http://127.0.0.1:{port}", log
        finally:
            page.send_signal(signal.SIGTERM)


def answers(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(url, trust_env=False).is_success
    return False


def said_to(url: str, request: bytes) -> bytes:
    """The first line of the answer to these bytes."""
    where = httpx.URL(url)
    with socket.create_connection((where.host, where.port or 80), 5) as line:
        line.sendall(request)
        return line.makefile("rb").readline()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "relay.example.com"])
def test_beyond_this_machine_it_listens_only_with_a_token(host: str, redis_url: str) -> None:
    said = relaybeat("web", "--host", host, env={"RELAYBEAT_REDIS_URL": redis_url})
    assert said.code == 1
    assert f"{host} can be reached from other machines, and RELAYBEAT_WEB_TOKEN is not set" in said.err
    assert "hint: set RELAYBEAT_WEB_TOKEN" in said.err


def test_with_a_token_it_listens_everywhere_and_reads_are_open_here_alone(
    redis_url: str, tmp_path: Path
) -> None:
    with (
        serving(redis_url, tmp_path, "--host", "0.0.0.0", RELAYBEAT_WEB_TOKEN=TOKEN) as (url, _),
        httpx.Client(trust_env=False) as client,
    ):
        assert client.get(f"{url}/events").status_code == 200
        assert client.get(f"{url}/events", headers={"Host": "relay.example.com"}).status_code == 401
        assert client.get(f"{url}/events", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401
        assert client.post(f"{url}/calendar").status_code == 401


def test_without_a_token_it_only_shows(redis_url: str, tmp_path: Path) -> None:
    with serving(redis_url, tmp_path) as (url, _), httpx.Client(trust_env=False) as client:
        assert "No token is set" in client.get(f"{url}/sign-in").text
        assert client.post(f"{url}/sign-in", data={"name": "Eve", "token": ""}).status_code == 401


def test_what_it_says_holds_no_token_whatever_is_asked(redis_url: str, tmp_path: Path) -> None:
    with serving(redis_url, tmp_path, RELAYBEAT_WEB_TOKEN=TOKEN, RELAYBEAT_LOG="json") as (url, log):
        with httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            for path in ("/", "/events", "/nowhere", f"/calendar.ics?key={TOKEN}", f"/{TOKEN}"):
                client.get(f"{url}{path}")
        assert TOKEN not in log.read_text()


def test_a_request_that_is_larger_than_fits_is_refused_before_it_is_read(
    redis_url: str, tmp_path: Path
) -> None:
    head = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with serving(redis_url, tmp_path, RELAYBEAT_WEB_TOKEN=TOKEN) as (url, _):
        assert b" 413 " in said_to(url, head + b"Content-Length: 99999999\r\n\r\n")
        chunks = b"".join(b"8000\r\n" + b"x" * 0x8000 + b"\r\n" for _ in range(3))
        assert b" 413 " in said_to(url, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)


def test_two_processes_know_each_others_sessions(redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with (
        serving(redis_url, tmp_path, RELAYBEAT_WEB_READ_TOKEN=TOKEN) as (one, _),
        serving(redis_url, tmp_path / "b", RELAYBEAT_WEB_READ_TOKEN=TOKEN) as (other, _),
        httpx.Client(trust_env=False) as client,
    ):
        assert client.post(f"{one}/sign-in", data={"name": "Ada", "token": TOKEN}).status_code == 303
        assert "Ada" in client.get(f"{other}/calendar").text


def test_a_calendar_address_is_made_listed_and_revoked(redis_url: str) -> None:
    env = {"RELAYBEAT_REDIS_URL": redis_url, "RELAYBEAT_PAGE_URL": "https://desk.example.com/"}
    made = relaybeat("calendar", "new", "--name", "Ben", env=env)
    assert made.out.startswith("https://desk.example.com/calendar/")
    assert made.out.endswith(".ics\n")
    listed = relaybeat("calendar", "list", env=env).out
    assert "Ben" in listed
    assert made.out.rpartition("/")[2].removesuffix(".ics\n") not in listed
    feed_id = listed.splitlines()[-1].split()[0]
    assert relaybeat("calendar", "revoke", feed_id, env=env).code == 0
    assert relaybeat("calendar", "revoke", feed_id, env=env).code == 1


def test_a_calendar_of_an_event_that_is_not_there_is_refused(redis_url: str) -> None:
    said = relaybeat(
        "calendar", "new", "--name", "Ben", "--event", "x", env={"RELAYBEAT_REDIS_URL": redis_url}
    )
    assert said.code == 1
    assert "x" in said.err
