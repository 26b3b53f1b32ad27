"""Attempts when answers are lost, requests refused and workers killed: nothing is made twice or lost."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.contract.ledgers import FILM, HOUR, LATER, due_of, window
from tests.contract.stage import SETTLING, Killed, Stage, stage
from worker.lifecycle import State
from worker.provider.emulator.options import Duplicate

TONIGHT = window()
SOON = LATER + 300
"""Every trouble of these plays is over by then, and nothing has started."""


# Unclear answers.

UNCLEAR = ["504", "500", "502", "CommonErr", "garbage", "empty", "html"]


@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_create_whose_answer_was_lost_is_adopted_and_never_repeated(play: Stage, answer: str) -> None:
    play.fail(f"Create:{answer}:after:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    play.assert_placed(TONIGHT)
    assert play.writes == ["Create"]


@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_create_that_did_not_take_effect_is_repeated_after_two_looks_and_not_before(
    play: Stage, answer: str
) -> None:
    play.fail(f"Create:{answer}:before:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    play.assert_placed(TONIGHT)
    assert [action for action, _ in play.requests] == ["List", "Create", "List", "List", "Create"]


def test_the_two_looks_come_a_settling_time_apart(play: Stage) -> None:
    play.fail("Create:504:before:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    at = [line["at"] for line in play.gateway.journal.lines]
    assert all(later - earlier >= SETTLING for earlier, later in pairwise(at[1:4]))


def test_a_create_that_takes_effect_late_is_adopted(play: Stage) -> None:
    play.fail("Create:504:late:3s:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    play.assert_placed(TONIGHT)
    assert play.writes == ["Create"]


def test_a_create_that_shows_late_is_adopted(lagging: Stage) -> None:
    lagging.fail("Create:502:after:x1")
    lagging.plan(TONIGHT)
    lagging.settle(SOON)
    lagging.assert_placed(TONIGHT)
    assert lagging.writes == ["Create"]


def test_a_create_without_a_task_id_is_looked_for(play: Stage) -> None:
    play.fail("Create:no-task-id:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    play.assert_placed(TONIGHT)
    assert play.writes == ["Create"]
    assert play.ledger.reading.window(TONIGHT.id).task_id == ""


def test_an_update_whose_answer_was_lost_is_not_repeated(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.fail("Update:504:after:x1")
    later = replace(TONIGHT, end=TONIGHT.end + 600)
    play.plan(later, digest="2")
    play.settle(SOON + 300)
    play.assert_placed(later)
    assert play.writes == ["Create", "Update"]


def test_a_delete_whose_answer_was_lost_is_not_repeated(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.fail("Delete:504:after:x1")
    play.settle(TONIGHT.end + 300)
    assert play.rows() == []
    assert play.writes == ["Create", "Delete"]
    assert play.state(TONIGHT) is State.REMOVED


def test_a_list_that_fails_is_asked_again_and_nothing_else_is(play: Stage) -> None:
    play.fail("List:504:x3")
    play.plan(TONIGHT)
    play.settle(SOON)
    play.assert_placed(TONIGHT)
    assert [action for action, _ in play.requests] == ["List"] * 4 + ["Create"]


# Clear refusals.


def test_an_invalid_create_is_looked_at_once_and_then_failed(play: Stage) -> None:
    play.fail("Create:InvalidParam")
    play.plan(TONIGHT)
    play.settle(TONIGHT.end)
    assert play.state(TONIGHT) is State.FAILED
    assert [action for action, _ in play.requests] == ["List", "Create", "List"]
    assert "InvalidParam" in play.ledger.reading.window(TONIGHT.id).reason


def test_an_invalid_create_that_only_meant_already_there_is_adopted(play: Stage) -> None:
    play.fail("Create:InvalidParam:after:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    play.assert_placed(TONIGHT)
    assert play.writes == ["Create"]


def test_a_refusal_that_was_explained_is_not_held_against_the_window_later(play: Stage) -> None:
    play.fail("Create:InvalidParam:after:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    play.remove(TONIGHT.slot)
    play.run(TONIGHT)
    play.settle(play.clock() + 60)
    play.assert_placed(TONIGHT)


def test_a_create_that_our_own_late_delete_was_in_the_way_of_waits_for_it_and_is_repeated(
    redis_url: str,
) -> None:
    following = window(TONIGHT.end, sources=FILM)
    with stage(redis_url, Duplicate.REFUSE, effect_lag=1.0) as play:
        play.fail("Update:InvalidParam")
        play.plan(TONIGHT, following)
        play.settle(TONIGHT.end + 60)
        assert ("Create", "InvalidParam") in play.requests
        play.assert_placed(following)


def test_where_an_ended_relay_cannot_be_updated_it_is_deleted_and_the_next_created(play: Stage) -> None:
    following = window(TONIGHT.end, sources=FILM)
    play.fail("Update:InvalidParam")
    play.plan(TONIGHT, following)
    play.settle(TONIGHT.end + 60)
    assert play.writes == ["Create", "Update", "Delete", "Create"]
    play.assert_placed(following)


def test_an_update_that_the_provider_never_takes_is_failed_and_not_sent_for_ever(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.fail("Update:InvalidParam")
    play.plan(replace(TONIGHT, end=TONIGHT.end + 600), digest="2")
    play.settle(SOON + 600)
    assert play.state(TONIGHT) is State.FAILED
    assert play.writes == ["Create", "Update"]


@pytest.mark.parametrize("code", ["RequestForbidden", "AccessDenied", "RequestForbidden.BillingStatus"])
def test_what_is_forbidden_is_failed_at_once(play: Stage, code: str) -> None:
    play.fail(f"Create:{code}")
    play.plan(TONIGHT)
    play.settle(TONIGHT.end)
    assert play.state(TONIGHT) is State.FAILED
    assert play.writes == ["Create"]


def test_when_one_is_failed_the_next_is_placed_long_before_its_start(play: Stage) -> None:
    following = window(TONIGHT.end, sources=FILM)
    play.fail("Create:RequestForbidden:x1")
    play.plan(TONIGHT, following)
    play.settle(SOON)
    assert play.state(TONIGHT) is State.FAILED
    play.assert_placed(following)


def test_being_throttled_costs_no_try(play: Stage) -> None:
    play.fail("Create:429:x3")
    play.plan(TONIGHT)
    play.run(TONIGHT)
    record = play.ledger.reading.window(TONIGHT.id)
    assert (record.state, record.tries) == (State.RETRYING, 0)
    play.settle(SOON)
    play.assert_placed(TONIGHT)


def test_a_try_that_fails_is_counted_and_the_next_is_told(play: Stage) -> None:
    play.fail("List:500")
    play.plan(TONIGHT)
    play.run(TONIGHT)
    record = play.ledger.reading.window(TONIGHT.id)
    assert (record.state, record.tries) == (State.RETRYING, 1)
    assert record.next_attempt_at == due_of(play.ledger, TONIGHT.id)


def test_keys_that_are_revoked_while_a_show_is_placed_are_not_tried_every_second(play: Stage) -> None:
    tomorrow = window(TONIGHT.end + 20 * HOUR)
    play.plan(TONIGHT)
    play.settle(SOON)
    play.fail("AccessDenied")
    play.plan(TONIGHT, tomorrow, digest="2")
    play.clock.advance(60)
    play.run(tomorrow)
    asked = len(play.requests)
    play.settle(play.clock() + 600)
    assert play.state(TONIGHT) is State.PLACED
    assert len(play.requests) - asked <= 10


# Workers that die.


def test_a_worker_that_dies_before_it_sends_leaves_a_doubt_and_the_next_creates_once(play: Stage) -> None:
    play.plan(TONIGHT)
    play.die(at=2, when="noted")
    with pytest.raises(Killed):
        play.run(TONIGHT)
    assert play.writes == []
    play.settle(SOON)
    play.assert_placed(TONIGHT)
    assert [action for action, _ in play.requests] == ["List", "List", "List", "Create"]


def test_a_worker_that_dies_before_it_records_leaves_a_relay_that_the_next_adopts(play: Stage) -> None:
    play.plan(TONIGHT)
    play.die(at=2, when="sent")
    with pytest.raises(Killed):
        play.run(TONIGHT)
    play.settle(SOON)
    play.assert_placed(TONIGHT)
    assert play.writes == ["Create"]


@pytest.mark.parametrize("when", ["noted", "sent"])
def test_a_worker_that_dies_while_it_looks_leaves_nothing_to_wonder_about(play: Stage, when: str) -> None:
    play.plan(TONIGHT)
    play.die(at=1, when=when)
    with pytest.raises(Killed):
        play.run(TONIGHT)
    play.settle(SOON)
    play.assert_placed(TONIGHT)
    assert play.writes == ["Create"]


@pytest.mark.parametrize("when", ["noted", "sent"])
def test_a_worker_that_dies_while_it_updates_leaves_the_new_plan_in_force(play: Stage, when: str) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    later = replace(TONIGHT, end=TONIGHT.end + 600)
    play.plan(later, digest="2")
    play.die(at=2, when=when)
    with pytest.raises(Killed):
        play.run(later)
    play.settle(SOON + 300)
    play.assert_placed(later)


def test_a_worker_whose_turn_comes_when_another_has_its_slot_sends_nothing(play: Stage) -> None:
    play.plan(TONIGHT)

    def another() -> None:
        play.clock.advance(play.attempts.policy.lease)
        assert play.run(TONIGHT) == "placed"

    play.interrupt(another, at=2)
    assert play.run(TONIGHT) == "lease-lost"
    assert play.writes == ["Create"]
    play.assert_placed(TONIGHT)


def test_what_changes_while_a_worker_waits_for_its_turn_is_made_good(play: Stage) -> None:
    later = replace(TONIGHT, end=TONIGHT.end + 600)
    play.plan(TONIGHT)
    play.interrupt(lambda: play.plan(later, digest="2"), at=2)
    play.settle(SOON)
    play.assert_placed(later)


def test_what_is_called_off_while_a_worker_waits_for_its_turn_does_not_stay(play: Stage) -> None:
    play.plan(TONIGHT)

    def strike() -> None:
        play.ledger.plans.cancel(TONIGHT, now=play.clock(), by="person", who="ann", reason="strike")

    play.interrupt(strike, at=2)
    play.settle(SOON)
    assert play.rows() == []
    assert play.state(TONIGHT) is State.CANCELLED
