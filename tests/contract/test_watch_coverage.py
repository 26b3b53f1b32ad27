"""The plan is held against the provider's list: what is missing is told in time, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.build import relay_of
from tests.contract.ledgers import FILM, HOUR, LATER, event
from tests.contract.night import Night
from tests.contract.stage import Stage, stage
from worker.conditions import Level
from worker.events.model import Deviation, Occasion
from worker.lifecycle import State
from worker.provider.emulator.options import Duplicate
from worker.provider.emulator.world import Change, Key, Op
from worker.relay import LONGEST_SPAN, PERMANENT, Relay, Slot, Span
from worker.turns import Lane
from worker.windows import Window

DAY = 86_400
START = LATER + HOUR
THEIRS = Relay(Slot("pull.example.com", "live", "news"), FILM, Span(START, START + HOUR))


@pytest.fixture
def night(play: Stage) -> Night:
    return Night(play)


@pytest.fixture
def alone(redis_url: str) -> Iterator[Night]:
    """Nobody compares but the watch, so that nothing is mended behind its back."""
    with stage(redis_url, Duplicate.REFUSE) as play:
        yield Night(play, beats=False)


def placed(night: Night, start: int = START, **changes: object) -> Window:
    found = night.show(start=start, **changes)
    night.wait(60)
    night.play.assert_placed(found)
    assert night.heard == []
    return found


def on_air(night: Night, **changes: object) -> Window:
    found = placed(night, **changes)
    night.live(found.start + 400, step=60)
    return found


def alter(night: Night, window: Window, **changes: object) -> None:
    """Somebody changes our relay in the provider's console."""
    row = replace(relay_of(window).as_row(), **changes)  # type: ignore[arg-type]
    key = Key(row.slot.domain, row.slot.app, row.slot.stream)
    change = Change(Op.UPDATE, key, row.slot.domain, row.sources, row.start, row.end)
    night.play.gateway.world.apply(change, night.now)


# What is not there


def test_a_relay_deleted_on_air_is_told_within_a_minute(alone: Night) -> None:
    window = on_air(alone)
    alone.play.remove(window.slot)
    alone.wait(52)  # the rest of the minute is for bringing the message
    assert alone.heard == [("began", "unplaced")]
    assert (alone.told[0].level, alone.told[0].subject) == (Level.PAGE, window.id)


def test_a_relay_that_is_put_back_in_time_is_told_to_nobody(night: Night) -> None:
    window = placed(night)
    night.play.remove(window.slot)
    night.wait(300)
    night.play.assert_placed(window)
    assert night.heard == []
    assert night.standing == []


def test_one_that_is_put_back_later_is_told_with_its_recovery(night: Night) -> None:
    window = on_air(night)
    night.play.fail("Create:503")
    night.play.remove(window.slot)
    night.wait(240)
    night.play.fail()
    night.wait(420)
    night.play.assert_placed(window)
    assert night.heard == [("began", "unplaced"), ("recovered", "unplaced")]


@pytest.mark.parametrize(
    ("before", "level"), [(DAY, Level.WARN), (HOUR, Level.WARN), (900, Level.PAGE), (300, Level.PAGE)]
)
def test_from_each_checkpoint_on_what_is_not_placed_is_told_at_its_level(
    alone: Night, before: int, level: Level
) -> None:
    alone.play.fail("Create:503")
    alone.show(start=LATER + before, lead=2 * DAY)
    alone.wait(150)
    assert [(each.kind.value, each.level, each.cause) for each in alone.told] == [
        ("unplaced", level, "retrying")
    ]


def test_as_the_start_comes_near_it_is_told_once_more_and_worse(alone: Night) -> None:
    alone.play.fail("Create:503")
    window = alone.show()
    alone.live(window.start - 840, step=60)
    assert alone.heard == [("began", "unplaced"), ("worse", "unplaced")]


def test_what_is_refused_for_good_is_told_as_that(alone: Night) -> None:
    alone.play.fail("Create:InvalidParam")
    window = alone.show()
    alone.wait(60)
    assert alone.play.state(window) is State.FAILED
    assert alone.heard == [("began", "failed")]


@pytest.mark.parametrize("looked_at_once", [False, True])
def test_what_was_refused_and_is_tried_again_with_success_has_recovered(
    alone: Night, looked_at_once: bool
) -> None:
    alone.play.fail("Create:InvalidParam")
    window = alone.show()
    alone.wait(60)
    alone.play.fail()
    alone.desk.say("retry", window.id)
    if looked_at_once:
        alone.look(alone.coverage)
    alone.wait(300)
    alone.play.assert_placed(window)
    assert alone.heard == [("began", "failed"), ("recovered", "failed")]


def test_what_is_missed_is_told_until_it_is_over(alone: Night) -> None:
    alone.play.fail("Create:FlowLimitExceeded")
    window = alone.show(min_useful=3_000)
    alone.live(window.start + 1_200, step=60)
    assert alone.play.state(window) is State.MISSED
    assert ("began", "missed") in alone.heard
    alone.live(window.end + 60, step=60)
    assert alone.heard[-1] == ("over", "missed")


def test_a_window_that_is_placed_late_is_well_from_then_on(night: Night) -> None:
    night.play.fail("Create:503")
    window = night.show()
    night.live(window.start + 120, step=60)
    night.play.fail()
    night.wait(900)
    assert night.heard[-1] == ("recovered", "unplaced")
    assert night.standing == []


def test_a_permanent_relay_that_is_gone_is_told(alone: Night) -> None:
    radio = alone.show("radio", permanent=True, extra=(), duration=None)
    alone.wait(60)
    assert [row.start for row in alone.play.rows()] == [None]
    alone.play.remove(radio.slot)
    alone.wait(240)
    assert ("began", "unplaced") in alone.heard


# What is there, and is not what was planned


@pytest.mark.parametrize(
    ("changes", "differs"),
    [({"end": START + 600}, "times"), ({"start": START + 600}, "times"), ({"sources": FILM}, "sources")],
)
def test_a_relay_that_somebody_changed_is_told_with_what_differs(
    alone: Night, changes: dict[str, object], differs: str
) -> None:
    window = placed(alone)
    alter(alone, window, **changes)
    alone.wait(150)
    assert [(each.kind.value, each.facts["differs"]) for each in alone.told] == [("wrong", differs)]


def test_what_is_changed_back_in_time_is_told_to_nobody(night: Night) -> None:
    window = placed(night)
    alter(night, window, sources=FILM)
    night.wait(300)
    night.play.assert_placed(window)
    assert night.heard == []


def test_another_ones_relay_in_the_way_is_told_and_named(night: Night) -> None:
    night.play.plant(THEIRS)
    night.show()
    night.wait(300)
    kinds = {each.kind.value: each for each in night.told}
    assert kinds.keys() == {"foreign", "wrong"}
    assert kinds["foreign"].facts["slot"] == "pull.example.com/live/news"
    assert "in the way of" in str(kinds["foreign"].facts["why"])


def test_a_foreign_relay_without_an_end_is_noted_where_it_is_in_nobodys_way(night: Night) -> None:
    night.play.plant(replace(THEIRS, slot=replace(THEIRS.slot, stream="theirs"), times=PERMANENT))
    night.show()
    night.wait(120)
    assert [(each.kind.value, each.level) for each in night.told] == [("permanent-pull", Level.INFO)]


# Whose turn it is


def test_behind_a_busy_slot_a_window_is_asked_for_once_its_turn_has_come(night: Night) -> None:
    first = night.show()
    second = night.show("film", first.end, stream="news", sources=FILM)
    night.live(second.start - 60, step=60)
    assert (night.heard, night.play.state(second)) == ([], State.PLANNED)
    night.live(second.start + 600)
    night.play.assert_placed(second)
    assert night.heard == []


def test_a_handover_that_does_not_come_is_told_within_a_minute(alone: Night) -> None:
    first = alone.show()
    second = alone.show("film", first.end, stream="news", sources=FILM)
    alone.live(second.start - 60, step=60)
    alone.play.fail("Update:503", "Create:503", "Delete:503")
    alone.live(second.start + 60)
    assert [(each.kind.value, each.subject) for each in alone.told] == [("wrong", second.id)]


def test_what_gives_way_in_the_middle_is_well_on_both_sides(night: Night) -> None:
    long = night.show(hours=3)
    special = night.show("special", long.start + HOUR, stream="news", sources=FILM, priority=1)
    night.live(special.end + 600, step=30)
    assert night.play.state(special) is State.REMOVED
    assert night.heard == []


def test_windows_that_share_a_relay_are_all_covered_by_it(night: Night) -> None:
    night.show()
    night.show("weather", START + HOUR + 60, stream="news")
    night.live(START + 2 * HOUR + 600, step=30)
    assert night.heard == []
    assert night.writes == ["Create", "Delete"]


def test_a_window_longer_than_a_relay_is_carried_on_and_never_missed(night: Night) -> None:
    night.show(hours=10 * 24)
    night.live(START + 10 * DAY + HOUR, step=1_800)
    assert night.heard == []
    assert night.writes == ["Create", "Update", "Delete"]


def test_a_relay_that_nobody_carries_on_is_told_an_hour_before_its_end(alone: Night) -> None:
    window = alone.show(hours=10 * 24)
    alone.live(START + 60, step=60)
    alone.play.clock.at = START + LONGEST_SPAN - HOUR - 30
    alone.look(alone.coverage)
    assert alone.standing == []
    alone.play.clock.advance(60)
    alone.look(alone.coverage)
    (found,) = alone.play.ledger.alerts.standing()
    assert (found.condition.kind, found.condition.subject) == ("wrong", window.id)


# What people said


def test_what_is_called_off_is_told_of_no_more(alone: Night) -> None:
    alone.play.fail("Create:503")
    window = alone.show()
    alone.wait(150)
    alone.desk.say("cancel", window.id)
    alone.live(window.end, step=60)
    assert alone.heard == [("began", "unplaced"), ("over", "unplaced")]


def test_of_a_paused_event_nothing_is_asked(night: Night) -> None:
    window = placed(night)
    night.desk.say("pause", "news")
    night.live(window.end, step=60)
    assert night.play.rows() == []
    assert night.heard == []


def test_of_a_night_that_the_plan_leaves_out_nothing_is_asked(night: Night) -> None:
    tonight = datetime.fromtimestamp(START, UTC)
    off = Deviation(on=Occasion(tonight.date()), cancel=True, reason="gala")
    daily = event(
        "news", crons=(f"{tonight.minute} {tonight.hour} * * *",), timezone="UTC", exceptions=(off,)
    )
    (tomorrow,) = night.shows(daily)
    night.live(START + HOUR, step=60)
    assert tomorrow.start > START + HOUR
    night.play.assert_placed(tomorrow)
    assert night.heard == []


@pytest.mark.parametrize("on_air_already", [False, True])
def test_an_override_is_followed_within_everybodys_patience(night: Night, on_air_already: bool) -> None:
    window = on_air(night) if on_air_already else placed(night)
    night.desk.say("override", window.id, sources=FILM, force=True)
    night.wait(600)
    assert night.play.rows()[0].sources == FILM
    assert night.heard == []


def test_a_window_that_is_stopped_or_extended_on_air_is_well(night: Night) -> None:
    window = on_air(night)
    night.desk.say("extend", window.id, seconds=1_800)
    night.live(window.end + 600, step=30)
    night.desk.say("stop", window.id, force=True)
    night.wait(1_800)
    assert night.play.rows() == []
    assert night.heard == []


# What cannot be known


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("List:InvalidAccessKey", "credentials-refused"),
        ("List:RequestForbidden.BillingStatus", "billing"),
        ("List:RequestForbidden", "domain-unknown"),
        ("List:503", "provider-unreachable"),
        ("List:reset", "provider-unreachable"),
        ("List:FlowLimitExceeded", "quota-exhausted"),
    ],
)
def test_a_domain_that_cannot_be_listed_says_why_and_no_more(alone: Night, fault: str, kind: str) -> None:
    placed(alone)
    alone.play.fail(fault)
    alone.wait(150)
    assert alone.heard == [("began", kind)]
    alone.play.fail()
    alone.wait(60)
    assert alone.heard == [("began", kind), ("recovered", kind)]


def test_keys_that_were_refused_are_not_well_because_nothing_answers(alone: Night) -> None:
    placed(alone)
    alone.play.fail("List:InvalidAccessKey")
    alone.wait(60)
    alone.play.fail("List:503")
    alone.wait(150)
    assert alone.heard == [("began", "credentials-refused"), ("began", "provider-unreachable")]
    alone.play.fail()
    alone.wait(60)
    assert {*alone.heard[2:]} == {
        ("recovered", "credentials-refused"),
        ("recovered", "provider-unreachable"),
    }


def test_what_was_found_out_stands_while_nothing_can_be_listed(alone: Night) -> None:
    window = on_air(alone)
    alone.play.remove(window.slot)
    alone.wait(60)
    alone.play.fail("503")
    alone.wait(120)
    assert alone.heard == [("began", "unplaced"), ("began", "provider-unreachable")]
    assert {"unplaced", "provider-unreachable"} <= {*alone.standing}


def test_a_provider_that_lists_and_acts_late_alarms_nobody(lagging: Stage) -> None:
    night = Night(lagging)
    first = night.show()
    second = night.show("film", first.end, stream="news", sources=FILM)
    night.live(second.end + 600, step=30)
    assert night.heard == []


# What it costs


def test_a_list_is_asked_for_each_half_minute_and_each_ten_seconds_while_something_is_on_air(
    alone: Night,
) -> None:
    placed(alone)
    before = alone.asked("List")
    alone.wait(300)
    assert alone.asked("List") - before <= 11
    alone.live(START + 60, step=60)
    before = alone.asked("List")
    alone.wait(300)
    assert alone.asked("List") - before <= 31


def test_a_list_that_a_beat_asked_for_will_do(night: Night) -> None:
    placed(night)
    before = night.asked("List")
    night.wait(300)
    assert night.asked("List") - before <= 16


def test_what_is_watched_waits_behind_what_is_placed(alone: Night) -> None:
    window = placed(alone)
    alone.play.turns.clear()
    alone.live(window.start + 400, step=60)
    assert {turn.lane for turn in alone.play.turns} == {Lane.BACKGROUND}
