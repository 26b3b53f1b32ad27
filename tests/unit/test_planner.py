"""What has to change in the ledger for an event, window by window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.build import NOW, window
from worker.events.model import Event
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.overrides import Programme
from worker.planner import Difference, compare, wanted_windows
from worker.windows import Window

HOUR = 3_600
TONIGHT = window(NOW + HOUR)
PLAYING = window(NOW - HOUR, 2 * HOUR)
ENDING = window(NOW - HOUR, HOUR + 60)
"""On air, with less left than is worth placing."""


def record(of: Window, state: State = State.PLANNED, **changes: Any) -> WindowRecord:
    return WindowRecord(window=of, state=state, revision=1, **changes)


def kinds(before: list[WindowRecord], after: list[Window]) -> list[tuple[str, bool]]:
    return [(difference.kind, difference.on_air) for difference in compare(before, after, NOW)]


def test_a_window_that_the_ledger_does_not_know_is_added() -> None:
    assert compare([], [TONIGHT], NOW) == [Difference("add", None, TONIGHT)]


def test_a_window_that_is_as_planned_is_no_difference() -> None:
    assert compare([record(TONIGHT)], [TONIGHT], NOW) == []


def test_a_window_whose_plan_differs_is_changed() -> None:
    later = replace(TONIGHT, end=TONIGHT.end + 60)
    assert compare([record(TONIGHT)], [later], NOW) == [Difference("change", TONIGHT, later)]


@pytest.mark.parametrize("state", [State.PLANNED, State.PLACING, State.RETRYING, State.PLACED, State.FAILED])
def test_a_window_that_left_the_plan_is_removed(state: State) -> None:
    assert kinds([record(TONIGHT, state)], []) == [("remove", False)]


@pytest.mark.parametrize("state", [State.MISSED, State.REMOVED, State.CANCELLED])
def test_what_is_done_with_need_not_be_removed(state: State) -> None:
    assert kinds([record(TONIGHT, state)], []) == []


def test_the_past_is_left_alone() -> None:
    assert kinds([record(window(NOW - 2 * HOUR, HOUR), State.PLACED)], []) == []


def test_taking_away_what_is_on_air_is_told() -> None:
    assert kinds([record(PLAYING, State.PLACED)], []) == [("remove", True)]


def test_another_source_on_air_is_told() -> None:
    other = replace(PLAYING, sources=("rtmp://b.example.com/live/news",))
    assert kinds([record(PLAYING, State.PLACED)], [other]) == [("change", True)]


def test_another_title_on_air_cuts_nothing() -> None:
    assert kinds([record(PLAYING, State.PLACED)], [replace(PLAYING, title="Late news")]) == [
        ("change", False)
    ]


def test_what_the_plan_called_off_comes_back_with_the_plan() -> None:
    off = record(TONIGHT, State.CANCELLED, cancelled_by="plan")
    assert compare([off], [TONIGHT], NOW) == [Difference("add", None, TONIGHT)]


def test_what_a_person_called_off_stays_off_whatever_the_plan_says() -> None:
    off = record(TONIGHT, State.CANCELLED, cancelled_by="person")
    assert compare([off], [replace(TONIGHT, title="x")], NOW) == []


def test_a_show_on_air_is_not_cut_because_little_of_it_is_left() -> None:
    assert compare([record(ENDING, State.PLACED)], [ENDING], NOW) == []
    changed = replace(ENDING, end=ENDING.end + 60)
    assert [d.kind for d in compare([record(ENDING, State.PLACED)], [changed], NOW)] == ["change"]


@pytest.mark.parametrize("known", [[], [record(ENDING, State.MISSED)], [record(ENDING, State.PLANNED)]])
def test_a_window_of_which_too_little_is_left_is_neither_added_nor_changed(known: list[WindowRecord]) -> None:
    assert compare(known, [replace(ENDING, title="x")], NOW) == []


def hourly(**changes: Any) -> Event:
    fields: dict[str, Any] = {
        "id": "bulletin",
        "title": "Bulletin",
        "domain": "pull.example.com",
        "app": "live",
        "stream": "news",
        "sources": ("rtmp://a.example.com/live/news",),
        "timezone": "Asia/Shanghai",
        "crons": ("0 * * * *",),
        "duration": 300,
        "lead": 600,
    }
    return Event(**(fields | changes))


ON_THE_HOUR = NOW - NOW % HOUR + HOUR


def test_the_plan_reaches_to_the_horizon_and_includes_it() -> None:
    starts = [w.start for w in wanted_windows(Programme(hourly()), ON_THE_HOUR + 1, 2 * HOUR - 1)]
    assert starts[-1] == ON_THE_HOUR + 2 * HOUR


@pytest.mark.parametrize("seconds", [0, 1, 60, 299])
def test_what_is_on_air_is_in_the_plan_to_its_last_second(seconds: int) -> None:
    first, *_ = wanted_windows(Programme(hourly()), ON_THE_HOUR + seconds, HOUR)
    assert first.start == ON_THE_HOUR


def test_what_has_ended_is_not() -> None:
    first, *_ = wanted_windows(Programme(hourly()), ON_THE_HOUR + 300, HOUR)
    assert first.start == ON_THE_HOUR + HOUR


def test_a_paused_event_wants_nothing() -> None:
    assert wanted_windows(Programme(hourly(paused=True)), ON_THE_HOUR, HOUR) == ()
