"""A calendar file becomes an events file: what :mod:`.feed` reads, with a verdict on each entry (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worker.imports import Entry, Imported, Verdict
from worker.imports.draft import settled
from worker.imports.feed import Feed, read_feed
from worker.imports.feed.items import Item
from worker.redact import mask_text


def import_calendar(content: bytes, head: Mapping[str, Any]) -> Imported:
    """The events of a calendar. ``head`` is the events file without its events; its timezone is whose clock
    the calendar means where it names none. Raises ``Unusable`` for what is no calendar.
    """
    feed = read_feed(content, head.get("defaults", {}).get("timezone", ""))
    text = settled(head, _Events(feed))
    return Imported(text, tuple(map(_verdict, feed.items)))


class _Events:
    """The events of a feed: a :class:`worker.imports.draft.Draft`."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def entries(self) -> Sequence[Entry]:
        """The events whose entries are taken."""
        return [entry for entry, made_of in self._feed.events if not all(item.refusal for item in made_of)]

    def refuse(self, event: str, field: str, why: str) -> None:  # noqa: ARG002 - an event is taken whole, or not
        """Refuses all entries that the event is made of."""
        for entry, made_of in self._feed.events:
            if entry["id"] == event:
                for item in made_of:
                    item.refusal = item.refusal or why


def _verdict(item: Item) -> Verdict:
    if item.refusal:
        return Verdict(item.number, why=mask_text(item.refusal))
    return Verdict(item.number, event=item.event, remarks=tuple(map(mask_text, item.remarks)))
