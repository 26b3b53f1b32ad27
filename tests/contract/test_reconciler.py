"""What others do at the provider behind our back is found, and what is ours is set right, once."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import pytest

from tests.build import relay_of
from tests.contract.ledgers import HOUR, LATER, claimed, due_of, event, window
from tests.contract.stage import SETTLE, TIMEOUT, Stage
from worker.drift import GRACE, Finding, Kind
from worker.events.model import Event
from worker.ledger.codec import dump_window
from worker.ledger.plans import Planned as PlannedWindows
from worker.lifecycle import State
from worker.overrides import Programme
from worker.planner import Planner
from worker.provider.emulator.world import Change, Key, Op
from worker.reconciler import AGAIN, Reconciler
from worker.relay import PERMANENT, Relay, Slot, Span
from worker.sights import Sights

TONIGHT = window()
HOURLY = window(LATER - LATER % HOUR + HOUR)
"""One that the event of these tests has."""
SOON = LATER + 300
ELSEWHERE = Slot("pull.example.com", "live", "other")
THEIRS = Relay(ELSEWHERE, ("rtmp://theirs.example.com/live/x",), Span(LATER + HOUR, LATER + 2 * HOUR))


@dataclass
class Watch:
    """A reconciler beside the attempts, and a beat that comes every half minute."""

    play: Stage
    reconciler: Reconciler

    def beats(self, count: int) -> None:
        for _ in range(count):
            self.play.ledger.redis.delete(self.play.ledger.keys.reconciling)
            self.reconciler.beat()
            self.play.settle(self.play.clock() + 30)

    def found(self, *events: Event) -> list[Finding]:
        view = self.reconciler.view(TONIGHT.slot.domain, self.play.clock(), map(Programme, events))
        return list(view.findings)

    def kinds(self) -> list[tuple[Kind, bool]]:
        return [(finding.kind, finding.ours) for finding in self.found()]

    def alter(self, relay: Relay) -> None:
        """Somebody changes a config by the provider's console."""
        row, slot = relay.as_row(), relay.slot
        key = Key(slot.domain, slot.app, slot.stream)
        change = Change(Op.UPDATE, key, slot.domain, row.sources, row.start, row.end)
        self.play.gateway.world.apply(change, self.play.clock())


@pytest.fixture
def watch(play: Stage) -> Watch:
    planner = Planner(play.ledger, 8 * 86_400)
    lease = TIMEOUT + 10
    sights = Sights(play.ledger, play.cloud, play.clock.advance, 5.0, lease, SETTLE)
    return Watch(play, Reconciler(sights, planner))


@pytest.fixture
def placed(watch: Watch) -> Watch:
    """Tonight's window is placed, and everything is quiet."""
    watch.play.plan(TONIGHT)
    watch.play.settle(SOON)
    watch.play.assert_placed(TONIGHT)
    return watch


def test_in_a_quiet_world_nothing_is_found_and_one_list_is_read(placed: Watch) -> None:
    before = len(placed.play.requests)
    assert placed.found() == []
    placed.beats(1)
    assert placed.play.requests[before:] == [("List", "ok")]


def test_a_relay_deleted_behind_our_back_is_put_back_once(placed: Watch) -> None:
    placed.play.remove(TONIGHT.slot)
    assert placed.kinds() == [(Kind.MISSING, True)]
    placed.beats(4)
    placed.play.assert_placed(TONIGHT)
    assert placed.play.writes == ["Create", "Create"]
    assert placed.kinds() == []


def test_a_relay_deleted_on_air_is_put_back(placed: Watch) -> None:
    placed.play.settle(TONIGHT.start + 60)
    placed.play.remove(TONIGHT.slot)
    placed.beats(2)
    placed.play.assert_placed(TONIGHT)


@pytest.mark.parametrize(
    "times",
    [
        Span(TONIGHT.start, TONIGHT.end - 600),
        Span(TONIGHT.start - 600, TONIGHT.end),
        PERMANENT,
    ],
)
def test_a_relay_whose_times_were_changed_is_changed_back(placed: Watch, times: Span) -> None:
    placed.alter(replace(relay_of(TONIGHT), times=times))
    placed.beats(3)
    placed.play.assert_placed(TONIGHT)
    assert placed.play.writes == ["Create", "Update"]


def test_a_relay_that_was_stretched_beyond_what_we_may_send_is_changed_back(placed: Watch) -> None:
    key = Key(TONIGHT.slot.domain, TONIGHT.slot.app, TONIGHT.slot.stream)
    end = TONIGHT.start + 8 * 86_400
    change = Change(Op.UPDATE, key, TONIGHT.slot.domain, TONIGHT.sources, TONIGHT.start, end)
    placed.play.gateway.world.apply(change, placed.play.clock())
    placed.beats(3)
    placed.play.assert_placed(TONIGHT)


def test_a_foreign_relay_on_another_slot_is_told_of_and_left_alone(
    placed: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    placed.play.plant(THEIRS)
    assert placed.kinds() == [(Kind.FOREIGN, False)]
    with caplog.at_level(logging.WARNING, "relaybeat"):
        placed.beats(4)
    assert sorted(placed.play.rows(), key=str) == sorted(
        [relay_of(TONIGHT).as_row(), THEIRS.as_row()], key=str
    )
    assert [line for line in caplog.messages if "foreign" in line] == caplog.messages
    assert len(caplog.messages) == 1
    assert placed.play.writes == ["Create"]


def test_a_foreign_relay_on_our_slot_is_told_of_with_what_it_is_in_the_way_of(placed: Watch) -> None:
    placed.play.remove(TONIGHT.slot)
    theirs = replace(THEIRS, slot=TONIGHT.slot, times=Span(TONIGHT.start + 60, TONIGHT.end + 60))
    placed.play.plant(theirs)
    foreign, missing = placed.found()
    assert (foreign.kind, foreign.ours, foreign.windows) == (Kind.FOREIGN, False, (TONIGHT.id,))
    assert (missing.kind, missing.ours) == (Kind.MISSING, True)
    placed.beats(4)
    assert placed.play.rows() == [theirs.as_row()]
    assert placed.play.writes == ["Create"]


def forget(play: Stage) -> None:
    """The slot's windows are over and gone, but for what is in its book."""
    play.ledger.redis.delete(
        f"{play.ledger.keys.slot(TONIGHT.slot)}:windows", play.ledger.keys.window(TONIGHT.id)
    )
    play.ledger.redis.zrem(play.ledger.keys.due, TONIGHT.id)


def test_an_orphan_goes_though_no_window_of_its_slot_is_left(placed: Watch) -> None:
    forget(placed.play)
    assert placed.kinds() == [(Kind.ORPHAN, True)]
    placed.beats(3)
    assert placed.play.rows() == []
    assert placed.play.writes == ["Create", "Delete"]


def test_an_orphan_goes_at_the_second_look_for_an_attempt_may_be_at_it(placed: Watch) -> None:
    forget(placed.play)
    placed.beats(1)
    assert placed.play.rows() == [relay_of(TONIGHT).as_row()]
    placed.beats(1)
    assert placed.play.rows() == []


def test_an_orphan_beside_a_window_to_come_is_removed_by_that(placed: Watch) -> None:
    later = window(TONIGHT.start + 72 * HOUR)
    placed.play.plan(later, digest="2")
    forget(placed.play)
    placed.beats(3)
    assert placed.play.rows() == []
    assert placed.play.state(later) is State.PLANNED


def test_an_ended_relay_that_only_the_plan_remembers_is_removed(watch: Watch) -> None:
    watch.play.plant(relay_of(HOURLY), foreign=False)
    watch.play.settle(HOURLY.end + GRACE)
    (finding,) = watch.found(event())
    assert (finding.kind, finding.ours) == (Kind.EXPIRED, True)
    watch.reconciler.mend([finding])
    watch.play.settle(watch.play.clock() + 60)
    assert watch.play.rows() == []


def test_a_row_that_a_stored_event_explains_is_not_called_foreign(watch: Watch) -> None:
    watch.play.plant(relay_of(HOURLY), foreign=False)
    assert watch.kinds() == [(Kind.FOREIGN, False)]
    assert watch.found(event()) == []


def test_a_second_beat_has_nothing_to_do(placed: Watch) -> None:
    placed.play.remove(TONIGHT.slot)
    placed.reconciler.beat()
    before = placed.play.requests
    placed.reconciler.beat()
    assert placed.play.requests == before


def test_what_was_found_and_mended_is_told_once_each(placed: Watch, caplog: pytest.LogCaptureFixture) -> None:
    placed.play.remove(TONIGHT.slot)
    with caplog.at_level(logging.INFO, "relaybeat.reconcile"), caplog.at_level(logging.INFO, "relaybeat"):
        placed.beats(6)
    told = [line.split()[0] for line in caplog.messages if line.startswith("reconcile.")]
    assert told == ["reconcile.found", "reconcile.solved"]


def test_a_provider_that_cannot_list_is_told_of_and_asked_again_later(
    placed: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    placed.play.remove(TONIGHT.slot)
    placed.play.fail("List:503")
    placed.beats(1)
    assert "reconcile.skipped" in caplog.text
    placed.play.fail()
    placed.beats(3)
    placed.play.assert_placed(TONIGHT)


def test_what_is_still_wrong_after_five_minutes_is_asked_for_again(placed: Watch) -> None:
    play = placed.play
    play.remove(TONIGHT.slot)
    placed.reconciler.beat()
    play.ledger.redis.zadd(play.ledger.keys.due, {TONIGHT.id: TONIGHT.end})
    placed.beats(1)
    assert play.rows() == []
    play.clock.advance(AGAIN)
    placed.beats(2)
    play.assert_placed(TONIGHT)


def test_a_correction_that_waits_out_its_backoff_keeps_its_time(placed: Watch) -> None:
    ledger = placed.play.ledger
    placed.alter(replace(relay_of(TONIGHT), times=Span(TONIGHT.start, TONIGHT.end - 600)))
    again = placed.play.clock() + 40
    ledger.redis.hset(ledger.keys.window(TONIGHT.id), "tries", 3)
    ledger.redis.zadd(ledger.keys.due, {TONIGHT.id: again})
    assert placed.reconciler.mend(placed.found()).windows == {TONIGHT.slot: TONIGHT.id}
    assert due_of(ledger, TONIGHT.id) == again


def test_while_an_attempt_is_at_a_slot_nothing_is_said_of_it(watch: Watch) -> None:
    watch.play.plan(TONIGHT)
    watch.play.interrupt(lambda: saw.append(watch.kinds()), at=2)
    saw: list[object] = []
    watch.play.run(TONIGHT)
    assert saw == [[]]


def test_what_was_found_is_not_solved_because_an_attempt_is_at_its_slot(
    placed: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = placed.play.ledger
    placed.play.remove(TONIGHT.slot)
    placed.play.plant(Relay(TONIGHT.slot, THEIRS.sources, Span(LATER + 60, LATER + 1_800)))
    placed.beats(2)
    known = ledger.drifts.remembered(TONIGHT.slot.domain)
    claimed(ledger, TONIGHT)
    with caplog.at_level(logging.INFO, "relaybeat"):
        ledger.redis.delete(ledger.keys.reconciling)
        placed.reconciler.beat()
    assert known
    assert ledger.drifts.remembered(TONIGHT.slot.domain) == known
    assert "reconcile.solved" not in caplog.text


def test_nothing_is_called_an_orphan_while_the_planner_is_behind(placed: Watch) -> None:
    forget(placed.play)
    placed.play.ledger.redis.zadd(placed.play.ledger.keys.plan, {"news": 0})
    assert placed.kinds() == []
    placed.beats(3)
    assert placed.play.rows() == [relay_of(TONIGHT).as_row()]


# Plan against ledger.


@dataclass
class Planned:
    """An hourly event of which the next three windows are in the ledger."""

    watch: Watch

    def tick(self) -> None:
        self.watch.reconciler.planner.tick(self.watch.play.clock(), by="beat")

    def found(self) -> list[Finding]:
        return list(self.watch.reconciler.unplanned())

    def mend(self) -> None:
        errand = self.watch.reconciler.mend(self.found())
        assert len(self.watch.reconciler.under_way(errand)) == 1
        self.tick()
        assert len(self.watch.reconciler.under_way(errand)) == 0


@pytest.fixture
def planned(watch: Watch) -> Planned:
    found = Planned(
        Watch(watch.play, replace(watch.reconciler, planner=Planner(watch.play.ledger, 3 * HOUR)))
    )
    watch.play.ledger.plans.put([(event(), "1")], file="events.yaml")
    found.tick()
    return found


def test_what_is_planned_as_its_event_wants_it_is_well(planned: Planned) -> None:
    assert planned.found() == []


def test_a_window_that_the_ledger_lacks_is_planned_again(planned: Planned) -> None:
    planned.watch.play.ledger.redis.delete(planned.watch.play.ledger.keys.window(HOURLY.id))
    (finding,) = planned.found()
    assert (finding.kind, finding.windows) == (Kind.UNPLANNED, (HOURLY.id,))
    planned.mend()
    assert planned.found() == []


def test_a_window_that_the_ledger_has_otherwise_is_planned_again(planned: Planned) -> None:
    ledger = planned.watch.play.ledger
    later = dump_window(replace(HOURLY, end=HOURLY.end + 60))
    ledger.redis.hset(ledger.keys.window(HOURLY.id), "plan", later)
    assert [finding.kind for finding in planned.found()] == [Kind.UNPLANNED]
    planned.mend()
    assert planned.found() == []


def test_a_window_that_no_event_explains_is_called_off(planned: Planned) -> None:
    ledger = planned.watch.play.ledger
    stray = window(HOURLY.start + 600)
    written = PlannedWindows("news", "1", (stray,), LATER + 3 * HOUR, None)
    ledger.plans.write([written], now=ledger.now(), by="planner")
    (finding,) = planned.found()
    assert (finding.kind, finding.windows) == (Kind.UNEXPLAINED, (stray.id,))
    planned.mend()
    assert planned.watch.play.state(stray) is State.CANCELLED
    assert planned.found() == []


def test_of_an_event_that_left_its_file_nothing_new_is_missed(planned: Planned) -> None:
    planned.watch.play.ledger.plans.leave("news")
    planned.watch.play.clock.advance(2 * HOUR)
    assert planned.found() == []


def test_mending_what_left_its_file_plans_nothing_new_of_it(planned: Planned) -> None:
    ledger, stray = planned.watch.play.ledger, window(HOURLY.start + 600)
    written = PlannedWindows("news", "1", (stray,), LATER + 3 * HOUR, None)
    ledger.plans.write([written], now=ledger.now(), by="planner")
    ledger.plans.leave("news")
    before = [record.window for record in ledger.reading.windows(["news"], 0, float("inf"))]
    planned.watch.play.clock.advance(HOUR / 2)
    planned.mend()
    planned.watch.play.clock.advance(2 * HOUR)
    planned.tick()
    assert [record.window for record in ledger.reading.windows(["news"], 0, float("inf"))] == before


def test_what_the_next_tick_plans_anyway_is_not_told_of(planned: Planned) -> None:
    planned.watch.play.clock.advance(2 * HOUR)
    assert planned.found() == []


def test_the_history_of_a_window_says_what_was_found_wrong_with_it(placed: Watch) -> None:
    placed.play.remove(TONIGHT.slot)
    placed.beats(2)
    placed.play.assert_placed(TONIGHT)
    log = placed.play.ledger.reading.log(TONIGHT.id)
    (line,) = [each for each in log if each.get("action") == "window.differs"]
    assert (line["by"], line["to"]) == ("reconcile", "placed")
    assert line["why"] == "it was placed, and the provider does not list it"
