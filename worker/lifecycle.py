"""The life of a window: its states, and who may move it from one to the next (pure).

``on_air``, ``late`` and ``ended`` are no states: they follow from the record and the time, and nobody
writes them. Every edge below is a compare-and-set in the ledger; ``docs/lifecycle.md`` shows the same
table, and a test holds the two together.
"""

from __future__ import annotations

import enum
from typing import Final


class State(enum.StrEnum):
    """What the ledger says of a window."""

    PLANNED = "planned"
    PLACING = "placing"
    RETRYING = "retrying"
    PLACED = "placed"
    REMOVED = "removed"
    FAILED = "failed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    DISPLACED = "displaced"


class Mover(enum.StrEnum):
    """Who makes a transition."""

    PLANNER = "planner"
    ATTEMPT = "attempt"
    PERSON = "person"


P, A, H = Mover.PLANNER, Mover.ATTEMPT, Mover.PERSON

_SLOT_MATE: Final = "an attempt for another window found the slot free for it"

_GIVES_WAY: Final = "a window with a higher priority, or that starts first, wants its slot with other sources"

EDGES: Final[dict[tuple[State, State], tuple[frozenset[Mover], str]]] = {
    (State.PLANNED, State.PLACING): (frozenset({A}), "a worker claims its slot"),
    (State.RETRYING, State.PLACING): (frozenset({A}), "the next try is due and a worker claims its slot"),
    (State.PLANNED, State.PLACED): (frozenset({A}), _SLOT_MATE),
    (State.PLANNED, State.RETRYING): (frozenset({A}), _SLOT_MATE),
    (State.PLANNED, State.FAILED): (frozenset({A}), _SLOT_MATE),
    (State.RETRYING, State.PLACED): (frozenset({A}), _SLOT_MATE),
    (State.RETRYING, State.FAILED): (frozenset({A}), _SLOT_MATE),
    (State.PLACING, State.PLACED): (
        frozenset({A}),
        "the provider holds its relay: created, updated or adopted",
    ),
    (State.PLACING, State.RETRYING): (frozenset({A}), "the try failed or its outcome is unclear"),
    (State.PLACING, State.PLANNED): (
        frozenset({A, P}),
        "its slot is not free yet, or its plan changed meanwhile",
    ),
    (State.PLACING, State.FAILED): (frozenset({A}), "the provider refused it for good"),
    (State.PLACING, State.MISSED): (frozenset({A}), "too little of it is left to be worth placing"),
    (State.PLANNED, State.MISSED): (frozenset({A}), "too little of it is left to be worth placing"),
    (State.RETRYING, State.MISSED): (frozenset({A}), "too little of it is left to be worth placing"),
    (State.PLANNED, State.DISPLACED): (frozenset({A}), _GIVES_WAY),
    (State.PLACING, State.DISPLACED): (frozenset({A}), _GIVES_WAY),
    (State.RETRYING, State.DISPLACED): (frozenset({A}), _GIVES_WAY),
    (State.PLACED, State.DISPLACED): (frozenset({A}), "a window that it gives way to begins"),
    (State.DISPLACED, State.PLANNED): (
        frozenset({A, P, H}),
        "what displaced it is gone, or its plan changed",
    ),
    (State.DISPLACED, State.PLACED): (frozenset({A}), _SLOT_MATE),
    (State.DISPLACED, State.RETRYING): (frozenset({A}), _SLOT_MATE),
    (State.DISPLACED, State.FAILED): (frozenset({A}), _SLOT_MATE),
    (State.DISPLACED, State.CANCELLED): (frozenset({P, H}), "it left the plan, or a person called it off"),
    (State.PLACED, State.RETRYING): (frozenset({A}), "its relay is gone from the provider, and not by us"),
    (State.PLACED, State.FAILED): (frozenset({A}), "its relay is gone, and the provider takes no other"),
    (State.PLACED, State.REMOVED): (frozenset({A}), "it has ended and its relay is gone"),
    (State.PLACED, State.PLANNED): (
        frozenset({A, P, H}),
        "its plan changed, or an earlier window needs the slot",
    ),
    (State.RETRYING, State.PLANNED): (frozenset({P, H}), "its plan changed"),
    (State.FAILED, State.PLANNED): (frozenset({P, H}), "its plan changed, or a person asked for another try"),
    (State.MISSED, State.PLANNED): (frozenset({P, H}), "its plan changed and enough of it is left"),
    (State.CANCELLED, State.PLANNED): (frozenset({P, H}), "it is back in the plan"),
    (State.PLANNED, State.CANCELLED): (frozenset({P, H}), "it left the plan, or a person called it off"),
    (State.PLACING, State.CANCELLED): (frozenset({P, H}), "it left the plan, or a person called it off"),
    (State.RETRYING, State.CANCELLED): (frozenset({P, H}), "it left the plan, or a person called it off"),
    (State.PLACED, State.CANCELLED): (frozenset({P, H}), "it left the plan, or a person called it off"),
    (State.FAILED, State.CANCELLED): (frozenset({P, H}), "it left the plan, or a person called it off"),
}
"""(from, to) -> (who may do it, when). What is not here cannot happen."""

OPEN: Final = frozenset({State.PLANNED, State.PLACING, State.RETRYING, State.PLACED, State.DISPLACED})
"""States in which a window still wants something of its slot."""


def sources_of(to: State, mover: Mover) -> frozenset[State]:
    """The states from which ``mover`` may bring a window to ``to``."""
    return frozenset(a for (a, b), (who, _) in EDGES.items() if b is to and mover in who)
