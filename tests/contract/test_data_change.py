"""A new release of the zones: what would move is told first and moved then, and no word of people is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.contract.desk import HORIZON, Desk
from tests.contract.ledgers import HOUR, ClockedLedger, dump, event, together
from tests.contract.machines import PATIENT, SOON, Machine, flush
from tests.contract.stage import stage
from tests.law import holiday_release, in_force, release
from worker.calendars import country_days
from worker.changeover import AWAY, Changeover
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.overrides import nominal_start
from worker.planner import Planner
from worker.provider.emulator.options import Duplicate

EVENING = {"timezone": "Asia/Almaty", "crons": ("0 20 * * *",), "duration": 2 * HOUR}
"""At 15:00 UTC, for that clock is five hours ahead."""


@dataclass
class Office:
    """A desk, and the beat that ticks for it, by the law of the day."""

    desk: Desk
    folder: Path
    laws: ExitStack = field(default_factory=ExitStack)
    releases: int = 0

    @property
    def ledger(self) -> ClockedLedger:
        return self.desk.ledger

    def law(self, like: str | None, version: str = "2099.1") -> None:
        """Almaty has the clock of that place from now on; its own again for ``None``."""
        self.laws.close()
        if like:
            self.releases += 1
            self.laws.enter_context(in_force(release(self.folder / str(self.releases), version, Almaty=like)))

    def beat(self) -> Changeover:
        """A worker that begins now."""
        return Changeover(Planner(self.ledger, HORIZON))

    def tick(self, beat: Changeover | None = None) -> int | None:
        """What a tick does; how many events it planned, or ``None`` if it only told of them."""
        beat = beat or self.beat()
        planned = beat.planner.tick(self.ledger.now(), by="beat")
        if planned is None and beat.tick(self.ledger.now()):
            return beat.planner.tick(self.ledger.now(), by="beat")
        return planned

    def windows(self) -> list[tuple[str, str]]:
        """Hour of the day in UTC, and state, of each window to come or on air."""
        now = self.ledger.now()
        return [(hour(r), str(r.state)) for r in self.desk.windows() if r.window.end > now]

    def first(self) -> WindowRecord:
        return next(r for r in self.desk.windows() if r.state is not State.CANCELLED)


def hour(record: WindowRecord) -> str:
    return record.window.id.partition("T")[2]


@pytest.fixture
def office(ledger: ClockedLedger, tmp_path: Path) -> Iterator[Office]:
    """A nightly show in Almaty is planned for three nights."""
    found = Office(Desk(ledger), tmp_path)
    found.desk.apply(event(**EVENING))
    yield found
    found.law(None)


# What is told, and done.


def test_a_tick_with_another_release_tells_what_would_move_and_moves_nothing(office: Office) -> None:
    before = office.windows()
    office.law("Asia/Dubai")
    assert office.tick() is None
    assert office.windows() == before == [("150000Z", "planned")] * 3
    (turnover,) = office.ledger.editions.turnovers()
    assert (turnover.moved, turnover.events, turnover.windows) == (3, 1, 3)
    assert turnover.why.startswith("tzdata ") and turnover.why.endswith(" -> 2099.1")
    moves = list(office.ledger.editions.moves())
    assert [(nominal_start(m.to) or 0) - (nominal_start(m.id) or 0) for m in moves] == [HOUR] * 3


def test_the_next_tick_moves_it(office: Office) -> None:
    office.law("Asia/Dubai")
    office.tick()
    assert office.tick() == 1
    planned = [each for each in office.windows() if each[1] == "planned"]
    assert planned == [("160000Z", "planned")] * 3
    assert office.tick() == 0


def test_both_windows_of_a_night_say_which_is_which_and_why(office: Office) -> None:
    old = office.first().window.id
    office.law("Asia/Dubai")
    office.tick(), office.tick()
    new = office.first().window.id
    gone, come = (office.ledger.reading.log(each)[-1] for each in (old, new))
    assert gone["action"] == come["action"] == "window.moved"
    assert gone["why"].startswith(f"now {new}: tzdata ")
    assert come["why"].startswith(f"was {old}: tzdata ")


def test_where_nothing_moves_that_is_said_and_planning_goes_on_at_once(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    before = office.desk.windows()
    office.law("Asia/Tashkent")
    assert office.tick() == 1
    assert office.desk.windows() == before
    (told,) = (record.getMessage() for record in caplog.records)
    assert told.startswith("plan.stays why=")


def test_the_log_sums_it_up_in_one_line(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    office.law("Asia/Dubai")
    office.tick()
    lines = [record.getMessage() for record in caplog.records]
    assert [line.split()[0] for line in lines] == ["plan.moves"] * 3 + ["plan.moved"]
    assert "moved=3" in lines[-1]


def test_two_shows_of_which_one_takes_the_name_of_the_other_are_not_mixed_up(office: Office) -> None:
    office.desk.apply(event(**EVENING | {"crons": ("0 20 * * *", "0 21 * * *"), "duration": HOUR}), "2")
    office.desk.say("cancel", office.first().window.id)
    office.law("Asia/Dubai")
    office.tick()
    assert [(m.id[-7:], m.to[-7:]) for m in office.ledger.editions.moves()][:2] == [
        ("150000Z", "160000Z"),
        ("160000Z", "170000Z"),
    ]
    office.tick()
    nights = [(hour(r), r.state, r.cancelled_by) for r in office.desk.windows()][:3]
    assert nights[1:] == [("160000Z", State.CANCELLED, "person"), ("170000Z", State.PLANNED, "")]


def test_a_show_that_takes_the_name_of_one_that_was_called_off_is_not_called_off(office: Office) -> None:
    lines = ("0 20 * * *", "0 21 * * *")
    office.desk.apply(event(**EVENING | {"crons": lines, "duration": HOUR}), "2")
    office.desk.say("cancel", office.first().window.id)
    office.law("Asia/Dhaka")
    office.tick(), office.tick()
    nights = {hour(r): (r.state, r.cancelled_by) for r in office.desk.windows()[:3]}
    assert nights["140000Z"] == (State.CANCELLED, "person")
    assert nights["150000Z"] == (State.PLANNED, "")


def test_the_way_back_is_the_same_way(office: Office) -> None:
    office.desk.apply(event(**EVENING | {"crons": ("0 20 * * *", "0 21 * * *"), "duration": HOUR}), "2")
    for like, release_ in (("Asia/Dubai", "2099.1"), ("Asia/Almaty", "2099.2")):
        office.law(like, release_)
        office.tick(), office.tick()
    back = {(m.id[-7:], m.to[-7:]) for m in office.ledger.editions.moves()}
    assert back == {("160000Z", "150000Z"), ("170000Z", "160000Z")}


def test_an_hourly_bulletin_keeps_its_windows_though_its_clock_goes_on_by_an_hour(office: Office) -> None:
    office.desk.apply(event(**EVENING | {"crons": ("0 * * * *",), "duration": 600}), "2")
    before = [record.window for record in office.desk.windows() if record.state is State.PLANNED]
    office.law("Asia/Dubai")
    office.tick(), office.tick()
    assert [r.window for r in office.desk.windows() if r.state is State.PLANNED] == before
    assert [each.windows for each in office.ledger.editions.turnovers()] == [0]


def test_a_show_that_has_left_its_file_moves_with_the_law(office: Office) -> None:
    office.ledger.plans.leave("news")
    office.law("Asia/Dubai")
    office.tick(), office.tick()
    assert [each for each in office.windows() if each[1] == "planned"] == [("160000Z", "planned")] * 3


def test_an_event_that_was_over_by_one_release_is_looked_at_again_by_the_next(
    office: Office,
) -> None:
    office.ledger.redis.zrem(office.ledger.keys.plan, "news")
    office.law("Asia/Tashkent")
    assert office.tick() == 1
    assert office.ledger.redis.zscore(office.ledger.keys.plan, "news")


# What people said.


def said(office: Office, verb: str, **wish: Any) -> WindowRecord:
    """The night of which they said it, after the law has moved it by an hour."""
    old = office.first().window.id
    office.desk.say(verb, old, **wish)
    office.law("Asia/Dubai")
    office.tick(), office.tick()
    name = old.replace("150000Z", "160000Z")
    return office.ledger.reading.window(name)


def test_a_night_that_somebody_called_off_stays_off(office: Office) -> None:
    night = said(office, "cancel")
    assert (night.state, night.cancelled_by, night.reason) == (State.CANCELLED, "person", "strike")
    assert office.windows().count(("160000Z", "planned")) == 2
    (turnover,) = office.ledger.editions.turnovers()
    assert turnover.words == 1


def test_it_comes_back_by_its_new_name(office: Office) -> None:
    night = said(office, "cancel")
    office.desk.say("retry", night.window.id)
    assert office.windows().count(("160000Z", "planned")) == 3


def test_what_is_longer_is_longer_still(office: Office) -> None:
    night = said(office, "extend", seconds=900)
    assert night.window.end - night.window.start == 2 * HOUR + 900
    assert night.window.start == nominal_start(night.window.id)


def test_what_starts_later_by_the_clock_does_so_by_the_new_one(office: Office) -> None:
    start = office.first().window.start + 1_800
    night = said(office, "override", start=start, end=start + HOUR)
    assert (night.window.start, night.window.end) == (start + HOUR, start + 2 * HOUR)


def test_what_plays_other_sources_does_so(office: Office) -> None:
    other = ("rtmp://c.example.com/live/news",)
    assert said(office, "override", sources=other).window.sources == other


def test_a_word_on_a_night_far_ahead_finds_it_when_it_comes_near(office: Office) -> None:
    far = office.first().window
    name = far.id.replace(far.id[5:13], "20331224")
    office.desk.say("cancel", name)
    office.law("Asia/Dubai")
    office.tick(), office.tick()
    (event_record,) = office.ledger.plans.events()
    (programme,) = office.ledger.overrides.programmes([event_record.event])
    assert programme.off(name.replace("150000Z", "160000Z"))
    assert programme.off(name) is None


def test_a_paused_show_stays_paused_and_comes_back_at_the_new_times(office: Office) -> None:
    office.desk.say("pause", "news")
    office.law("Asia/Dubai")
    office.tick(), office.tick()
    assert {state for _, state in office.windows()} == {"cancelled"}
    office.desk.say("resume", "news")
    assert [each for each in office.windows() if each[1] == "planned"] == [("160000Z", "planned")] * 3


# Many beats, of one release or two.


def test_two_beats_at_once_do_what_one_does(office: Office) -> None:
    events = [event(f"show-{n}", **EVENING, stream=f"s{n}") for n in range(40)]
    office.ledger.plans.put([(each, "1") for each in events], file="events.yaml")
    office.desk.tick()
    office.law("Asia/Dubai")
    beats = [office.beat() for _ in range(3)]
    together(*(lambda beat=beat: office.tick(beat) for beat in beats))
    while office.tick(beats[0]) is None:
        pass
    together(*(lambda beat=beat: office.tick(beat) for beat in beats))
    (turnover,) = office.ledger.editions.turnovers()
    assert (turnover.moved, turnover.events) == (3 * 41, 41)
    assert len(list(office.ledger.editions.moves())) == 3 * 41
    found = office.ledger.reading.windows([each.id for each in events], 0, float("inf"))
    states = [(hour(r), r.state, r.revision) for r in found]
    assert sorted({*states}) == [("150000Z", "cancelled", 1), ("160000Z", "planned", 1)]


def test_a_beat_that_dies_between_telling_and_moving_leaves_it_to_another(office: Office) -> None:
    office.law("Asia/Dubai")
    office.tick(office.beat())
    assert office.tick(office.beat()) == 1
    assert office.windows().count(("160000Z", "planned")) == 3


def test_a_beat_that_dies_while_it_looks_leaves_off_where_another_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [event(f"show-{n:03}", **EVENING, stream=f"s{n}") for n in range(8)]
    office.ledger.plans.put([(each, "1") for each in events], file="events.yaml")
    office.desk.tick()
    office.law("Asia/Dubai")
    monkeypatch.setattr("worker.changeover.BATCH", 3)
    monkeypatch.setattr("worker.changeover._BUDGET", -1.0)
    reached = []
    while office.tick() is None and not list(office.ledger.editions.turnovers()):
        survey = office.ledger.editions.held().survey
        reached.append(survey.reached if survey else "")
    assert reached == ["show-001", "show-004", "show-007"]
    (turnover,) = office.ledger.editions.turnovers()
    assert (turnover.events, turnover.moved) == (9, 27)


def test_an_older_release_leaves_planning_to_a_newer_one_and_says_so_once(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    old = office.beat()
    office.law("Asia/Dubai")
    new = office.beat()
    new.show(office.ledger.now())
    office.tick(new), office.tick(new)
    office.ledger.plans.put([(event("talk", **EVENING), "1")], file="events.yaml")
    caplog.clear()
    assert [office.tick(old), office.tick(old)] == [None, None]
    assert [record.getMessage().split()[0] for record in caplog.records] == ["plan.left"]
    assert not list(office.desk.windows("talk"))
    assert office.tick(new) == 1


def test_an_older_release_does_not_take_back_what_was_taken_over_just_now(office: Office) -> None:
    old = office.beat()
    office.law("Asia/Dubai")
    office.tick()
    assert old.tick(office.ledger.now()) is False
    assert office.tick() == 1


def test_an_older_release_takes_over_when_the_newer_one_has_gone(office: Office) -> None:
    old = office.beat()
    office.law("Asia/Dubai")
    new = office.beat()
    office.tick(new), office.tick(new)
    office.law(None)
    office.ledger.clock.advance(AWAY + 1)
    assert (office.tick(old), office.tick(old)) == (None, 1)
    assert office.windows().count(("150000Z", "planned")) == 3
    assert not [each for each in office.windows() if each == ("160000Z", "planned")]


def test_what_somebody_plans_by_another_release_is_not_written(office: Office) -> None:
    before = dump(office.ledger)
    office.law("Asia/Dubai")
    planner = Planner(office.ledger, HORIZON)
    planner.replan("news", office.ledger.now(), by="ann")
    (record,) = office.ledger.plans.events()
    (programme,) = planner.programmes([record.event])
    planned = planner._planned(record, programme, office.ledger.now())
    assert office.ledger.plans.write([planned], now=office.ledger.now(), by="ann") == {}
    assert dump(office.ledger) == before


def test_a_ledger_that_was_emptied_is_planned_by_whoever_comes_first(office: Office) -> None:
    office.law("Asia/Dubai")
    office.ledger.redis.flushall()
    office.desk.apply(event(**EVENING))
    assert office.windows() == [("160000Z", "planned")] * 3
    assert not list(office.ledger.editions.turnovers())


def test_a_word_that_was_said_before_the_loss_finds_its_night_by_the_release_that_comes_after(
    redis_url: str, tmp_path: Path
) -> None:
    with stage(redis_url, Duplicate.APPEND) as play:
        machine = Machine(play, tmp_path / "disk")
        machine.put(event(**EVENING))
        machine.live(SOON)
        desk = Desk(play.ledger)
        off = desk.window().id
        desk.say("cancel", off)
        machine.live(SOON + 60)
        flush(play)
        with in_force(release(tmp_path / "law", "2099.1", Almaty="Asia/Dubai")):
            machine.restart()
            machine.live(PATIENT)
            record = play.ledger.reading.window(off.replace("150000Z", "160000Z"))
    assert (record.state, record.cancelled_by) == (State.CANCELLED, "person")


# Holidays.


def test_a_holiday_that_is_decreed_takes_its_night_out_and_is_told_first(office: Office) -> None:
    rests = country_days("us.holidays", "US", "", "holidays")
    office.desk.apply(event(**EVENING | {"skip": (rests,)}), "2")
    first = office.first().window
    day = datetime.fromtimestamp(first.start, UTC)
    with in_force(holiday_release(office.folder / "decree", "99.1", day.month, day.day)):
        office.tick()
        (move,) = office.ledger.editions.moves()
        assert (move.fate, move.id, move.to) == ("removed", first.id, "")
        assert office.ledger.reading.window(first.id).state is State.PLANNED
        office.tick()
    record = office.ledger.reading.window(first.id)
    assert record.state is State.CANCELLED
    assert record.reason == f"no longer in the plan: holidays {version('holidays')} -> 99.1"
    assert office.windows().count(("150000Z", "planned")) == 2
