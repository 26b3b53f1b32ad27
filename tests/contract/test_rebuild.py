"""A ledger that forgot: everything of it, or the last of it; and what the machines around it remember."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.build import SLOT, SOURCES
from tests.contract.ledgers import HOUR, LATER, ClockedLedger, clocked, dump, event, together
from tests.contract.stage import SETTLING, TIMEOUT, Killed, Stage, stage
from worker.events.model import Event, Extra
from worker.journal import Entry, Journal
from worker.ledger.intents import Intents
from worker.lifecycle import State
from worker.overrides import Pause
from worker.planner import Planner
from worker.provider.emulator.options import Duplicate
from worker.rebuild import Rebuild
from worker.relay import Relay, Slot, Span
from worker.sense import Speaker
from worker.verbs import Verbs
from worker.windows import Window

TICK = 5.0
HORIZON = 8 * 86_400
SOON = LATER + 120
"""Every trouble of these plays is over by then, and nothing has started."""
PATIENT = LATER + 900
ANN = Speaker(by="ann")
PROVIDER = "http://emulator.test"


def show(event_id: str = "news", start: int = LATER + HOUR, **changes: object) -> Event:
    """One window at this moment, an hour long, and no other."""
    at = datetime.fromtimestamp(start, UTC).replace(tzinfo=None)
    once = Extra(start=at, duration=HOUR, reason="once")
    fields: dict[str, object] = {"crons": (), "timezone": "UTC", "extra": (once,), "stream": event_id}
    return event(event_id, **(fields | changes))


@dataclass
class Machine:
    """One of the machines on which workers run, with a disk of its own."""

    play: Stage
    folder: Path
    journal: Journal = field(init=False)
    rebuild: Rebuild = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.folder, PROVIDER)
        self.restart()

    @property
    def planner(self) -> Planner:
        return Planner(self.play.ledger, HORIZON)

    def restart(self) -> None:
        """Its worker is another process from here on, which knows nothing but what is on disk."""
        self.rebuild = Rebuild(
            self.play.ledger, self.journal, self.planner, "redis/0", "worker-1", TIMEOUT, SETTLING
        )

    def works(self) -> None:
        """From here on it is this machine that makes the attempts."""
        attempts = self.play.attempts
        attempts.journal, attempts.recall, attempts.epoch = self.journal, self.rebuild.recall, ""

    def tick(self) -> bool:
        """What a tick does; whether it would hand anything out."""
        now = self.play.clock()
        if self.play.ledger.epoch(now) != self.rebuild.epoch:
            self.rebuild.recall()
        self.planner.tick(now, by="worker-1")
        return self.rebuild.mended(now)

    def begin(self) -> None:
        """Plans, and keeps a copy of what is wanted; whatever is due is still to be done."""
        self.works()
        self.tick()
        self.rebuild.keep()

    def live(self, until: float, *, tick: float = TICK) -> None:
        """Ticks and attempts, until then."""
        self.works()
        while self.play.clock() < until:
            if self.tick():
                self.play.settle(self.play.clock())
            self.rebuild.keep()
            self.play.clock.at = max(self.play.clock(), min(until, self.play.clock() + tick))

    def put(self, *events: Event) -> None:
        self.play.ledger.plans.put([(each, each.title) for each in events], file="events.yaml")

    def prune(self, event_id: str) -> None:
        ledger, now = self.play.ledger, self.play.clock()
        gone = self.planner.removals(ledger.plans.event(event_id).event, now)
        self.planner.call_off(gone, now, by="ann", reason="its event left the file")
        ledger.plans.drop(event_id)


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


@pytest.fixture
def machines(redis_url: str, tmp_path: Path) -> Iterator[list[Machine]]:
    """Three with one ledger."""
    with stage(redis_url, Duplicate.APPEND) as play:
        yield [Machine(play, tmp_path / name) for name in ("one", "two", "three")]


def flush(play: Stage) -> None:
    """Redis loses everything, and is used again at once."""
    play.ledger.redis.flushall()
    play.clock.advance(0.5)


def copy(play: Stage) -> Callable[[], None]:
    """What is on the disk of Redis by now; call it to have Redis restart from there."""
    redis = play.ledger.redis
    kept = {key: (redis.dump(key), redis.pexpiretime(key)) for key in redis.scan_iter("*")}

    def restore() -> None:
        redis.flushall()
        redis.script_flush()
        play.clock.advance(0.5)
        for key, (value, expires) in kept.items():
            redis.restore(key, max(expires, 0), value, absttl=True)

    return restore


def windows(ledger: ClockedLedger) -> list[Window]:
    found = ledger.reading.windows(ledger.plans.ids(), 0, float("inf"))
    return sorted((record.window for record in found), key=lambda window: window.id)


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
    machine.put(show())
    machine.live(SOON)
    (window,) = windows(play.ledger)
    machine.prune("news")
    machine.live(SOON + 2 * HOUR - 3_000)
    relay = Relay(window.slot, window.sources, Span(window.start, window.end))
    assert play.rows() == []
    play.clock.at = LATER + 7_000.0
    play.plant(relay)
    play.clock.advance(3_000)
    flush(play)
    machine.live(play.clock() + 900)
    assert play.writes == ["Create", "Delete"]


def test_what_a_person_called_off_stays_off(machine: Machine) -> None:
    play = machine.play
    machine.put(show(), show("talk"))
    machine.live(SOON)
    Verbs(machine.planner).cancel(windows(play.ledger)[0].id, ANN)
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
    Verbs(machine.planner).pause("news", ANN)
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
    Verbs(machine.planner).cancel(window_id, ANN)
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


def test_a_restart_that_lost_nothing_changes_nothing(machine: Machine) -> None:
    play = machine.play
    machine.put(show())
    machine.live(SOON)
    before, restart = dump(play.ledger), copy(play)
    restart()
    machine.works()
    machine.tick()
    after = dump(play.ledger)
    assert {**after, play.ledger.keys.epoch: ""} == {**before, play.ledger.keys.epoch: ""}


# Several machines.


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_the_newest_snapshot_wins_in_whatever_order_they_come(
    machines: list[Machine], order: tuple[int, ...]
) -> None:
    for count, machine in enumerate(machines, 1):
        machine.put(show(title=f"as of {count}"))
        machine.tick()
        machine.rebuild.keep()
    ledger = machines[0].play.ledger
    stamp = ledger.intents.stamp()
    flush(machines[0].play)
    for index in order:
        machines[index].rebuild.recall()
    assert ledger.plans.event("news").event.title == "as of 3"
    assert ledger.intents.stamp() == stamp


def test_machines_that_recall_at_once_put_back_one_plan(redis_url: str, machines: list[Machine]) -> None:
    one, two, _ = machines
    one.put(*[show(f"show-{n}") for n in range(40)])
    for machine in (one, two):
        machine.tick()
        machine.rebuild.keep()
    want = dump(one.play.ledger)
    flush(one.play)
    for machine in (one, two):
        machine.rebuild.ledger = clocked(redis_url, one.play.clock)
    together(one.rebuild.recall, two.rebuild.recall)
    one.tick()
    found = dump(one.play.ledger)
    volatile = {one.play.ledger.keys.epoch, one.play.ledger.keys.lost, one.play.ledger.keys.revision}
    assert {k: v for k, v in found.items() if k not in volatile} == {
        k: v for k, v in want.items() if k not in volatile
    }


@pytest.mark.parametrize("first", [0, 1])
def test_what_one_machine_placed_and_another_began_to_delete_is_taken_away(
    machines: list[Machine], first: int
) -> None:
    one, two, _ = machines
    play = one.play
    one.put(show())
    one.live(SOON)
    two.works()
    two.prune("news")
    for machine in (one, two):
        machine.rebuild.recall()
        machine.rebuild.keep()
    play.die(at=1, when="noted")
    with pytest.raises(Killed):
        play.settle(SOON)
    flush(play)
    machines[first].rebuild.recall()
    machines[1 - first].rebuild.recall()
    two.live(PATIENT)
    assert play.rows() == []


def test_a_write_that_another_machine_has_under_way_is_waited_for(machines: list[Machine]) -> None:
    one, two, _ = machines
    play = one.play
    one.put(show())
    for machine in (one, two):
        machine.tick()
        machine.rebuild.keep()
    one.works()

    def meanwhile() -> None:
        flush(play)
        two.tick()  # and it places what is wanted, if it does not wait
        two.works()
        play.settle(play.clock())

    play.interrupts = {2: meanwhile}
    play.settle(LATER)
    two.live(PATIENT)
    play.assert_placed(*windows(play.ledger))


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
    book = machine.play.ledger.slots.books(SLOT.domain)[SLOT]
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


# Anything, in any order.


@dataclass
class Storm:
    """What may happen to a machine and its ledger. ``wanted``: the events that somebody wants."""

    machine: Machine
    wanted: set[str] = field(default_factory=set)
    older: Callable[[], None] = lambda: None

    def live(self, seconds: str) -> None:
        try:
            self.machine.live(self.machine.play.clock() + float(seconds))
        except Killed:
            self.machine.restart()

    def put(self, name: str) -> None:
        self.machine.put(show(name))
        self.wanted.add(name)

    def prune(self, name: str) -> None:
        if name in self.wanted:
            self.machine.prune(name)
            self.wanted.remove(name)

    def kill(self, when: str) -> None:
        """The worker, at its next write."""
        self.machine.play.die(at=2, when=when)

    def restart(self, _: str) -> None:
        self.machine.restart()

    def flush(self, _: str) -> None:
        flush(self.machine.play)

    def backup(self, _: str) -> None:
        self.older = copy(self.machine.play)

    def put_back(self, _: str) -> None:
        self.older()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("live"), st.sampled_from(["1", "7", "40"])),
        st.tuples(st.sampled_from(["put", "prune"]), st.sampled_from(["news", "talk"])),
        st.tuples(st.just("kill"), st.sampled_from(["noted", "sent"])),
        st.tuples(st.sampled_from(["flush", "backup", "put_back", "restart"]), st.just("")),
    ),
    min_size=3,
    max_size=12,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, mode=st.sampled_from(Duplicate), lag=st.sampled_from([0.0, 3.0]))
def test_whatever_is_lost_and_whoever_dies_all_that_is_wanted_is_there_once_in_the_end(
    redis_url: str, steps: list[tuple[str, str]], mode: Duplicate, lag: float
) -> None:
    with TemporaryDirectory() as folder, stage(redis_url, mode, list_lag=lag, effect_lag=lag) as play:
        flush(play)
        storm = Storm(Machine(play, Path(folder)))
        for what, how in steps:
            getattr(storm, what)(how)
            storm.machine.begin()  # what people said counts from the end of the tick
        play.deaths = {}
        storm.machine.live(play.clock() + 900, tick=30.0)
        times = (LATER + HOUR, LATER + 2 * HOUR)
        found = sorted((row.slot.stream, (row.start, row.end)) for row in play.rows())
        assert found == [(name, times) for name in sorted(storm.wanted)]
        assert {play.state(each) for each in windows(play.ledger)} <= {State.PLACED}
