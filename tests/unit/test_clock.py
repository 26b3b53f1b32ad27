"""Times as somebody on call types them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click
import pytest

from worker.cli.clock import CLOCK_TIME
from worker.moments import TimeOfDay, read

SHANGHAI, BERLIN, NIGHT = "Asia/Shanghai", "Europe/Berlin", date(2026, 12, 24)


def at(text: str, zone: str = SHANGHAI, day: date = NIGHT) -> str:
    found = read(CLOCK_TIME.convert(text, None, None), zone, day)
    assert found is not None
    return datetime.fromtimestamp(found, UTC).isoformat(timespec="minutes").removesuffix("+00:00")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("21:00", "2026-12-24T13:00"),
        ("25:30", "2026-12-24T17:30"),
        ("0:05", "2026-12-23T16:05"),
        ("2026-12-26T21:00", "2026-12-26T13:00"),
        ("2026-12-26T21:00+01:00", "2026-12-26T20:00"),
    ],
)
def test_a_time_alone_is_of_the_night_in_question(typed: str, found: str) -> None:
    assert at(typed) == found


@pytest.mark.parametrize("typed", ["48:00", "21", "nine", "21:60"])
def test_what_is_no_time_is_refused_with_how_to_write_one(typed: str) -> None:
    with pytest.raises(click.BadParameter, match="write"):
        CLOCK_TIME.convert(typed, None, None)


def test_a_time_that_the_clock_skips_is_the_moment_of_the_jump() -> None:
    assert at("26:30", BERLIN, date(2027, 3, 27)) == at("27:00", BERLIN, date(2027, 3, 27))


@pytest.mark.parametrize(
    ("end", "hours"),
    [("22:30", 2.5), ("01:30", 5.5), ("25:30", 5.5), ("19:00", -1), ("20:00", 0)],
)
def test_an_end_after_midnight_needs_no_date_and_a_slip_is_not_a_day_long(end: str, hours: float) -> None:
    start = TimeOfDay(20 * 3_600).unix(SHANGHAI, NIGHT)
    typed = CLOCK_TIME.convert(end, None, None)
    assert isinstance(typed, TimeOfDay)
    assert typed.after(start, SHANGHAI, NIGHT) == start + hours * 3_600
