"""What the ledger promises workers and the tick, on a real Redis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.build import relay_of
from tests.contract.ledgers import (
    HOUR,
    LATER,
    LEASE,
    ClockedLedger,
    actions,
    claimed,
    clocked,
    due,
    due_of,
    dump,
    event,
    move,
    plan,
    state_of,
    together,
    try_claim,
    window,
)
from worker.decide import Doubt
from worker.embedded import free_port
from worker.errors import LedgerUnavailable
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.ledger.codec import Book
from worker.ledger.records import Busy, Claim, Gone
from worker.ledger.slots import MOST_WINDOWS
from worker.lifecycle import State
from worker.relay import Row, Slot
from worker.windows import Window

TONIGHT = window()
TOMORROW = window(LATER + 25 * HOUR)
ELSEWHERE = Slot("pull.example.com", "live", "other")
INTENT = Book(intent=Doubt("create", relay_of(TONIGHT), LATER + 15.0))


def claim(ledger: Ledger, of: Window, holder: str = "worker-1") -> Claim | Busy | Gone:
    return try_claim(ledger, of.id, holder)


# Claims, leases and fences.
CALL = '{"kind":"attempt","outcome":"ok"}'


def test_a_claimed_window_is_being_placed(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    found = claimed(ledger, TONIGHT)
    assert (found.own.window, found.own.state, found.slot) == (TONIGHT, State.PLACING, TONIGHT.slot)
    assert state_of(ledger, TONIGHT) is State.PLACING


def test_while_one_holds_a_slot_nobody_else_gets_any_window_of_it(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT, TOMORROW)
    claimed(ledger, TONIGHT)
    assert claim(ledger, TONIGHT, "worker-2") == Busy()
    assert claim(ledger, TOMORROW, "worker-2") == Busy()


def test_whoever_finds_a_slot_busy_comes_back_within_seconds(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    claimed(ledger, TONIGHT)
    claim(ledger, TONIGHT, "worker-2")
    assert due_of(ledger, TONIGHT.id) == ledger.now() + 3


def test_slots_are_held_one_by_one(ledger: ClockedLedger) -> None:
    other = window(event="other", slot=ELSEWHERE)
    plan(ledger, TONIGHT)
    plan(ledger, other)
    assert claimed(ledger, TONIGHT).slot != claimed(ledger, other).slot


def test_a_window_that_is_gone_is_told_so_and_not_handed_out_again(ledger: ClockedLedger) -> None:
    ledger.redis.zadd(ledger.keys.due, {TONIGHT.id: 0})
    assert claim(ledger, TONIGHT) == Gone()
    assert due_of(ledger, TONIGHT.id) is None


def test_when_a_lease_runs_out_the_next_gets_the_slot_and_a_higher_fence(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    first = claimed(ledger, TONIGHT)
    ledger.clock.advance(LEASE - 0.1)
    assert claim(ledger, TONIGHT, "worker-2") == Busy()
    ledger.clock.advance(0.1)
    assert claimed(ledger, TONIGHT, "worker-2").fence > first.fence


def test_a_window_whose_holder_died_is_handed_out_again_when_the_lease_is_over(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    assert due(ledger) == [TONIGHT.id]
    claimed(ledger, TONIGHT)
    ledger.clock.advance(LEASE - 0.1)
    assert due(ledger) == []
    ledger.clock.advance(0.1)
    assert due(ledger) == [TONIGHT.id]


def test_of_many_claimers_at_once_exactly_one_wins(redis_url: str) -> None:
    ledgers = [clocked(redis_url) for _ in range(8)]
    shows = [window(event=f"show-{n}", slot=Slot("d.example.com", "live", f"s{n}")) for n in range(10)]
    for show in shows:
        plan(ledgers[0], show)
        found = together(*[lambda each=each, show=show: claim(each, show) for each in ledgers])
        assert sorted(type(each).__name__ for each in found) == ["Busy"] * 7 + ["Claim"]


def test_a_holder_writes_down_what_it_is_about_to_send_and_keeps_its_lease(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    held = claimed(ledger, TONIGHT)
    ledger.clock.advance(LEASE - 1)
    assert ledger.slots.note(held, INTENT, now=ledger.now(), lease=LEASE)
    ledger.clock.advance(LEASE - 1)
    assert claim(ledger, TONIGHT, "worker-2") == Busy()
    ledger.clock.advance(1)
    assert claimed(ledger, TONIGHT, "worker-2").book == INTENT


def test_a_holder_whose_lease_is_over_may_send_nothing_even_if_nobody_came(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    held = claimed(ledger, TONIGHT)
    ledger.clock.advance(LEASE)
    assert not ledger.slots.note(held, INTENT, now=ledger.now(), lease=LEASE)
    assert claimed(ledger, TONIGHT, "worker-2").book == Book()


def test_a_holder_whose_lease_is_over_may_still_tell_what_it_did_if_nobody_came(
    ledger: ClockedLedger,
) -> None:
    plan(ledger, TONIGHT)
    held = claimed(ledger, TONIGHT)
    ledger.clock.advance(LEASE + 1)
    told = ledger.slots.finish(held, Book(), [move(TONIGHT, State.PLACED, TONIGHT.end)], now=ledger.now())
    assert told is not None
    assert state_of(ledger, TONIGHT) is State.PLACED


@pytest.mark.parametrize("returned", [False, True], ids=["still held", "given back"])
def test_whoever_was_fenced_off_changes_nothing_at_all(ledger: ClockedLedger, returned: bool) -> None:
    plan(ledger, TONIGHT)
    stale = claimed(ledger, TONIGHT)
    ledger.clock.advance(LEASE)
    fresh = claimed(ledger, TONIGHT, "worker-2")
    if returned:
        ledger.slots.finish(fresh, INTENT, [move(TONIGHT, State.RETRYING, LATER + 99)], now=ledger.now())
    before = dump(ledger)
    placed = move(TONIGHT, State.PLACED, TONIGHT.end)
    assert not ledger.slots.note(stale, Book(), now=ledger.now(), lease=LEASE)
    assert ledger.slots.finish(stale, Book(), [placed], now=ledger.now()) is None
    assert dump(ledger) == before


def test_a_slot_is_given_back_only_once(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    held = claimed(ledger, TONIGHT)
    assert ledger.slots.finish(held, Book(), [], now=ledger.now()) == set()
    assert ledger.slots.finish(held, INTENT, [], now=ledger.now()) is None


def test_a_claim_tells_the_open_windows_of_the_slot_in_order(ledger: ClockedLedger) -> None:
    plan(ledger, TOMORROW, TONIGHT)
    off = window(LATER + 5 * HOUR)
    plan(ledger, TOMORROW, TONIGHT, off, digest="2")
    ledger.plans.cancel(off, now=ledger.now(), by="person", who="ann", reason="strike")
    assert [s.window for s in claimed(ledger, TOMORROW).standings] == [TONIGHT, TOMORROW]


def test_a_claim_tells_its_own_window_however_many_are_ahead_of_it(ledger: ClockedLedger) -> None:
    many = [window(LATER + n * HOUR) for n in range(MOST_WINDOWS + 2)]
    plan(ledger, *many)
    told = [s.window for s in claimed(ledger, many[-1]).standings]
    assert told == [*many[:MOST_WINDOWS], many[-1]]


# What comes of an attempt.


def test_what_came_of_an_attempt_is_recorded_whole(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    held = claimed(ledger, TONIGHT)
    book = Book(ours=(relay_of(TONIGHT),), look_from=LATER + 5.0)
    placed = replace(move(TONIGHT, State.PLACED, TONIGHT.end), fields={"task_id": "77"}, calls=(CALL,))
    assert ledger.slots.finish(held, book, [placed], now=ledger.now()) == set()
    record = ledger.reading.window(TONIGHT.id)
    assert (record.state, record.task_id, due_of(ledger, TONIGHT.id)) == (State.PLACED, "77", TONIGHT.end)
    assert {"kind": "attempt", "outcome": "ok"} in ledger.reading.log(TONIGHT.id)
    assert claimed(ledger, TONIGHT).book == book


def test_a_move_that_the_table_does_not_have_is_not_made(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    held = claimed(ledger, TONIGHT)
    wrong = replace(move(TONIGHT, State.REMOVED, None), change='{"kind":"change","action":"window.removed"}')
    assert ledger.slots.finish(held, Book(), [wrong], now=ledger.now()) == set()
    assert state_of(ledger, TONIGHT) is State.PLACING
    assert "window.removed" not in actions(ledger, TONIGHT)


def test_a_window_that_is_done_with_is_not_seen_to_any_more_and_can_be_read_for_two_weeks(
    ledger: ClockedLedger,
) -> None:
    plan(ledger, TONIGHT)
    held = claimed(ledger, TONIGHT)
    failed = move(TONIGHT, State.FAILED, None)
    ledger.slots.finish(held, Book(), [failed], now=ledger.now())
    assert due_of(ledger, TONIGHT.id) is None
    assert ledger.redis.expiretime(ledger.keys.window(TONIGHT.id)) == failed.expire_at
    assert claimed(ledger, TONIGHT).standings == ()


def test_a_slot_is_forgotten_when_nothing_is_planned_for_it_any_more(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    for to, due_at, lasts in ((State.PLACED, TONIGHT.end, True), (State.REMOVED, None, False)):
        held = claimed(ledger, TONIGHT)
        ledger.slots.finish(held, INTENT, [move(TONIGHT, to, due_at)], now=ledger.now())
        assert (ledger.redis.ttl(ledger.keys.slot(TONIGHT.slot)) == -1) is lasts
    plan(ledger, TOMORROW)
    ledger.slots.finish(claimed(ledger, TOMORROW), INTENT, [], now=ledger.now())
    assert ledger.redis.ttl(ledger.keys.slot(TONIGHT.slot)) == -1


def test_a_plan_that_changed_while_it_was_placed_is_placed_anew(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    held = claimed(ledger, TONIGHT)
    later = replace(TONIGHT, end=TONIGHT.end + 60)
    assert plan(ledger, later, digest="2") == ["changed"]
    assert (
        ledger.slots.finish(held, Book(), [move(TONIGHT, State.PLACED, TONIGHT.end)], now=LATER + 1) == set()
    )
    assert state_of(ledger, TONIGHT) is State.PLANNED
    assert due_of(ledger, TONIGHT.id) == LATER + 1
    assert claimed(ledger, TONIGHT).own.window == later


def test_a_waiting_window_whose_plan_changed_meanwhile_keeps_no_time_of_the_old_plan(
    ledger: ClockedLedger,
) -> None:
    plan(ledger, TONIGHT, TOMORROW)
    held = claimed(ledger, TONIGHT)
    plan(ledger, TONIGHT, replace(TOMORROW, end=TOMORROW.end + 60), digest="2")
    ledger.slots.finish(held, Book(), [move(TOMORROW, State.PLANNED, LATER + 24 * HOUR)], now=LATER + 1)
    assert due_of(ledger, TOMORROW.id) == LATER + 1


def test_a_window_called_off_while_it_was_placed_stays_off_and_its_slot_is_cleared(
    ledger: ClockedLedger,
) -> None:
    plan(ledger, TONIGHT)
    held = claimed(ledger, TONIGHT)
    ledger.plans.cancel(TONIGHT, now=ledger.now(), by="person", who="ann", reason="strike")
    ledger.slots.finish(held, Book(), [move(TONIGHT, State.PLACED, TONIGHT.end)], now=LATER + 1)
    assert state_of(ledger, TONIGHT) is State.CANCELLED
    assert due_of(ledger, TONIGHT.id) == LATER + 1


def test_a_history_keeps_its_last_two_hundred_lines(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    for _ in range(3):
        calls = tuple(f'{{"kind":"attempt","outcome":"ok","n":{n}}}' for n in range(100))
        again = replace(move(TONIGHT, State.RETRYING, LATER), calls=calls)
        ledger.slots.finish(claimed(ledger, TONIGHT), Book(), [again], now=ledger.now())
    log = ledger.reading.log(TONIGHT.id)
    assert (len(log), log[-1]) == (200, {"kind": "attempt", "outcome": "ok", "n": 99})


# Handing out.


def shows(ledger: ClockedLedger, *starts: int) -> list[Window]:
    """Windows on slots of their own, due now, that start so many seconds from now."""
    found = [
        window(LATER + start, event=f"show-{n}", slot=Slot("d.example.com", "live", f"s{n}"))
        for n, start in enumerate(starts)
    ]
    for each in found:
        plan(ledger, each)
    return found


def ids(windows: list[Window]) -> list[str]:
    return [each.id for each in windows]


def test_the_most_urgent_are_handed_out_first(ledger: ClockedLedger) -> None:
    third, first, second = shows(ledger, 3_000, 10, 200)
    assert due(ledger) == ids([first, second, third])


def test_no_more_are_handed_out_than_there_is_room_for(ledger: ClockedLedger) -> None:
    made = shows(ledger, 10, 20, 30)
    assert due(ledger, capacity=2) == ids(made[:2])
    assert due(ledger, capacity=2) == []


def test_room_comes_back_when_an_attempt_ends_or_finds_its_slot_busy(ledger: ClockedLedger) -> None:
    made = shows(ledger, 10, 20, 30, 40)
    due(ledger, capacity=2)
    held = claimed(ledger, made[0])
    claim(ledger, made[0], "worker-2")
    ledger.slots.finish(held, Book(), [move(made[0], State.PLACED, made[0].end)], now=ledger.now())
    assert due(ledger, capacity=2) == ids(made[2:3])


def test_what_was_handed_out_and_lost_on_the_way_is_handed_out_again(ledger: ClockedLedger) -> None:
    made = shows(ledger, 10)
    assert due(ledger, redeliver=15) == ids(made)
    ledger.clock.advance(14.9)
    assert due(ledger, redeliver=15) == []
    ledger.clock.advance(0.1)
    assert due(ledger, redeliver=15) == ids(made)


def test_two_ticks_at_once_hand_nothing_out_twice(redis_url: str) -> None:
    ledgers = [clocked(redis_url) for _ in range(4)]
    made = shows(ledgers[0], *range(60))
    found = together(*[lambda each=each: due(each, capacity=40) for each in ledgers])
    handed = [window_id for each in found for window_id in each]  # type: ignore[attr-defined]
    assert sorted(handed) == sorted(ids(made[:40]))


def test_what_is_not_due_yet_is_not_handed_out(ledger: ClockedLedger) -> None:
    plan(ledger, replace(TONIGHT, lead=600))
    assert due(ledger) == []
    ledger.clock.advance(HOUR - 600)
    assert due(ledger) == [TONIGHT.id]


def test_a_relay_that_has_to_go_waits_behind_every_window_that_has_to_come(ledger: ClockedLedger) -> None:
    over, coming = shows(ledger, -2 * HOUR, HOUR)
    ledger.slots.finish(claimed(ledger, over), Book(), [move(over, State.PLACED, over.end)], now=ledger.now())
    assert due(ledger) == ids([coming, over])


def test_what_is_no_longer_there_is_not_handed_out(ledger: ClockedLedger) -> None:
    made = shows(ledger, 10, 20)
    ledger.redis.delete(ledger.keys.window(made[0].id))
    assert due(ledger) == ids(made[1:])
    assert due_of(ledger, made[0].id) is None


def test_each_window_is_due_by_its_own_lead(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT, TOMORROW)
    assert due(ledger) == [TONIGHT.id]
    assert due_of(ledger, TOMORROW.id) == TOMORROW.due_at


# The provider's list, the rest.

ROW = Row(TONIGHT.slot, TONIGHT.sources, TONIGHT.start, TONIGHT.end)


def test_one_list_serves_every_worker_and_every_slot_of_its_domain(redis_url: str) -> None:
    one, other = clocked(redis_url), clocked(redis_url)
    one.looks.keep("pull.example.com", [ROW], LATER)
    there, empty = other.looks.last(TONIGHT.slot), other.looks.last(ELSEWHERE)
    assert there is not None
    assert empty is not None
    assert (there.rows, there.at, empty.rows, empty.at) == ((ROW,), LATER, (), LATER)


def test_a_domain_that_was_not_listed_is_not_taken_for_empty(ledger: ClockedLedger) -> None:
    ledger.looks.keep("pull.example.com", [], LATER)
    assert ledger.looks.last(Slot("other.example.com", "live", "news")) is None


def test_a_newer_list_replaces_the_older_one_whole(ledger: ClockedLedger) -> None:
    ledger.looks.keep("pull.example.com", [ROW], LATER)
    ledger.looks.keep("pull.example.com", [], LATER + 1)
    sight = ledger.looks.last(TONIGHT.slot)
    assert sight is not None
    assert (sight.rows, sight.at) == ((), LATER + 1)


def test_of_many_who_want_to_look_one_asks(redis_url: str) -> None:
    askers = [clocked(redis_url).looks for _ in range(6)]
    asked = together(*[lambda each=each: each.begin("pull.example.com", 25) for each in askers])
    assert sorted(map(bool, asked)) == [False] * 5 + [True]
    askers[asked.index(True)].end("pull.example.com")
    assert askers[0].begin("pull.example.com", 25)


def test_who_has_asked_does_not_take_away_the_mark_of_who_asks_now(redis_url: str) -> None:
    first, second, third = (clocked(redis_url).looks for _ in range(3))
    assert second.begin("pull.example.com", 25)
    first.end("pull.example.com")
    assert not third.begin("pull.example.com", 25)


def test_who_was_killed_while_it_asked_is_waited_for_only_a_moment(ledger: ClockedLedger) -> None:
    ledger.looks.begin("pull.example.com", 25)
    left = ledger.redis.pttl(f"{ledger.keys.look('pull.example.com')}:busy")
    assert 0 < left <= 3_000


def test_a_list_that_comes_late_does_not_replace_a_newer_one(ledger: ClockedLedger) -> None:
    ledger.looks.keep("pull.example.com", [], LATER + 1)
    ledger.looks.keep("pull.example.com", [ROW], LATER)
    sight = ledger.looks.last(TONIGHT.slot)
    assert sight is not None
    assert (sight.rows, sight.at) == ((), LATER + 1)


def test_every_change_of_a_window_makes_the_revision_grow(ledger: ClockedLedger) -> None:
    seen = [ledger.revision()]
    plan(ledger, TONIGHT)
    seen.append(ledger.revision())
    held = claimed(ledger, TONIGHT)
    seen.append(ledger.revision())
    ledger.slots.finish(held, Book(), [move(TONIGHT, State.RETRYING, LATER)], now=LATER)
    seen.append(ledger.revision())
    ledger.plans.cancel(TONIGHT, now=LATER, by="person", who="ann", reason="x")
    seen.append(ledger.revision())
    assert seen == sorted(set(seen))


def test_the_one_clock_is_that_of_redis(redis_url: str) -> None:
    ledger = Ledger(connect(redis_url))
    first = ledger.now()
    assert first <= ledger.now() < first + 60


ACTS: list[Callable[[Ledger], object]] = [
    Ledger.now,
    lambda ledger: ledger.slots.claim("x@y", now=0, lease=1, holder="w", epoch=""),
    lambda ledger: ledger.hand_out(now=0, capacity=1, redeliver=1),
    lambda ledger: ledger.plans.put([(event(), "1")], file="f"),
    lambda ledger: ledger.plans.to_plan(0, 1),
    lambda ledger: ledger.reading.window("x@y"),
    lambda ledger: ledger.looks.begin("d", 1),
]


@pytest.mark.parametrize("act", ACTS)
def test_a_redis_that_is_away_is_one_clear_error(act: Callable[[Ledger], object]) -> None:
    ledger = Ledger(connect(f"redis://:canary@127.0.0.1:{free_port()}/0"))
    with pytest.raises(LedgerUnavailable) as caught:
        act(ledger)
    assert "canary" not in f"{caught.value} {caught.value.hint}"
