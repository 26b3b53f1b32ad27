"""What the provider can hold: slots, spans, and the relays that occupy them (pure).

A request without both times would make the provider pull for ever, and one over seven days is refused
(provider documents, CreateRelaySourceV4). Neither can be expressed here: a :class:`Relay` has either a
:class:`Span`, which checks itself, or says :data:`PERMANENT` in so many words.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final, Literal

LONGEST_SPAN: Final = 604_800
"""Seconds: the longest span the provider accepts (seven days, elapsed)."""

LATEST_SECOND: Final = 2**31 - 1
"""Unix seconds: official clients model times as 32-bit integers, so nothing lies beyond 2038-01-19."""

LONGEST_WINDOW: Final = 31 * 86_400
"""Seconds: the longest window that can be planned; it is served by several relays, one after another."""

MOST_SOURCES: Final = 10


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """Where a relay plays. The provider holds at most one fixed-trigger config a slot."""

    domain: str
    app: str
    stream: str

    def __str__(self) -> str:
        return f"{self.domain}/{self.app}/{self.stream}"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """When a relay pulls: half-open, Unix seconds, at most :data:`LONGEST_SPAN` long.

    Raises ``ValueError`` for anything the provider must never be sent.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if type(self.start) is not int or type(self.end) is not int:
            raise ValueError("a span is made of whole Unix seconds")
        if not 0 < self.start < self.end <= LATEST_SECOND:
            raise ValueError(f"a span must end after its start: {self.start} to {self.end}")
        if self.end - self.start > LONGEST_SPAN:
            raise ValueError(f"a span lasts at most {LONGEST_SPAN} seconds, not {self.end - self.start}")


class Permanent(enum.Enum):
    """The times of a relay that has none, and is meant to have none."""

    PERMANENT = "permanent"


PERMANENT: Final = Permanent.PERMANENT


@dataclass(frozen=True, slots=True)
class Relay:
    """One config as we would have it. ``sources`` are tried in order; at most :data:`MOST_SOURCES`."""

    slot: Slot
    sources: tuple[str, ...]
    times: Span | Literal[Permanent.PERMANENT]

    def __post_init__(self) -> None:
        if not 1 <= len(self.sources) <= MOST_SOURCES:
            raise ValueError(f"a relay has 1 to {MOST_SOURCES} sources, not {len(self.sources)}")
        if not isinstance(self.times, Span | Permanent):
            raise TypeError("a relay has a span, or says in so many words that it is permanent")

    def as_row(self) -> Row:
        """This relay as the provider lists it."""
        if self.times is PERMANENT:
            return Row(self.slot, self.sources, None, None)
        return Row(self.slot, self.sources, self.times.start, self.times.end)


@dataclass(frozen=True, slots=True)
class Row:
    """One config as the provider lists it. Both times ``None`` means that it is permanent.

    The list carries no TaskId, no owner and no status, so a row can only be recognised by what it says.
    """

    slot: Slot
    sources: tuple[str, ...]
    start: int | None
    end: int | None

    def shows(self, relay: Relay) -> bool:
        """Whether this row is exactly that relay: slot, sources in order, and both times."""
        return self == relay.as_row()

    def as_relay(self) -> Relay:
        """The relay that this row shows. Raises ``ValueError`` for a row that no relay of ours can be."""
        if self.start is None and self.end is None:
            return Relay(self.slot, self.sources, PERMANENT)
        if self.start is None or self.end is None:
            raise ValueError("a relay has both times or none")
        return Relay(self.slot, self.sources, Span(self.start, self.end))
