"""How tests read calendars: as an import does, with sources and a slot for all that names none."""

from __future__ import annotations

import json
from typing import Any

from worker.events.load import parse_events
from worker.events.model import Event
from worker.imports.feed import Feed, read_feed

DEFAULTS: dict[str, Any] = {
    "timezone": "Asia/Shanghai",
    "domain": "pull.example.com",
    "app": "live",
    "stream": "{id}",
    "sources": ["rtmp://a.example.com/live/x"],
}


def read(calendar: str | bytes, timezone: str = "") -> Feed:
    """The calendar's events and entries; lines may end as they like."""
    return read_feed(calendar if isinstance(calendar, bytes) else calendar.encode(), timezone)


def events(feed: Feed) -> tuple[Event, ...]:
    """What the events file that the import writes would mean. JSON is YAML, too."""
    document = {"version": 1, "defaults": DEFAULTS, "events": [entry for entry, _ in feed.events]}
    loaded = parse_events(json.dumps(document, ensure_ascii=False).encode(), "events.yaml")
    assert not loaded.problems, "\n".join(map(str, loaded.problems))
    return loaded.events


def calendar(*lines: str, zone: str = "TZID=Asia/Shanghai") -> str:
    """A calendar of one daily show, lines added to its entry; ``{zone}`` in them is the parameter."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:show@x", "SUMMARY:Show")
    times = (f"DTSTART;{zone}:20261102T200000", f"DTEND;{zone}:20261102T220000")
    return "\r\n".join((*head, *times, *lines, "END:VEVENT", "END:VCALENDAR", ""))
