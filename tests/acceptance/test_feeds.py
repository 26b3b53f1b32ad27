"""Calendars that the command line writes mean the same windows when they are read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.command import Said, relaybeat
from tests.acceptance.conftest import HEAD
from tests.feeds import events, read
from tests.rfc5545 import faults
from worker.windows import expand

SHOWS = """\
  - id: news
    title: 晚间新闻, "live"
    cron: "0 20 * * *"
    duration: 5h30m
    pad_before: 5m
    stream: news
    sources: [rtmp://a.example.com/live/x]
    exceptions:
      - {on: 2026-10-24, cancel: true, reason: Gala}
      - {on: 2026-10-25, start: "25:30", duration: 1h, reason: Late}
    extra: [{start: 2026-10-24T08:00, reason: Repeat}]
  - {id: night, cron: "30 * * * *", duration: 20m, timezone: Europe/Berlin, stream: "night-{start:%H}",
     sources: [rtmp://a.example.com/live/y]}
  - {id: monthly, rrule: FREQ=MONTHLY;BYDAY=-1SU, dtstart: 2026-09-27T01:30, end: "03:00", stream: monthly,
     timezone: America/New_York, sources: [rtmp://a.example.com/live/z]}
"""
WEEK = ("--from", "2026-10-22T00:00Z", "--to", "2026-11-03T00:00Z")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "shows.yaml"
    path.write_text(HEAD + SHOWS, encoding="utf-8")
    return path


def said(*args: str | Path, env: dict[str, str] | None = None) -> Said:
    found = relaybeat(*args, env=env)
    assert found.code == 0, found.err
    return found


def windows(text: str) -> list[tuple[object, ...]]:
    fields = ("start", "end", "domain", "app", "stream", "title")
    return sorted(tuple(window[name] for name in fields) for window in json.loads(text)["windows"])


def again(calendar: str) -> list[tuple[object, ...]]:
    found = (expand(event, 0, 2_000_000_000) for event in events(read(calendar)))
    return sorted(
        (w.start, w.end, w.slot.domain, w.slot.app, w.slot.stream, w.title) for some in found for w in some
    )


def test_what_preview_writes_reads_back_as_what_preview_shows(path: Path) -> None:
    calendar = said("preview", path, *WEEK, "--output", "ics").out
    assert faults(calendar.encode()) == []
    assert again(calendar) == windows(said("preview", path, *WEEK, "--output", "json").out) != []


def test_what_export_writes_reads_back_as_what_export_shows(path: Path, redis_url: str) -> None:
    env = {"RELAYBEAT_REDIS_URL": redis_url}
    said("apply", path, "--yes", env=env)
    calendar = said("export", "--output", "ics", env=env).out
    assert faults(calendar.encode()) == []
    assert again(calendar) == windows(said("export", "--output", "json", env=env).out) != []
