"""Occurrences become windows: pads, exceptions, extras, templates, clock-change notes (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from worker.events.model import Event
from worker.relay import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One start and one end, both Unix seconds as sent, in which a slot must be fed from ``sources``.

    ``id`` follows from the plan alone: the event's id and the nominal start in UTC
    (``nightly-news@20261123T120000Z``), so planning twice can only say the same thing twice.
    A permanent event has one window, ``radio@permanent``, whose times bound when it is wanted and are
    never sent.
    """

    id: str
    event: str
    title: str
    slot: Slot
    sources: tuple[str, ...]
    start: int
    end: int
    timezone: str
    lead: int
    min_useful: int
    priority: int = 0
    permanent: bool = False
    notes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def due_at(self) -> int:
        """When placing may begin, as far as this window alone can tell (Unix seconds)."""
        return self.start - self.lead


def expand(event: Event, since: int, until: int) -> Iterator[Window]:
    """The event's windows whose ``start`` lies in [since, until), in order of start, then id.

    Paused events have none. Raises nothing: an ``Event`` is valid by construction.
    """
    raise NotImplementedError
