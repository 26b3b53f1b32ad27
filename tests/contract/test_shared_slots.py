"""Several windows on one slot, and people who meddle with it, with a real Redis and the emulator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.build import relay_of
from tests.contract.ledgers import FILM, HOUR, LATER, Window, window
from tests.contract.stage import SETTLING, Stage
from worker.lifecycle import State
from worker.relay import LONGEST_SPAN, Relay, Row, Span
from worker.slots import LINK

TONIGHT = window()
AFTER = window(TONIGHT.end)
SOON = LATER + 60
DAY = 86_400


def one_relay(first: Window, last: Window) -> Row:
    return Relay(first.slot, first.sources, Span(first.start, last.end)).as_row()


def test_windows_that_touch_and_want_the_same_are_one_relay_and_one_request(play: Stage) -> None:
    play.plan(TONIGHT, AFTER)
    play.settle(SOON)
    assert play.rows() == [one_relay(TONIGHT, AFTER)]
    assert (play.state(TONIGHT), play.state(AFTER)) == (State.PLACED, State.PLACED)
    assert play.writes == ["Create"]


def test_the_relay_goes_on_untouched_when_the_first_of_them_ends(play: Stage) -> None:
    play.plan(TONIGHT, AFTER)
    play.settle(AFTER.start + 60)
    assert (play.state(TONIGHT), play.state(AFTER)) == (State.REMOVED, State.PLACED)
    assert play.rows() == [one_relay(TONIGHT, AFTER)]
    play.settle(AFTER.end + 60)
    assert play.rows() == []
    assert play.writes == ["Create", "Delete"]


def test_a_pause_that_the_provider_cannot_act_on_is_no_pause(play: Stage) -> None:
    close, apart = window(TONIGHT.end + 299), window(TONIGHT.end + 299 + HOUR + 300)
    play.plan(TONIGHT, close, apart)
    play.settle(SOON)
    assert play.rows() == [one_relay(TONIGHT, close)]


def test_a_window_that_comes_into_the_plan_while_the_one_before_it_is_on_air_prolongs_its_relay(
    play: Stage,
) -> None:
    play.plan(TONIGHT)
    play.settle(TONIGHT.start + 60)
    play.plan(TONIGHT, AFTER, digest="2")
    play.settle(TONIGHT.start + 120)
    assert play.rows() == [one_relay(TONIGHT, AFTER)]
    assert play.writes == ["Create", "Update"]


def test_one_that_is_called_off_while_the_other_is_on_air_shortens_it(play: Stage) -> None:
    play.plan(TONIGHT, AFTER)
    play.settle(TONIGHT.start + 60)
    play.ledger.plans.cancel(AFTER, now=play.clock(), by="person", who="ann", reason="x")
    play.settle(TONIGHT.start + 120)
    play.assert_placed(TONIGHT)
    assert play.writes == ["Create", "Update"]


def test_both_know_the_providers_name_for_their_relay(play: Stage) -> None:
    play.plan(TONIGHT, AFTER)
    play.settle(SOON)
    play.plan(TONIGHT, replace(AFTER, end=AFTER.end + 60), digest="2")
    play.settle(SOON + 60)
    (name,) = play.task_ids()
    assert [play.ledger.reading.window(each.id).task_id for each in (TONIGHT, AFTER)] == [name, name]


def test_a_tight_handover_is_an_update_at_the_boundary(play: Stage) -> None:
    film = window(TONIGHT.end + 120, sources=FILM)
    play.plan(TONIGHT, film)
    play.settle(film.start)
    assert play.writes == ["Create", "Update"]
    play.assert_placed(film)


# Longer than a relay may be


def test_a_window_of_weeks_is_carried_on_by_updates_and_never_interrupted(play: Stage) -> None:
    marathon = window(LATER + HOUR, 20 * DAY)
    play.plan(marathon)
    for moment in range(marathon.start, marathon.end, DAY // 2):
        play.settle(moment + 60)
        (row,) = play.rows()
        assert row.start is not None
        assert row.end is not None
        assert row.start <= play.clock() < row.end <= row.start + LONGEST_SPAN
    assert row.end == marathon.end
    assert play.writes == ["Create", *["Update"] * 3]
    play.settle(marathon.end + 60)
    assert play.rows() == []


def test_an_endless_row_of_days_is_carried_on_just_so(play: Stage) -> None:
    days = [window(LATER + HOUR + n * DAY, DAY) for n in range(15)]
    play.plan(*days)
    for day in days:
        play.settle(day.start + 60)
        (row,) = play.rows()
        assert row.start is not None
        assert (row.start - days[0].start) % LINK == 0
        assert play.state(day) is State.PLACED
    assert play.writes.count("Update") <= 2
    assert play.writes.count("Create") == 1


# Who gives way

SPECIAL = window(TONIGHT.start + HOUR // 2, sources=FILM, priority=5, id="special@x", event="news")


def test_of_two_that_overlap_the_one_with_the_higher_priority_is_placed(play: Stage) -> None:
    play.plan(TONIGHT, SPECIAL)
    play.settle(SOON)
    assert play.rows() == [relay_of(SPECIAL).as_row()]
    assert play.state(TONIGHT) is State.DISPLACED
    assert SPECIAL.id in play.ledger.reading.window(TONIGHT.id).reason


def test_without_priorities_the_one_that_starts_first_stays(play: Stage) -> None:
    play.plan(TONIGHT, plain := replace(SPECIAL, priority=0))
    play.settle(SOON)
    assert play.rows() == [relay_of(TONIGHT).as_row()]
    assert play.state(plain) is State.DISPLACED


def test_when_what_displaced_it_is_called_off_it_is_placed_after_all(play: Stage) -> None:
    play.plan(TONIGHT, SPECIAL)
    play.settle(SOON)
    play.ledger.plans.cancel(SPECIAL, now=play.clock(), by="person", who="ann", reason="x")
    play.settle(SOON + 60)
    play.assert_placed(TONIGHT)


def test_when_what_displaced_it_fails_for_good_it_is_placed_after_all(play: Stage) -> None:
    play.fail("Create:RequestForbidden:x1")
    play.plan(TONIGHT, SPECIAL)
    play.settle(SOON)
    assert play.state(SPECIAL) is State.FAILED
    play.assert_placed(TONIGHT)


def test_what_is_on_air_gives_way_only_when_the_other_begins(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(TONIGHT.start + 60)
    play.plan(TONIGHT, SPECIAL, digest="2")
    play.settle(SPECIAL.start - 1)
    assert play.rows()[0].sources == TONIGHT.sources
    play.settle(SPECIAL.start + 60)
    assert play.rows() == [relay_of(SPECIAL).as_row()]
    assert play.state(TONIGHT) is State.DISPLACED
    assert "Delete" not in play.writes


def test_it_is_joined_late_if_enough_of_it_is_left_when_the_other_ends(play: Stage) -> None:
    long = replace(TONIGHT, end=SPECIAL.end + HOUR)
    play.plan(long, SPECIAL)
    play.settle(SPECIAL.end + 60)
    play.assert_placed(long)


def test_it_does_not_come_back_at_the_cost_of_one_that_it_was_not_in_the_way_of(play: Stage) -> None:
    long = replace(TONIGHT, end=TONIGHT.end + 9 * HOUR)
    film = window(long.end - 2 * HOUR, sources=FILM)
    play.plan(long, SPECIAL, film)
    play.settle(SPECIAL.end + 60)
    play.assert_placed(film)
    assert play.state(long) is State.DISPLACED
    play.settle(film.end + 60)
    play.assert_placed(long)


def test_what_was_displaced_to_its_end_stays_so_and_is_done_with(play: Stage) -> None:
    play.plan(TONIGHT, SPECIAL)
    play.settle(SPECIAL.end + 60)
    assert play.state(TONIGHT) is State.DISPLACED
    assert play.ledger.redis.zscore(play.ledger.keys.due, TONIGHT.id) is None


# Meddling


def test_a_relay_deleted_behind_our_back_is_put_back_once_after_a_second_look(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.remove(TONIGHT.slot)
    play.run(TONIGHT)
    assert play.writes == ["Create"]
    play.settle(play.clock() + SETTLING + 1)
    play.assert_placed(TONIGHT)
    assert play.writes == ["Create", "Create"]


def test_a_list_that_leaves_it_out_once_leads_to_nothing(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.remove(TONIGHT.slot)
    play.run(TONIGHT)
    play.plant(relay_of(TONIGHT), foreign=False)
    play.settle(play.clock() + 60)
    play.assert_placed(TONIGHT)
    assert play.writes == ["Create"]


@pytest.mark.parametrize("change", [{"end": TONIGHT.end + 600}, {"sources": FILM}, {"start": LATER + 7_000}])
def test_a_relay_changed_behind_our_back_is_changed_back(play: Stage, change: dict[str, object]) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.remove(TONIGHT.slot)
    play.plant(relay_of(replace(TONIGHT, **change)), foreign=False)  # type: ignore[arg-type]
    play.run(TONIGHT)
    play.settle(play.clock() + 60)
    play.assert_placed(TONIGHT)
    assert play.writes == ["Create", "Update"]


def test_one_replaced_by_somebody_elses_is_a_conflict_in_the_open_and_that_is_left_alone(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.remove(TONIGHT.slot)
    theirs = relay_of(window(LATER + 9 * HOUR, sources=FILM))
    play.plant(theirs)
    play.run(TONIGHT)
    play.settle(play.clock() + 120)
    assert play.rows() == [theirs.as_row()]
    assert play.state(TONIGHT) is State.RETRYING
    assert "not placed by Relaybeat" in play.ledger.reading.window(TONIGHT.id).reason


def test_when_somebody_takes_it_away_again_ours_comes_back(play: Stage) -> None:
    play.plan(TONIGHT)
    play.plant(relay_of(window(LATER + 9 * HOUR, sources=FILM)))
    play.settle(SOON)
    play.remove(TONIGHT.slot)
    play.settle(SOON + 60)
    play.assert_placed(TONIGHT)
