"""Several machines around one ledger that forgot; and anything that may happen, in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.ledgers import HOUR, LATER, ClockedLedger, clocked, dump, together
from tests.contract.machines import PATIENT, SOON, Machine, copy, flush, show, windows
from tests.contract.stage import Killed, stage
from worker.lifecycle import State
from worker.provider.emulator.options import Duplicate


@pytest.fixture
def machines(redis_url: str, tmp_path: Path) -> Iterator[list[Machine]]:
    """Three with one ledger."""
    with stage(redis_url, Duplicate.APPEND) as play:
        yield [Machine(play, tmp_path / name) for name in ("one", "two", "three")]


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
    want = plan_of(one.play.ledger)
    flush(one.play)
    for machine in (one, two):
        machine.rebuild.ledger = clocked(redis_url, one.play.clock)
    together(one.rebuild.recall, two.rebuild.recall)
    one.tick()
    assert plan_of(one.play.ledger) == want


def plan_of(ledger: ClockedLedger) -> dict[str, Any]:
    """All that is stored, but for which life of the ledger it is, and since when what is due has waited."""
    found, keys = dump(ledger), ledger.keys
    for volatile in (keys.epoch, keys.lost, keys.revision):
        found.pop(volatile, None)
    found[keys.due] = {each: at if at > ledger.now() else "now" for each, at in found[keys.due]}
    return found


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
