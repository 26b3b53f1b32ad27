"""What is said of a window in the ledger: its state in words, and whether somebody should look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.build import NOW, window
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.reports import described, late, record_view, troubled, with_neighbours
from worker.slots import Standing

HOUR = 3_600
BEFORE, DURING, AFTER = NOW, NOW + HOUR + 60, NOW + 3 * HOUR


def record(state: State, **changes: Any) -> WindowRecord:
    """A window of an hour that starts an hour from ``NOW``, in this state."""
    permanent = changes.pop("permanent", False)
    return WindowRecord(window=window(permanent=permanent), state=state, revision=1, **changes)


@pytest.mark.parametrize(
    ("state", "now", "placed_at", "words"),
    [
        (State.PLANNED, BEFORE, 0, "planned"),
        (State.PLANNED, DURING, 0, "planned, late"),
        (State.PLACING, DURING, 0, "placing, late"),
        (State.RETRYING, BEFORE, 0, "retrying"),
        (State.RETRYING, DURING, 0, "retrying, late"),
        (State.RETRYING, AFTER, 0, "retrying, over"),
        (State.PLACED, BEFORE, NOW, "placed"),
        (State.PLACED, DURING, NOW, "on air"),
        (State.PLACED, DURING, DURING, "on air, late"),
        (State.PLACED, AFTER, NOW, "ended, still placed"),
        (State.REMOVED, AFTER, NOW, "ended"),
        (State.FAILED, DURING, 0, "failed"),
        (State.CANCELLED, DURING, 0, "cancelled"),
        (State.DISPLACED, DURING, 0, "displaced"),
    ],
)
def test_a_state_is_told_with_what_follows_from_the_time(
    state: State, now: float, placed_at: float, words: str
) -> None:
    assert described(record(state, placed_at=placed_at), now) == words


@pytest.mark.parametrize("state", [State.FAILED, State.MISSED, State.RETRYING])
def test_what_went_wrong_is_trouble_at_any_time(state: State) -> None:
    assert all(troubled(record(state), now) for now in (BEFORE, DURING, AFTER))


@pytest.mark.parametrize("state", [State.PLANNED, State.PLACING])
def test_what_should_be_on_air_and_has_no_relay_is_trouble(state: State) -> None:
    assert [troubled(record(state), now) for now in (BEFORE, DURING)] == [False, True]


@pytest.mark.parametrize("state", [State.PLACED, State.REMOVED, State.CANCELLED, State.DISPLACED])
def test_what_is_placed_was_called_off_or_gives_way_is_no_trouble(state: State) -> None:
    assert not any(troubled(record(state, placed_at=AFTER), now) for now in (BEFORE, DURING, AFTER))


def test_a_record_is_noted_with_whom_it_shares_its_slot() -> None:
    first = record(State.PLACED)
    after = replace(first.window, id="news@after", start=first.window.end, end=first.window.end + HOUR)
    ((noted, met),) = with_neighbours(
        [first], [[first.standing, Standing(after, State.PLANNED)]], BEFORE, 300
    )
    assert (noted.window.notes, [m.other for m in met]) == (("joined",), [after])


def test_a_record_that_shares_its_slot_with_nobody_stays_as_it_is() -> None:
    alone = record(State.PLACED)
    assert list(with_neighbours([alone], [[alone.standing], []], BEFORE, 300)) == [(alone, ())]


def test_a_permanent_window_is_never_late() -> None:
    assert not late(record(State.PLANNED, permanent=True), AFTER)


def test_scripts_get_the_state_that_is_written_and_not_the_words() -> None:
    view = record_view(record(State.PLACED, placed_at=NOW), now=DURING)
    assert (view["state"], view["on_air"], view["placed_at"]) == ("placed", True, NOW)
