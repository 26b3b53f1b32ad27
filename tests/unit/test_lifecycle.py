"""The table of what can become of a window."""

from __future__ import annotations

import pytest

from worker.lifecycle import EDGES, OPEN, Mover, State, sources_of

REACHED = {State.PLANNED} | {to for _, to in EDGES}


def can(before: State, after: State, mover: Mover) -> bool:
    return before in sources_of(after, mover)


def test_every_state_can_be_reached_from_planned() -> None:
    reached = {State.PLANNED}
    while more := {to for start, to in EDGES if start in reached} - reached:
        reached |= more
    assert reached == set(State)


def test_no_edge_leads_nowhere_and_each_says_who_and_when() -> None:
    for (before, after), (movers, when) in EDGES.items():
        assert before is not after
        assert movers
        assert when


def test_open_windows_can_still_be_placed_and_called_off() -> None:
    for state in OPEN:
        assert can(state, State.CANCELLED, Mover.PERSON)
        assert state is State.PLACED or can(state, State.PLACED, Mover.ATTEMPT)


def test_what_was_removed_stays_removed() -> None:
    assert not [edge for edge in EDGES if edge[0] is State.REMOVED]


def test_only_an_attempt_says_what_the_provider_holds() -> None:
    for told in (State.PLACING, State.PLACED, State.REMOVED, State.FAILED, State.MISSED, State.RETRYING):
        assert not sources_of(told, Mover.PLANNER) | sources_of(told, Mover.PERSON)


def test_an_attempt_never_calls_a_window_off_or_back() -> None:
    assert not sources_of(State.CANCELLED, Mover.ATTEMPT)
    assert not can(State.CANCELLED, State.PLANNED, Mover.ATTEMPT)
    assert not can(State.FAILED, State.PLANNED, Mover.ATTEMPT)


def test_what_was_placed_is_never_called_missed() -> None:
    assert not can(State.PLACED, State.MISSED, Mover.ATTEMPT)


def test_a_window_gives_way_and_comes_back_by_attempts_alone() -> None:
    assert not sources_of(State.DISPLACED, Mover.PLANNER) | sources_of(State.DISPLACED, Mover.PERSON)
    assert can(State.DISPLACED, State.PLANNED, Mover.ATTEMPT)


@pytest.mark.parametrize("state", [State.FAILED, State.MISSED, State.CANCELLED])
def test_a_person_can_ask_for_another_try(state: State) -> None:
    assert can(state, State.PLANNED, Mover.PERSON)


def test_only_what_has_been_placed_is_removed() -> None:
    assert sources_of(State.REMOVED, Mover.ATTEMPT) == {State.PLACED}
