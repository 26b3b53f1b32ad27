"""What becomes of each window of a slot when an attempt ends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, window
from worker.ledger.codec import Book
from worker.ledger.records import Attempt, Claim, Move
from worker.lifecycle import EDGES, OPEN, Mover, State
from worker.slots import Standing, outlook
from worker.verdicts import Verdict, Word, moves

HOUR = 3_600
SETTLE = 300
CREATED = Attempt(at=NOW, act="create", outcome="ok", http_status=200)


def standing(start: int = HOUR, state: State = State.PLACING, tries: int = 0, **changes: Any) -> Standing:
    """An hour that starts ``start`` seconds from now, under plan 3."""
    return Standing(window(NOW + start, HOUR, **changes), state, 3, tries)


def after(
    verdict: Verdict, own: Standing, *others: Standing, calls: Sequence[Attempt] = (), now: int = NOW
) -> dict[str, Move]:
    """The moves, by window, when ``own`` was claimed and this came of it."""
    opened = tuple(s for s in (own, *others) if s.state in OPEN)
    told = moves(
        Claim(own, 1, Book(), opened),
        outlook(opened, now, SETTLE),
        verdict,
        now=now,
        by="worker-1",
        calls=calls,
    )
    assert len({move.window_id for move in told}) == len(told)
    return {move.window_id: move for move in told}


def move_of(verdict: Verdict, own: Standing, *others: Standing) -> Move:
    return after(verdict, own, *others)[own.window.id]


def test_what_is_placed_is_seen_to_again_at_its_end() -> None:
    own = standing()
    move = move_of(Verdict("placed", task_id="77"), own)
    assert (move.to, move.due, move.revision) == (State.PLACED, own.window.end, 3)
    assert move.fields["task_id"] == "77"
    assert move.fields["placed_at"] == NOW


def test_a_placed_window_that_is_found_in_order_keeps_its_time_and_learns_its_task() -> None:
    move = move_of(Verdict("placed", task_id="78"), standing(state=State.PLACED))
    assert move.to is State.PLACED
    assert "placed_at" not in move.fields
    assert move.fields["task_id"] == "78"
    assert move.change == ""


def test_a_retry_says_when_and_why_and_how_often_it_was_tried() -> None:
    move = move_of(Verdict("retry", due=NOW + 7, why="no answer", tries=2), standing())
    assert (move.to, move.due) == (State.RETRYING, NOW + 7)
    assert move.fields == {"reason": "no answer", "tries": 2, "next_attempt_at": NOW + 7}


def test_what_only_a_person_can_help_is_failed_and_not_visited_again() -> None:
    move = move_of(Verdict("fail", why="no such domain"), standing())
    assert (move.to, move.due) == (State.FAILED, None)
    assert move.expire_at > move.revision


def test_a_placed_window_that_has_lost_its_relay_is_tried_again_in_the_open() -> None:
    own = standing(state=State.PLACED)
    move = move_of(Verdict("retry", due=NOW + 9, why="x", absent=True), own)
    assert (move.to, move.due) == (State.RETRYING, NOW + 9)


def test_one_that_loses_it_in_its_last_minutes_is_not_called_missed_for_it() -> None:
    own = standing(start=-HOUR + 300, state=State.PLACED)
    move = move_of(Verdict("retry", due=NOW + 9, why="x", absent=True), own)
    assert (move.to, move.due) == (State.PLACED, NOW + 9)


def test_windows_that_share_a_relay_are_placed_together_and_say_with_whom() -> None:
    first, second = standing(), standing(2 * HOUR, State.PLANNED)
    told = after(Verdict("placed", task_id="77"), first, second)
    assert [move.to for move in told.values()] == [State.PLACED] * 2
    assert [move.fields["task_id"] for move in told.values()] == ["77"] * 2
    assert first.window.id in json.loads(told[second.window.id].change)["why"]


def test_a_window_that_gives_way_says_to_whom() -> None:
    special = standing(HOUR, priority=1, sources=("rtmp://s.example.com/live/x",), event="special")
    move = after(Verdict("placed"), special, own := standing(HOUR, State.PLANNED))[own.window.id]
    assert move.to is State.DISPLACED
    assert special.window.id in move.why


@pytest.mark.parametrize("word", ["retry", "wait", "fail"])
def test_a_placed_window_whose_correction_fails_stays_placed_and_is_seen_to_later(word: Word) -> None:
    due = NOW + 9 if word != "fail" else 0
    move = move_of(Verdict(word, due=due, why="x"), standing(state=State.PLACED))
    assert move.to is State.PLACED
    assert move.due is not None
    assert move.due > NOW


def test_a_window_that_missed_its_last_useful_moment_is_told_so() -> None:
    own = standing(-HOUR)
    move = move_of(Verdict("rest"), own)
    assert (move.to, move.due) == (State.MISSED, None)
    assert json.loads(move.change)["action"] == "window.missed"


def test_a_window_that_ended_is_removed_once_its_relay_is_gone() -> None:
    own = standing(-HOUR, State.PLACED)
    assert move_of(Verdict("rest"), own).to is State.REMOVED


def test_a_window_that_ended_stays_until_its_relay_is_gone() -> None:
    own = standing(-HOUR, State.PLACED)
    move = move_of(Verdict("retry", due=NOW + 4, tries=1), own)
    assert (move.to, move.due, move.fields["tries"]) == (State.PLACED, NOW + 4, 1)


def test_a_window_that_was_called_off_stays_so_and_is_done_with_when_nothing_of_it_is_left() -> None:
    own = standing(state=State.CANCELLED)
    assert (move_of(Verdict("rest"), own).to, move_of(Verdict("rest"), own).due) == (State.CANCELLED, None)
    assert move_of(Verdict("retry", due=NOW + 4), own).due == NOW + 4


def test_the_window_the_slot_is_free_for_is_placed_whoever_was_claimed() -> None:
    over, coming = standing(-HOUR, State.PLACED), standing(HOUR, State.PLANNED)
    told = after(Verdict("placed", task_id="5"), over, coming)
    assert told[over.window.id].to is State.REMOVED
    assert (told[coming.window.id].to, told[coming.window.id].fields["task_id"]) == (State.PLACED, "5")


def test_who_was_claimed_out_of_turn_waits_for_the_window_ahead() -> None:
    ahead, own = standing(HOUR, State.PLACED), standing(3 * HOUR)
    told = after(Verdict("placed"), own, ahead)
    assert (told[own.window.id].to, told[own.window.id].due) == (State.PLANNED, ahead.window.end)


def test_a_placed_window_makes_room_and_comes_back_later() -> None:
    own, seated = standing(HOUR), standing(3 * HOUR, State.PLACED)
    told = after(Verdict("placed"), own, seated)
    assert (told[seated.window.id].to, told[seated.window.id].due) == (State.PLANNED, own.window.end)


def test_when_one_is_given_up_the_next_need_not_wait_for_its_end() -> None:
    own, coming = standing(HOUR), standing(3 * HOUR, State.PLANNED)
    told = after(Verdict("fail", why="no"), own, coming)
    assert told[coming.window.id].due == coming.window.due_at


def test_while_one_is_placed_and_cannot_be_corrected_the_next_still_waits() -> None:
    ahead, own = standing(HOUR, State.PLACED), standing(3 * HOUR)
    assert after(Verdict("fail", why="no"), own, ahead)[own.window.id].due == ahead.window.end


def test_a_waiting_window_is_told_its_time_anew_even_if_it_comes_sooner_now() -> None:
    own, coming = standing(HOUR), standing(4 * HOUR, State.PLANNED, lead=60)
    told = after(Verdict("placed"), own, coming)
    assert told[coming.window.id].due == coming.window.due_at


def test_calls_are_told_in_the_history_of_the_window_they_were_made_for() -> None:
    over, coming = standing(-HOUR, State.PLACED), standing(HOUR, State.PLANNED)
    told = after(Verdict("placed"), over, coming, calls=[CREATED])
    assert told[over.window.id].calls == ()
    assert json.loads(told[coming.window.id].calls[0])["act"] == "create"


def test_calls_of_a_removal_are_told_in_the_history_of_the_window_removed() -> None:
    over = standing(-HOUR, State.PLACED)
    assert after(Verdict("rest"), over, calls=[CREATED])[over.window.id].calls


def test_a_change_of_state_is_one_line_with_a_stable_word_who_and_why() -> None:
    line = json.loads(move_of(Verdict("retry", due=NOW + 1, why="no answer"), standing()).change)
    assert line == {
        "kind": "change",
        "at": NOW,
        "action": "window.retrying",
        "to": "retrying",
        "by": "worker-1",
        "why": "no answer",
    }


VERDICTS = st.builds(
    Verdict, st.sampled_from(["placed", "retry", "wait", "fail"]), st.integers(NOW + 1, NOW + 100)
)


@st.composite
def slots(draw: st.DrawFn) -> list[Standing]:
    starts = draw(st.lists(st.integers(-8, 8), min_size=1, max_size=5, unique=True))
    states = st.sampled_from(sorted(OPEN))
    made = [standing(start * 1_800, draw(states), min_useful=600) for start in starts]
    return [Standing(made[0].window, draw(st.sampled_from(sorted(State))), 3), *made[1:]]


@given(slots(), VERDICTS)
def test_every_window_of_the_slot_gets_one_move_along_the_table(
    made: list[Standing], verdict: Verdict
) -> None:
    own, *others = made
    opened = [s for s in made if s.state in OPEN]
    if not outlook(opened, NOW, SETTLE).wanted and verdict.word in {"placed", "fail"}:
        verdict = Verdict("rest")
    told = after(verdict, own, *others)
    assert set(told) == {s.window.id for s in made}
    for each in made:
        to = told[each.window.id].to
        assert to is each.state or Mover.ATTEMPT in EDGES[each.state, to][0]


@given(slots(), VERDICTS)
def test_no_open_window_is_left_without_a_time_to_see_to_it(made: list[Standing], verdict: Verdict) -> None:
    own, *others = made
    opened = [s for s in made if s.state in OPEN]
    if not outlook(opened, NOW, SETTLE).wanted and verdict.word in {"placed", "fail"}:
        verdict = Verdict("rest")
    for move in after(verdict, own, *others).values():
        done_with = move.to not in OPEN or (move.to is State.DISPLACED and move.due is None)
        assert done_with or (move.due is not None and move.due > 0)
        assert bool(move.expire_at) == done_with


RIVAL = ("https://b.example.com/other.flv",)


@pytest.mark.parametrize(
    ("winner", "why"),
    [({}, "starts first"), ({"start": HOUR, "priority": 5}, "has priority 5 against 0")],
)
def test_who_gives_way_says_to_whom_and_why_and_is_seen_to_when_it_is_too_late(
    winner: dict[str, int], why: str
) -> None:
    own = standing(HOUR, sources=RIVAL)
    other = standing(**({"start": HOUR - 60, "event": "other"} | winner))  # type: ignore[arg-type]
    move = move_of(Verdict("settle", due=NOW + 7), own, other)
    assert (move.to, move.due) == (State.DISPLACED, own.window.end - own.window.min_useful + 1)
    assert move.why == f"gives way to {other.window.id} on {own.window.slot}: that {why}"
    assert move.fields["reason"] == move.why


@pytest.mark.parametrize(("state", "at_once"), [(State.PLACING, True), (State.PLACED, False)])
def test_who_gives_way_to_what_fails_for_good_is_seen_to_at_once(state: State, at_once: bool) -> None:
    ahead = standing(HOUR - 60, state, event="other")
    loser = standing(HOUR, State.PLANNED, sources=RIVAL)
    move = after(Verdict("fail", why="no such domain"), ahead, loser)[loser.window.id]
    assert (move.to, move.due == NOW) == (State.DISPLACED, at_once)
