"""The ledger as a state machine: two clients do anything in any order, time passes, and its promises hold."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.build import relay_of
from tests.contract.ledgers import (
    HOUR,
    LATER,
    LEASE,
    Clock,
    ClockedLedger,
    clocked,
    dump,
    event,
    try_claim,
    window,
)
from worker.ledger.codec import Book
from worker.ledger.plans import Planned
from worker.ledger.records import Busy, Claim
from worker.lifecycle import EDGES, OPEN, Mover, State
from worker.relay import Slot
from worker.slots import outlook
from worker.verdicts import Verdict, Word, moves
from worker.windows import Window

SLOTS = [Slot("pull.example.com", "live", name) for name in ("news", "sport")]
NAMES = {
    ("news", 0): window(LATER + HOUR, event="news", slot=SLOTS[0]),
    ("news", 1): window(LATER + 3 * HOUR, event="news", slot=SLOTS[0]),
    ("talk", 0): window(LATER + 2 * HOUR, event="talk", slot=SLOTS[0], lead=600),
    ("talk", 1): window(LATER + 3 * HOUR, event="talk", slot=SLOTS[1]),
}
"""Two shows whose windows overlap on one slot, and now and then move to the other."""

CHANGES: list[dict[str, Any]] = [
    {},
    {"title": "Late news"},
    {"end": LATER + 4 * HOUR},
    {"slot": SLOTS[0]},
    {"slot": SLOTS[1]},
]
PREFIXES = (f"machine-{n}:" for n in itertools.count())
CLIENTS = st.integers(0, 1)
PICKS = st.integers(0, 4)
WORDS: st.SearchStrategy[Word] = st.sampled_from(["placed", "retry", "fail"])
WINDOWS = st.sampled_from(sorted(NAMES))


@dataclass
class Held:
    """A claim that somebody has, or once had. It is live until it is given back or another has its slot."""

    claim: Claim
    until: float
    live: bool = True


class Machine(RuleBasedStateMachine):
    """Knows who may hold what, and compares every window's state before and after each act."""

    redis_url = ""

    def __init__(self) -> None:
        super().__init__()
        self.clock, prefix = Clock(), next(PREFIXES)
        self.clients = [clocked(self.redis_url, self.clock, prefix) for _ in range(2)]
        self.plan_of: dict[str, dict[str, Window]] = {"news": {}, "talk": {}}
        self.digests = itertools.count(1)
        self.held: list[Held] = []
        self.stored: dict[str, Any] = {}
        self.windows: dict[str, dict[str, str]] = {}
        self.known: dict[str, State] = {}

    def teardown(self) -> None:
        self.ledger.redis.delete("nothing", *dump(self.ledger))
        for client in self.clients:
            client.redis.close()

    @property
    def ledger(self) -> ClockedLedger:
        return self.clients[0]

    def look(self) -> None:
        """Reads everything: all that is stored, and every window's state, twins of the old slot included."""
        start = f"{self.ledger.keys.prefix}window:"
        self.stored = dump(self.ledger)
        self.windows = {
            key.removeprefix(start): of for key, of in self.stored.items() if key.startswith(start)
        }
        self.known = {window_id: State(of["state"]) for window_id, of in self.windows.items()}

    def went(self, *movers: Mover) -> set[str]:
        """Checks that all that happened is in the table and for these to do; the windows that moved."""
        before = self.known
        self.look()
        assert before.keys() <= self.known.keys()
        moved = {each for each, state in before.items() if self.known[each] is not state}
        for each in moved:
            allowed, _ = EDGES[before[each], self.known[each]]
            assert allowed & set(movers), (each, before[each], self.known[each])
        for each in self.known.keys() - before.keys():
            assert self.known[each] is (State.CANCELLED if "~" in each else State.PLANNED)
        return moved

    @initialize()
    def begin(self) -> None:
        for name in NAMES:
            self.plan(0, name, {}, keep=True)

    @rule(client=CLIENTS, name=WINDOWS, change=st.sampled_from(CHANGES), keep=st.booleans())
    def plan(self, client: int, name: tuple[str, int], change: dict[str, Any], keep: bool) -> None:
        """One window comes into the plan of its event, or changes in it; the others stay, or are left out."""
        of = replace(NAMES[name], **change)
        planned = {**(self.plan_of[of.event] if keep else {}), of.id: of}
        self.plan_of[of.event] = planned
        digest, plans = str(next(self.digests)), self.clients[client].plans
        plans.put([(event(of.event), digest)], file="events.yaml")
        plan = Planned(of.event, digest, tuple(planned.values()), LATER, None)
        (words,) = plans.write([plan], now=self.clock(), by="planner").values()
        self.went(Mover.PLANNER)
        again = plans.write([plan], now=self.clock(), by="planner")[of.event]
        assert set(again) <= {"same", "kept", "done"}, words
        assert dump(self.ledger) == self.stored

    @rule(client=CLIENTS, name=WINDOWS, person=st.booleans())
    def cancel(self, client: int, name: tuple[str, int], person: bool) -> None:
        mover = Mover.PERSON if person else Mover.PLANNER
        by = "person" if person else "plan"
        was = self.clients[client].plans.cancel(NAMES[name], now=self.clock(), by=by, who="ann", reason="x")
        assert bool(was) == bool(self.went(mover))

    @rule(client=CLIENTS, pick=PICKS)
    def claim(self, client: int, pick: int) -> None:
        known = sorted(self.known, key=lambda each: (self.known[each] not in OPEN, each))
        claim = try_claim(self.clients[client], known[pick % len(known)], f"worker-{client}")
        self.went(Mover.ATTEMPT)
        if isinstance(claim, Claim):
            rivals = [held for held in self.held if held.live and held.claim.slot == claim.slot]
            assert all(held.until <= self.clock() for held in rivals), "two hold one slot"
            assert all(claim.fence > held.claim.fence for held in rivals)
            for held in rivals:
                held.live = False
            self.held.append(Held(claim, self.clock() + LEASE))
        elif isinstance(claim, Busy):
            assert any(held.live and held.until > self.clock() for held in self.held)

    @precondition(lambda self: self.held)
    @rule(client=CLIENTS, pick=PICKS)
    def note(self, client: int, pick: int) -> None:
        held = self.held[-1 - pick % len(self.held)]
        before = self.stored
        book = Book(ours=(relay_of(held.claim.own.window),))
        noted = self.clients[client].slots.note(held.claim, book, now=self.clock(), lease=LEASE)
        assert noted == (held.live and held.until > self.clock())
        assert not self.went()
        if noted:
            held.until = self.clock() + LEASE
        else:
            assert self.stored == before

    @precondition(lambda self: self.held)
    @rule(client=CLIENTS, pick=PICKS, word=WORDS, keep=st.booleans(), wait=st.integers(1, 9))
    def finish(self, client: int, pick: int, word: Word, keep: bool, wait: int) -> None:
        held = self.held[-1 - pick % len(self.held)]
        book = Book(ours=(relay_of(held.claim.own.window),)) if keep else Book()
        now, before = self.clock(), self.stored
        found = outlook(held.claim.standings, now, 300, book.ours)
        said: Word = word if found.wanted or word == "retry" else "rest"
        verdict = Verdict(said, due=0.0 if said == "fail" else now + wait, why="x", tries=wait)
        told = moves(held.claim, found, verdict, now=now, by="worker", calls=[])
        moved = self.clients[client].slots.finish(held.claim, book, told, now=now)
        if held.live:
            assert moved is not None
            assert moved <= self.went(Mover.ATTEMPT)
        else:
            assert moved is None
            assert dump(self.ledger) == before
        held.live = False

    @rule(client=CLIENTS, pick=PICKS, word=WORDS, keep=st.booleans())
    def attempt(self, client: int, pick: int, word: Word, keep: bool) -> None:
        """A whole attempt with nothing in between, as nearly all are."""
        claims = len(self.held)
        self.claim(client, pick)
        if len(self.held) > claims:
            self.finish(client, 0, word, keep, 5)

    @rule(client=CLIENTS, capacity=st.integers(1, 5))
    def hand_out(self, client: int, capacity: int) -> None:
        ledger = self.clients[client]
        handed = ledger.hand_out(now=self.clock(), capacity=capacity, redeliver=15.0)
        assert len(handed) == len(set(handed)) <= capacity
        assert not self.went()
        assert ledger.redis.zcard(ledger.keys.out) <= max(capacity, len(self.known))
        assert all(float(ledger.redis.zscore(ledger.keys.due, each) or 0) > self.clock() for each in handed)

    @rule(seconds=st.sampled_from([1.0, LEASE, HOUR, 2 * HOUR]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @invariant()
    def nothing_open_is_forgotten(self) -> None:
        due = {each for each, _ in self.stored.get(self.ledger.keys.due, [])}
        assert {each for each, state in self.known.items() if state in OPEN} <= due

    @invariant()
    def a_slot_knows_exactly_its_open_windows(self) -> None:
        for slot in SLOTS:
            index = {each for each, _ in self.stored.get(f"{self.ledger.keys.slot(slot)}:windows", [])}
            mine = {each for each, of in self.windows.items() if of["slot"] == str(slot)}
            assert index == {each for each in mine if self.known[each] in OPEN}

    @invariant()
    def what_is_done_with_expires_and_what_is_open_does_not(self) -> None:
        with self.ledger.redis.pipeline() as pipe:
            for each in self.known:
                pipe.expiretime(self.ledger.keys.window(each))
            lasts = [moment < 0 for moment in pipe.execute()]
        assert lasts == [state in OPEN for state in self.known.values()]


def test_whatever_two_clients_do_in_whatever_order_the_ledger_keeps_its_promises(redis_url: str) -> None:
    machine = type("Machine", (Machine,), {"redis_url": redis_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=80, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
