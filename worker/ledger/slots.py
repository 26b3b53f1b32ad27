"""The worker's side of the ledger: claim a slot, note what is about to be sent, record what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from redis import Redis
from redis.exceptions import NoScriptError
from redis.typing import EncodableT

from worker.ledger.client import load_script, reachable
from worker.ledger.codec import Book, dump_book, parse_book, parse_window
from worker.ledger.keys import Keys
from worker.ledger.records import Busy, Change, Claim, Forgotten, Gone, Move
from worker.lifecycle import OPEN, Mover, State, sources_of
from worker.relay import Slot
from worker.slots import Standing

KEPT: Final = 21 * 86_400
"""Seconds for which a slot is remembered for which nothing is planned any more."""
MOST_WINDOWS: Final = 200
"""Open windows of a slot that a claim returns, earliest first: what one relay can serve is among them."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Leases and their fencing. Every method is one script: it happens whole, or not at all."""

    redis: Redis
    keys: Keys

    def claim(
        self, window_id: str, *, now: float, lease: float, holder: str, epoch: str
    ) -> Claim | Busy | Gone | Forgotten:
        """Leases the window's slot for ``lease`` seconds, unless somebody holds it.

        A window that waits for its turn is ``placing`` from here on. ``Busy`` and ``Gone`` are no errors.
        ``Forgotten`` says that the ledger is not the one that was known as ``epoch``: nothing is leased.
        """
        line = Change(at=now, action="window.claimed", to=State.PLACING, by=holder).line()
        args = (self.keys.prefix, window_id, now, lease, holder, MOST_WINDOWS, line, epoch)
        script = load_script(self.redis, "claim.lua")
        with reachable():
            try:
                answer: Any = self.redis.evalsha(script.sha, 0, *args, "")
            except NoScriptError:  # loading it and doubting the server's memory are one step
                answer = self.redis.eval(str(script.script), 0, *args, "new")
        if answer[0] == "epoch":
            return Forgotten(answer[1])
        if answer[0] == "gone":
            return Gone()
        if answer[0] == "busy":
            return Busy()
        own, *standings = (_standing(*told) for told in answer[4:])
        if own.state in OPEN and all(own.window.id != other.window.id for other in standings):
            standings.append(own)  # more wait for this slot than a claim returns
        return Claim(own, int(answer[1]), parse_book(answer[2]), tuple(standings), lost_at=float(answer[3]))

    def note(self, claim: Claim, book: Book, *, now: float, lease: float) -> bool:
        """Writes the book and renews the lease; false if the lease is lost, and then nothing may be sent."""
        with reachable():
            script = load_script(self.redis, "note.lua")
            args: list[EncodableT] = [
                self.keys.prefix,
                str(claim.slot),
                claim.fence,
                now,
                lease,
                dump_book(book),
                *_place(claim.slot),
            ]
            return bool(script(args=args))

    def finish(self, claim: Claim, book: Book, moves: Iterable[Move], *, now: float) -> set[str] | None:
        """Records the outcome and gives the slot back: the windows whose state changed.

        ``None`` if the lease was lost: nothing is recorded.
        """
        with reachable():
            script = load_script(self.redis, "finish.lua")
            told = [_told(move) for move in moves]
            args: list[EncodableT] = [self.keys.prefix, str(claim.slot), claim.fence, now]
            args += [claim.own.window.id, dump_book(book), json.dumps(told)]
            args += [*_place(claim.slot), int(bool(book.ours)), KEPT, json.dumps(_outcomes(told))]
            moved: list[str] | None = script(args=args)
        return None if moved is None else set(moved)


def _place(slot: Slot) -> tuple[str, str]:
    return slot.domain, f"{slot.app}/{slot.stream}"


def _standing(window_id: str, plan: str, state: str, revision: str, tries: str) -> Standing:
    return Standing(parse_window(window_id, plan), State(state), int(revision), int(tries))


def _outcomes(told: Iterable[dict[str, Any]]) -> list[str]:
    """What came of each call: one that served several windows is in the log of each, and counts once."""
    lines = dict.fromkeys(line for move in told for line in move["calls"])
    return [json.loads(line)["outcome"] for line in lines]


def _told(move: Move) -> dict[str, Any]:
    pairs = [str(part) for pair in move.fields.items() for part in pair]
    return {
        "id": move.window_id,
        "rev": move.revision,
        "from": sorted(sources_of(move.to, Mover.ATTEMPT)),
        "to": move.to,
        "due": -1 if move.due is None else move.due,
        "closes": move.to not in OPEN or move.due is None,
        "set": pairs,
        "expire_at": move.expire_at,
        "calls": list(move.calls),
        "change": move.change,
    }
