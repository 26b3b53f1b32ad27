"""One attempt: look, decide, write the intent, act, record, while the lease lasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from worker import slots, telemetry
from worker.backoff import NEAR, delay, next_try
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
    can_wait,
    changed,
    decide,
)
from worker.errors import Invalid, ProviderError
from worker.journal import Entry, Journal
from worker.ledger import Ledger
from worker.ledger.codec import Book
from worker.ledger.looks import Sight
from worker.ledger.records import Attempt, Claim
from worker.lifecycle import State
from worker.provider import Answer, Provider
from worker.relay import Relay, Row
from worker.sights import Sights
from worker.slots import Outlook, Wanted
from worker.turns import Lane, Turn
from worker.verdicts import Verdict, moves

MOST_STEPS: Final = 4
"""Writes of one attempt: delete and create, and room for a surprise."""
RECHECK, NEAR_RECHECK = 30.0, 10.0
"""Seconds until a conflict is looked at again; the second, where the start is near."""


class LeaseLost(Exception):
    """Somebody else holds the slot by now; nothing may be sent or recorded."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How an attempt behaves. All in seconds.

    ``settling``: how long a list may lag behind a write. ``settle``: how long the provider takes to act on
    one. ``timeout``: deadline of one call. ``look_age``: see :class:`~worker.sights.Sights`.
    """

    settling: float
    settle: int
    timeout: float
    look_age: float = 5.0

    @property
    def lease(self) -> float:
        """Outlives any single call, so that a doubt left behind is over when the lease is."""
        return self.timeout + 10.0

    @property
    def pause(self) -> float:
        """How far away the next start must be for a delete to come before it."""
        return max(2 * self.settling, self.settle)


@dataclass(slots=True)
class Equipment:
    """What a worker works with. Safe to use from many threads at once."""

    ledger: Ledger
    provider: Provider
    policy: Policy
    holder: str
    uniform: Callable[[float, float], float]
    pause: Callable[[float], None]
    journal: Journal

    @property
    def sights(self) -> Sights:
        """Its eyes."""
        policy = self.policy
        return Sights(self.ledger, self.provider, self.pause, policy.look_age, policy.lease, policy.settle)


class Visit:
    """One attempt, while it holds the lease: it learns, and what it learns is in ``book``."""

    def __init__(self, tools: Equipment, claim: Claim) -> None:
        self._tools = tools
        self._ledger = tools.ledger
        self._policy = tools.policy
        self._claim = claim
        self._book = _inherit(claim, tools.policy)
        self._calls: list[Attempt] = []
        self._absent = False

    def run(self) -> str:
        """Steps until there is nothing more to send."""
        for _ in range(MOST_STEPS):
            now = self._ledger.now()
            outlook = slots.outlook(
                self._claim.standings, now, self._policy.settle, self._sent(), self._book.since
            )
            act: Act | None = None
            try:
                act = self._decide(outlook, now)
                if isinstance(act, Write):
                    self._send(act, outlook)
                    continue
            except ProviderError as error:
                return self._close(outlook, self._failure(error, act, outlook, now))
            return self._close(outlook, self._verdict(act, outlook))
        return self._close(outlook, Verdict("wait", due=self._ledger.now() + RECHECK, why="too many steps"))

    def _decide(self, outlook: Outlook, now: float) -> Act:
        book = self._book
        if not (outlook.wanted or book.ours or book.doubt):
            return Rest()
        if outlook.wanted and self._undisturbed(outlook.wanted):
            self._book = replace(book, since=outlook.wanted.since)
            return Adopt()
        if book.believed is None and book.look_from > now:
            return Wait(book.look_from, book.doubt)
        sight = self._see(outlook, now)
        ours = self._tools.sights.ours(sight.rows, self._claim, book.ours)
        act = decide(
            Case(
                self._claim.slot,
                outlook.wanted,
                sight.rows,
                sight.at,
                ours,
                book.ours,
                book.doubt,
                book.refusal,
                self._policy.settling,
                self._policy.pause,
                now,
            )
        )
        if isinstance(act, Wait):
            self._book = replace(book, doubt=act.doubt, look_from=act.until)
        else:
            self._learn(sight.rows, ours, outlook)
            self._absent = not ours
        return act

    def _undisturbed(self, wanted: Wanted) -> bool:
        """Whether the claimed window only came to ask for its turn, or to leave; another has the slot."""
        book = self._book
        if self._claim.own.window.id in wanted.windows or book.doubt or book.refusal:
            return False
        placed = {s.window.id for s in self._claim.standings if s.state is State.PLACED}
        return book.ours == (wanted.relay,) and placed.issuperset(wanted.windows)

    def _see(self, outlook: Outlook, now: float) -> Sight:
        book = self._book
        if book.believed is not None and now < book.look_from:
            return Sight(book.believed, now)
        return self._tools.sights.of(self._claim.slot, book.look_from, self._turn(outlook))

    def _learn(self, rows: tuple[Row, ...], ours: frozenset[Row], outlook: Outlook) -> None:
        """What is ours of what is there, and nothing left open."""
        wanted, held = outlook.wanted, self._book.ours
        # What somebody changed is known by the relay it was.
        shown = held if changed(rows, held) else tuple({row.as_relay(): row for row in rows if row in ours})
        self._book = replace(
            self._book,
            ours=shown,
            doubt=None,
            refusal=None,
            task_id=self._book.task_id if shown else "",
            since=wanted.since if wanted and wanted.relay in shown else 0,
        )

    def _sent(self) -> tuple[Relay, ...]:
        """What may be on the slot because of us."""
        doubted = self._book.doubt.relay if self._book.doubt else None
        return (*self._book.ours, doubted) if doubted else self._book.ours

    def _turn(self, outlook: Outlook, announce: Callable[[], None] | None = None) -> Turn:
        window = self._claim.own.window
        if outlook.wanted:
            turn = Turn(Lane.URGENT, outlook.wanted.start)
        elif window.start <= self._ledger.now() < window.end:  # somebody wants it off the air
            turn = Turn(Lane.URGENT, window.start)
        else:
            turn = Turn(Lane.BACKGROUND, window.end)
        return replace(turn, announce=announce) if announce else turn

    def _send(self, act: Write, outlook: Outlook) -> None:
        """Sends one write. Its intent is in the book, and the fence checked, before the first byte leaves."""
        ours = _with(self._book.ours, act.relay)
        entry = Entry(0.0, self._subject(outlook), self._claim.slot, act.verb, act.relay, self._claim.fence)

        def announce() -> None:
            now = self._ledger.now()
            intent = Doubt(act.verb, act.relay, since=now + self._policy.timeout)
            book = replace(self._book, ours=ours, believed=None, intent=intent)
            if not self._ledger.slots.note(self._claim, book, now=now, lease=self._policy.lease):
                raise LeaseLost
            # A crash from here on leaves the intent behind, and the next holder of the lease in doubt.
            self._tools.journal.write(replace(entry, at=now))

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
        kept = (
            self._book.task_id if act.verb == "update" else ""
        )  # an update keeps the provider's name for it
        self._absent = False
        self._book = Book(
            ours=(act.relay,) if act.relay else (),
            look_from=now + self._policy.settling,
            believed=self._believed(act.relay, outlook, now),
            task_id=answer.task_id or kept,
            since=outlook.wanted.since if outlook.wanted and act.relay else 0,
        )

    def _subject(self, outlook: Outlook) -> str:
        return outlook.wanted.windows[0] if outlook.wanted else self._claim.own.window.id

    def _believed(self, sent: Relay | None, outlook: Outlook, now: float) -> tuple[Row, ...] | None:
        """What the slot holds by our own word until a list can tell; ``None`` if the list has to tell.

        A delete that takes effect after the create that follows it takes the new relay with it, and nobody
        would know. So the create waits for a list without the old one, unless its window cannot wait.
        """
        if sent is not None:
            return (sent.as_row(),)
        waits = outlook.wanted is not None and can_wait(outlook.wanted, now, 2 * self._policy.settling)
        return None if waits else ()

    def _call(self, act: Write, turn: Turn) -> Answer:
        provider = self._tools.provider
        if act.relay is None:
            return provider.delete(self._claim.slot, turn=turn)
        return (provider.create if act.verb == "create" else provider.update)(act.relay, turn=turn)

    def _failure(self, error: ProviderError, act: Act | None, outlook: Outlook, started: float) -> Verdict:
        """What a failed call means for the slot, and when to try again."""
        now = self._ledger.now()
        verb = act.verb if isinstance(act, Write) else "look"
        self._log(
            Attempt(
                at=started,
                act=verb,
                outcome=error.code,
                code=error.vendor_code,
                message=str(error),
                http_status=error.http_status,
                request_id=error.request_id,
                seconds=round(now - started, 3),
            )
        )
        if isinstance(act, Write):
            self._book = self._after_failed_write(error, act, now)
        tries = self._claim.own.tries + (1 if error.counts else 0)
        if outlook.wanted is None:
            due = now + delay(max(tries, 1), float("inf"), self._tools.uniform)
            return Verdict("retry", due=max(due, self._book.look_from), why=str(error), tries=tries)
        again = next_try(
            error,
            tries=tries,
            now=now,
            start=outlook.wanted.start,
            last_useful=outlook.wanted.last_useful,
            uniform=self._tools.uniform,
        )
        if again is None:
            return Verdict("fail", why=str(error), tries=tries)
        return Verdict("retry", due=max(again, self._book.look_from), why=str(error), tries=tries)

    def _after_failed_write(self, error: ProviderError, act: Write, now: float) -> Book:
        book = self._book
        if error.unclear:
            doubt = Doubt(act.verb, act.relay, since=now)
            ours = _with(book.ours, act.relay)
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

    def _verdict(self, act: Act, outlook: Outlook) -> Verdict:
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
                now = self._ledger.now()
                near = outlook.wanted is not None and outlook.wanted.start - now < NEAR
                return Verdict("retry", due=now + (NEAR_RECHECK if near else RECHECK), why=why, tries=tries)
            case GiveUp(why):
                return Verdict("fail", why=why, tries=tries)
            case _:
                raise AssertionError(act)

    def _close(self, outlook: Outlook, verdict: Verdict) -> str:
        now = self._ledger.now()
        verdict = replace(verdict, task_id=self._book.task_id, absent=self._absent)
        told = moves(self._claim, outlook, verdict, now=now, by=self._tools.holder, calls=self._calls)
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


def _with(ours: tuple[Relay, ...], sent: Relay | None) -> tuple[Relay, ...]:
    return tuple(dict.fromkeys((*ours, sent))) if sent else ours


def _inherit(claim: Claim, policy: Policy) -> Book:
    """The book as the last holder of the lease left it.

    A write that its sender never reported on is a doubt, from the moment it can no longer be under way. A
    slot without a book, in a ledger that was lost, may have had one: what was under way then may still be.
    """
    book = claim.book
    if book == Book() and claim.lost_at:
        return replace(book, look_from=claim.lost_at + policy.timeout + policy.settling)
    if book.intent is None:
        return book
    return replace(
        book, intent=None, doubt=book.intent, believed=None, look_from=book.intent.since + policy.settling
    )
