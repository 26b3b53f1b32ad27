"""What people say reaches the provider: the relay that is there is the one that they want."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.build import relay_of
from tests.contract.desk import DAY, OTHER, Desk, nightly
from tests.contract.ledgers import HOUR, actions
from tests.contract.stage import Stage
from worker.errors import Refused
from worker.lifecycle import State
from worker.windows import Window

SOON = 60
"""Seconds in which what is due is done."""


class Show:
    """A nightly show on a stage, placed or on air."""

    def __init__(self, play: Stage) -> None:
        self.play, self.desk = play, Desk(play.ledger)
        self.desk.apply(nightly(lead=HOUR))
        self.tonight = self.desk.window()

    def placed(self) -> Window:
        self.play.settle(self.tonight.start - HOUR / 2)
        return self.tonight

    def on_air(self) -> Window:
        self.play.settle(self.tonight.start + 60)
        self.play.assert_placed(self.tonight)
        return self.tonight

    def say(self, verb: str, about: str = "", **how: object) -> None:
        assert self.desk.say(verb, about or self.tonight.id, **how).changed  # type: ignore[arg-type]

    def settle(self) -> None:
        self.play.settle(self.play.clock() + SOON)

    def said_since(self, act: Callable[[], object]) -> list[str]:
        """What was written to the provider because of this."""
        before = len(self.play.writes)
        act()
        self.settle()
        return self.play.writes[before:]


@pytest.fixture
def show(play: Stage) -> Show:
    return Show(play)


def test_a_window_called_off_before_air_takes_its_relay_along(show: Show) -> None:
    show.placed()
    assert show.said_since(lambda: show.say("cancel")) == ["Delete"]
    assert show.play.rows() == []


def test_a_cancel_that_is_taken_back_is_placed_again(show: Show) -> None:
    of = show.placed()
    show.say("cancel")
    show.settle()
    assert show.said_since(lambda: show.say("retry")) == ["Create"]
    show.play.assert_placed(of)


def test_an_extension_on_air_is_an_update_and_nothing_else(show: Show) -> None:
    of = show.on_air()
    assert show.said_since(lambda: show.say("extend")) == ["Update"]
    (row,) = show.play.rows()
    assert (row.start, row.end) == (of.start, of.end + 1_800)
    assert show.play.state(of) is State.PLACED


def test_an_extended_window_plays_to_its_new_end_and_is_then_cleared(show: Show) -> None:
    of = show.on_air()
    show.say("extend")
    show.play.settle(of.end + 1_799)
    assert len(show.play.rows()) == 1
    show.play.settle(of.end + 1_800 + SOON)
    assert (show.play.rows(), show.play.state(of)) == ([], State.REMOVED)


def test_other_sources_on_air_are_an_update(show: Show) -> None:
    of = show.on_air()
    assert show.said_since(lambda: show.say("override", sources=OTHER, force=True)) == ["Update"]
    (row,) = show.play.rows()
    assert (row.sources, row.start, row.end) == (OTHER, of.start, of.end)
    assert show.play.state(of) is State.PLACED


def test_a_start_that_is_moved_moves_the_relay(show: Show) -> None:
    of = show.placed()
    show.say("override", start=of.start + 600)
    show.settle()
    assert [(row.start, row.end) for row in show.play.rows()] == [(of.start + 600, of.end)]


def test_a_stop_removes_the_relay_and_a_retry_brings_it_back(show: Show) -> None:
    of = show.on_air()
    assert show.said_since(lambda: show.say("stop")) == ["Delete"]
    assert show.play.rows() == []
    assert show.said_since(lambda: show.say("retry")) == ["Create"]
    show.play.assert_placed(of)


def test_a_pause_clears_what_is_to_come_and_resume_places_it(show: Show) -> None:
    of = show.placed()
    show.say("pause", "news")
    show.settle()
    assert show.play.rows() == []
    show.say("resume", "news")
    show.settle()
    show.play.assert_placed(of)


def test_a_pause_lets_what_is_on_air_play_to_its_end(show: Show) -> None:
    of = show.on_air()
    assert show.said_since(lambda: show.say("pause", "news")) == []
    show.play.settle(of.end - 1)
    show.play.assert_placed(of)
    show.play.settle(of.end + 23 * HOUR)
    assert show.play.rows() == []


def test_a_failed_window_that_is_retried_is_placed(show: Show) -> None:
    show.play.fail("Create:RequestForbidden")
    show.play.settle(show.tonight.start - HOUR / 2)
    assert show.play.state(show.tonight) is State.FAILED
    show.play.fail()
    show.say("retry")
    show.settle()
    show.play.assert_placed(show.tonight)


@pytest.mark.parametrize("request_", [1, 2])
def test_a_cancel_while_a_worker_places_it_is_not_lost(show: Show, request_: int) -> None:
    show.play.interrupt(lambda: show.say("cancel"), at=request_)
    show.play.settle(show.tonight.start - HOUR / 2)
    assert (show.play.rows(), show.play.state(show.tonight)) == ([], State.CANCELLED)


@pytest.mark.parametrize("request_", [1, 2])
def test_an_override_while_a_worker_places_it_is_what_is_placed(show: Show, request_: int) -> None:
    show.play.interrupt(lambda: show.say("override", sources=OTHER), at=request_)
    show.play.settle(show.tonight.start - HOUR / 2)
    wanted = show.desk.window()
    assert wanted.sources == OTHER
    show.play.assert_placed(wanted)


def test_a_cancel_and_its_taking_back_while_a_worker_places_it_leave_it_placed(show: Show) -> None:
    def change_of_mind() -> None:
        show.say("cancel")
        show.say("retry")

    show.play.interrupt(change_of_mind, at=2)
    show.play.settle(show.tonight.start - HOUR / 2)
    show.play.assert_placed(show.tonight)


def test_a_stop_while_a_worker_corrects_what_is_on_air_is_a_stop(show: Show) -> None:
    of = show.on_air()
    show.say("extend")
    show.play.interrupt(lambda: show.say("stop"), at=1)
    show.settle()
    assert (show.play.rows(), show.play.state(of)) == ([], State.CANCELLED)


def test_a_follower_is_placed_in_time_when_the_one_ahead_ends_earlier(show: Show) -> None:
    of = show.placed()
    show.desk.apply(nightly(id="late", crons=("30 21 * * *",), sources=OTHER, lead=HOUR))
    late = show.desk.windows("late")[0].window
    show.play.settle(of.start + 60)
    show.say("override", end=of.start + HOUR)
    show.play.settle(of.start + HOUR + SOON)
    assert [row for row in show.play.rows() if row == relay_of(late).as_row()]
    assert "window.overridden" in actions(show.play.ledger, of)


ELSEWHERE = "studio-2"


def test_another_stream_moves_the_relay_and_clears_the_old_one(show: Show) -> None:
    of = show.placed()
    assert show.said_since(lambda: show.say("override", stream=ELSEWHERE)) in (
        ["Delete", "Create"],
        ["Create", "Delete"],
    )
    moved = show.desk.window()
    assert (moved.slot.stream, moved.start) == (ELSEWHERE, of.start)
    show.play.assert_placed(moved)


def test_another_stream_and_back_leaves_what_the_file_has(show: Show) -> None:
    of = show.placed()
    show.say("override", stream=ELSEWHERE)
    show.settle()
    show.say("clear")
    show.settle()
    assert show.desk.window() == of
    show.play.assert_placed(of)


def test_another_stream_on_air_goes_on_there_and_only_by_force(show: Show) -> None:
    of = show.on_air()
    with pytest.raises(Refused, match="would be cut"):
        show.say("override", stream=ELSEWHERE)
    show.say("override", stream=ELSEWHERE, force=True)
    show.settle()
    moved = show.desk.window()
    show.play.assert_placed(moved)
    assert show.play.state(of) is State.PLACED
    show.play.settle(of.end + SOON)
    assert (show.play.rows(), show.play.state(of)) == ([], State.REMOVED)


@pytest.mark.parametrize("request_", [1, 2])
def test_another_stream_while_a_worker_places_it_leaves_one_relay(show: Show, request_: int) -> None:
    show.play.interrupt(lambda: show.say("override", stream=ELSEWHERE), at=request_)
    show.play.settle(show.tonight.start - HOUR / 2)
    show.play.assert_placed(show.desk.window())


def test_sources_that_are_taken_back_on_air_are_an_update(show: Show) -> None:
    of = show.on_air()
    show.say("override", sources=OTHER, force=True)
    show.settle()
    assert show.said_since(lambda: show.say("clear", force=True)) == ["Update"]
    show.play.assert_placed(of)


def test_what_was_moved_near_and_placed_and_is_taken_back_leaves_no_relay(show: Show) -> None:
    show.desk.apply(nightly(lead=3 * DAY), digest="2")
    last = show.desk.windows()[-1].window
    far = last.id.replace("0520", "0521")
    show.say("override", far, start=last.start + HOUR, end=last.end + HOUR, stream=ELSEWHERE)
    show.settle()
    assert ELSEWHERE in {row.slot.stream for row in show.play.rows()}
    show.say("clear", far)
    show.settle()
    assert {row.slot.stream for row in show.play.rows()} == {"news"}
    assert far not in {record.window.id for record in show.desk.windows()}
