"""Placing windows: claim, look, decide, write the intent, act, record.

An attempt is made for a window and works on its slot, because the provider's calls name slots. It may be
killed at any instant: whatever it was about to send is in the slot's book before it is sent, so the next
holder of the lease finds a doubt where otherwise there would be a second create.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from worker import slots, telemetry
from worker.backoff import delay, next_try
from worker.decide import (
    Act,
    Adopt,
    Case,
    Conflict,
    Doubt,
    GiveUp,
    Refusal,
    Rest,
    Wait,
    Write,
    decide,
    is_ours,
)
from worker.errors import Invalid, ProviderError, UnknownEvent
from worker.ledger import Ledger
from worker.ledger.codec import Book
from worker.ledger.looks import Sight
from worker.ledger.records import Attempt, Busy, Claim, Gone
from worker.provider import Answer, Provider
from worker.relay import Relay, Row
from worker.slots import Outlook
from worker.turns import Lane, Turn
from worker.verdicts import Verdict, moves
from worker.windows import expand

MOST_STEPS: Final = 4
"""Writes of one attempt: delete and create, and room for a surprise."""
RECHECK: Final = 30.0
"""Seconds until a conflict is looked at again."""


class LeaseLost(Exception):
    """Somebody else holds the slot by now; nothing may be sent or recorded."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How an attempt behaves. All in seconds.

    ``settling``: how long a list may lag behind a write. ``timeout``: deadline of one call.
    ``look_age``: how old a list may be where nothing was written since. Attempts of a busy moment share
    one; what somebody else put on a slot since it was asked for is not seen, and could be overwritten.
    """

    settling: float
    timeout: float
    look_age: float = 5.0

    @property
    def lease(self) -> float:
        """Outlives any single call, so that a doubt left behind is over when the lease is."""
        return self.timeout + 10.0


@dataclass(frozen=True, slots=True)
class Attempts:
    """What a worker does with the windows it is handed. Safe to use from many threads at once."""

    ledger: Ledger
    provider: Provider
    policy: Policy
    holder: str
    uniform: Callable[[float, float], float]
    pause: Callable[[float], None]

    def run(self, window_id: str) -> str:
        """Makes one attempt and says in a word what came of it; never raises a ``ProviderError``."""
        now = self.ledger.now()
        claim = self.ledger.slots.claim(window_id, now=now, lease=self.policy.lease, holder=self.holder)
        if isinstance(claim, Busy):
            return "busy"
        if isinstance(claim, Gone):
            return "gone"
        try:
            return Visit(self, claim).run()
        except LeaseLost:
            telemetry.say("attempt.lease-lost", window=window_id)
            return "lease-lost"


class Visit:
    """One attempt, while it holds the lease: it learns, and what it learns is in ``book``."""

    def __init__(self, attempts: Attempts, claim: Claim) -> None:
        self._attempts = attempts
        self._ledger = attempts.ledger
        self._policy = attempts.policy
        self._claim = claim
        self._book = _inherit(claim.book, attempts.policy.settling)
        self._calls: list[Attempt] = []
        self._task_id = ""

    def run(self) -> str:
        """Steps until there is nothing more to send."""
        for _ in range(MOST_STEPS):
            now = self._ledger.now()
            outlook = slots.outlook(self._claim.standings, now, self._sent())
            act: Act | None = None
            try:
                act = self._decide(outlook, now)
                if isinstance(act, Write):
                    self._send(act, outlook)
                    continue
            except ProviderError as error:
                return self._close(outlook, self._failure(error, act, outlook))
            return self._close(outlook, self._verdict(act))
        return self._close(outlook, Verdict("wait", due=self._ledger.now() + RECHECK, why="too many steps"))

    def _decide(self, outlook: Outlook, now: float) -> Act:
        book = self._book
        if not (outlook.wanted or book.ours or book.doubt):
            return Rest()
        if book.believed is None and book.look_from > now:
            return Wait(book.look_from, book.doubt)
        sight = (
            Sight(book.believed, now)
            if book.believed is not None and now < book.look_from
            else self._look(outlook)
        )
        ours = self._ours(sight.rows)
        act = decide(
            Case(
                self._claim.slot,
                outlook.wanted,
                sight.rows,
                sight.at,
                ours,
                book.doubt,
                book.refusal,
                self._policy.settling,
                now,
            )
        )
        if isinstance(act, Wait):
            self._book = replace(book, doubt=act.doubt, look_from=act.until)
        else:
            shown = tuple(relay for relay in ours if any(row.shows(relay) for row in sight.rows))
            self._book = replace(book, ours=shown, doubt=None, refusal=None)
        return act

    def _look(self, outlook: Outlook) -> Sight:
        """The slot as listed no earlier than our last write allows, asking the provider only if need be."""
        looks, domain = self._ledger.looks, self._claim.slot.domain
        while True:
            now = self._ledger.now()
            kept = looks.last(self._claim.slot)
            if kept and kept.at >= max(self._book.look_from, now - self._policy.look_age):
                return kept
            if looks.begin(domain, round(self._policy.lease)):
                break
            self._attempts.pause(0.05)
        try:
            asked_at = self._ledger.now()
            rows = self._attempts.provider.list(domain, turn=self._turn(outlook))
            looks.keep(domain, rows, asked_at)
        finally:
            looks.end(domain)
        return Sight(tuple(row for row in rows if row.slot == self._claim.slot), asked_at)

    def _ours(self, rows: Iterable[Row]) -> tuple[Relay, ...]:
        """The relays we sent or want, and those rows that the plan explains (after the ledger was lost)."""
        known = (
            *self._book.ours,
            *(slots.relay_of(s.window) for s in (*self._claim.standings, self._claim.own)),
        )
        return tuple(
            dict.fromkeys((*known, *self._explained(row for row in rows if not is_ours(row, known))))
        )

    def _explained(self, rows: Iterable[Row]) -> Iterable[Relay]:
        for row in rows:
            if row.start is None:
                continue
            for event_id in sorted({s.window.event for s in (*self._claim.standings, self._claim.own)}):
                try:
                    event = self._ledger.plans.event(event_id).event
                except UnknownEvent:
                    continue
                yield from (
                    r for w in expand(event, row.start, row.start + 1) if row.shows(r := slots.relay_of(w))
                )

    def _sent(self) -> tuple[Relay, ...]:
        """What may be on the slot because of us."""
        doubted = self._book.doubt.relay if self._book.doubt else None
        return (*self._book.ours, doubted) if doubted else self._book.ours

    def _turn(self, outlook: Outlook, announce: Callable[[], None] | None = None) -> Turn:
        if outlook.wanted:
            turn = Turn(Lane.URGENT, outlook.wanted.start)
        else:
            turn = Turn(Lane.BACKGROUND, self._claim.own.window.end)
        return replace(turn, announce=announce) if announce else turn

    def _send(self, act: Write, outlook: Outlook) -> None:
        """Sends one write. Its intent is in the book, and the fence checked, before the first byte leaves."""
        intent = Doubt(act.verb, act.relay, since=0.0)
        ours = (*self._book.ours, act.relay) if act.relay else self._book.ours

        def announce() -> None:
            now = self._ledger.now()
            book = replace(
                self._book, ours=ours, believed=None, intent=replace(intent, since=now + self._policy.timeout)
            )
            if not self._ledger.slots.note(self._claim, book, now=now, lease=self._policy.lease):
                raise LeaseLost
            # A crash from here on leaves the intent behind, and the next holder of the lease in doubt.

        started = self._ledger.now()
        answer = self._call(act, self._turn(outlook, announce))
        now = self._ledger.now()
        self._log(
            Attempt(
                at=started,
                act=act.verb,
                outcome="ok",
                http_status=answer.http_status,
                request_id=answer.request_id,
                seconds=round(answer.seconds, 3),
            )
        )
        self._book = Book(
            ours=(act.relay,) if act.relay else (),
            look_from=now + self._policy.settling,
            believed=self._believed(act.relay, outlook, now),
        )
        if answer.task_id:
            self._task_id = answer.task_id

    def _believed(self, sent: Relay | None, outlook: Outlook, now: float) -> tuple[Row, ...] | None:
        """What the slot holds by our own word until a list can tell; ``None`` if the list has to tell.

        A delete that takes effect after the create that follows it takes the new relay with it, and nobody
        would know. So the create waits for a list without the old one, unless its window cannot wait.
        """
        if sent is not None:
            return (sent.as_row(),)
        waits = outlook.wanted is not None and outlook.wanted.start > now + 2 * self._policy.settling
        return None if waits else ()

    def _call(self, act: Write, turn: Turn) -> Answer:
        provider = self._attempts.provider
        if act.relay is None:
            return provider.delete(self._claim.slot, turn=turn)
        return (provider.create if act.verb == "create" else provider.update)(act.relay, turn=turn)

    def _failure(self, error: ProviderError, act: Act | None, outlook: Outlook) -> Verdict:
        """What a failed call means for the slot, and when to try again."""
        now = self._ledger.now()
        verb = act.verb if isinstance(act, Write) else "look"
        self._log(
            Attempt(
                at=now,
                act=verb,
                outcome=error.code,
                code=error.vendor_code,
                message=str(error),
                http_status=error.http_status,
                request_id=error.request_id,
            )
        )
        if isinstance(act, Write):
            self._book = self._after_failed_write(error, act, now)
        tries = self._claim.own.tries + (1 if error.counts else 0)
        if outlook.wanted is None:
            due = now + delay(max(tries, 1), float("inf"), self._attempts.uniform)
            return Verdict("retry", due=max(due, self._book.look_from), why=str(error), tries=tries)
        again = next_try(
            error,
            tries=tries,
            now=now,
            start=outlook.wanted.start,
            last_useful=outlook.wanted.last_useful,
            uniform=self._attempts.uniform,
        )
        if again is None:
            return Verdict("fail", why=str(error), tries=tries)
        return Verdict("retry", due=max(again, self._book.look_from), why=str(error), tries=tries)

    def _after_failed_write(self, error: ProviderError, act: Write, now: float) -> Book:
        book = self._book
        if error.unclear:
            ours = (*book.ours, act.relay) if act.relay else book.ours
            doubt = Doubt(act.verb, act.relay, since=now)
            return replace(book, ours=ours, believed=None, doubt=doubt, look_from=now + self._policy.settling)
        if not error.look_first:
            return book  # certainly not executed: what was known before is still known
        if book.believed is not None and now < book.look_from:
            # It rested on what we believe of our last write, and that may not have taken effect yet.
            return replace(book, believed=None)
        refusal = (
            Refusal(act.verb, act.relay, str(error)) if isinstance(error, Invalid) and act.relay else None
        )
        return replace(book, believed=None, refusal=refusal, look_from=now)

    def _verdict(self, act: Act) -> Verdict:
        tries = self._claim.own.tries
        match act:
            case Adopt():
                return Verdict("placed", why="" if self._calls else "found at the provider as wanted")
            case Rest():
                return Verdict("rest")
            case Wait(until, None):
                return Verdict("settle", due=until, why="the last change of its slot may not show yet")
            case Wait(until):
                why = "the outcome of the last call is unclear: looking again"
                return Verdict("retry", due=until, why=why, tries=tries)
            case Conflict(why):
                return Verdict("retry", due=self._ledger.now() + RECHECK, why=why, tries=tries)
            case GiveUp(why):
                return Verdict("fail", why=why, tries=tries)
            case _:
                raise AssertionError(act)

    def _close(self, outlook: Outlook, verdict: Verdict) -> str:
        now = self._ledger.now()
        verdict = replace(verdict, task_id=self._task_id)
        told = moves(self._claim, outlook, verdict, now=now, by=self._attempts.holder, calls=self._calls)
        moved = self._ledger.slots.finish(self._claim, self._book, told, now=now)
        if moved is None:
            raise LeaseLost
        for move in told:
            if move.window_id in moved:
                telemetry.say(f"window.{move.to}", window=move.window_id, why=move.why)
        return verdict.word

    def _log(self, attempt: Attempt) -> None:
        self._calls.append(attempt)
        telemetry.say(
            "attempt.call",
            window=self._claim.own.window.id,
            act=attempt.act,
            outcome=attempt.outcome,
            code=attempt.code,
            status=attempt.http_status,
            request_id=attempt.request_id,
        )


def _inherit(book: Book, settling: float) -> Book:
    """A write that its sender never reported on is a doubt, from the moment it can no longer be under way."""
    if book.intent is None:
        return book
    return replace(
        book, intent=None, doubt=book.intent, believed=None, look_from=book.intent.since + settling
    )
