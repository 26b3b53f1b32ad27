"""Whose turn it is to call the provider (pure).

The account has one allowance of requests a second for everything. Whoever wants to call says how urgent
it is, and a gate lets callers through: most urgent first, never more than the allowance.
"""

from __future__ import annotations

import enum
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol


class Lane(enum.IntEnum):
    """Two lanes: placing windows goes first, looking after them takes what is left, with a small reserve."""

    URGENT = 0
    BACKGROUND = 1


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """A place in the queue. ``deadline`` (Unix seconds) orders callers within a lane: earliest first."""

    lane: Lane
    deadline: float


class Gate(Protocol):
    """Blocks until it is this caller's turn; the body of the ``with`` is the request and its answer.

    Raises ``LedgerUnavailable`` when the shared quota cannot be consulted.
    """

    def __call__(self, turn: Turn) -> AbstractContextManager[None]: ...


def open_gate(turn: Turn) -> AbstractContextManager[None]:
    """Lets everyone through at once: for a provider that has no quota to keep, as in unit tests."""
    return nullcontext()
