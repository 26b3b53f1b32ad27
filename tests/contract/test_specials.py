"""Specials that people add to an event: beside its file, and over it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.build import relay_of
from tests.contract.desk import DAY, HORIZON, OTHER, Desk, nightly
from tests.contract.ledgers import HOUR, ClockedLedger, dump
from tests.contract.stage import Stage
from worker.errors import Refused
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.overrides import planned


@pytest.fixture
def desk(ledger: ClockedLedger) -> Desk:
    found = Desk(ledger)
    found.apply(nightly(pad_before=300))
    return found


def start(desk: Desk) -> int:
    """Three hours before the first night."""
    return desk.windows()[0].window.start - 3 * HOUR


def add(desk: Desk, **wish: Any) -> WindowRecord:
    said = desk.say("add", "news", **({"start": start(desk), "seconds": HOUR} | wish))
    assert said.changed
    return desk.ledger.reading.window(said.about)


def test_a_special_is_a_window_beside_the_rule_with_its_pads_and_its_reason(desk: Desk) -> None:
    at = start(desk)
    record = add(desk, sources=OTHER, stream="{id}-special")
    window = record.window
    assert (record.state, window.notes, window.reason) == (State.PLANNED, ("extra",), "strike")
    assert (window.start, window.end) == (at - 300, at + HOUR)
    assert (window.sources, window.slot.stream) == (OTHER, "news-special")
    assert desk.ledger.reading.log(window.id)[-1]["action"] == "window.added"


def test_said_twice_it_is_there_once(desk: Desk) -> None:
    at = start(desk)
    add(desk, start=at)
    before = dump(desk.ledger)
    assert not desk.say("add", "news", start=at, seconds=HOUR).changed
    assert dump(desk.ledger) == before


def test_it_outlives_applies_until_it_has_passed(desk: Desk) -> None:
    of = add(desk).window
    desk.apply(nightly(title="Late news", pad_before=300), digest="2")
    record = desk.ledger.reading.window(of.id)
    assert (record.state, record.window.title) == (State.PLANNED, "Late news")
    desk.ledger.clock.at = of.end
    desk.apply(nightly(), digest="3")
    assert not desk.ledger.redis.exists(desk.ledger.keys.overrides("news"))


@pytest.mark.parametrize("days", [1, 30])
def test_it_is_explained_however_far_off_it_lies(desk: Desk, days: int) -> None:
    of = add(desk, start=start(desk) + days * DAY).window
    assert days * DAY < HORIZON or of.start > desk.ledger.now() + HORIZON
    record = desk.ledger.plans.event("news")
    (programme,) = desk.planner.programmes([record.event])
    assert desk.planner.differences(programme, desk.ledger.now()) == []
    desk.ledger.clock.at = of.start - HOUR
    desk.tick()
    assert desk.ledger.reading.window(of.id).state is State.PLANNED


def test_it_is_called_off_brought_back_and_changed_as_any_window(desk: Desk) -> None:
    of = add(desk).window
    desk.say("cancel", of.id)
    desk.say("retry", of.id)
    desk.say("extend", of.id)
    assert desk.ledger.reading.window(of.id).window.end == of.end + 1_800
    desk.say("clear", of.id)
    assert desk.ledger.reading.window(of.id).window == of
    assert not desk.say("clear", of.id).changed


def test_a_ledger_that_lost_its_windows_plans_it_again(desk: Desk) -> None:
    of = add(desk).window
    desk.ledger.redis.delete(desk.ledger.keys.window(of.id))
    desk.apply(nightly(pad_before=300))
    assert desk.ledger.reading.window(of.id).window == of


def test_once_it_is_written_into_the_file_it_is_there_once(desk: Desk) -> None:
    of = add(desk).window
    (programme,) = desk.planner.programmes([desk.ledger.plans.event("news").event])
    desk.apply(nightly(pad_before=300, extra=programme.event.extra), digest="2")
    assert [each.window.id for each in desk.windows()].count(of.id) == 1
    assert planned(desk.ledger.plans.event("news").event, of.id) == of


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"start": -10 * DAY}, "in the past"),
        ({"start": 3 * HOUR + 300}, "starts then already"),
        ({"seconds": 0}, "end before it starts"),
        ({"seconds": 32 * DAY}, "would last"),
        ({"sources": ("http://localhost/x",)}, "inside a network"),
        ({"stream": "a b"}, "Stream"),
    ],
)
def test_what_cannot_be_meant_is_refused(desk: Desk, wish: dict[str, Any], why: str) -> None:
    before = dump(desk.ledger)
    wish = {k: start(desk) + v if k == "start" else v for k, v in wish.items()}
    with pytest.raises(Refused, match=why):
        add(desk, **wish)
    assert dump(desk.ledger) == before


def test_beside_a_permanent_event_there_is_no_time(desk: Desk) -> None:
    desk.apply(nightly(id="radio", stream="radio", crons=(), duration=None, permanent=True))
    with pytest.raises(Refused, match="permanent"):
        desk.say("add", "radio", start=start(desk), seconds=HOUR)


def test_a_paused_event_takes_none(desk: Desk) -> None:
    desk.say("pause", "news")
    with pytest.raises(Refused, match="paused"):
        add(desk, start=int(desk.ledger.now()) + HOUR)


def test_it_goes_on_air(play: Stage) -> None:
    desk = Desk(play.ledger)
    desk.apply(nightly(lead=HOUR))
    of = add(desk, sources=OTHER).window
    play.settle(of.start + 60)
    assert play.rows() == [relay_of(of).as_row()]
