"""A window and an event as the API knows each by its address: what is told there, and what its tag is of."""

from __future__ import annotations

from typing import Any

from worker.accounts import one_event, told_whole
from worker.ledger.records import WindowRecord
from worker.reports import EventView
from worker.web.desk import Desk


def the_window(desk: Desk, window_id: str, record: WindowRecord | None = None) -> dict[str, Any]:
    """All that ``/windows/{id}`` tells; of this record of it, if that was read already.

    Raises ``UnknownWindow`` and ``UnknownEvent``.
    """
    now = desk.now()
    (shown,) = desk.shown([record or desk.verbs.record(window_id)], now)
    return told_whole(shown.record, desk.ledger.reading.log(window_id), now)


def the_event(desk: Desk, event_id: str) -> EventView:
    """All that ``/events/{id}`` tells. Raises ``UnknownEvent``."""
    return one_event(desk.ledger, event_id, desk.now())
