"""From what an attempt found out to what becomes of each window of the slot (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from worker.backoff import FAR_CAP
from worker.ledger.plans import KEPT_AFTER_END
from worker.ledger.records import Attempt, Change, Claim, Move
from worker.lifecycle import OPEN, State
from worker.slots import Outlook, Standing, last_useful, precedence
from worker.windows import Window

Word = Literal["placed", "rest", "retry", "fail", "wait", "settle"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an attempt, in a word; ``due`` is when the slot needs another (Unix seconds).

    ``placed``: the slot holds what is wanted. ``rest``: nothing is wanted and nothing of ours is there.
    ``retry`` and ``wait``: try again at ``due``. ``settle``: nothing failed, and its turn comes at ``due``.
    ``fail``: only a person can help. ``absent``: the provider was seen not to hold it.
    """

    word: Word
    due: float = 0.0
    why: str = ""
    tries: int = 0
    task_id: str = ""
    absent: bool = False


_UNDECIDED: Final = {State.PLACING, State.DISPLACED}

_STATE: Final = {
    "placed": State.PLACED,
    "retry": State.RETRYING,
    "wait": State.RETRYING,
    "fail": State.FAILED,
}


def moves(
    claim: Claim, outlook: Outlook, verdict: Verdict, *, now: float, by: str, calls: Sequence[Attempt]
) -> list[Move]:
    """One move for each window that the attempt has something to say about; ``now`` in Unix seconds."""
    book = _Moves(claim, outlook, verdict, now, by, tuple(call.line() for call in calls))
    return [book.of(standing) for standing in book.everyone()]


@dataclass(frozen=True, slots=True)
class _Moves:
    claim: Claim
    outlook: Outlook
    verdict: Verdict
    now: float
    by: str
    calls: tuple[str, ...]

    def everyone(self) -> list[Standing]:
        """The slot's open windows, and the claimed one even if it is not open any more."""
        own = self.claim.own
        known = {s.window.id for s in self.claim.standings}
        return [*self.claim.standings, *([] if own.window.id in known else [own])]

    def of(self, standing: Standing) -> Move:
        """What becomes of this window."""
        window_id, outlook = standing.window.id, self.outlook
        waiting = dict(outlook.waiting)
        if outlook.wanted and window_id in outlook.wanted.windows:
            return self._wanted(standing)
        if window_id in outlook.missed:
            return self._too_late(standing)
        if window_id in outlook.over or standing.state not in OPEN:
            return self._leaving(standing)
        for displaced, winner in outlook.displaced:
            if displaced == window_id:
                return self._giving_way(standing, winner)
        return self._waiting(standing, waiting[window_id])

    def _wanted(self, standing: Standing) -> Move:
        verdict = self.verdict
        if verdict.word == "settle":
            stays = State.PLANNED if standing.state in _UNDECIDED else standing.state
            return self._move(standing, stays, verdict.due, verdict.why)
        to = _STATE[verdict.word]
        if standing.state is State.PLACED and not self._is_gone(standing.window):
            to = State.PLACED  # its relay is there as far as we know; what failed was a correction
        fields: dict[str, Any] = {"reason": verdict.why, "tries": verdict.tries, "next_attempt_at": 0}
        if to is State.PLACED:
            return self._placed(standing, fields)
        if to is State.RETRYING:
            return self._move(
                standing, to, verdict.due, verdict.why, fields | {"next_attempt_at": verdict.due}
            )
        return self._move(standing, to, None, verdict.why, fields)

    def _is_gone(self, window: Window) -> bool:
        """Whether it lost its relay and can be helped; too late for that, it keeps what it has to its end."""
        return self.verdict.absent and self.now <= last_useful(window)

    def _placed(self, standing: Standing, fields: dict[str, Any]) -> Move:
        verdict, subject = self.verdict, self._subject()
        due: float = verdict.due or self.now + FAR_CAP
        if verdict.word == "placed":
            renewed = self.outlook.wanted.renew_at if self.outlook.wanted else None
            due = min(standing.window.end, renewed or standing.window.end)
            fields |= {"task_id": verdict.task_id}
        if standing.state is not State.PLACED:
            fields |= {"placed_at": self.now}
        why = verdict.why or ("" if standing.window.id == subject else f"one relay with {subject}")
        return self._move(standing, State.PLACED, due, why, fields)

    def _too_late(self, standing: Standing) -> Move:
        if standing.state is State.DISPLACED:
            return self._move(standing, State.DISPLACED, None, "")
        return self._move(standing, State.MISSED, None, "its last useful moment passed without a relay")

    def _giving_way(self, standing: Standing, winner: Window) -> Move:
        """Seen to again when anything changes on its slot, and once more when it is too late for it."""
        due = float(last_useful(standing.window) + 1)
        if self._ahead_gives_up():
            due = self.now
        why = f"gives way to {winner.id} on {winner.slot}: {precedence(winner, standing.window, 'that')}"
        return self._move(standing, State.DISPLACED, due, why, {"reason": why, "next_attempt_at": 0})

    def _leaving(self, standing: Standing) -> Move:
        """Over or called off: done with, once nothing of it is left on the slot."""
        gone = self.verdict.word in {"placed", "rest"}
        to = State.REMOVED if standing.state is State.PLACED and gone else standing.state
        return self._move(
            standing,
            to,
            None if gone else max(self.verdict.due, self.now + 1),
            "its relay is gone",
            {"tries": 0 if gone else self.verdict.tries},
        )

    def _waiting(self, standing: Standing, due: float) -> Move:
        if self._ahead_gives_up():
            due = standing.window.due_at
        if standing.state is State.DISPLACED:
            return self._move(standing, State.PLANNED, due, "its slot is free for it again", {"reason": ""})
        if standing.state in {State.PLACING, State.PLACED}:
            return self._move(
                standing, State.PLANNED, due, "its slot is needed by an earlier window until then"
            )
        return self._move(standing, standing.state, due, "")

    def _ahead_gives_up(self) -> bool:
        """Whether the window ahead leaves the slot to the others, long before its end."""
        ahead = self.outlook.wanted.windows if self.outlook.wanted else ()
        placed = any(s.state is State.PLACED for s in self.claim.standings if s.window.id in ahead)
        return self.verdict.word == "fail" and not placed

    def _move(
        self, standing: Standing, to: State, due: float | None, why: str, fields: dict[str, Any] | None = None
    ) -> Move:
        window, final = standing.window, to not in OPEN or due is None
        change = Change(at=self.now, action=f"window.{to}", to=to, by=self.by, why=why)
        return Move(
            window_id=window.id,
            revision=standing.revision,
            to=to,
            due=due,
            fields=fields or {},
            calls=self.calls if window.id == self._subject() else (),
            change="" if to is standing.state else change.line(),
            why=why,
            expire_at=window.end + KEPT_AFTER_END if final else 0,
        )

    def _subject(self) -> str:
        """The window whose history tells of the calls: the one to be placed, else the one claimed."""
        return self.outlook.wanted.windows[0] if self.outlook.wanted else self.claim.own.window.id
