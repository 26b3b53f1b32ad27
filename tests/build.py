"""How tests make windows: with every field but the one at hand filled in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from worker.relay import PERMANENT, Relay, Slot, Span
from worker.windows import Window

NOW = 1_795_000_000
"""2026-11-18T10:26:40Z, the ``now`` of tests that pass one."""

SLOT = Slot("pull.example.com", "live", "news")
SOURCES = ("rtmp://a.example.com/live/news",)


def window(start: int = NOW + 3_600, seconds: int = 3_600, *, event: str = "news", **changes: Any) -> Window:
    """A window of ``seconds`` from ``start``; everything can be changed by name."""
    fields: dict[str, Any] = {
        "id": f"{event}@{datetime.fromtimestamp(start, UTC):%Y%m%dT%H%M%SZ}",
        "event": event,
        "title": "News",
        "slot": SLOT,
        "sources": SOURCES,
        "start": start,
        "end": start + seconds,
        "timezone": "Asia/Shanghai",
        "lead": 86_400,
        "min_useful": 600,
    }
    return Window(**(fields | changes))


def relay_of(window: Window) -> Relay:
    """The relay that serves this window alone."""
    return Relay(
        window.slot, window.sources, PERMANENT if window.permanent else Span(window.start, window.end)
    )
