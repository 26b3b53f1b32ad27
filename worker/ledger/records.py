"""What is read out of the ledger, and what an attempt writes into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from worker.events.model import Event
from worker.ledger.codec import Book, compact
from worker.lifecycle import State
from worker.relay import Slot
from worker.slots import Standing
from worker.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRecord:
    """A window as the ledger has it. Times are Unix seconds, 0 where there is none.

    ``cancelled_by`` is ``plan`` or ``person``: only the plan's own word can be taken back by the plan.
    ``reading`` is what the clock of its zone showed at its nominal start by the edition that planned it.
    """

    window: Window
    state: State
    revision: int
    tries: int = 0
    task_id: str = ""
    placed_at: float = 0.0
    next_attempt_at: float = 0.0
    reason: str = ""
    cancelled_by: str = ""
    reading: int | None = None

    @property
    def standing(self) -> Standing:
        """Where it stands, as its slot is judged."""
        return Standing(self.window, self.state, self.revision, self.tries)

    def on_air(self, now: float) -> bool:
        """Whether its relay is being pulled at ``now``, as far as the ledger can tell."""
        return self.state is State.PLACED and self.window.start <= now < self.window.end


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """An event as the ledger has it. ``in_file`` is false once it left the file that brought it.

    ``edition`` is the one by which it was planned last, as text; empty if it never was.
    """

    event: Event
    digest: str
    file: str
    planned_until: int
    in_file: bool = True
    edition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call for a window, with its result, as people will read it. ``seconds`` is how long it took."""

    at: float
    act: str
    outcome: str
    code: str = ""
    http_status: int = 0
    request_id: str = ""
    seconds: float = 0.0
    message: str = ""

    def line(self) -> str:
        """The attempt as a line of the window's log."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return compact(
            {"kind": "attempt"} | {name: value for name, value in told.items() if value or name == "at"}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of state, as people will read it. ``action`` is a stable word, such as ``window.placed``."""

    at: float
    action: str
    to: State
    by: str
    why: str = ""

    def line(self) -> str:
        """The change as a line of the window's log."""
        return compact(
            {
                "kind": "change",
                "at": self.at,
                "action": self.action,
                "to": self.to,
                "by": self.by,
                "why": self.why,
            }
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on a slot. Whoever holds it is the only one who may write to that slot, until it expires.

    ``fence`` grows with every lease of the slot; the ledger refuses whatever comes with an older one.
    ``own`` is the window that was claimed, open or not; ``standings`` are the slot's open windows.
    ``lost_at`` is when the ledger was last found empty that had not been (Unix seconds), or 0.
    """

    own: Standing
    fence: int
    book: Book
    standings: tuple[Standing, ...]
    lost_at: float = 0.0

    @property
    def slot(self) -> Slot:
        """The slot that is leased."""
        return self.own.window.slot


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody else holds the slot; it is tried again in the course of things."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The ledger lost its memory, or may have: what is known elsewhere must be told it before it is used."""

    epoch: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The window is no longer in the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What becomes of one window when an attempt ends.

    ``due`` is when to see to it again (Unix seconds), ``None`` for never. A move is made only if the window
    is still in a state that leads to ``to``, and its plan is still the one of ``revision``.
    """

    window_id: str
    revision: int
    to: State
    due: float | None
    fields: dict[str, Any] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    change: str = ""
    why: str = ""
    expire_at: int = 0
