"""A window as planners' pages tell it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.build import NOW, window
from worker.language import speaking
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.relay import LATEST_SECOND
from worker.web.told import face, told
from worker.windows import Window

HOUR = 3_600


def record(state: State, of: Window | None = None, **fields: Any) -> WindowRecord:
    return WindowRecord(window=of or window(), state=state, revision=1, **fields)


@pytest.mark.parametrize(
    ("state", "starts_in", "drawn"),
    [
        (State.PLANNED, HOUR, "planned"),
        (State.PLANNED, -60, "late"),
        (State.RETRYING, HOUR, "retrying"),
        (State.RETRYING, -60, "late"),
        (State.PLACED, HOUR, "placed"),
        (State.PLACED, -60, "on-air"),
        (State.PLACED, -2 * HOUR, "ended"),
        (State.REMOVED, -2 * HOUR, "ended"),
        (State.FAILED, HOUR, "failed"),
        (State.FAILED, -60, "failed"),
        (State.MISSED, -2 * HOUR, "missed"),
        (State.DISPLACED, -60, "displaced"),
        (State.CANCELLED, -60, "cancelled"),
    ],
)
def test_a_state_is_drawn_with_what_follows_from_it_and_the_time(
    state: State, starts_in: int, drawn: str
) -> None:
    assert face(record(state, window(NOW + starts_in)), NOW) == drawn


def test_times_are_on_the_clock_of_the_zone_that_is_asked_for() -> None:
    line = told(record(State.PLANNED, window(NOW, 2 * HOUR)), "America/St_Johns", NOW)
    assert (line.day, line.clock, line.until) == ("Wed 2026-11-18", "07:36:40", "09:36:40")
    assert line.ends == "2026-11-18T09:36:40-03:30"


def test_on_a_night_of_a_clock_change_the_time_has_its_offset() -> None:
    second_half_past_one = 1_793_514_600
    line = told(record(State.PLANNED, window(second_half_past_one)), "America/New_York", NOW)
    assert (line.day, line.clock) == ("Sun 2026-11-01", "01:30 UTC-5")


def test_what_never_ends_has_no_times() -> None:
    line = told(record(State.PLACED, window(0, LATEST_SECOND, permanent=True)), "UTC", NOW)
    assert (line.clock, line.day, line.until, line.starts, line.ends) == ("always", "", "", "", "")


def test_sources_are_masked_and_conflicts_told() -> None:
    line = told(record(State.PLANNED, window(notes=("conflict",))), "UTC", NOW)
    assert "news" not in line.sources[0]
    assert line.conflict
    assert "overlaps" in line.remarks


def test_it_is_told_in_the_language_spoken() -> None:
    with speaking("zh"):
        line = told(record(State.PLANNED), "Asia/Shanghai", NOW)
    assert (line.day, line.state) == ("周三 2026-11-18", "已排定")
