"""What becomes of a window by itself: nothing is promised that its slot will not keep."""

from __future__ import annotations

from typing import Any

import pytest

from tests.build import NOW, window
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.prospects import goes_on, prospect
from worker.slots import Standing
from worker.views import moment
from worker.windows import Window

HOUR, DAY, SETTLE = 3_600, 86_400, 300
OTHER = ("rtmp://c.example.com/live/news",)
SOON = window(NOW + HOUR)


def of(window: Window, *others: Standing, state: State = State.PLANNED, **record: Any) -> str:
    found = WindowRecord(window=window, state=state, revision=1, **record)
    return prospect(found, [found.standing, *others], NOW, SETTLE)


def test_what_is_due_is_placed_now() -> None:
    assert of(SOON) == "a worker places it within seconds"


def test_what_is_not_due_is_placed_from_its_lead_on() -> None:
    later = window(NOW + 2 * DAY)
    assert of(later) == f"it is placed from {moment(later, NOW + DAY)} on"


def test_what_is_behind_another_on_its_slot_waits_for_its_end() -> None:
    ahead = Standing(window(NOW - HOUR, 2 * HOUR, event="film", sources=OTHER), State.PLACED)
    assert (
        of(SOON, ahead)
        == f"it is placed from {moment(SOON, SOON.start)} on, when what is ahead of it has ended"
    )


@pytest.mark.parametrize("state", [State.PLANNED, State.DISPLACED])
def test_what_gives_way_is_not_promised_a_time(state: State) -> None:
    rival = Standing(window(NOW + HOUR, event="film", sources=OTHER, priority=1), State.PLANNED)
    words = of(SOON, rival, state=state)
    assert words.startswith(f"it gives way to {rival.window.id}: it is placed only if that goes, and that by")


def test_what_was_displaced_and_is_so_no_more_is_placed_now() -> None:
    assert of(SOON, state=State.DISPLACED) == "a worker places it within seconds"


def test_what_waits_for_its_next_try_says_when() -> None:
    words = of(SOON, state=State.RETRYING, next_attempt_at=NOW + 60)
    assert words.startswith(f"it is tried again at {moment(SOON, NOW + 60)}, and until")
    assert of(SOON, state=State.RETRYING, next_attempt_at=NOW - 1) == "a worker places it within seconds"


def test_what_is_too_late_is_said_to_be() -> None:
    assert of(window(NOW - HOUR, HOUR + 60)) == "it is too late to place it"


@pytest.mark.parametrize("state", [State.PLACED, State.REMOVED, State.MISSED])
def test_of_what_is_done_nothing_is_promised(state: State) -> None:
    assert of(SOON, state=state) == ""


def test_what_people_have_to_do_something_about_says_what() -> None:
    assert f"relaybeat retry {SOON.id}" in of(SOON, state=State.FAILED)
    assert f"relaybeat retry {SOON.id}" in of(SOON, state=State.CANCELLED, cancelled_by="person")
    assert of(SOON, state=State.CANCELLED, cancelled_by="plan") == ""


def test_a_relay_that_others_share_goes_on_for_them() -> None:
    gone = window(NOW - HOUR, 2 * HOUR)
    rest = Standing(window(NOW - 60, 2 * HOUR, event="film"), State.PLACED)
    later = Standing(window(NOW + HOUR, event="film"), State.PLANNED)
    assert goes_on([rest], gone, NOW, SETTLE) == rest.window.id
    assert goes_on([later], gone, NOW, SETTLE) == ""
    assert goes_on([Standing(window(NOW - 60, sources=OTHER), State.PLACED)], gone, NOW, SETTLE) == ""
