"""What an as-run log tells of shows that were really placed, refused and removed."""

from __future__ import annotations

import pytest

from tests.contract.desk import Desk, nightly
from tests.contract.ledgers import HOUR
from tests.contract.stage import Stage
from worker.asrun import ReportView, report_view
from worker.cli.columns import AS_RUN
from worker.duties.air import OnAir
from worker.windows import Window


class Night:
    """A nightly show on a stage."""

    def __init__(self, play: Stage) -> None:
        self.play, self.desk = play, Desk(play.ledger)
        self.desk.apply(nightly(lead=HOUR))
        self.show = self.desk.window()

    def told(self, of: Window | None = None) -> ReportView:
        reading = self.play.ledger.reading
        each = (of or self.show).id
        (watched,) = self.play.ledger.sightings.of([each])
        return report_view(reading.window(each), reading.log(each), watched.seen, now=self.play.clock())

    def look(self) -> None:
        """What the watch does all the time, done now."""
        ledger = self.play.ledger
        OnAir(ledger, self.play.cloud, 300, lambda _: ()).look(ledger.now())

    def row(self) -> dict[str, object]:
        return {column.name: column.cell(self.told()) for column in AS_RUN}


@pytest.fixture
def night(play: Stage) -> Night:
    return Night(play)


def test_a_show_that_went_well_was_placed_in_time_and_removed_at_its_end(night: Night) -> None:
    night.play.settle(night.show.end + 60)
    told = night.told()
    assert (told["status"], told["late_by"]) == ("ended", 0)
    assert night.show.end <= (told["removed_at"] or 0) <= night.show.end + 60
    assert told["placed_at"] and told["placed_at"] < night.show.start


def test_a_show_that_is_still_on_air_has_not_been_removed(night: Night) -> None:
    night.play.settle(night.show.start + 60)
    assert (night.told()["status"], night.told()["removed_at"]) == ("on air", None)


def test_a_show_that_was_refused_for_a_while_is_late_by_that(night: Night) -> None:
    night.play.fail("Create:503")
    night.play.settle(night.show.start + 300)
    night.play.fail()
    night.play.settle(night.show.start + 400)
    row = night.row()
    assert 300 <= int(str(row["late_by"])) <= 400
    assert row["codes"]
    assert row["request_ids"]
    assert int(str(row["attempts"])) > 1


def test_a_show_that_was_stopped_was_removed_then_and_says_by_whom(night: Night) -> None:
    night.play.settle(night.show.start + 60)
    night.desk.say("stop", night.show.id, force=True)
    stopped = night.play.clock()
    night.play.settle(stopped + 60)
    told = night.told()
    assert stopped <= (told["removed_at"] or 0) <= stopped + 60
    assert [(d["action"], d["by"], d["why"]) for d in told["decisions"]] == [
        ("window.stopped", "ann@desk", "strike")
    ]


def test_a_show_that_was_never_placed_was_never_removed(night: Night) -> None:
    night.desk.say("cancel", night.show.id)
    night.play.settle(night.show.end + 60)
    assert (night.told()["removed_at"], night.told()["late_by"]) == (None, None)


def test_times_of_a_row_are_on_the_events_clock(night: Night) -> None:
    night.play.settle(night.show.end + 60)
    row = night.row()
    assert (row["starts"], row["ends"]) == ("20:00", "22:00")
    assert str(row["removed"]).startswith(f"{row['ends_on']} 22:0")


def test_the_watch_tells_when_it_was_on_air_first_and_when_it_was_gone(night: Night) -> None:
    night.play.settle(night.show.start + 60)
    night.look()
    assert (night.told()["air"], night.told()["off_air_at"]) == ("on_air", None)
    night.play.settle(night.show.end + 60)
    night.look()
    row, told = night.row(), night.told()
    assert night.show.start < (told["first_seen_at"] or 0) < night.show.start + 90
    assert night.show.end < (told["off_air_at"] or 0) < night.show.end + 90
    assert row["on_air"]
    assert row["off_air"]


def test_what_nobody_watched_is_not_claimed_to_have_been_seen(night: Night) -> None:
    night.play.settle(night.show.end + 60)
    assert [night.told()["first_seen_at"], night.row()["on_air"], night.row()["off_air"]] == [None, "", ""]
