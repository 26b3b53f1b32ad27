"""Recurrence rules: which are refused, which times they mean, and what a change of the clock does to them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests import oracle
from worker.recurrence import RuleRefused, parse_rule, recurrence, rrule_recurrence
from worker.recurrence.rrule import MOST_COUNTED, rule_pattern

DAY = 86_400
BERLIN, NEW_YORK, APIA, LORD_HOWE = "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"
VECTORS = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "data" / "time.jsonl").read_text().splitlines()
]
MACROS = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text)


def instant(text: str) -> int:
    return int(naive(text).timestamp())


def local(rule: str, dtstart: str, zone: str, since: str, until: str, **dst: Any) -> list[str]:
    """The starts between two instants, as the zone's clock shows them, with its offset."""
    found = rrule_recurrence(rule, naive(dtstart), zone, **dst).starts(instant(since), instant(until))
    return [f"{datetime.fromtimestamp(at, ZoneInfo(zone)):%d %H:%M%z}" for at in found]


def dates(rule: str, dtstart: str, most: int = 5) -> list[str]:
    """The first dates of a rule."""
    pattern, found = rule_pattern(rule, naive(dtstart)), []
    for midnight, _ in pattern.days(pattern.start, pattern.start + 30 * 366 * DAY):
        found.append(f"{datetime.fromtimestamp(midnight, ZoneInfo('UTC')):%Y-%m-%d}")
        if len(found) == most:
            break
    return found


def times(rule: str, dtstart: str, most: int = 5) -> list[str]:
    """The first readings of a rule, in days and times of day."""
    pattern = rule_pattern(rule, naive(dtstart))
    days = pattern.days(pattern.start, pattern.start + 400 * DAY)
    readings = (timedelta(seconds=midnight + time) for midnight, some in days for time in some)
    found = (f"{datetime(1970, 1, 1) + reading:%d %H:%M}" for reading in readings)  # noqa: DTZ001
    return [each for each, _ in zip(found, range(most), strict=False)]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("", "a part is empty"),
        ("every Monday", "has no ="),
        ("FREQ=DAILY;", "a part is empty"),
        ("BYDAY=MO", "FREQ is missing"),
        ("FREQ=FORTNIGHTLY", "there is no frequency 'FORTNIGHTLY'"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ is given twice"),
        ("FREQ=DAILY;BYHOUR=8;BYHOUR=20", "BYHOUR is given twice"),
        ("FREQ=DAILY;INTERVALL=2", "there is no 'INTERVALL'"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 is not a number from 1 on"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1 is not a number from 1 on"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0 is not a number from 1 on"),
        (f"FREQ=DAILY;COUNT={MOST_COUNTED + 1}", "COUNT=10001 is more than 10,000"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261231", "COUNT and UNTIL both"),
        ("FREQ=DAILY;UNTIL=2026-12-31", "'2026-12-31' is no date"),
        ("FREQ=DAILY;UNTIL=20260230", "'20260230' is no date"),
        ("FREQ=DAILY;UNTIL=20261231Z", "'20261231Z' is no date"),
        ("FREQ=DAILY;UNTIL=20261231T250000", "'20261231T250000' is no date"),
        ("FREQ=WEEKLY;WKST=MONDAY", "'MONDAY' is no weekday"),
        ("FREQ=WEEKLY;BYDAY=", "BYDAY has no ''"),
        ("FREQ=WEEKLY;BYDAY=MON", "BYDAY has no 'MON'"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY has no '0MO'"),
        ("FREQ=YEARLY;BYDAY=54MO", "BYDAY has no '54MO'"),
        ("FREQ=MONTHLY;BYDAY=6MO", "6MO: no month has so many"),
        ("FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO", "-6MO: no month has so many"),
        ("FREQ=WEEKLY;BYDAY=2MO", "2MO counts within a month or year"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO", "1MO cannot be counted beside BYWEEKNO"),
        ("FREQ=MONTHLY;BYWEEKNO=20;BYDAY=MO", "BYWEEKNO means nothing beside FREQ=MONTHLY"),
        ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO alone means one day of the week to some"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY means nothing beside FREQ=MONTHLY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY means nothing beside FREQ=WEEKLY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS chooses from what other parts give"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS has no '0'"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY has no '0'"),
        ("FREQ=MONTHLY;BYMONTHDAY=-32", "BYMONTHDAY has no '-32'"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH has no '13'"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR has no '24'"),
        ("FREQ=DAILY;BYHOUR=-1", "BYHOUR has no '-1'"),
        ("FREQ=DAILY;BYHOUR=8, 20", "BYHOUR has no ' 20'"),
        ("FREQ=DAILY;BYSECOND=60", "BYSECOND has no '60'"),
        ("FREQ=YEARLY;BYEASTER=0", "BYEASTER is not part of RFC 5545"),
        ("DTSTART:20261102T200000\nRRULE:FREQ=DAILY", "DTSTART is no part of a rule"),
        ("RRULE:FREQ=DAILY\nEXDATE:20261102T200000", "EXDATE is no part of a rule"),
    ],
)  # fmt: skip
def test_a_rule_that_the_rfc_forbids_or_leaves_open_is_refused_with_what_to_do(rule: str, said: str) -> None:
    with pytest.raises(RuleRefused) as caught:
        parse_rule(rule)
    assert said in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    "rule", ["RRULE:FREQ=WEEKLY;BYDAY=MO", "byday=mo;freq=weekly", " FREQ=WEEKLY;BYDAY=MO\n"]
)
def test_prefix_order_and_case_make_no_difference(rule: str) -> None:
    assert parse_rule(rule) == parse_rule("FREQ=WEEKLY;BYDAY=MO")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3",
        "FREQ=YEARLY;BYYEARDAY=1;BYMONTH=2",
        "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=2",
        "FREQ=HOURLY;INTERVAL=2;BYHOUR=9",
        "FREQ=SECONDLY;INTERVAL=86400;BYHOUR=3",
        "FREQ=DAILY;BYHOUR=8;BYSETPOS=2",
    ],
)
def test_a_rule_of_which_nothing_ever_comes_is_refused(rule: str) -> None:
    with pytest.raises(RuleRefused, match="nothing comes of it"):
        rule_pattern(rule, naive("2026-11-03T20:00"))


@pytest.mark.parametrize("until", ["20261101", "20261102T195959", "20261102T115959Z"])
def test_a_rule_that_is_over_before_it_has_begun_is_refused(until: str) -> None:
    with pytest.raises(RuleRefused, match="ends before anything comes of it"):
        rrule_recurrence(f"FREQ=DAILY;UNTIL={until}", naive("2026-11-02T20:00"), "Asia/Shanghai")


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20261104", "04 20:00"),
        ("20261104T200000", "04 20:00"),
        ("20261104T195959", "03 20:00"),
        ("20261104T120000Z", "04 20:00"),
        ("20261104T115959Z", "03 20:00"),
    ],
)  # fmt: skip
def test_until_is_a_whole_date_a_time_of_the_clock_or_a_moment_in_utc(until: str, last: str) -> None:
    window = ("2026-11-01T00:00Z", "2026-12-01T00:00Z")
    found = local(f"FREQ=DAILY;UNTIL={until}", "2026-11-02T20:00", "Asia/Shanghai", *window)
    assert found[-1].startswith(last)


def test_until_in_utc_tells_the_two_passes_of_an_hour_apart() -> None:
    rule, night = "FREQ=HOURLY;UNTIL=20271031T{}Z", ("2027-10-30T23:45Z", "2027-10-31T02:45Z")
    assert local(rule.format("003000"), "2027-10-30T20:30", BERLIN, *night) == ["31 02:30+0200"]
    assert local(rule.format("013000"), "2027-10-30T20:30", BERLIN, *night)[1:] == ["31 02:30+0100"]


def test_a_count_is_of_readings_and_one_that_the_clock_jumps_over_counts() -> None:
    around = ("2027-03-26T00:00Z", "2027-04-02T00:00Z")
    found = local("FREQ=DAILY;COUNT=3", "2027-03-27T02:30", BERLIN, *around, gap="skip")
    assert found == ["27 02:30+0100", "29 02:30+0200"]


def test_dtstart_is_no_start_unless_the_rule_admits_it_and_does_not_count() -> None:
    assert dates("FREQ=WEEKLY;BYDAY=FR;COUNT=2", "2026-11-02T20:00") == ["2026-11-06", "2026-11-13"]


@pytest.mark.parametrize(
    ("rule", "dtstart", "expected"),
    [
        ("FREQ=YEARLY", "2024-02-29T20:00", ["2024-02-29", "2028-02-29", "2032-02-29"]),
        ("FREQ=YEARLY;BYYEARDAY=366", "2024-12-31T20:00", ["2024-12-31", "2028-12-31", "2032-12-31"]),
        ("FREQ=YEARLY;BYYEARDAY=-366", "2024-01-01T20:00", ["2024-01-01", "2028-01-01", "2032-01-01"]),
        ("FREQ=MONTHLY", "2026-12-31T20:00", ["2026-12-31", "2027-01-31", "2027-03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2027-12-31T20:00", ["2027-12-31", "2028-01-31", "2028-02-29"]),
        ("FREQ=MONTHLY;BYMONTHDAY=29,-29", "2027-01-31T20:00", ["2027-03-03", "2027-03-29", "2027-04-02"]),
        ("FREQ=MONTHLY;BYDAY=5SU", "2026-11-29T20:00", ["2026-11-29", "2027-01-31", "2027-02-28"][:2]),
        ("FREQ=WEEKLY;INTERVAL=2", "2026-12-24T20:00", ["2026-12-24", "2027-01-07", "2027-01-21"]),
        ("FREQ=DAILY;INTERVAL=3", "2026-12-30T20:00", ["2026-12-30", "2027-01-02", "2027-01-05"]),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "2020-12-28T20:00", ["2020-12-28", "2026-12-28", "2032-12-27"]),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2018-12-31T20:00", ["2018-12-31", "2019-12-30", "2021-01-04"]),
        ("FREQ=YEARLY;BYWEEKNO=52;BYDAY=SU", "2010-12-31T20:00", ["2011-01-02", "2012-01-01", "2012-12-30"]),
        ("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", "2010-12-31T20:00", ["2011-01-02", "2012-01-01", "2012-12-30"]),
        ("FREQ=YEARLY;INTERVAL=6;BYWEEKNO=53;BYDAY=SA", "2010-01-02T20:00", ["2010-01-02", "2016-01-02"]),
        ("FREQ=MONTHLY;BYDAY=MO,2TU", "2026-11-03T20:00", ["2026-11-09", "2026-11-10", "2026-11-16"]),
        ("FREQ=YEARLY;BYDAY=1MO,FR", "2027-01-01T20:00", ["2027-01-01", "2027-01-04", "2027-01-08"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", "2026-11-04T20:00", ["2026-11-09", "2026-11-16"]),
        ("FREQ=WEEKLY;BYDAY=SU,MO;BYSETPOS=-1;WKST=SU", "2026-12-28T20:00", ["2026-12-28", "2027-01-04"]),
        ("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-11-01T20:00", ["2026-12-31", "2027-12-31"]),
    ],
)  # fmt: skip
def test_dates_at_the_edges_of_months_weeks_and_years(rule: str, dtstart: str, expected: list[str]) -> None:
    assert dates(rule, dtstart, len(expected)) == expected


def test_positions_count_times_and_not_days_where_there_are_several_a_day() -> None:
    rule = "FREQ=MONTHLY;BYDAY=MO;BYHOUR=8,20;BYSETPOS=2,-1"
    assert times(rule, "2026-11-01T08:00", 4) == ["02 20:00", "30 20:00", "07 20:00", "28 20:00"]
    assert times("FREQ=HOURLY;BYMINUTE=0,20,40;BYSETPOS=-1", "2026-11-01T08:00", 2) == [
        "01 08:40",
        "01 09:40",
    ]


def test_hours_are_counted_from_the_start_across_midnight() -> None:
    found = times("FREQ=HOURLY;INTERVAL=7", "2026-11-01T20:15", 5)
    assert found == ["01 20:15", "02 03:15", "02 10:15", "02 17:15", "03 00:15"]


@pytest.mark.parametrize(
    ("rule", "every"),
    [
        ("FREQ=DAILY", False),
        ("FREQ=HOURLY", True),
        ("FREQ=HOURLY;INTERVAL=7", True),
        ("FREQ=HOURLY;INTERVAL=9", False),
        ("FREQ=HOURLY;BYHOUR=8,9", False),
        ("FREQ=HOURLY;BYDAY=MO", True),
        ("FREQ=MINUTELY;INTERVAL=90", False),
        ("FREQ=MINUTELY;INTERVAL=100", True),
        ("FREQ=MINUTELY;INTERVAL=25", True),
        ("FREQ=MINUTELY;INTERVAL=45;BYMINUTE=30", False),
        ("FREQ=SECONDLY;INTERVAL=7", True),
        ("FREQ=SECONDLY;INTERVAL=7200", False),
        (f"FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))}", True),
        (f"FREQ=WEEKLY;BYHOUR={','.join(map(str, range(24)))};BYSETPOS=1,2", False),
    ],
)
def test_a_rule_is_interval_like_if_its_times_may_lie_in_every_hour(rule: str, every: bool) -> None:
    assert rule_pattern(rule, naive("2026-11-02T20:30")).every_hour == every


SPRING = ("2027-03-27T12:00Z", "2027-03-29T00:00Z")
AUTUMN = ("2027-10-30T12:00Z", "2027-11-01T00:00Z")


@pytest.mark.parametrize(
    ("rule", "dtstart", "zone", "between", "expected"),
    [
        ("FREQ=DAILY", "2026-01-01T02:30", BERLIN, SPRING, ["28 03:00+0200"]),
        ("FREQ=DAILY", "2026-01-01T02:30", BERLIN, AUTUMN, ["31 02:30+0200"]),
        ("FREQ=DAILY", "2026-01-01T02:30", NEW_YORK, ("2027-03-14T00:00Z", "2027-03-15T00:00Z"),
         ["14 03:00-0400"]),
        ("FREQ=DAILY", "2026-01-01T01:30", NEW_YORK, ("2027-11-07T05:00Z", "2027-11-08T05:00Z"),
         ["07 01:30-0400"]),
        ("FREQ=DAILY", "2026-01-01T02:15", LORD_HOWE, ("2027-10-02T12:00Z", "2027-10-03T12:00Z"),
         ["03 02:30+1100"]),
        ("FREQ=HOURLY", "2026-01-01T00:15", LORD_HOWE, ("2027-04-03T14:00Z", "2027-04-03T17:00Z"),
         ["04 01:15+1100", "04 02:15+1030", "04 03:15+1030"]),
        ("FREQ=HOURLY", "2026-01-01T00:30", BERLIN, ("2027-03-27T23:45Z", "2027-03-28T02:45Z"),
         ["28 01:30+0100", "28 03:30+0200", "28 04:30+0200"]),
        ("FREQ=HOURLY", "2026-01-01T00:30", BERLIN, ("2027-10-30T23:45Z", "2027-10-31T02:45Z"),
         ["31 02:30+0200", "31 02:30+0100", "31 03:30+0100"]),
        ("FREQ=HOURLY;INTERVAL=2", "2026-01-01T00:30", BERLIN, ("2027-03-27T22:45Z", "2027-03-28T02:45Z"),
         ["28 00:30+0100", "28 03:00+0200", "28 04:30+0200"]),
        ("FREQ=DAILY", "2011-12-28T12:00", APIA, ("2011-12-29T12:00Z", "2011-12-31T12:00Z"),
         ["29 12:00-1000", "31 12:00+1400"]),
    ],
)  # fmt: skip
def test_a_change_of_the_clock_does_to_a_rule_what_it_does_to_a_cron_line(
    rule: str, dtstart: str, zone: str, between: tuple[str, str], expected: list[str]
) -> None:
    assert local(rule, dtstart, zone, *between) == expected


def test_an_event_may_have_it_otherwise() -> None:
    rule = ("FREQ=DAILY", "2026-01-01T02:30", BERLIN)
    assert local(*rule, *SPRING, gap="skip") == []
    assert local(*rule, *AUTUMN, fold="both") == ["31 02:30+0200", "31 02:30+0100"]


def listed(values: set[int]) -> str:
    return ",".join(map(str, sorted(values)))


def as_rule(cron: str) -> str | None:
    """The cron line as a rule; ``None`` for one that means either of two kinds of days."""
    fields = MACROS.get(cron, cron).lower().split()
    minute, hour, day, month, weekday, second = [*fields, "0"][:6]
    if day not in "*?" and weekday not in "*?":
        return None
    parts = [
        f"BYHOUR={listed(oracle.values(hour, 0, 23))}",
        f"BYMINUTE={listed(oracle.values(minute, 0, 59))}",
    ]
    parts += [f"BYSECOND={listed(oracle.values(second, 0, 59))}", "FREQ=MONTHLY"]
    parts += [f"BYMONTH={listed(oracle.values(month, 1, 12))}"]
    days = {-1 if part == "l" else day for part in day.split(",") for day in month_days(part)}
    named = (name for part in weekday.split(",") for name in weekdays(part))
    return ";".join([*parts, f"BYMONTHDAY={listed(days)}", f"BYDAY={','.join(named)}"])


def month_days(part: str) -> set[int]:
    return {-1} if part == "l" else oracle.values(part.replace("?", "*"), 1, 31)


def weekdays(part: str) -> list[str]:
    if part.startswith("l"):
        return [f"-1{WEEKDAYS[int(part[1:]) % 7]}"]
    if "#" in part:
        which, n = part.split("#")
        return [f"{n}{WEEKDAYS[oracle.number(which) % 7]}"]
    numbers = oracle.values(part.replace("?", "*").replace("-sun", "-7"), 0, 6)
    return [WEEKDAYS[n] for n in sorted({number % 7 for number in numbers})]


@pytest.mark.parametrize(
    "case",
    [case for case in VECTORS if as_rule(case["cron"]) and case["to"] < "2100"],
    ids=lambda case: f"{case['cron']} {case['tz']} {case['from']}",
)
def test_every_vector_that_can_be_written_as_a_rule_gives_the_same_starts(case: dict[str, Any]) -> None:
    rule, since = as_rule(case["cron"]), instant(case["from"])
    dtstart = datetime.fromtimestamp(since, ZoneInfo("UTC")).replace(tzinfo=None) - timedelta(days=40)
    assert rule
    found = rrule_recurrence(rule, dtstart, case["tz"])
    assert found.starts(since, instant(case["to"])) == case["starts"]
    assert found.next_start(since - 1, instant(case["to"])) == next(iter(case["starts"]), None)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=8,20", ["07 08:00", "07 20:00"]),
        ("FREQ=WEEKLY;BYDAY=MO;BYHOUR=8,20;BYSETPOS=-1", ["07 20:00"]),
        ("FREQ=MINUTELY;INTERVAL=600;BYDAY=MO", ["07 00:00", "07 10:00", "07 20:00"]),
        ("FREQ=DAILY;BYMONTH=1", []),
        ("FREQ=YEARLY", []),
        ("FREQ=DAILY;UNTIL=20261106", []),
        ("FREQ=DAILY;COUNT=5", []),
        ("FREQ=DAILY;COUNT=6", ["07 20:00"]),
    ],
)
def test_opened_a_rule_starts_at_its_times_on_any_day_of_its_months_while_it_lasts(
    rule: str, expected: list[str]
) -> None:
    saturday = instant("2026-11-07T00:00+00:00")
    start = naive("2026-11-02T20:00") if "YEARLY" not in rule else naive("2026-01-02T20:00")
    days = rule_pattern(rule, start).opened().days(saturday, saturday + DAY)
    assert [f"07 {t // 3600:02}:{t % 3600 // 60:02}" for _, some in days for t in some] == expected


def test_opened_a_cron_line_starts_at_its_times_on_any_day_of_its_months() -> None:
    opened = recurrence("0 8,20 * 11 1-5", "UTC").pattern.opened()
    saturday, december = instant("2026-11-07T00:00+00:00"), instant("2026-12-01T00:00+00:00")
    assert list(opened.days(saturday, saturday + DAY)) == [(saturday, (8 * 3600, 20 * 3600))]
    assert opened.first(december) == instant("2027-11-01T08:00+00:00")
