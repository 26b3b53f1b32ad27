"""Attempts against the emulator, whatever a second create does there, and whatever goes wrong on the way.

After every play the stage looks whether a slot ever held one window twice, or was sent what it held already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.contract.ledgers import HOUR, LATER, actions, due_of, dump, event, window
from tests.contract.stage import SETTLING, Killed, Stage, stage
from worker.events.model import Event
from worker.lifecycle import State
from worker.planner import Planner
from worker.provider.emulator.options import DEMO_KEYS, Duplicate
from worker.relay import Relay, Slot, Span
from worker.slots import relay_of

TONIGHT = window()
SOON = LATER + 300
"""Every trouble of these plays is over by then, and nothing has started."""

ELSEWHERE = Slot("pull.example.com", "live", "other")
FOREIGN = Relay(TONIGHT.slot, ("rtmp://theirs.example.com/live/x",), Span(LATER + 60, LATER + 120))


@pytest.fixture(params=list(Duplicate))
def play(request: pytest.FixtureRequest, redis_url: str) -> Iterator[Stage]:
    with stage(redis_url, request.param) as found:
        yield found


@pytest.fixture(params=list(Duplicate))
def lagging(request: pytest.FixtureRequest, redis_url: str) -> Iterator[Stage]:
    """A provider that lists, and acts, three seconds late."""
    with stage(redis_url, request.param, list_lag=3.0, effect_lag=3.0) as found:
        yield found


def assert_placed(play: Stage, *windows: object) -> None:
    rows = [relay_of(each).as_row() for each in windows]  # type: ignore[arg-type]
    assert play.rows() == rows
    assert [play.state(each) for each in windows] == [State.PLACED] * len(rows)  # type: ignore[arg-type]


# The plain way.


def test_a_window_is_looked_for_created_once_and_recorded(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    assert_placed(play, TONIGHT)
    assert play.requests == [("List", "ok"), ("Create", "ok")]
    record = play.ledger.reading.window(TONIGHT.id)
    assert [record.task_id] == play.task_ids()
    assert LATER < record.placed_at < LATER + 1


def test_its_history_tells_each_step_and_each_call(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    assert actions(play.ledger, TONIGHT) == ["window.claimed", "window.placed"]
    (call,) = [line for line in play.ledger.reading.log(TONIGHT.id) if line["kind"] == "attempt"]
    assert (call["act"], call["outcome"], call["http_status"]) == ("create", "ok", 200)
    assert call["request_id"]


def test_what_is_there_already_is_adopted(play: Stage) -> None:
    play.plant(relay_of(TONIGHT), foreign=False)
    play.plan(TONIGHT)
    play.settle(SOON)
    assert_placed(play, TONIGHT)
    assert play.writes == []


def test_a_relay_is_removed_after_its_end(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(TONIGHT.end - 1)
    assert_placed(play, TONIGHT)
    play.settle(TONIGHT.end + 60)
    assert play.rows() == []
    assert play.state(TONIGHT) is State.REMOVED
    assert due_of(play.ledger, TONIGHT.id) is None


def test_a_relay_that_has_ended_goes_before_the_next_is_created(play: Stage) -> None:
    tomorrow = window(TONIGHT.end + 600)
    play.plan(TONIGHT, tomorrow)
    play.settle(TONIGHT.end + 60)
    assert play.writes == ["Create", "Delete", "Create"]
    assert_placed(play, tomorrow)
    first, second = (play.ledger.reading.window(each.id).task_id for each in (TONIGHT, tomorrow))
    assert first != second


def test_windows_that_touch_follow_each_other_though_the_provider_acts_late(lagging: Stage) -> None:
    following = window(TONIGHT.end)
    lagging.plan(TONIGHT, following)
    lagging.settle(TONIGHT.end + 60)
    assert_placed(lagging, following)
    assert lagging.state(TONIGHT) is State.REMOVED


def test_a_window_that_is_late_is_still_placed_while_enough_of_it_is_left(play: Stage) -> None:
    play.plan(TONIGHT)
    play.clock.at = TONIGHT.end - TONIGHT.min_useful
    play.run(TONIGHT)
    assert_placed(play, TONIGHT)


@pytest.mark.parametrize("answer", ["ok", "504"])
def test_what_was_created_at_the_last_moment_is_not_cut_because_its_answer_came_later(
    play: Stage, answer: str
) -> None:
    bulletin = window(LATER + 600, 300)
    play.fail(*(["Create:504:after:x1"] if answer == "504" else []))
    play.plan(bulletin)
    play.clock.at = bulletin.start - 0.375
    play.run(bulletin)
    play.settle(bulletin.end - 1)
    assert_placed(play, bulletin)
    assert play.writes == ["Create"]


def test_a_window_of_which_too_little_is_left_is_missed_and_nothing_is_sent(play: Stage) -> None:
    play.plan(TONIGHT)
    play.clock.at = TONIGHT.end - TONIGHT.min_useful + 1
    play.run(TONIGHT)
    assert play.state(TONIGHT) is State.MISSED
    assert play.requests == []


def test_a_window_that_cannot_be_placed_is_missed_as_soon_as_it_is_too_late(play: Stage) -> None:
    short = window(LATER + 600, 900)
    play.fail("503")
    play.plan(short)
    play.settle(short.end)
    assert play.state(short) is State.MISSED
    (missed,) = [line for line in play.ledger.reading.log(short.id) if line.get("to") == "missed"]
    assert 0 < missed["at"] - (short.end - short.min_useful) <= 2


# Unclear answers.

UNCLEAR = ["504", "500", "502", "CommonErr", "garbage", "empty", "html"]


@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_create_whose_answer_was_lost_is_adopted_and_never_repeated(play: Stage, answer: str) -> None:
    play.fail(f"Create:{answer}:after:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    assert_placed(play, TONIGHT)
    assert play.writes == ["Create"]


@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_create_that_did_not_take_effect_is_repeated_after_two_looks_and_not_before(
    play: Stage, answer: str
) -> None:
    play.fail(f"Create:{answer}:before:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    assert_placed(play, TONIGHT)
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
    assert_placed(play, TONIGHT)
    assert play.writes == ["Create"]


def test_a_create_that_shows_late_is_adopted(lagging: Stage) -> None:
    lagging.fail("Create:502:after:x1")
    lagging.plan(TONIGHT)
    lagging.settle(SOON)
    assert_placed(lagging, TONIGHT)
    assert lagging.writes == ["Create"]


def test_a_create_without_a_task_id_is_looked_for(play: Stage) -> None:
    play.fail("Create:no-task-id:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    assert_placed(play, TONIGHT)
    assert play.writes == ["Create"]
    assert play.ledger.reading.window(TONIGHT.id).task_id == ""


def test_an_update_whose_answer_was_lost_is_not_repeated(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.fail("Update:504:after:x1")
    later = replace(TONIGHT, end=TONIGHT.end + 600)
    play.plan(later, digest="2")
    play.settle(SOON + 300)
    assert_placed(play, later)
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
    assert_placed(play, TONIGHT)
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
    assert_placed(play, TONIGHT)
    assert play.writes == ["Create"]


def test_a_refusal_that_was_explained_is_not_held_against_the_window_later(play: Stage) -> None:
    play.fail("Create:InvalidParam:after:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    play.remove(TONIGHT.slot)
    play.run(TONIGHT)
    assert_placed(play, TONIGHT)


def test_a_create_that_our_own_late_delete_was_in_the_way_of_waits_for_it_and_is_repeated(
    redis_url: str,
) -> None:
    following = window(TONIGHT.end)
    with stage(redis_url, Duplicate.REFUSE, effect_lag=1.0) as play:
        play.plan(TONIGHT, following)
        play.settle(TONIGHT.end + 60)
        assert ("Create", "InvalidParam") in play.requests
        assert play.writes == ["Create", "Delete", "Create", "Create"]
        assert_placed(play, following)


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
    following = window(TONIGHT.end)
    play.fail("Create:RequestForbidden:x1")
    play.plan(TONIGHT, following)
    play.settle(SOON)
    assert play.state(TONIGHT) is State.FAILED
    assert_placed(play, following)


def test_being_throttled_costs_no_try(play: Stage) -> None:
    play.fail("Create:429:x3")
    play.plan(TONIGHT)
    play.run(TONIGHT)
    record = play.ledger.reading.window(TONIGHT.id)
    assert (record.state, record.tries) == (State.RETRYING, 0)
    play.settle(SOON)
    assert_placed(play, TONIGHT)


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


# What is not ours.


def test_beside_a_foreign_relay_nothing_is_sent_and_the_conflict_is_told(play: Stage) -> None:
    play.plant(FOREIGN)
    play.plan(TONIGHT)
    play.settle(SOON)
    assert play.writes == []
    assert play.rows() == [FOREIGN.as_row()]
    record = play.ledger.reading.window(TONIGHT.id)
    assert record.state is State.RETRYING
    assert "not placed by Relaybeat" in record.reason


def test_when_the_foreign_relay_goes_the_window_is_placed(play: Stage) -> None:
    play.plant(FOREIGN)
    play.plan(TONIGHT)
    play.settle(SOON)
    play.remove(TONIGHT.slot)
    play.settle(SOON + 120)
    assert_placed(play, TONIGHT)


def test_a_foreign_relay_that_came_after_the_last_look_is_seen_before_anything_is_sent(play: Stage) -> None:
    play.plan(window(LATER + 9 * HOUR, slot=ELSEWHERE))
    play.settle(LATER)
    play.plant(FOREIGN)
    play.settle(play.clock() + 10)
    play.plan(TONIGHT)
    play.settle(play.clock() + 60)
    assert FOREIGN.as_row() in play.rows()
    assert play.state(TONIGHT) is State.RETRYING


def test_a_foreign_relay_on_another_slot_is_left_alone(play: Stage) -> None:
    theirs = replace(FOREIGN, slot=ELSEWHERE)
    play.plant(theirs)
    play.plan(TONIGHT)
    play.settle(TONIGHT.end + 60)
    assert play.rows() == [theirs.as_row()]


# Workers that die.


def test_a_worker_that_dies_before_it_sends_leaves_a_doubt_and_the_next_creates_once(play: Stage) -> None:
    play.plan(TONIGHT)
    play.die(at=2, when="noted")
    with pytest.raises(Killed):
        play.run(TONIGHT)
    assert play.writes == []
    play.settle(SOON)
    assert_placed(play, TONIGHT)
    assert [action for action, _ in play.requests] == ["List", "List", "List", "Create"]


def test_a_worker_that_dies_before_it_records_leaves_a_relay_that_the_next_adopts(play: Stage) -> None:
    play.plan(TONIGHT)
    play.die(at=2, when="sent")
    with pytest.raises(Killed):
        play.run(TONIGHT)
    play.settle(SOON)
    assert_placed(play, TONIGHT)
    assert play.writes == ["Create"]


@pytest.mark.parametrize("when", ["noted", "sent"])
def test_a_worker_that_dies_while_it_looks_leaves_nothing_to_wonder_about(play: Stage, when: str) -> None:
    play.plan(TONIGHT)
    play.die(at=1, when=when)
    with pytest.raises(Killed):
        play.run(TONIGHT)
    play.settle(SOON)
    assert_placed(play, TONIGHT)
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
    assert_placed(play, later)


def test_a_worker_whose_turn_comes_when_another_has_its_slot_sends_nothing(play: Stage) -> None:
    play.plan(TONIGHT)

    def another() -> None:
        play.clock.advance(play.attempts.policy.lease)
        assert play.run(TONIGHT) == "placed"

    play.interrupt(another, at=2)
    assert play.run(TONIGHT) == "lease-lost"
    assert play.writes == ["Create"]
    assert_placed(play, TONIGHT)


def test_what_changes_while_a_worker_waits_for_its_turn_is_made_good(play: Stage) -> None:
    later = replace(TONIGHT, end=TONIGHT.end + 600)
    play.plan(TONIGHT)
    play.interrupt(lambda: play.plan(later, digest="2"), at=2)
    play.settle(SOON)
    assert_placed(play, later)


def test_what_is_called_off_while_a_worker_waits_for_its_turn_does_not_stay(play: Stage) -> None:
    play.plan(TONIGHT)

    def strike() -> None:
        play.ledger.plans.cancel(TONIGHT, now=play.clock(), by="person", who="ann", reason="strike")

    play.interrupt(strike, at=2)
    play.settle(SOON)
    assert play.rows() == []
    assert play.state(TONIGHT) is State.CANCELLED


# Plans that change.


def test_a_changed_plan_of_a_placed_window_is_an_update(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    later = replace(TONIGHT, start=TONIGHT.start + 600, end=TONIGHT.end + 600)
    play.plan(later, digest="2")
    play.settle(SOON + 60)
    assert_placed(play, later)
    assert play.writes == ["Create", "Update"]


def test_a_changed_title_sends_nothing(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.plan(replace(TONIGHT, title="Late news"), digest="2")
    play.settle(SOON + 60)
    assert_placed(play, TONIGHT)
    assert play.writes == ["Create"]


@pytest.mark.parametrize("change", [{"title": "Late news"}, {"sources": ("rtmp://b.example.com/live/news",)}])
def test_an_edit_in_the_last_minutes_on_air_does_not_cut_the_show(
    play: Stage, change: dict[str, object]
) -> None:
    play.plan(TONIGHT)
    play.settle(TONIGHT.end - 60)
    edited = replace(TONIGHT, **change)  # type: ignore[arg-type]
    play.plan(edited, digest="2")
    play.settle(TONIGHT.end - 1)
    assert_placed(play, edited)
    assert "Delete" not in play.writes
    play.settle(TONIGHT.end + 60)
    assert play.state(TONIGHT) is State.REMOVED


def test_a_show_that_moves_away_does_not_play_at_its_old_time(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    for digest, hours in (("2", 3), ("3", 4)):
        start = LATER + hours * HOUR
        moved = replace(TONIGHT, start=start, end=start + HOUR, lead=600)
        play.plan(moved, digest=digest)
    play.settle(SOON + 60)
    assert play.rows() == []
    play.settle(moved.start)
    assert_placed(play, moved)


def test_a_window_that_moves_to_another_slot_clears_the_old_one(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    moved = replace(TONIGHT, slot=ELSEWHERE)
    play.plan(moved, digest="2")
    play.settle(SOON + 60)
    assert_placed(play, moved)


def test_a_placed_window_that_is_called_off_is_deleted(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.ledger.plans.cancel(TONIGHT, now=play.clock(), by="person", who="ann", reason="strike")
    play.settle(SOON + 60)
    assert play.rows() == []
    assert play.state(TONIGHT) is State.CANCELLED
    assert due_of(play.ledger, TONIGHT.id) is None


def test_a_window_called_off_while_its_create_is_unclear_leaves_nothing(play: Stage) -> None:
    play.fail("Create:504:after:x1")
    play.plan(TONIGHT)
    play.run(TONIGHT)
    play.ledger.plans.cancel(TONIGHT, now=play.clock(), by="person", who="ann", reason="strike")
    play.settle(SOON)
    assert play.rows() == []


def test_when_one_is_called_off_the_next_takes_its_place_at_once(play: Stage) -> None:
    following = window(TONIGHT.end)
    play.plan(TONIGHT, following)
    play.settle(SOON)
    play.ledger.plans.cancel(TONIGHT, now=play.clock(), by="person", who="ann", reason="strike")
    play.settle(SOON + 60)
    assert_placed(play, following)


def test_an_earlier_window_takes_the_slot_and_gives_it_back(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    earlier = window(LATER + 1_800, 900, event="special")
    play.plan(earlier)
    play.settle(SOON + 60)
    assert play.rows() == [relay_of(earlier).as_row()]
    play.settle(earlier.end + 60)
    assert_placed(play, TONIGHT)


# Permanent relays.

FOREVER = window(LATER - HOUR, 2**31 - 1 - LATER, permanent=True)


def test_a_permanent_relay_is_created_without_times(play: Stage) -> None:
    play.plan(FOREVER)
    play.settle(SOON)
    (row,) = play.rows()
    assert (row.start, row.end) == (None, None)
    assert play.state(FOREVER) is State.PLACED


def test_a_permanent_relay_that_is_called_off_goes(play: Stage) -> None:
    play.plan(FOREVER)
    play.settle(SOON)
    play.ledger.plans.cancel(FOREVER, now=play.clock(), by="person", who="ann", reason="strike")
    play.settle(SOON + 60)
    assert play.rows() == []


def test_no_other_relay_is_ever_sent_without_times(play: Stage) -> None:
    play.fail("Create:504:20%", "Update:500:20%", "Delete:502:20%", "CommonErr:10%")
    windows = [window(LATER + n * 7_200) for n in range(1, 8)]
    play.plan(*windows)
    play.settle(LATER + 3 * HOUR)
    play.plan(*[replace(each, end=each.end + 60) for each in windows], digest="2")
    play.settle(LATER + 20 * HOUR)
    lines = [line for line in play.gateway.journal.lines if line["action"] in SENT]
    assert lines
    assert all(line["start"] and line["end"] and not line["permanent"] for line in lines)


SENT = ("CreateRelaySourceV4", "UpdateRelaySourceV4")

# A ledger that was lost.


def hourly(start: int) -> Event:
    """An event of which one window starts then."""
    return event(crons=(f"{start // 60 % 60} * * * *",), duration=1_800, timezone="UTC")


ON_A_MINUTE = LATER - LATER % 60 + 60


def test_after_the_ledger_is_lost_what_is_placed_is_adopted_and_nothing_is_made_twice(play: Stage) -> None:
    planner = Planner(play.ledger, 3 * HOUR)
    for _ in range(2):
        play.ledger.redis.flushall()
        play.ledger.plans.put([(hourly(ON_A_MINUTE + 600), "1")], file="events.yaml")
        planner.tick(play.clock(), by="beat")
        play.settle(SOON)
    assert play.writes == ["Create"]
    (row,) = play.rows()
    assert row.start == ON_A_MINUTE + 600


def test_after_the_ledger_is_lost_a_relay_that_only_the_plan_explains_is_ours(play: Stage) -> None:
    show = hourly(ON_A_MINUTE + 600)
    over = Relay(Slot(show.domain, show.app, show.stream), show.sources,
                 Span(ON_A_MINUTE + 600 - HOUR, ON_A_MINUTE + 600 - HOUR + 1_800))  # fmt: skip
    play.plant(over, foreign=False)
    play.ledger.plans.put([(show, "1")], file="events.yaml")
    Planner(play.ledger, 3 * HOUR).tick(play.clock(), by="beat")
    play.settle(SOON)
    (row,) = play.rows()
    assert row.start == ON_A_MINUTE + 600


def test_the_ledger_holds_no_keys(play: Stage) -> None:
    play.fail("Create:SignatureDoesNotMatch:x1")
    play.plan(TONIGHT)
    play.settle(SOON)
    stored = json.dumps(dump(play.ledger), default=sorted)
    assert DEMO_KEYS.access_key not in stored
    assert DEMO_KEYS.secret_key not in stored
