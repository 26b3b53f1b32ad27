"""What the ledger promises planners, workers and the tick, on a real Redis."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

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
    window,
)
from worker.decide import Doubt
from worker.embedded import free_port
from worker.errors import LedgerUnavailable, UnknownEvent, UnknownWindow
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.ledger.codec import Book
from worker.ledger.plans import Planned
from worker.ledger.records import Busy, Claim, Gone
from worker.ledger.slots import MOST_WINDOWS
from worker.lifecycle import State
from worker.relay import Row, Slot
from worker.slots import relay_of
from worker.windows import Window

TONIGHT = window()
TOMORROW = window(LATER + 25 * HOUR)
ELSEWHERE = Slot("pull.example.com", "live", "other")
INTENT = Book(intent=Doubt("create", relay_of(TONIGHT), LATER + 15.0))


@pytest.fixture
def ledger(redis_url: str) -> ClockedLedger:
    return clocked(redis_url)


def together(*acts: Callable[[], object]) -> list[object]:
    """Runs these at the same moment, each in a thread of its own; what came of each."""
    found: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(index: int, act: Callable[[], object]) -> None:
        start.wait()
        found[index] = act()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def claim(ledger: Ledger, of: Window, holder: str = "worker-1") -> Claim | Busy | Gone:
    return ledger.slots.claim(of.id, now=ledger.now(), lease=LEASE, holder=holder)


# Claims, leases and fences.


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
    placed = replace(
        move(TONIGHT, State.PLACED, TONIGHT.end), fields={"task_id": "77"}, calls=('{"kind":"attempt"}',)
    )
    assert ledger.slots.finish(held, book, [placed], now=ledger.now()) == set()
    record = ledger.reading.window(TONIGHT.id)
    assert (record.state, record.task_id, due_of(ledger, TONIGHT.id)) == (State.PLACED, "77", TONIGHT.end)
    assert {"kind": "attempt"} in ledger.reading.log(TONIGHT.id)
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
        calls = tuple(f'{{"kind":"attempt","n":{n}}}' for n in range(100))
        again = replace(move(TONIGHT, State.RETRYING, LATER), calls=calls)
        ledger.slots.finish(claimed(ledger, TONIGHT), Book(), [again], now=ledger.now())
    log = ledger.reading.log(TONIGHT.id)
    assert (len(log), log[-1]) == (200, {"kind": "attempt", "n": 99})


# Planning.


def test_planning_twice_changes_nothing(ledger: ClockedLedger) -> None:
    assert plan(ledger, TONIGHT, TOMORROW) == ["added", "added"]
    before = dump(ledger)
    assert plan(ledger, TONIGHT, TOMORROW) == ["same", "same"]
    assert dump(ledger) == before


def test_two_planners_at_once_plan_each_window_once(redis_url: str) -> None:
    ledgers = [clocked(redis_url) for _ in range(4)]
    shows = [window(LATER + n * HOUR) for n in range(50)]
    ledgers[0].plans.put([(event(), "1")], file="events.yaml")
    planned = Planned("news", "1", tuple(shows), LATER + 8 * 86_400, None)
    found = together(
        *[lambda each=each: each.plans.write([planned], now=LATER, by="p")["news"] for each in ledgers]
    )
    assert sorted(word for words in zip(*found, strict=True) for word in words) == sorted(
        ["added"] * 50 + ["same"] * 150
    )


def test_a_planner_that_read_an_event_before_it_changed_writes_nothing(ledger: ClockedLedger) -> None:
    changed = replace(TONIGHT, start=TONIGHT.start + 60)
    plan(ledger, changed, digest="2")
    before = dump(ledger)
    stale = Planned("news", "1", (TONIGHT,), LATER, None)
    assert ledger.plans.write([stale], now=LATER, by="beat-2") == {}
    assert dump(ledger) == before


def test_a_planner_that_read_an_event_before_it_was_dropped_does_not_bring_it_back(
    ledger: ClockedLedger,
) -> None:
    plan(ledger, TONIGHT)
    ledger.plans.drop("news")
    ledger.plans.write([Planned("news", "1", (TOMORROW,), LATER, LATER)], now=LATER, by="beat-2")
    assert ledger.plans.to_plan(LATER, 10) == []
    with pytest.raises(UnknownWindow):
        ledger.reading.window(TOMORROW.id)


def test_a_change_of_plan_is_placed_anew_and_told_in_the_history(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    ledger.slots.finish(
        claimed(ledger, TONIGHT), Book(), [move(TONIGHT, State.FAILED, None)], now=ledger.now()
    )
    assert plan(ledger, replace(TONIGHT, title="Late news"), digest="2") == ["changed"]
    record = ledger.reading.window(TONIGHT.id)
    assert (record.state, record.revision, record.tries) == (State.PLANNED, 2, 0)
    assert actions(ledger, TONIGHT)[-1] == "window.replanned"
    assert ledger.redis.ttl(ledger.keys.window(TONIGHT.id)) == -1


def test_what_is_on_air_stays_placed_while_it_is_corrected_and_is_urgent(ledger: ClockedLedger) -> None:
    playing = window(LATER - HOUR, HOUR + 60)
    plan(ledger, playing)
    placed = move(playing, State.PLACED, playing.end)
    ledger.slots.finish(claimed(ledger, playing), Book(), [placed], now=ledger.now())
    plan(ledger, window(LATER + HOUR, event="other", slot=ELSEWHERE))
    changed = replace(playing, sources=("rtmp://b.example.com/live/news",))
    book = Book(ours=(relay_of(playing),))
    ledger.slots.finish(claimed(ledger, playing), book, [placed], now=ledger.now())
    plan(ledger, changed, digest="2")
    assert state_of(ledger, playing) is State.PLACED
    assert due(ledger)[0] == playing.id


def test_a_second_edit_does_not_let_the_first_plans_relay_wait(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    book, placed = Book(ours=(relay_of(TONIGHT),)), move(TONIGHT, State.PLACED, TONIGHT.end)
    ledger.slots.finish(claimed(ledger, TONIGHT), book, [placed], now=ledger.now())
    for digest, hours in (("2", 3), ("3", 4)):
        moved = replace(TONIGHT, start=LATER + hours * HOUR, end=LATER + (hours + 1) * HOUR, lead=600)
        plan(ledger, moved, digest=digest)
        assert due_of(ledger, TONIGHT.id) == ledger.now()


def test_a_window_that_moves_to_another_slot_leaves_someone_to_clear_the_old_one(
    ledger: ClockedLedger,
) -> None:
    plan(ledger, TONIGHT)
    book, placed = Book(ours=(relay_of(TONIGHT),)), move(TONIGHT, State.PLACED, TONIGHT.end)
    ledger.slots.finish(claimed(ledger, TONIGHT), book, [placed], now=ledger.now())
    moved = replace(TONIGHT, slot=ELSEWHERE)
    plan(ledger, moved, digest="2")
    (twin,) = set(due(ledger)) - {TONIGHT.id}
    left = claimed(ledger, replace(TONIGHT, id=twin))
    assert (left.slot, left.own.state, left.book, left.standings) == (TONIGHT.slot, State.CANCELLED, book, ())
    assert relay_of(left.own.window) == relay_of(TONIGHT)
    assert [s.window for s in claimed(ledger, moved).standings] == [moved]


def test_whoever_clears_the_old_slot_is_no_window_of_the_plan(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    plan(ledger, replace(TONIGHT, slot=ELSEWHERE), digest="2")
    assert [r.window.id for r in ledger.reading.windows(["news"], 0, float("inf"))] == [TONIGHT.id]


def test_what_a_person_called_off_is_not_planned_again(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    was = ledger.plans.cancel(TONIGHT, now=ledger.now(), by="person", who="ann", reason="strike")
    assert was == "planned"
    assert plan(ledger, replace(TONIGHT, title="x"), digest="2") == ["kept"]
    record = ledger.reading.window(TONIGHT.id)
    assert (record.state, record.reason, record.cancelled_by) == (State.CANCELLED, "strike", "person")


def test_what_the_plan_called_off_comes_back_with_the_plan(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    ledger.plans.cancel(TONIGHT, now=ledger.now(), by="plan", who="ann", reason="left the plan")
    assert plan(ledger, TONIGHT) == ["revived"]
    record = ledger.reading.window(TONIGHT.id)
    assert (record.state, record.reason, record.cancelled_by) == (State.PLANNED, "", "")
    assert ledger.redis.ttl(ledger.keys.window(TONIGHT.id)) == -1


def test_a_window_that_is_called_off_is_seen_to_at_once_and_no_longer_open(ledger: ClockedLedger) -> None:
    plan(ledger, replace(TONIGHT, lead=600))
    assert due(ledger) == []
    ledger.plans.cancel(TONIGHT, now=ledger.now(), by="person", who="ann", reason="strike")
    assert due(ledger) == [TONIGHT.id]
    assert claimed(ledger, TONIGHT).standings == ()


@pytest.mark.parametrize("state", [State.MISSED, State.CANCELLED])
def test_it_is_too_late_to_call_off_what_is_done_with(ledger: ClockedLedger, state: State) -> None:
    plan(ledger, TONIGHT)
    ledger.slots.finish(
        claimed(ledger, TONIGHT), Book(), [move(TONIGHT, State.MISSED, None)], now=ledger.now()
    )
    if state is State.CANCELLED:
        plan(ledger, replace(TONIGHT, title="x"), digest="2")
        ledger.plans.cancel(TONIGHT, now=ledger.now(), by="plan", who="ann", reason="first")
    assert ledger.plans.cancel(TONIGHT, now=ledger.now(), by="person", who="bob", reason="second") == ""
    assert state_of(ledger, TONIGHT) is state


def test_an_event_that_left_its_file_is_not_planned_any_more_and_keeps_its_windows(
    ledger: ClockedLedger,
) -> None:
    plan(ledger, TONIGHT)
    ledger.plans.put([(event(), "2")], file="events.yaml")
    ledger.plans.leave("news")
    assert ledger.plans.to_plan(float("inf"), 10) == []
    assert not ledger.plans.event("news").in_file
    assert state_of(ledger, TONIGHT) is State.PLANNED


def test_an_event_is_read_as_it_was_written(ledger: ClockedLedger) -> None:
    ledger.plans.put([(event(title="晚间新闻"), "1")], file="events.yaml")
    record = ledger.plans.event("news")
    assert (record.event, record.digest, record.file) == (event(title="晚间新闻"), "1", "events.yaml")
    assert ledger.plans.to_plan(0, 10) == ["news"]


def test_an_event_that_is_not_there_is_named(ledger: ClockedLedger) -> None:
    with pytest.raises(UnknownEvent, match="weather"):
        ledger.plans.event("weather")
    with pytest.raises(UnknownWindow, match="news@"):
        ledger.reading.window(TONIGHT.id)


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


def test_windows_of_one_event_on_one_slot_are_due_one_after_the_other(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT, TOMORROW)
    assert due(ledger) == [TONIGHT.id]
    assert due_of(ledger, TOMORROW.id) == max(TOMORROW.due_at, TONIGHT.end)


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
    ledgers = [clocked(redis_url) for _ in range(6)]
    asked = together(*[lambda each=each: each.looks.begin("pull.example.com", 25) for each in ledgers])
    assert sorted(map(bool, asked)) == [False] * 5 + [True]
    ledgers[0].looks.end("pull.example.com")
    assert ledgers[1].looks.begin("pull.example.com", 25)


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
    lambda ledger: ledger.slots.claim("x@y", now=0, lease=1, holder="w"),
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
