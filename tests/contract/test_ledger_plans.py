"""What the ledger promises planners, and people who change plans, on a real Redis."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.build import relay_of
from tests.contract.ledgers import (
    HOUR,
    LATER,
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
    window,
)
from worker.decide import Doubt
from worker.errors import UnknownEvent, UnknownWindow
from worker.ledger.codec import Book
from worker.ledger.plans import Planned
from worker.lifecycle import State
from worker.relay import Slot
from worker.slots import Standing

TONIGHT = window()
TOMORROW = window(LATER + 25 * HOUR)
ELSEWHERE = Slot("pull.example.com", "live", "other")
INTENT = Book(intent=Doubt("create", relay_of(TONIGHT), LATER + 15.0))


def test_planning_twice_changes_nothing(ledger: ClockedLedger) -> None:
    assert plan(ledger, TONIGHT, TOMORROW) == ["added", "added"]
    before = dump(ledger)
    assert plan(ledger, TONIGHT, TOMORROW) == ["same", "same"]
    assert dump(ledger) == before


def test_those_that_share_a_slot_are_found_by_it_as_long_as_they_are_open(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT, TOMORROW)
    both = [Standing(each, State.PLANNED, 1) for each in (TONIGHT, TOMORROW)]
    assert list(ledger.reading.on_slots([ELSEWHERE, TONIGHT.slot])) == [[], both]
    ledger.plans.cancel(TONIGHT, now=LATER, by="plan", who="planner", reason="left the plan")
    assert list(ledger.reading.on_slots([TONIGHT.slot])) == [both[1:]]


def test_each_window_is_due_by_its_own_lead_even_behind_another(ledger: ClockedLedger) -> None:
    at_once = window(TONIGHT.end, lead=HOUR)
    plan(ledger, TONIGHT, at_once)
    assert due_of(ledger, at_once.id) == at_once.due_at


def test_a_window_whose_lead_has_begun_when_it_is_planned_waits_from_then_on(ledger: ClockedLedger) -> None:
    plan(ledger, TONIGHT)
    assert LATER - 1 <= due_of(ledger, TONIGHT.id) <= LATER
    assert TONIGHT.due_at < LATER - 1


def test_of_windows_that_are_due_when_they_are_planned_the_one_due_first_stays_ahead(
    ledger: ClockedLedger,
) -> None:
    """A queue is read from its head: what is urgent must not be behind 20,000 that are not."""
    later = window(TONIGHT.start + 1, event="a-film")
    plan(ledger, TONIGHT, later)
    assert due_of(ledger, TONIGHT.id) < due_of(ledger, later.id)


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
