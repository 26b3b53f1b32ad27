"""Events files that acceptance tests share."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from worker.up import EMULATOR_PORT

HEAD = "version: 1\ndefaults: {timezone: Asia/Shanghai, domain: pull.example.com, app: live}\nevents:\n"


@pytest.fixture(scope="session", autouse=True)
def _no_usual_port_for_the_emulator() -> Iterator[None]:
    """Takes it, unless somebody has: two ``up`` that begin together would both find it free, and share it."""
    with socket.socket() as taken:
        with suppress(OSError):
            taken.bind(("127.0.0.1", EMULATOR_PORT))
            taken.listen()
        yield


@pytest.fixture
def weekly(tmp_path: Path) -> Path:
    """A nightly show in Shanghai and one in Berlin, with secrets in their sources."""
    path = tmp_path / "weekly.yaml"
    path.write_text(
        HEAD
        + """\
  - id: news
    title: 晚间新闻
    cron: "0 20 * * *"
    duration: 5h30m
    stream: news
    sources: ["rtmp://user:password-1@a.example.com/live/streamkey-1"]
    exceptions:
      - {on: 2026-12-24, start: "21:00", reason: Christmas special}
  - id: night
    title: Nacht, "live"; von \\Berlin
    cron: "30 2 * * *"
    duration: 1h
    timezone: Europe/Berlin
    stream: night
    sources: ["https://b.example.com/night.flv?token=token-2"]
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def busy(tmp_path: Path) -> Path:
    """An event a second: more output than any pipe holds."""
    path = tmp_path / "busy.yaml"
    path.write_text(
        HEAD + '  - {id: tick, title: Tick, cron: "* * * * * *", duration: 1s, stream: tick,'
        " sources: [https://b.example.com/t.flv]}\n",
        encoding="utf-8",
    )
    return path
