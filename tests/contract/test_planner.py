"""Events become windows in a real ledger: once each, as they enter the horizon, and whenever they change."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.contract.ledgers import HOUR, LATER, ClockedLedger, claimed, clocked, dump, event, move
from worker.events.model import Event
from worker.ledger.codec import Book
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.overrides import Programme
from worker.planner import Planner
from worker.windows import Window

ON_THE_HOUR = LATER - LATER % HOUR + HOUR
HORIZON = 4 * HOUR


@pytest.fixture
def ledger(redis_url: str) -> ClockedLedger:
    found = clocked(redis_url)
    found.clock.at = ON_THE_HOUR + 1
    return found


def hourly(**changes: Any) -> Event:
    """On the hour, for five minutes: always shorter than what is worth placing late."""
    fields: dict[str, Any] = {"duration": 300, "crons": ("0 * * * *",)}
    return event(**(fields | changes))


def store(ledger: ClockedLedger, *events: Event, digest: str = "1") -> None:
    ledger.plans.put([(each, digest) for each in events], file="events.yaml")


def tick(ledger: ClockedLedger) -> int:
    return Planner(ledger, HORIZON).tick(ledger.now(), by="beat")


def known(ledger: ClockedLedger, event_id: str = "news") -> Sequence[WindowRecord]:
    return list(ledger.reading.windows([event_id], float("-inf"), float("inf")))


def starts(ledger: ClockedLedger) -> list[int]:
    """Hours from the first full hour to each window's start."""
    return [(record.window.start - ON_THE_HOUR) // HOUR for record in known(ledger)]


def put_on_air(ledger: ClockedLedger, of: Window) -> None:
    held = claimed(ledger, of)
    ledger.slots.finish(held, Book(), [move(of, State.PLACED, of.end)], now=ledger.now())


def test_an_event_is_planned_to_the_horizon_and_not_again(ledger: ClockedLedger) -> None:
    store(ledger, hourly())
    assert tick(ledger) == 1
    assert starts(ledger) == [1, 2, 3, 4]
    before = dump(ledger)
    assert tick(ledger) == 0
    assert dump(ledger) == before


def test_each_window_is_planned_when_it_enters_the_horizon(ledger: ClockedLedger) -> None:
    store(ledger, hourly())
    tick(ledger)
    ledger.clock.at = ON_THE_HOUR + HOUR - 1
    assert (tick(ledger), starts(ledger)[-1]) == (0, 4)
    ledger.clock.at = ON_THE_HOUR + HOUR
    assert (tick(ledger), starts(ledger)[-1]) == (1, 5)


@pytest.mark.parametrize("fraction", [0.0, 0.5, 0.999])
def test_a_window_at_the_very_horizon_does_not_keep_the_planner_planning(
    ledger: ClockedLedger, fraction: float
) -> None:
    store(ledger, hourly())
    ledger.clock.at = ON_THE_HOUR + fraction
    assert (tick(ledger), tick(ledger)) == (1, 0)


def test_two_beats_at_once_plan_what_one_would(redis_url: str) -> None:
    beats = [clocked(redis_url) for _ in range(3)]
    events = [hourly(id=f"show-{n}", stream=f"s{n}") for n in range(30)]
    store(beats[0], *events)
    threads = [threading.Thread(target=tick, args=(beat,)) for beat in beats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [record for each in events for record in known(beats[0], each.id)]
    assert len(found) == 4 * 30
    assert {(record.state, record.revision) for record in found} == {(State.PLANNED, 1)}


def test_what_was_to_be_planned_while_nobody_ticked_is_planned_with_its_past(ledger: ClockedLedger) -> None:
    store(ledger, hourly())
    tick(ledger)
    ledger.clock.at = ON_THE_HOUR + 7 * HOUR
    tick(ledger)
    assert starts(ledger) == list(range(1, 12))


def test_an_event_that_is_paused_calls_its_windows_off_and_resumed_brings_them_back(
    ledger: ClockedLedger,
) -> None:
    store(ledger, hourly())
    tick(ledger)
    store(ledger, hourly(paused=True), digest="2")
    tick(ledger)
    assert {record.state for record in known(ledger)} == {State.CANCELLED}
    store(ledger, hourly(), digest="3")
    tick(ledger)
    assert {record.state for record in known(ledger)} == {State.PLANNED}


def test_an_event_that_is_edited_while_on_air_does_not_cut_itself(ledger: ClockedLedger) -> None:
    ledger.clock.at = ON_THE_HOUR - 1
    store(ledger, hourly())
    tick(ledger)
    playing = known(ledger)[0].window
    put_on_air(ledger, playing)
    ledger.clock.at = playing.end - 5
    store(ledger, hourly(title="Late news"), digest="2")
    tick(ledger)
    record = ledger.reading.window(playing.id)
    assert (record.state, record.window.title) == (State.PLACED, "Late news")


def test_an_event_that_begins_in_the_middle_of_a_show_does_not_report_it_missed(
    ledger: ClockedLedger,
) -> None:
    ledger.clock.at = ON_THE_HOUR + 60
    store(ledger, hourly())
    tick(ledger)
    assert starts(ledger)[0] == 1


def test_a_show_that_failed_and_left_the_plan_is_called_off(ledger: ClockedLedger) -> None:
    store(ledger, hourly())
    tick(ledger)
    first = known(ledger)[0].window
    failed = move(first, State.FAILED, None)
    ledger.slots.finish(claimed(ledger, first), Book(), [failed], now=ledger.now())
    store(ledger, hourly(crons=("30 * * * *",)), digest="2")
    tick(ledger)
    assert ledger.reading.window(first.id).state is State.CANCELLED


def test_a_permanent_event_has_one_window_and_it_can_be_taken_away(ledger: ClockedLedger) -> None:
    radio = replace(hourly(id="radio"), crons=(), duration=None, permanent=True)
    store(ledger, radio)
    tick(ledger)
    ledger.clock.advance(30 * 86_400)
    tick(ledger)
    assert [record.window.id for record in known(ledger, "radio")] == ["radio@permanent"]
    planner = Planner(ledger, HORIZON)
    (gone,) = planner.removals(radio, ledger.now())
    assert (gone.kind, gone.window.id) == ("remove", "radio@permanent")
    assert planner.differences(Programme(radio), ledger.now()) == []
