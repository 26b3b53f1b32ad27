"""A ledger that forgot, everything of it or the last of it, and what the machine beside it remembers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.build import SLOT, SOURCES
from tests.contract.ledgers import HOUR, LATER, ClockedLedger, dump
from tests.contract.machines import HORIZON, PATIENT, SOON, Machine, copy, flush, show, windows
from tests.contract.stage import Killed, stage
from worker.events.model import Extra
from worker.journal import Entry
from worker.ledger.codec import parse_book
from worker.ledger.intents import Intents
from worker.ledger.revisions import Revision
from worker.lifecycle import State
from worker.overrides import Pause
from worker.planner import Planner
from worker.provider.emulator.options import Duplicate
from worker.relay import Relay, Slot, Span
from worker.sense import Speaker
from worker.verbs import Verbs

ANN = Speaker(by="ann")


@pytest.fixture
def machine(redis_url: str, tmp_path: Path) -> Iterator[Machine]:
    """The only one."""
    with stage(redis_url, Duplicate.APPEND) as play:
        yield Machine(play, tmp_path)


@pytest.fixture(params=[(mode, lag) for mode in Duplicate for lag in (0.0, 3.0)], ids=str)
def anywhere(request: pytest.FixtureRequest, redis_url: str, tmp_path: Path) -> Iterator[Machine]:
    """The same, whatever the provider does with a second create, and however late it lists and acts."""
    mode, lag = request.param
    with stage(redis_url, mode, list_lag=lag, effect_lag=lag) as play:
        yield Machine(play, tmp_path)


# Everything is lost.


def test_what_was_placed_is_adopted_and_nothing_is_sent_again(anywhere: Machine) -> None:
    play = anywhere.play
    anywhere.put(show(), show("talk"))
    anywhere.live(SOON)
    before, rows = windows(play.ledger), play.rows()
    assert len(rows) == 2
    flush(play)
    anywhere.live(PATIENT)
    assert windows(play.ledger) == before
    assert {play.state(each) for each in before} == {State.PLACED}
    assert play.writes == ["Create", "Create"]
    assert play.rows() == rows


def test_what_was_sent_a_moment_ago_is_not_sent_again(anywhere: Machine) -> None:
    play = anywhere.play
    anywhere.put(show())
    anywhere.begin()
    play.settle(LATER + 1)
    flush(play)
    anywhere.live(SOON)
    assert play.writes == ["Create"]
    play.assert_placed(*windows(play.ledger))


@pytest.mark.parametrize("when", ["noted", "sent"])
def test_a_create_that_was_in_flight_is_in_doubt_and_not_repeated(anywhere: Machine, when: str) -> None:
    play = anywhere.play
    anywhere.put(show())
    anywhere.begin()
    play.die(at=2, when=when)
    with pytest.raises(Killed):
        play.settle(LATER)
    flush(play)
    anywhere.restart()
    anywhere.live(SOON)
    assert play.writes == ["Create"]
    play.assert_placed(*windows(play.ledger))


def test_a_relay_whose_event_was_pruned_just_before_is_taken_away(anywhere: Machine) -> None:
    play = anywhere.play
    anywhere.put(show(), show("talk"))
    anywhere.live(SOON)
    anywhere.prune("talk")
    anywhere.rebuild.keep()
    flush(play)
    anywhere.live(PATIENT)
    assert play.writes == ["Create", "Create", "Delete"]
    play.assert_placed(*windows(play.ledger))


def test_a_relay_that_somebody_else_made_is_left_alone(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.live(SOON)
    slot = Slot("pull.example.com", "live", "theirs")
    theirs = Relay(slot, ("rtmp://theirs.example.com/live/x",), Span(LATER + 60, LATER + HOUR))
    play.plant(theirs)
    flush(play)
    machine.live(PATIENT)
    assert play.writes == ["Create"]
    assert theirs.as_row() in play.rows()


def test_what_we_had_deleted_and_somebody_made_again_is_theirs(machine: Machine) -> None:
    play = machine.play
    machine.put(show(hours=9))
    machine.live(SOON)
    (row,) = play.rows()
    machine.prune("news")
    machine.live(SOON + 2 * HOUR, tick=60.0)
    assert play.rows() == []
    play.plant(row.as_relay())
    flush(play)
    machine.live(play.clock() + 900)
    assert play.writes == ["Create", "Delete"]


def test_what_a_person_called_off_stays_off(machine: Machine) -> None:
    play = machine.play
    machine.put(show(), show("talk"))
    machine.live(SOON)
    Verbs(machine.planner, 300).cancel(windows(play.ledger)[0].id, ANN)
    machine.live(SOON + 60)
    flush(play)
    machine.live(PATIENT)
    off, on = windows(play.ledger)
    record = play.ledger.reading.window(off.id)
    assert (record.state, record.cancelled_by) == (State.CANCELLED, "person")
    assert play.state(on) is State.PLACED
    assert play.writes == ["Create", "Create", "Delete"]


def test_what_a_person_paused_stays_paused(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.live(SOON)
    Verbs(machine.planner, 300).pause("news", ANN)
    machine.live(SOON + 60)
    pauses = play.ledger.overrides.pauses()
    assert isinstance(pauses["news"], Pause)
    flush(play)
    machine.live(PATIENT)
    assert play.ledger.overrides.pauses() == pauses
    assert play.rows() == []


def test_what_an_event_that_left_its_file_had_planned_stays(machine: Machine) -> None:
    play = machine.play
    later = Extra(
        start=datetime.fromtimestamp(LATER + HORIZON + HOUR, UTC).replace(tzinfo=None),
        duration=HOUR,
        reason="later",
    )
    machine.put(show(extra=(*show().extra, later)))
    machine.live(SOON)
    play.ledger.plans.leave("news")
    machine.live(SOON + 60)
    before = windows(play.ledger)
    flush(play)
    machine.live(PATIENT)
    assert windows(play.ledger) == before
    play.assert_placed(*before)
    assert play.writes == ["Create"]


def test_without_a_snapshot_nothing_is_cut_before_somebody_says_what_is_wanted(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.live(SOON)
    before = windows(play.ledger)
    for file in machine.folder.glob("intent-*"):
        file.unlink()
    flush(play)
    machine.restart()
    machine.live(SOON + 200)
    machine.put(show())
    machine.live(PATIENT)
    assert windows(play.ledger) == before
    play.assert_placed(*before)
    assert play.writes == ["Create"]


def test_what_nobody_wants_any_more_is_taken_away_in_the_end(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.live(SOON)
    for file in machine.folder.glob("intent-*"):
        file.unlink()
    flush(play)
    machine.restart()
    machine.put(show("talk"))
    machine.live(PATIENT)
    assert play.writes == ["Create", "Create", "Delete"]
    play.assert_placed(*windows(play.ledger))


def test_what_was_applied_since_the_loss_is_not_overwritten(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.live(SOON)
    flush(play)
    moved = show(start=LATER + 2 * HOUR, title="moved")
    machine.put(moved)
    machine.live(PATIENT)
    (window,) = windows(play.ledger)
    assert window.start == LATER + 2 * HOUR
    play.assert_placed(window)


def test_what_people_said_before_the_loss_holds_though_a_file_was_applied_since(machine: Machine) -> None:
    play = machine.play
    machine.put(show(), show("talk"))
    machine.live(SOON)
    off = windows(play.ledger)[0]
    Verbs(machine.planner, 300).cancel(off.id, ANN)
    Verbs(machine.planner, 300).pause("talk", ANN)
    machine.live(SOON + 60)
    flush(play)
    machine.put(show(), show("talk"))
    machine.live(PATIENT)
    assert play.ledger.reading.window(off.id).cancelled_by == "person"
    assert set(play.ledger.overrides.pauses()) == {"talk"}
    assert [each.action for each in play.ledger.revisions.words()] == ["event.paused", "window.cancelled"]


def test_what_people_say_after_the_loss_counts_more_than_what_they_said_before(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.live(SOON)
    Verbs(machine.planner, 300).pause("news", ANN)
    machine.live(SOON + 60)
    flush(play)
    machine.put(show())
    machine.planner.tick(play.ledger.now(), by="beat")
    window = windows(play.ledger)[0]
    Verbs(machine.planner, 300).extend(window.id, ANN, 600)
    machine.live(PATIENT)
    assert play.ledger.overrides.pauses() == {}
    assert play.ledger.reading.window(window.id).window.end == window.end + 600


def test_who_slept_through_the_loss_is_no_witness_of_what_was_said(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.live(SOON)
    Verbs(machine.planner, 300).pause("news", ANN)
    machine.live(SOON + 60)
    flush(play)
    machine.put(show())
    machine.restart()
    machine.live(PATIENT)
    assert play.ledger.overrides.pauses() == {}


def test_the_log_of_applies_and_words_comes_back_and_goes_on(machine: Machine) -> None:
    play = machine.play
    told = Revision(number=1, at=1.0, by="ann", file="events.yaml", sha256="5a")
    play.ledger.revisions.note(told)
    machine.put(show())
    machine.live(SOON)
    flush(play)
    machine.live(SOON + 60)
    play.ledger.revisions.note(replace(told, number=2, at=2.0))
    assert [each.number for each in play.ledger.revisions.all()] == [2, 1]
    flush(play)
    play.ledger.revisions.note(replace(told, at=3.0))
    machine.live(PATIENT)
    assert [(each.number, each.at) for each in play.ledger.revisions.all()] == [(2, 3.0), (1, 1.0)]


def test_a_ledger_that_is_lost_again_and_again_ends_as_if_it_never_was(machine: Machine) -> None:
    play = machine.play
    machine.put(show(), show("talk"))
    machine.live(SOON)
    for again in range(1, 6):
        flush(play)
        machine.live(SOON + again * 20.0)
    machine.live(PATIENT)
    play.assert_placed(*windows(play.ledger))
    assert play.writes == ["Create", "Create"]


# The last of it is lost.


def test_a_write_that_an_older_file_does_not_know_is_in_doubt_and_not_repeated(anywhere: Machine) -> None:
    play = anywhere.play
    anywhere.put(show())
    anywhere.begin()
    restart = copy(play)
    play.settle(LATER + 1)
    assert play.writes == ["Create"]
    restart()
    anywhere.live(SOON)
    assert play.writes == ["Create"]
    play.assert_placed(*windows(play.ledger))


def test_a_delete_that_an_older_file_does_not_know_is_noticed(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.live(SOON)
    restart = copy(play)
    window_id = windows(play.ledger)[0].id
    Verbs(machine.planner, 300).cancel(window_id, ANN)
    play.settle(SOON + 60)
    assert play.rows() == []
    restart()  # the cancel was never kept, and the older file says that all is well
    machine.live(PATIENT)
    play.assert_placed(*windows(play.ledger))


def test_an_event_that_an_older_file_still_has_is_dropped_again(machine: Machine) -> None:
    play = machine.play
    machine.put(show(), show("talk"))
    machine.live(SOON)
    restart = copy(play)
    machine.prune("talk")
    machine.live(SOON + 60)
    restart()
    machine.live(PATIENT)
    assert play.ledger.plans.ids() == ["news"]
    assert play.writes == ["Create", "Create", "Delete"]
    assert len(play.rows()) == 1


def test_a_new_ledger_is_not_one_that_was_lost(machine: Machine) -> None:
    machine.play.ledger.redis.script_flush()
    machine.put(show())
    machine.live(SOON)
    assert not machine.play.ledger.redis.exists(machine.play.ledger.keys.lost)
    record = machine.play.ledger.reading.window(windows(machine.play.ledger)[0].id)
    assert record.placed_at < LATER + 1.0


def test_a_restart_that_lost_nothing_changes_nothing(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.live(SOON)
    before, restart = dump(play.ledger), copy(play)
    restart()
    machine.works()
    machine.tick()
    after, told = dump(play.ledger), {play.ledger.keys.epoch, play.ledger.keys.lost}
    assert {key for key in before | after if before.get(key) != after.get(key)} == told


# Told twice, or half.


def test_telling_the_ledger_twice_changes_nothing(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.live(SOON)
    flush(play)
    machine.rebuild.recall()
    before = dump(play.ledger)
    for name in machine.folder.glob("told-*"):
        name.unlink()
    machine.restart()
    machine.rebuild.recall()
    assert dump(play.ledger) == before


def test_a_write_that_was_journalled_after_another_process_recalled_is_told_too(machine: Machine) -> None:
    machine.put(show())
    machine.begin()
    flush(machine.play)
    machine.rebuild.recall()
    relay = Relay(SLOT, SOURCES, Span(LATER + HOUR, LATER + 2 * HOUR))
    machine.journal.write(Entry(LATER + 0.25, "news@20330518T043320Z", SLOT, "create", relay, 7))
    machine.restart()
    machine.rebuild.recall()
    ledger = machine.play.ledger
    book = parse_book(ledger.redis.hget(ledger.keys.slot(SLOT), "book") or "")
    assert book.ours == (relay,)
    assert book.doubt
    assert book.doubt.relay == relay


def test_whoever_held_the_lease_of_a_slot_that_is_recalled_may_not_send(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.begin()

    def meanwhile() -> None:
        machine.journal.write(Entry(LATER + 9.0, "news@20330518T043320Z", SLOT, "delete", None, 7))
        play.ledger.redis.delete(play.ledger.keys.epoch)
        play.clock.advance(0.5)
        machine.rebuild.recall()

    play.interrupt(meanwhile, at=2)
    play.settle(LATER)
    assert play.writes == []


def test_nothing_is_handed_out_before_all_that_was_restored_is_planned(machine: Machine) -> None:
    ledger, rebuild = machine.play.ledger, machine.rebuild
    machine.put(*[show(f"show-{n}") for n in range(3)])
    machine.begin()
    flush(machine.play)
    rebuild.recall()
    rebuild.planner = Behind(ledger, HORIZON)
    assert not rebuild.mended(LATER + 1.0)
    rebuild.planner = machine.planner
    assert rebuild.mended(LATER + 1.0)
    assert len(windows(ledger)) == 3


class Behind(Planner):
    """It has not come to what is due for it."""

    def tick(self, now: float, *, by: str, most: int = 0) -> int:
        return 0


def test_a_ledger_that_is_emptied_while_it_is_copied_is_not_kept(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.begin()
    machine.put(show("talk"))
    machine.rebuild.ledger = Emptied(play.ledger.redis, play.ledger.keys, play.clock)
    machine.rebuild.keep()
    machine.restart()
    machine.rebuild.recall()
    assert play.ledger.plans.ids() == ["news"]


class Emptied(ClockedLedger):
    """It loses everything as soon as somebody starts to copy it."""

    @property
    def intents(self) -> Intents:
        clock = self.clock

        class Forgetful(Intents):
            def texts(self) -> Iterator[str]:
                self.redis.flushall()
                clock.advance(0.5)
                return super().texts()

        return Forgetful(self.redis, self.keys)
