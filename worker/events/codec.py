"""Events as text and back, for the ledger."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from worker.events.model import Event, Extra

_EVENT: Final = TypeAdapter(Event)
_EXTRA: Final = TypeAdapter(Extra)


def dump_event(event: Event) -> str:
    """JSON, the same for equal events."""
    return _EVENT.dump_json(event, exclude_defaults=True).decode()


def parse_event(text: str) -> Event:
    """The event that :func:`dump_event` wrote."""
    return _EVENT.validate_json(text)


def dump_extra(extra: Extra) -> str:
    """JSON, the same for equal entries."""
    return _EXTRA.dump_json(extra, exclude_defaults=True).decode()


def parse_extra(text: str) -> Extra:
    """The entry that :func:`dump_extra` wrote."""
    return _EXTRA.validate_json(text)
