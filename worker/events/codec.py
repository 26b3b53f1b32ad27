"""Events as text and back, for the ledger."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from worker.events.model import Event

_EVENT: Final = TypeAdapter(Event)


def dump_event(event: Event) -> str:
    """JSON, the same for equal events."""
    return _EVENT.dump_json(event, exclude_defaults=True).decode()


def parse_event(text: str) -> Event:
    """The event that :func:`dump_event` wrote."""
    return _EVENT.validate_json(text)
