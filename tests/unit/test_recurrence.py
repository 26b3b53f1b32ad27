"""Cron lines in zones: the vectors, the table for gaps and folds, and what an event may say instead of it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from worker.recurrence import (
    CronRefused,
    Occurrence,
    ZoneUnknown,
    fixed_time,
    recurrence,
    starts,
    wall_clock_end,
    zone,
)

VECTORS = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "data" / "time.jsonl").read_text().splitlines()
]
DAY = 86_400
BERLIN, NEW_YORK, APIA = "Europe/Berlin", "America/New_York", "Pacific/Apia"


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def reading(text: str) -> int:
    return instant(f"{text}+00:00")


def local(cron: str, timezone: str, since: str, until: str, **dst: Any) -> list[str]:
    """The starts between two instants, as the zone's clock shows them, with its offset."""
    found = recurrence(cron, timezone, **dst).starts(instant(since), instant(until))
    clock = ZoneInfo(timezone)
    return [f"{datetime.fromtimestamp(at, clock):%d %H:%M%z}" for at in found]


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: f"{case['cron']} {case['tz']} {case['from']}")
def test_every_vector_gives_its_starts(case: dict[str, Any]) -> None:
    assert starts(case["cron"], case["tz"], instant(case["from"]), instant(case["to"])) == case["starts"]


SPRING = ("2027-03-27T12:00Z", "2027-03-29T00:00Z")
AUTUMN = ("2027-10-30T12:00Z", "2027-11-01T00:00Z")


def test_a_daily_show_whose_time_is_jumped_over_airs_at_the_jump() -> None:
    assert local("30 2 * * *", BERLIN, *SPRING) == ["28 03:00+0200"]


def test_a_daily_show_airs_once_on_the_night_the_clock_goes_back() -> None:
    assert local("30 2 * * *", BERLIN, *AUTUMN) == ["31 02:30+0200"]


def test_an_hourly_bulletin_leaves_out_the_hour_that_never_comes() -> None:
    assert local("30 * * * *", BERLIN, "2027-03-27T23:45Z", "2027-03-28T02:45Z") == [
        "28 01:30+0100", "28 03:30+0200", "28 04:30+0200"]  # fmt: skip


def test_an_hourly_bulletin_airs_in_both_passes_of_an_hour_that_comes_twice() -> None:
    assert local("30 * * * *", BERLIN, "2027-10-30T23:45Z", "2027-10-31T02:45Z") == [
        "31 02:30+0200", "31 02:30+0100", "31 03:30+0100"]  # fmt: skip


@pytest.mark.parametrize("hours", ["*", "*/1", "0-23", "0-11,12-23"])
def test_what_counts_is_the_set_of_hours_and_not_how_it_was_typed(hours: str) -> None:
    assert len(local(f"30 {hours} * * *", BERLIN, *AUTUMN)) == 36


def test_twenty_three_hours_are_fixed_times() -> None:
    assert local("30 0-22 * * *", BERLIN, *AUTUMN).count("31 02:30+0100") == 0


def test_several_times_swallowed_by_one_jump_are_one_start() -> None:
    assert local("0,30 2,3 * * *", BERLIN, *SPRING) == ["28 03:00+0200", "28 03:30+0200"]


def test_an_event_may_skip_a_gap_though_its_time_is_fixed() -> None:
    assert local("30 2 * * *", BERLIN, *SPRING, gap="skip") == []


def test_an_event_may_air_in_both_passes_though_its_time_is_fixed() -> None:
    assert local("30 2 * * *", BERLIN, *AUTUMN, fold="both") == ["31 02:30+0200", "31 02:30+0100"]


def test_an_hourly_event_may_shift_to_the_jump() -> None:
    assert local("30 * * * *", BERLIN, "2027-03-28T00:45Z", "2027-03-28T01:45Z", gap="shift") == [
        "28 03:00+0200", "28 03:30+0200"]  # fmt: skip


def test_an_hourly_event_may_air_in_the_first_pass_alone() -> None:
    assert local("30 * * * *", BERLIN, "2027-10-30T23:45Z", "2027-10-31T02:45Z", fold="first") == [
        "31 02:30+0200", "31 03:30+0100"]  # fmt: skip


@pytest.mark.parametrize("gap", ["shift", "skip", None])
def test_nothing_starts_on_a_date_that_is_missing(gap: Any) -> None:
    week = ("2011-12-29T00:00-10:00", "2012-01-01T00:00+14:00")
    assert local("0 12 * * *", APIA, *week, gap=gap) == ["29 12:00-1000", "31 12:00+1400"]


def test_a_jump_to_an_odd_second_is_rounded_up_to_the_next_minute() -> None:
    # Monrovia went from -00:44:30 to UTC at 1972-01-07 00:00 local, which was 00:44:30 UTC.
    jump = ("1972-01-07T00:00Z", "1972-01-07T02:00Z")
    assert local("20 0 * * *", "Africa/Monrovia", *jump) == ["07 00:45+0000"]


def test_seconds_are_the_sixth_field() -> None:
    found = starts("0 12 * * * 15,45", "UTC", 0, DAY)
    assert found == [12 * 3600 + 15, 12 * 3600 + 45]


def test_the_range_includes_its_start_and_excludes_its_end() -> None:
    assert starts("0 * * * *", "UTC", 3600, 7200) == [3600]


def test_an_empty_or_backward_range_has_no_starts() -> None:
    assert starts("* * * * *", "UTC", 60, 60) == starts("* * * * *", "UTC", 120, 60) == []


def test_a_range_beyond_what_calendars_know_is_cut_to_what_they_do() -> None:
    assert len(starts("0 0 29 2 *", "UTC", -(10**15), 10**15)) == 2424


def test_starts_before_1970_are_negative() -> None:
    assert starts("0 12 * * *", "UTC", -DAY, 0) == [-DAY // 2]


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("0 20 * * *", "2026-11-23T20:00+01:00", "2026-11-24T20:00+01:00"),
        ("0 20 * * *", "2026-11-23T19:59:59+01:00", "2026-11-23T20:00+01:00"),
        ("30 2 * * *", "2027-03-27T12:00+01:00", "2027-03-28T03:00+02:00"),
        ("30 2 * * *", "2027-10-31T02:30+02:00", "2027-11-01T02:30+01:00"),
        ("30 * * * *", "2027-10-31T02:30+02:00", "2027-10-31T02:30+01:00"),
        ("0 12 29 2 *", "2028-02-29T12:00+01:00", "2032-02-29T12:00+01:00"),
        ("0 12 * 2 0#5", "2026-11-23T20:00+01:00", "2032-02-29T12:00+01:00"),
    ],
)
def test_the_next_start_is_the_first_one_after_a_moment(cron: str, after: str, expected: str) -> None:
    assert recurrence(cron, BERLIN).next_start(instant(after), 2**31) == instant(expected)


def test_there_is_no_next_start_past_the_bound() -> None:
    assert (
        recurrence("0 12 29 2 *", BERLIN).next_start(
            instant("2028-03-01T00:00Z"), instant("2032-01-01T00:00Z")
        )
        is None
    )


def test_an_occurrence_tells_its_nominal_reading_and_what_the_clock_did_to_it() -> None:
    found = list(recurrence("15,30 2 * * *", BERLIN).occurrences(*map(instant, SPRING)))
    jump = instant("2027-03-28T03:00+02:00")
    assert found == [
        Occurrence(jump, reading("2027-03-28T02:15"), "dst-gap-shifted"),
        Occurrence(jump, reading("2027-03-28T02:30"), "dst-gap-shifted"),
    ]


def test_both_passes_of_a_repeat_are_noted() -> None:
    found = recurrence("30 2,3 * * *", BERLIN, fold="both").occurrences(*map(instant, AUTUMN))
    assert [o.note for o in found] == ["dst-fold", "dst-fold", ""]


@pytest.mark.parametrize(
    ("timezone", "shown", "expected"),
    [
        (BERLIN, "2027-03-28T01:59", "2027-03-28T01:59+01:00"),
        (BERLIN, "2027-03-28T02:00", "2027-03-28T03:00+02:00"),
        (BERLIN, "2027-03-28T02:59", "2027-03-28T03:00+02:00"),
        (BERLIN, "2027-10-31T02:30", "2027-10-31T02:30+02:00"),
        (BERLIN, "2027-10-31T03:00", "2027-10-31T03:00+01:00"),
        (APIA, "2011-12-30T12:00", "2011-12-31T00:00+14:00"),
    ],
)
def test_a_reading_becomes_the_first_instant_that_shows_it_or_the_jump(
    timezone: str, shown: str, expected: str
) -> None:
    assert fixed_time(zone(timezone), reading(shown)).at == instant(expected)


def end(timezone: str, start: str, ending: str, at: str | None = None) -> int | None:
    found = fixed_time(zone(timezone), reading(start))
    return wall_clock_end(
        zone(timezone), found if at is None else found._replace(at=instant(at)), reading(ending)
    )


@pytest.mark.parametrize(
    ("timezone", "start", "ending", "seconds"),
    [
        (BERLIN, "2027-03-28T02:30", "2027-03-28T03:30", 1800),
        (BERLIN, "2027-03-28T01:30", "2027-03-28T02:30", 1800),
        (BERLIN, "2027-03-27T22:00", "2027-03-27T06:00", 25200),
        (NEW_YORK, "2027-11-07T01:00", "2027-11-07T02:00", 7200),
        (NEW_YORK, "2027-11-06T23:00", "2027-11-06T01:30", 9000),
    ],
)
def test_a_wall_clock_end_follows_the_clock(timezone: str, start: str, ending: str, seconds: int) -> None:
    assert end(timezone, start, ending) == fixed_time(zone(timezone), reading(start)).at + seconds


def test_there_is_no_end_where_the_jump_swallows_start_and_end() -> None:
    assert end(BERLIN, "2027-03-28T02:15", "2027-03-28T02:45") is None


def test_an_end_that_is_not_later_than_the_start_is_the_next_days() -> None:
    assert end("UTC", "2026-11-23T20:00", "2026-11-23T20:00") == instant("2026-11-24T20:00Z")


def test_an_end_may_be_given_a_day_or_more_before_the_start() -> None:
    assert end("UTC", "2026-11-24T01:30", "2026-11-23T01:00") == instant("2026-11-25T01:00Z")


def test_a_start_in_the_second_pass_ends_in_the_second_pass() -> None:
    second = "2027-10-31T02:15+01:00"
    assert end(BERLIN, "2027-10-31T02:15", "2027-10-31T02:45", second) == instant("2027-10-31T02:45+01:00")


def test_what_cannot_be_used_is_a_value_error_with_a_hint() -> None:
    for cron, timezone, kind in (("61 * * * *", "UTC", CronRefused), ("@daily", "Mars/Base", ZoneUnknown)):
        with pytest.raises(ValueError) as caught:
            starts(cron, timezone, 0, 1)
        assert isinstance(caught.value, kind)
        assert caught.value.hint
