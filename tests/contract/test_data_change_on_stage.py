"""A new release of the zones, and relays that are placed already: corrected, never two of them, never cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.ledgers import HOUR, LATER, event
from tests.contract.stage import Stage, stage
from tests.law import in_force, release
from worker.changeover import Changeover
from worker.lifecycle import State
from worker.overrides import nominal_start
from worker.planner import Planner
from worker.provider.emulator.options import Duplicate
from worker.windows import Window

DAY = 86_400
HORIZON = 20 * HOUR
TONIGHT = datetime.fromtimestamp(LATER, UTC).date()
THREE = LATER - LATER % DAY + 15 * HOUR
"""15:00 UTC, when it is eight in the evening in Almaty."""
EARLIER, LATER_ON = "Asia/Dhaka", "Asia/Dubai"
"""Where it is eight an hour earlier, or later."""


@dataclass
class Night:
    """A show of two hours at eight in Almaty, placed."""

    play: Stage
    folder: Path
    laws: ExitStack = field(default_factory=ExitStack)

    def tick(self) -> None:
        beat = Changeover(Planner(self.play.ledger, HORIZON))
        now = self.play.clock()
        if beat.planner.tick(now, by="beat") is None:
            beat.tick(now)

    def live(self, until: float) -> None:
        """A tick every minute, and every attempt that falls due."""
        while self.play.clock() < until:
            self.tick()
            self.play.settle(min(self.play.clock() + 60, until))

    def law(self, like: str) -> None:
        """Almaty has that clock from now on; it is told, done, and placed."""
        self.laws.enter_context(in_force(release(self.folder, "2099.1", Almaty=like)))
        self.live(self.play.clock() + 300)

    def named(self, start: int) -> Window:
        found = self.play.ledger.reading.windows(["news"], 0, float("inf"))
        return next(r.window for r in found if nominal_start(r.window.id) == start)

    def spans(self) -> list[tuple[int, int]]:
        """What the provider holds, in minutes from the old start."""
        return [((row.start - THREE) // 60, (row.end - THREE) // 60) for row in self.play.rows()]


@pytest.fixture(params=list(Duplicate))
def night(request: pytest.FixtureRequest, redis_url: str, tmp_path: Path) -> Iterator[Night]:
    with stage(redis_url, request.param) as play:
        found = Night(play, tmp_path / "law")
        show = event(timezone="Asia/Almaty", crons=("0 20 * * *",), duration=2 * HOUR, valid_until=TONIGHT)
        play.ledger.plans.put([(show, "1")], file="events.yaml")
        found.live(LATER + 120)
        assert found.spans() == [(0, 120)]
        yield found
        found.laws.close()


@pytest.mark.parametrize(("like", "minutes"), [(EARLIER, -60), (LATER_ON, 60)])
def test_a_relay_that_is_placed_is_corrected(night: Night, like: str, minutes: int) -> None:
    night.law(like)
    assert night.spans() == [(minutes, minutes + 120)]
    assert night.play.state(night.named(THREE)) is State.CANCELLED
    assert night.play.state(night.named(THREE + 60 * minutes)) is State.PLACED


@pytest.mark.parametrize("like", [EARLIER, LATER_ON])
def test_what_is_corrected_ends_as_ever(night: Night, like: str) -> None:
    night.law(like)
    night.live(THREE + 6 * HOUR)
    assert night.spans() == []
    states = {r.state for r in night.play.ledger.reading.windows(["news"], 0, THREE + 6 * HOUR)}
    assert states == {State.CANCELLED, State.REMOVED}


def test_what_is_on_air_goes_over_to_its_new_times_if_they_are_now(night: Night) -> None:
    night.live(THREE + 30 * 60)
    night.law(EARLIER)
    assert night.play.writes == ["Create", "Update"]
    assert [end for _, end in night.spans()] == [60]
    record = night.play.ledger.reading.window(night.named(THREE - HOUR).id)
    assert (record.state, record.on_air(night.play.clock())) == (State.PLACED, True)


def test_what_goes_over_is_on_air_without_a_break(night: Night) -> None:
    night.live(THREE + 30 * 60)
    night.laws.enter_context(in_force(release(night.folder, "2099.1", Almaty=EARLIER)))
    night.tick(), night.tick()
    record = night.play.ledger.reading.window(night.named(THREE - HOUR).id)
    assert record.on_air(night.play.clock())


def test_what_is_on_air_with_little_left_goes_over_all_the_same(night: Night) -> None:
    night.live(THREE + 53 * 60)
    night.law(EARLIER)
    assert night.play.writes == ["Create", "Update"]
    assert [end for _, end in night.spans()] == [60]
    assert night.play.state(night.named(THREE - HOUR)) is State.PLACED


def test_what_is_on_air_an_hour_too_early_plays_on_into_its_new_times(night: Night) -> None:
    night.live(THREE + 30 * 60)
    night.law(LATER_ON)
    assert night.play.writes == ["Create", "Update"]
    assert night.spans() == [(0, 180)]
    assert night.play.state(night.named(THREE)) is State.PLACED


def test_what_is_on_air_and_should_be_over_plays_to_its_end(night: Night) -> None:
    night.live(THREE + 90 * 60)
    night.law(EARLIER)
    assert night.play.writes == ["Create"]
    assert night.play.state(night.named(THREE)) is State.PLACED
    night.live(THREE + 3 * HOUR)
    assert night.spans() == []
