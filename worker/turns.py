"""Whose turn it is to call the provider (pure).

The account has one allowance of requests a second for everything. Whoever wants to call says how urgent
it is, and a gate lets callers through: most urgent first, never more than the allowance.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol


class Lane(enum.IntEnum):
    """Two lanes: placing windows goes first, looking after them takes what is left, with a small reserve."""

    URGENT = 0
    BACKGROUND = 1


def _say_nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """A place in the queue. ``deadline`` (Unix seconds) orders callers within a lane: earliest first.

    ``announce`` is called when the turn has come and nothing is sent yet: the last moment to write down
    what is about to happen, or to raise because it must not happen any more.
    """

    lane: Lane
    deadline: float
    announce: Callable[[], None] = field(default=_say_nothing, compare=False, repr=False)


class Gate(Protocol):
    """Blocks until it is this caller's turn; the body of the ``with`` is the request and its answer.

    Raises ``LedgerUnavailable`` when the shared quota cannot be consulted. Callers wrap it by
    :func:`announcing`, so that a gate itself has nothing to know of announcements.
    """

    def __call__(self, turn: Turn, /) -> AbstractContextManager[None]:
        """The turn; entered when it has come, left when the answer is there."""
        ...


def open_gate(_turn: Turn) -> AbstractContextManager[None]:
    """Lets everyone through at once: for a provider that has no quota to keep, as in unit tests."""
    return nullcontext()


def announcing(gate: Gate) -> Gate:
    """The same gate; whoever it lets through announces before anything is sent."""

    @contextmanager
    def announced(turn: Turn) -> Iterator[None]:
        with gate(turn):
            turn.announce()
            yield

    return announced
