"""Attempts against the emulator, whatever a second create does there: the plain way, and plans that change.

After every play the stage looks whether a slot ever held one window twice, or was sent what it held already.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.build import relay_of
from tests.contract.ledgers import FILM, HOUR, LATER, actions, claimed, due_of, dump, event, window
from tests.contract.stage import Stage
from worker.decide import Refusal
from worker.events.model import Event
from worker.lifecycle import State
from worker.planner import Planner
from worker.provider.emulator.options import DEMO_KEYS
from worker.relay import Relay, Slot, Span
from worker.turns import Lane, Turn

TONIGHT = window()
SOON = LATER + 300
"""Every trouble of these plays is over by then, and nothing has started."""

ELSEWHERE = Slot("pull.example.com", "live", "other")
FOREIGN = Relay(TONIGHT.slot, ("rtmp://theirs.example.com/live/x",), Span(LATER + 60, LATER + 120))


# The plain way.


def test_a_window_is_looked_for_created_once_and_recorded(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.assert_placed(TONIGHT)
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
    play.assert_placed(TONIGHT)
    assert play.writes == []


def test_a_relay_is_removed_after_its_end(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(TONIGHT.end - 1)
    play.assert_placed(TONIGHT)
    play.settle(TONIGHT.end + 60)
    assert play.rows() == []
    assert play.state(TONIGHT) is State.REMOVED
    assert due_of(play.ledger, TONIGHT.id) is None


def test_a_relay_that_has_ended_goes_before_the_next_is_created(play: Stage) -> None:
    tomorrow = window(TONIGHT.end + 600)
    play.plan(TONIGHT, tomorrow)
    play.settle(TONIGHT.end + 60)
    assert play.writes == ["Create", "Delete", "Create"]
    play.assert_placed(tomorrow)
    first, second = (play.ledger.reading.window(each.id).task_id for each in (TONIGHT, tomorrow))
    assert first != second


def test_the_next_is_created_once_a_list_shows_that_the_one_before_is_gone(play: Stage) -> None:
    following = window(TONIGHT.end + HOUR)
    play.plan(TONIGHT, following)
    play.settle(TONIGHT.end + 60)
    assert play.requests[-3:] == [("Delete", "ok"), ("List", "ok"), ("Create", "ok")]
    play.assert_placed(following)
    assert play.state(TONIGHT) is State.REMOVED


def test_a_window_that_waits_for_its_slot_to_clear_is_planned_and_not_retrying(play: Stage) -> None:
    following = window(TONIGHT.end + HOUR)
    play.plan(TONIGHT, following)
    play.settle(TONIGHT.end + 60)
    changes = [line["to"] for line in play.ledger.reading.log(following.id) if line["kind"] == "change"]
    assert State.RETRYING not in changes


def test_the_next_takes_over_the_relay_before_it_if_it_cannot_wait_until_that_is_gone(play: Stage) -> None:
    following = window(TONIGHT.end, sources=FILM)
    play.plan(TONIGHT, following)
    play.settle(TONIGHT.end + 2)
    assert play.writes == ["Create", "Update"]
    play.assert_placed(following)
    assert play.state(TONIGHT) is State.REMOVED


def test_windows_that_touch_follow_each_other_though_the_provider_acts_late(lagging: Stage) -> None:
    following = window(TONIGHT.end, sources=FILM)
    lagging.plan(TONIGHT, following)
    lagging.settle(TONIGHT.end + 60)
    lagging.assert_placed(following)
    assert lagging.state(TONIGHT) is State.REMOVED


def test_a_window_that_is_late_is_still_placed_while_enough_of_it_is_left(play: Stage) -> None:
    play.plan(TONIGHT)
    play.clock.at = TONIGHT.end - TONIGHT.min_useful
    play.run(TONIGHT)
    play.assert_placed(TONIGHT)


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
    play.assert_placed(bulletin)
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
    play.assert_placed(TONIGHT)


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


# Plans that change.


def test_a_changed_plan_of_a_placed_window_is_an_update(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    later = replace(TONIGHT, start=TONIGHT.start + 600, end=TONIGHT.end + 600)
    play.plan(later, digest="2")
    play.settle(SOON + 60)
    play.assert_placed(later)
    assert play.writes == ["Create", "Update"]


def test_a_changed_title_sends_nothing(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    play.plan(replace(TONIGHT, title="Late news"), digest="2")
    play.settle(SOON + 60)
    play.assert_placed(TONIGHT)
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
    play.assert_placed(edited)
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
    play.assert_placed(moved)


def test_a_window_that_moves_to_another_slot_clears_the_old_one(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    moved = replace(TONIGHT, slot=ELSEWHERE)
    play.plan(moved, digest="2")
    play.settle(SOON + 60)
    play.assert_placed(moved)


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
    following = window(TONIGHT.end, sources=FILM)
    play.plan(TONIGHT, following)
    play.settle(SOON)
    play.ledger.plans.cancel(TONIGHT, now=play.clock(), by="person", who="ann", reason="strike")
    play.settle(SOON + 60)
    play.assert_placed(following)


def test_an_earlier_window_takes_the_slot_and_gives_it_back(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(SOON)
    earlier = window(LATER + 1_800, 900, event="special")
    play.plan(earlier)
    play.settle(SOON + 60)
    assert play.rows() == [relay_of(earlier).as_row()]
    play.settle(earlier.end + 60)
    play.assert_placed(TONIGHT)


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


# How urgent it is, and how carefully it looks


def test_what_has_ended_is_removed_when_nobody_else_wants_the_quota(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(TONIGHT.end + 60)
    assert play.writes == ["Create", "Delete"]
    assert play.turns[-1] == Turn(Lane.BACKGROUND, TONIGHT.end)


def test_what_somebody_wants_off_the_air_is_removed_before_all_that_starts_later(play: Stage) -> None:
    play.plan(TONIGHT)
    play.settle(TONIGHT.start + 60)
    play.ledger.plans.cancel(TONIGHT, now=play.clock(), by="person", who="ann", reason="wrong film")
    play.settle(play.clock() + 60)
    assert play.writes == ["Create", "Delete"]
    assert play.turns[-1] == Turn(Lane.URGENT, TONIGHT.start)


@pytest.mark.parametrize("refused", [True, False])
def test_who_only_asks_for_a_turn_looks_where_a_correction_was_refused(play: Stage, refused: bool) -> None:
    later = window(TONIGHT.end + HOUR, sources=FILM)
    play.plan(TONIGHT, later)
    play.settle(SOON)
    claim = claimed(play.ledger, later)
    refusal = Refusal("update", relay_of(TONIGHT), "bad value") if refused else None
    assert claim.book.ours == (relay_of(TONIGHT),)
    assert (
        play.ledger.slots.finish(claim, replace(claim.book, refusal=refusal), [], now=play.clock()) == set()
    )
    play.clock.advance(60)
    before = len(play.requests)
    play.run(later)
    assert len(play.requests) - before == refused
