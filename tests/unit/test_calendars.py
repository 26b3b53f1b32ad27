"""Days off, make-up workdays and written dates: what the notices say, and nothing that nobody knows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.calendars import CalendarUnknown, Days, Part, chosen, country_days, left_out
from worker.recurrence.cron import parse
from worker.recurrence.pattern import DAY

# 国务院办公厅关于2025年部分节假日安排的通知（国办发明电〔2024〕12号）
OFF_2025 = (
    "01-01 01-28..02-04 04-04..04-06 05-01..05-05 05-31..06-02 10-01..10-08",
    "01-26 02-08 04-27 09-28 10-11",
)
# 国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）
OFF_2026 = (
    "01-01..01-03 02-15..02-23 04-04..04-06 05-01..05-05 06-19..06-21 09-25..09-27 10-01..10-07",
    "01-04 02-14 02-28 05-09 09-20 10-10",
)
HOLIDAYS = country_days("cn.holidays", "CN", "", "holidays")
WORKDAYS = country_days("cn.workdays", "CN", "", "workdays")


def reading(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def dates(year: int, text: str) -> set[date]:
    """The dates of a notice, as it writes them."""
    found: set[date] = set()
    for run in text.split():
        first, _, last = run.partition("..")
        begin, end = (date.fromisoformat(f"{year}-{each}") for each in (first, last or first))
        found |= {begin + timedelta(days=n) for n in range((end - begin).days + 1)}
    return found


def days_of(days: Days, year: int) -> set[date]:
    low, high = reading(f"{year}-01-01"), reading(f"{year + 1}-01-01")
    return {date(1970, 1, 1) + timedelta(days=begin // DAY) for begin, _ in days.between(low, high)}


@pytest.mark.parametrize(("year", "notice"), [(2025, OFF_2025), (2026, OFF_2026)])
def test_chinas_days_are_those_of_the_notice(year: int, notice: tuple[str, str]) -> None:
    off, worked = notice
    assert days_of(HOLIDAYS, year) == dates(year, off)
    assert days_of(WORKDAYS, year) == dates(year, worked)


@pytest.mark.parametrize("year", range(2007, 2027))
def test_another_reading_of_the_notices_finds_the_same_workdays_and_no_day_off_more(year: int) -> None:
    off = {day for day in chinese_calendar.holidays if day.year == year}
    worked = {day for day in chinese_calendar.workdays if day.year == year}
    assert days_of(WORKDAYS, year) == worked
    beyond = days_of(HOLIDAYS, year) - off  # weekends of which a notice says 与周末连休, but not which days
    assert off <= days_of(HOLIDAYS, year)
    assert all(day.weekday() >= 5 for day in beyond)


def test_a_year_without_a_notice_is_known_to_be_unknown_and_not_guessed() -> None:
    low, high = reading("2026-11-23"), reading("2027-11-23")
    assert HOLIDAYS.unknown_years(low, high) == WORKDAYS.unknown_years(low, high) == (2027,)
    assert days_of(HOLIDAYS, 2027) == days_of(WORKDAYS, 2027) == set()


def test_a_year_counts_by_the_readings_that_are_asked_for() -> None:
    lankan = country_days("lk.holidays", "LK", "", "holidays")  # for which the library ends with 2026
    assert lankan.unknown_years(reading("2026-01-01"), reading("2027-01-01")) == ()
    assert lankan.unknown_years(reading("2026-01-01"), reading("2027-01-01") + 1) == (2027,)


def test_the_last_days_of_december_belong_to_the_notice_of_the_year_after() -> None:
    assert HOLIDAYS.unknown_years(reading("2026-01-01"), reading("2026-12-25")) == ()
    assert HOLIDAYS.unknown_years(reading("2026-01-01"), reading("2026-12-29")) == (2027,)
    assert date(2018, 12, 29) in days_of(WORKDAYS, 2018)
    assert {date(2018, 12, 30), date(2018, 12, 31)} <= days_of(HOLIDAYS, 2018)


def test_holidays_that_follow_from_a_rule_are_known_for_years() -> None:
    german = country_days("de.holidays", "DE", "", "holidays")
    assert german.unknown_years(reading("2026-01-01"), reading("2036-01-01")) == ()
    assert date(2030, 10, 3) in days_of(german, 2030)


def test_a_part_of_a_country_has_its_own() -> None:
    bavarian = country_days("by.holidays", "DE", "BY", "holidays")
    german = country_days("de.holidays", "DE", "", "holidays")
    assert date(2026, 1, 6) in days_of(bavarian, 2026) - days_of(german, 2026)


def test_make_up_workdays_that_are_not_decreed_yet_are_unknown() -> None:
    hungarian = country_days("hu.workdays", "HU", "", "workdays")
    assert hungarian.unknown_years(reading("2030-01-01"), reading("2031-01-01")) == (2030,)


@pytest.mark.parametrize(
    ("country", "subdivision", "part", "word"),
    [
        ("XX", "", "holidays", "'XX'"),
        ("cn", "", "holidays", "'cn'"),
        ("DE", "ZZ", "holidays", "'ZZ'"),
        ("DE", "", "workdays", "no make-up workdays"),
    ],
)
def test_what_there_is_not_is_refused_with_a_hint(
    country: str, subdivision: str, part: Part, word: str
) -> None:
    with pytest.raises(CalendarUnknown) as caught:
        country_days("x", country, subdivision, part)
    assert word in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("called", "code"), [("cn", "CN"), ("UK", "GB"), ("China", "CN"), ("United Kingdm", "GB"), ("USA", "US")]
)
def test_a_country_that_is_called_otherwise_is_told_by_its_code(called: str, code: str) -> None:
    with pytest.raises(CalendarUnknown) as caught:
        country_days("x", called, "", "holidays")
    assert caught.value.hint == f"did you mean {code}?"


def test_a_country_of_which_the_library_itself_warns_is_asked_without_noise() -> None:
    with pytest.raises(CalendarUnknown):
        country_days("in.workdays", "IN", "", "workdays")


def test_a_holiday_is_called_by_its_name_and_a_written_day_by_its_reason() -> None:
    assert HOLIDAYS.why(reading("2026-10-01T20:00")) == "National Day"
    assert HOLIDAYS.why(reading("2026-10-01T20:00"), "zh") == "国庆节"
    works = Days(name="works", reason="Transmitter works", spans=((0, DAY),))
    assert works.why(5) == "Transmitter works"


# What they do to a line.


def starts(cron: str, skip: list[Days], also: list[Days], since: str, until: str) -> list[str]:
    line = chosen(parse(cron), skip, also)
    found = [midnight + t for midnight, times in line.days(reading(since), reading(until)) for t in times]
    return [f"{datetime.fromtimestamp(each, UTC):%m-%d %H:%M}" for each in found]


def test_a_weekday_show_airs_on_make_up_days_and_not_on_a_holiday_friday() -> None:
    found = starts("30 18 * * 1-5", [HOLIDAYS], [WORKDAYS], "2026-09-18", "2026-10-11")
    played = [each.removesuffix(" 18:30") for each in found]
    assert played[:6] == ["09-18", "09-20", "09-21", "09-22", "09-23", "09-24"]  # Friday, Sunday, Monday, ...
    assert played[6:] == ["09-28", "09-29", "09-30", "10-08", "10-09", "10-10"]  # ..., Friday, Saturday


def test_an_added_day_on_which_it_starts_anyway_changes_nothing() -> None:
    daily = starts("0 20 * * *", [], [WORKDAYS], "2026-09-18", "2026-09-22")
    assert daily == [f"09-{day} 20:00" for day in (18, 19, 20, 21)]


def test_each_line_has_all_its_times_on_an_added_day() -> None:
    assert starts("0 7,12 * * 1-5", [], [WORKDAYS], "2026-09-20", "2026-09-21") == [
        "09-20 07:00",
        "09-20 12:00",
    ]


def test_months_still_count_on_an_added_day() -> None:
    assert starts("0 20 * 3-8 1-5", [], [WORKDAYS], "2026-01-01", "2026-12-31")[-1] == "08-31 20:00"
    assert "05-09 20:00" in starts("0 20 * 3-8 1-5", [], [WORKDAYS], "2026-05-01", "2026-06-01")


def test_a_day_that_is_left_out_and_added_stays_out() -> None:
    sunday = Days(name="works", spans=((reading("2026-09-20"), reading("2026-09-21")),))
    assert starts("0 20 * * 1-5", [sunday], [WORKDAYS], "2026-09-19", "2026-09-21") == []


def test_hours_that_are_left_out_leave_the_rest_of_the_day() -> None:
    night = Days(name="night", spans=((reading("2026-11-25T01:00"), reading("2026-11-25T05:00")),))
    assert starts("0 */2 * * *", [night], [], "2026-11-25", "2026-11-25T08:00") == [
        "11-25 00:00",
        "11-25 06:00",
    ]


def test_the_first_start_lies_behind_all_that_is_left_out() -> None:
    line = chosen(parse("30 18 * * *"), [HOLIDAYS], [])
    assert line.first(reading("2026-10-01")) == reading("2026-10-08T18:30")


def test_the_first_start_can_be_on_an_added_day() -> None:
    line = chosen(parse("30 18 * * 1-5"), [HOLIDAYS], [WORKDAYS])
    assert line.first(reading("2026-09-19")) == reading("2026-09-20T18:30")


def test_what_is_never_kept_has_no_first_start() -> None:
    always = Days(name="off", spans=((reading("2000-01-01"), reading("2099-01-01")),))
    line = chosen(parse("0 20 1 1 *"), [always], [])
    assert line.first(reading("2098-06-01")) == reading("2099-01-01T20:00")


_SPANS = st.lists(st.integers(0, 65), max_size=8, unique=True).map(sorted)


def written(ends: list[int]) -> Days:
    """Spans between half days, two by two."""
    base = reading("2026-09-01")
    begins, beyond = ends[::2], ends[1::2]
    pairs = zip(begins, beyond, strict=False)
    return Days(name="x", spans=tuple((base + a * DAY // 2, base + b * DAY // 2) for a, b in pairs))


@given(skip=_SPANS, also=_SPANS, cron=st.sampled_from(["0 20 * * 1-5", "*/90 * * * 0", "0 0,12 1-15 * *"]))
def test_what_is_kept_and_what_is_left_out_are_all_there_is(
    skip: list[int], also: list[int], cron: str
) -> None:
    if cron.startswith("*/90"):
        cron = "30 */5 * * 0"
    line, low, high = parse(cron), reading("2026-09-01"), reading("2026-10-15")
    added = chosen(line, [], [written(also)])
    kept = chosen(line, [written(skip)], [written(also)])

    def all_of(pattern: object) -> list[int]:
        return [m + t for m, times in pattern.days(low, high) for t in times]  # type: ignore[attr-defined]

    gone = [at for at, _ in left_out(added, [written(skip)], low, high)]
    assert sorted(all_of(kept) + gone) == all_of(added)
    assert all_of(kept) == sorted(set(all_of(kept)))
    first = kept.first(low)
    assert (all_of(kept) or [None])[0] == (first if first is not None and first < high else None)
