"""Which cron lines are read, and which are refused with what to write instead."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.errors import ConfigError
from worker.recurrence import CronRefused, starts

YEAR = tuple(int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2027, 2028))


def dates(day: str, month: str, weekday: str) -> list[str]:
    """The dates of 2027 that three date fields admit."""
    found = starts(f"0 0 {day} {month} {weekday}", "UTC", *YEAR)
    return [f"{datetime.fromtimestamp(at, UTC):%m-%d}" for at in found]


def times(minute: str, hour: str) -> list[str]:
    """The times of one day that two fields admit."""
    found = starts(f"{minute} {hour} * * *", "UTC", 0, 86_400)
    return [f"{datetime.fromtimestamp(at, UTC):%H:%M}" for at in found]


def refusal(line: str) -> CronRefused:
    with pytest.raises(CronRefused) as caught:
        starts(line, "UTC", *YEAR)
    return caught.value


def test_l_is_the_last_day_of_the_month() -> None:
    assert dates("L", "1-4", "*") == ["01-31", "02-28", "03-31", "04-30"]


def test_a_weekday_with_a_number_is_the_nth_of_the_month() -> None:
    assert dates("*", "1-3", "MON#1,5#2") == ["01-04", "01-08", "02-01", "02-12", "03-01", "03-12"]


def test_a_fifth_weekday_comes_only_in_months_that_have_one() -> None:
    assert dates("?", "*", "1#5") == ["03-29", "05-31", "08-30", "11-29"]


def test_l_before_a_weekday_is_the_last_of_the_month() -> None:
    assert dates("*", "1,2", "L5,L7") == ["01-29", "01-31", "02-26", "02-28"]


def test_two_restricted_day_fields_mean_either() -> None:
    assert dates("13", "2", "FRI") == ["02-05", "02-12", "02-13", "02-19", "02-26"]


@pytest.mark.parametrize("every_day", ["*", "?", "*/1", "1-31"])
def test_an_open_day_field_leaves_it_to_the_other(every_day: str) -> None:
    assert len(dates(every_day, "2", "*")) == 28


@pytest.mark.parametrize("weekday", ["0", "7", "sun", "SUN", "0,7"])
def test_sunday_has_two_numbers_and_a_name(weekday: str) -> None:
    assert dates("*", "1", weekday) == ["01-03", "01-10", "01-17", "01-24", "01-31"]


@pytest.mark.parametrize("weekday", ["5-7", "fri-sun", "FRI-7", "5,6,0"])
def test_a_range_may_end_with_sunday(weekday: str) -> None:
    assert dates("*", "1", weekday)[:4] == ["01-01", "01-02", "01-03", "01-08"]


@pytest.mark.parametrize("weekday", ["0-7", "1-7", "0-6", "mon-sun", "sun-sat"])
def test_a_whole_week_is_every_day(weekday: str) -> None:
    assert len(dates("*", "*", weekday)) == 365


def test_a_step_counts_from_the_start_of_its_own_range() -> None:
    assert times("10-40/15", "22/1") == ["22:10", "22:25", "22:40", "23:10", "23:25", "23:40"]


def test_a_step_as_long_as_its_field_is_its_start() -> None:
    assert times("5/60", "*/24") == ["00:05"]


def test_a_step_from_the_last_value_is_that_value() -> None:
    assert times("59/15", "23/6") == ["23:59"]


@pytest.mark.parametrize(
    ("macro", "count"),
    [("@hourly", 8760), ("@daily", 365), ("@midnight", 365), ("@weekly", 52), ("@monthly", 12),
     ("@yearly", 1), ("@annually", 1), ("  @Daily ", 365)],
)  # fmt: skip
def test_macros_are_read(macro: str, count: int) -> None:
    assert len(starts(macro, "UTC", *YEAR)) == count


@pytest.mark.parametrize(
    "line",
    [
        "0 0 31 2 0",
        "0 0 31,L 2 *",
        "0 0 29 2 *",
        "*/15,5 * * * *",
        "0 0 1,*/7 * ?",
        "0 0 1-31 * 1",
        "\t0  0 * * * ",
    ],
)
def test_good_lines_that_look_odd_are_read(line: str) -> None:
    assert starts(line, "UTC", YEAR[0], YEAR[0] + 1464 * 86_400)


REFUSED = {
    "a day of month beside #": ("0 0 1 * 1#1", "two cron lines"),
    "a day of month beside Ld": ("0 0 15 * L5", "two cron lines"),
    "*/n beside a weekday": ("0 0 */2 * 1", "two cron lines"),
    "*/1 beside a weekday": ("0 0 */1 * 1", "two cron lines"),
    "*/n of weekdays beside a full day field": ("0 0 1-31 * */2", "two cron lines"),
    "*/n in a list beside a weekday": ("0 0 1,*/9 * 5", "two cron lines"),
    "a range of one": ("0 0 5-5 * *", "write 5"),
    "a range of one with a step": ("5-5/2 * * * *", "write 5"),
    "a range of one by name": ("0 0 * jan-jan *", "write jan"),
    "a range of one Sunday": ("0 0 * * sun-sun", "write sun"),
    "a backward range": ("0 22-2 * * *", "write 22-23,0-2"),
    "a backward range with a step": ("50-10/15 * * * *", "write 50-59,0-10"),
    "a backward range of months": ("0 0 * nov-feb *", "write 11-12,1-2"),
    "a backward range from the last value": ("0 0 * 12-1 *", "write 12,1"),
    "a backward range of weekdays": ("0 0 * * fri-mon", "write 5-6,0-1"),
    "a backward range to 0": ("0 0 * * 5-0", "write 5-6,0"),
    "a backward range from 7": ("0 0 * * 7-2", "write 0-2"),
    "7/n": ("0 0 * * 7/2", "write 0/2"),
    "plain weekdays and an nth that cover the week": ("0 0 * * 1#1,0,2,3,4,5,6", "two cron lines"),
    "a weekday and its own nth": ("0 0 * * 1#1,1", "two cron lines"),
    "W": ("0 0 15W * *", "write dates"),
    "W beside a weekday": ("0 0 15W * 1", "write dates"),
    "LW": ("0 0 LW * *", "write dates"),
    "H": ("H * * * *", "write the value"),
    "H with a range and a step": ("H(0-29)/10 * * * *", "write the value"),
    "R": ("0 R * * *", "write the value"),
    "R with a step": ("r/5 * * * *", "write the value"),
    "a step larger than its field": ("*/90 * * * *", "list"),
    "a step larger than the hours": ("0 0/25 * * *", "list"),
    "a step larger than the week": ("0 0 * * */8", "list"),
    "a step of nothing": ("*/0 * * * *", "list"),
    "* inside a list": ("*,5 * * * *", "write * alone"),
    "? inside a list": ("0 0 1,? * *", "write * alone"),
    "? outside the day fields": ("? * * * *", "write *"),
    "seven fields": ("0 0 1 1 * 0 2027", "valid_from"),
    "four fields": ("0 0 * *", "minute hour"),
    "nothing": ("  ", "minute hour"),
    "the 30th of February": ("0 0 30 2 *", "29 days"),
    "the 31st of short months": ("0 0 31 4,jun,9,11 ?", "30 days"),
    "an unknown macro": ("@reboot", "@daily"),
    "a macro with fields": ("@daily 0 * * *", "a range"),
    "a value out of range": ("60 * * * *", "0 to 59"),
    "hour 24": ("0 24 * * *", "0 to 23"),
    "day 0": ("0 0 0 * *", "1 to 31"),
    "month 13": ("0 0 * 13 *", "jan"),
    "second 60": ("0 0 * * * 60", "0 to 59"),
    "a name of another field": ("0 0 * mon *", "jan"),
    "a negative value": ("-5 * * * *", "a range"),
    "an empty item": ("1,,2 * * * *", "a range"),
    "a fraction": ("1.5 * * * *", "a range"),
    "digits of another script": ("٥ * * * *", "a range"),
    "Quartz's last Friday": ("0 0 * * 5L", "L5"),
    "a sixth Monday": ("0 0 * * 1#6", "5#2"),
    "an nth of nothing": ("0 0 * * foo#1", "5#2"),
    "L with an offset": ("0 0 L-3 * *", "L alone"),
    "L as a weekday": ("0 0 * * L", "L5"),
    "a very long number": ("9" * 5000 + " * * * *", "0 to 59"),
}


@pytest.mark.parametrize(("line", "instead"), REFUSED.values(), ids=REFUSED)
def test_what_is_misread_or_read_in_two_ways_is_refused_with_what_to_write(line: str, instead: str) -> None:
    assert instead in refusal(line).hint


def test_a_refusal_quotes_the_line_and_is_an_error_of_configuration() -> None:
    error = refusal("0 0 5-5 * *")
    assert isinstance(error, ConfigError)
    assert (
        str(error) == "cron line '0 0 5-5 * *': 5-5 is a range of one, which some read as every day of month"
    )


@pytest.mark.parametrize("hint", ["22-23,0-2 * * *", "50-59,0-10 * * * *", "0 0 * * 5-6,0-1", "0 0 * 12,1 *"])
def test_what_a_refusal_says_to_write_is_read(hint: str) -> None:
    assert starts(hint if hint.count(" ") == 4 else f"0 {hint}", "UTC", *YEAR)
