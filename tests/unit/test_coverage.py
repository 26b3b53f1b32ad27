"""Plan against list: what is not there is noticed in time, and what has no turn yet is not asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, window
from worker.conditions import Condition, Kind, Level
from worker.coverage import uncovered
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.relay import LONGEST_SPAN, Row

HOUR, DAY = 3_600, 86_400
SETTLE = 300
FILM = ("https://b.example.com/film.flv?key=s3cret",)
OF_WINDOW = (Kind.UNPLACED, Kind.WRONG, Kind.MISSED, Kind.FAILED)
CHECKPOINTS = [(DAY, Level.WARN), (HOUR, Level.WARN), (900, Level.PAGE), (300, Level.PAGE)]


def record(start: int, hours: float = 1, state: State = State.PLACED, **changes: Any) -> WindowRecord:
    return WindowRecord(window=window(NOW + start, int(hours * HOUR), **changes), state=state, revision=1)


def row(record: WindowRecord, **changes: Any) -> Row:
    """What the provider lists once the record's relay is there."""
    w = record.window
    told = {"slot": w.slot, "sources": w.sources, "start": w.start, "end": w.end} | changes
    return Row(**told)


def look(*records: WindowRecord, rows: tuple[Row, ...] = (), now: int = NOW) -> list[Condition]:
    """What holds; what is over is left out."""
    return [each for each in uncovered(records, rows, now, SETTLE) if each.until > now]


def kinds(found: list[Condition]) -> list[tuple[Kind, str]]:
    return [(each.kind, each.subject) for each in found]


@pytest.mark.parametrize(("before", "level"), CHECKPOINTS)
def test_from_each_checkpoint_on_a_relay_that_is_not_listed_is_told_of(before: int, level: Level) -> None:
    (found,) = look(record(before, lead=2 * DAY))
    assert (found.kind, found.level) == (Kind.UNPLACED, level)


def test_before_the_first_checkpoint_nobody_asks() -> None:
    assert look(record(DAY + 1, lead=2 * DAY)) == []


def test_what_is_listed_as_planned_is_well() -> None:
    coming = record(300)
    assert look(coming, rows=(row(coming),)) == []


def test_what_the_ledger_believes_to_be_placed_is_asked_for_all_the_same() -> None:
    gone = record(300, state=State.PLACED)
    assert kinds(look(gone)) == [(Kind.UNPLACED, gone.window.id)]


def test_how_it_came_to_be_placed_is_no_reason_for_being_gone() -> None:
    gone = replace(record(300), reason="found at the provider as wanted")
    (found,) = look(gone)
    assert (found.cause, found.facts["why"]) == ("placed", "")


def test_before_its_lead_a_window_is_not_asked_for() -> None:
    assert look(record(HOUR, state=State.PLANNED, lead=HOUR - 1)) == []


def test_a_window_behind_another_is_judged_from_the_moment_its_slot_is_free() -> None:
    first = record(-HOUR, hours=1.25)
    second = record(900, sources=FILM, event="film", state=State.PLANNED)
    assert look(first, second, rows=(row(first),)) == []
    late = look(first, second, rows=(row(first),), now=NOW + 900)
    assert kinds(late) == [(Kind.WRONG, second.window.id)]


@pytest.mark.parametrize(
    ("changes", "differs"),
    [({"end": NOW + 400}, "times"), ({"start": NOW + 301}, "times"), ({"sources": FILM}, "sources")],
)
def test_a_relay_with_other_times_or_sources_is_told_of_with_what_differs(
    changes: dict[str, Any], differs: str
) -> None:
    coming = record(300)
    (found,) = look(coming, rows=(row(coming, **changes),))
    assert (found.kind, found.facts["differs"]) == (Kind.WRONG, differs)


def test_no_source_is_told_of_whole() -> None:
    coming = record(300)
    (found,) = look(coming, rows=(row(coming, sources=FILM),))
    assert "s3cret" not in str(found)


def test_a_relay_that_is_shared_covers_all_its_windows() -> None:
    first, second = record(300), record(300 + HOUR, event="weather")
    shared = row(first, end=second.window.end)
    assert look(first, second, rows=(shared,)) == []


def test_a_window_longer_than_a_relay_is_covered_as_far_as_one_reaches() -> None:
    long = record(300, hours=20 * 24)
    assert look(long, rows=(row(long, end=long.window.start + LONGEST_SPAN),)) == []
    assert kinds(look(long, rows=(row(long, end=long.window.start + DAY),)))[0][0] is Kind.WRONG


def test_on_air_with_the_relay_gone_is_a_page() -> None:
    (found,) = look(record(-600))
    assert (found.kind, found.level) == (Kind.UNPLACED, Level.PAGE)


def test_a_late_window_is_covered_by_a_relay_that_began_after_its_start() -> None:
    late = record(-600)
    assert look(late, rows=(row(late, start=NOW - 60),)) == []


@pytest.mark.parametrize("state", [State.CANCELLED, State.REMOVED, State.DISPLACED])
def test_what_is_not_meant_to_be_there_is_not_missed(state: State) -> None:
    winner = record(300, priority=1, event="special", sources=FILM)
    loser = record(300, state=state)
    found = look(winner, loser, rows=(row(winner),))
    assert found == []


def test_a_permanent_relay_is_always_asked_for() -> None:
    radio = record(-DAY, hours=10_000, permanent=True)
    assert kinds(look(radio)) == [(Kind.UNPLACED, radio.window.id)]
    assert look(radio, rows=(row(radio, start=None, end=None),)) == []


def test_a_permanent_relay_with_an_end_is_wrong() -> None:
    radio = record(-DAY, hours=24 * 30, permanent=True)
    (found,) = look(radio, rows=(row(radio),))
    assert found.kind is Kind.WRONG


def test_a_window_with_a_permanent_relay_is_wrong_too() -> None:
    coming = record(300)
    (found,) = look(coming, rows=(row(coming, start=None, end=None),))
    assert found.kind is Kind.WRONG


def test_a_refused_window_wakes_nobody_until_the_last_hour() -> None:
    assert [c.level for c in look(record(HOUR + 1, state=State.FAILED))] == [Level.WARN]
    assert [c.level for c in look(record(HOUR, state=State.FAILED))] == [Level.PAGE]


def test_a_missed_window_is_told_of_until_it_is_over() -> None:
    missed = record(-HOUR, hours=2, state=State.MISSED)
    assert kinds(look(missed)) == [(Kind.MISSED, missed.window.id)]
    assert look(missed, now=NOW + HOUR) == []


def test_what_is_wrong_in_another_way_takes_the_place_of_what_was_wrong_before() -> None:
    (missed,) = uncovered([record(-HOUR, hours=2, state=State.MISSED)], [], NOW, SETTLE)
    (gone,) = uncovered([record(300)], [], NOW, SETTLE)
    assert missed.instead_of == {Kind.UNPLACED, Kind.WRONG, Kind.FAILED}
    assert gone.instead_of == {Kind.MISSED, Kind.WRONG, Kind.FAILED}


def test_what_is_called_off_is_over_whenever_it_is_judged() -> None:
    """The list may be newer than the look: a list that is asked for takes a while to come."""
    found = uncovered([record(300, state=State.CANCELLED)], [], NOW, SETTLE)
    assert {each.kind for each in found if each.until < NOW - DAY} == {*OF_WINDOW}


def test_what_is_too_late_to_place_is_told_until_the_ledger_calls_it_missed() -> None:
    late = record(-HOUR, hours=1.1, state=State.RETRYING, min_useful=600)
    assert kinds(look(late)) == [(Kind.UNPLACED, late.window.id)]


def test_close_to_air_it_is_told_of_sooner() -> None:
    (far,) = look(record(HOUR, lead=2 * DAY))
    (near,) = look(record(299))
    assert near.patience < far.patience


@given(
    starts=st.lists(st.integers(-5, 30), min_size=1, max_size=6, unique=True),
    now=st.integers(NOW - DAY, NOW + 40 * HOUR),
)
def test_a_slot_that_lists_all_it_should_is_never_complained_of(starts: list[int], now: int) -> None:
    records = [record(n * HOUR, event=f"e{n}") for n in starts]
    rows = tuple(row(each) for each in records)
    assert look(*records, rows=rows, now=now) == []
