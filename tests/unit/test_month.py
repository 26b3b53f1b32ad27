"""Months and weeks, as planners see them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import window
from worker.calendars import Days, country_days
from worker.language import speaking
from worker.recurrence import zone
from worker.relay import LATEST_SECOND
from worker.web.month import (
    FIRST_YEAR,
    LAST_YEAR,
    Day,
    Grid,
    Leaf,
    NoSuchLeaf,
    Special,
    grid,
    midnight,
    month_of,
    named_month,
    named_week,
    special_days,
    week_of,
)
from worker.windows import Window

HOUR = 3_600
SHANGHAI = "Asia/Shanghai"
NIGHT = date(2026, 11, 27)
days = st.dates(date(FIRST_YEAR, 1, 5), date(LAST_YEAR, 12, 26))


def starts(hours: float, *, day: date = NIGHT, zone_key: str = SHANGHAI) -> int:
    """The instant so many elapsed hours into the day."""
    return midnight(zone(zone_key), day) + int(hours * HOUR)


def drawn(*windows: Window, leaf: Leaf | None = None, zone_key: str = SHANGHAI, most: int = 9) -> Grid:
    return grid(leaf or month_of(NIGHT), windows, zone_key, starts(12), specials={}, most=most)


def on(shown: Grid, day: date) -> Day:
    return next(each for week in shown.weeks for each in week if each.date == day)


@given(days)
def test_a_month_is_shown_in_whole_weeks_from_monday_on(day: date) -> None:
    leaf = month_of(day)
    last = leaf.first + timedelta(days=leaf.days - 1)
    assert (leaf.first.weekday(), last.weekday()) == (0, 6)
    assert leaf.first <= day.replace(day=1) <= day <= last
    assert leaf.days in {28, 35, 42}


@given(days)
def test_a_leaf_is_found_by_its_name_and_from_the_leaves_beside_it(day: date) -> None:
    for leaf, named in ((month_of(day), named_month), (week_of(day), named_week)):
        assert named(leaf.name) == leaf
        assert not leaf.before or named(leaf.before).after == leaf.name
        assert not leaf.after or named(leaf.after).before == leaf.name


def test_a_week_is_numbered_by_the_year_of_its_thursday() -> None:
    assert (week_of(date(2027, 1, 3)).name, week_of(date(2027, 1, 4)).name) == ("2026-W53", "2027-W01")


@pytest.mark.parametrize(
    "name", ["", "2026", "2026-13", "2026-1", "1969-01", "2038-01", "9999-12", "２０２６-01"]
)
def test_what_is_no_month_is_refused(name: str) -> None:
    with pytest.raises(NoSuchLeaf, match="no month"):
        named_month(name)


@pytest.mark.parametrize("name", ["2026-11", "2026-W00", "2026-W54", "2027-W53", "1970-W01", "2038-W01"])
def test_what_is_no_week_is_refused(name: str) -> None:
    with pytest.raises(NoSuchLeaf, match="no week"):
        named_week(name)


def test_there_is_nothing_beyond_the_last_year() -> None:
    assert (month_of(date(LAST_YEAR, 12, 1)).after, month_of(date(FIRST_YEAR, 1, 1)).before) == ("", "")


def test_a_window_is_on_the_day_on_which_it_starts() -> None:
    (entry,) = on(drawn(window(starts(20))), NIGHT).entries
    assert (entry.starts, entry.clock, entry.until) == (True, "20:00", "21:00")


def test_what_runs_past_midnight_is_on_both_days_and_says_where_it_began() -> None:
    shown = drawn(window(starts(23), 3 * HOUR))
    assert [entry.until for entry in on(shown, NIGHT).entries] == ["02:00 (+1)"]
    (entry,) = on(shown, NIGHT + timedelta(days=1)).entries
    assert (entry.starts, entry.clock, entry.until) == (False, "23:00", "02:00")


def test_what_ends_at_midnight_is_not_on_the_day_after() -> None:
    assert on(drawn(window(starts(23))), NIGHT + timedelta(days=1)).entries == ()


def test_the_day_follows_from_the_zone_in_which_it_is_shown() -> None:
    shown = drawn(window(starts(4)), zone_key="America/New_York")
    assert [entry.clock for entry in on(shown, NIGHT - timedelta(days=1)).entries] == ["15:00"]


def test_what_is_too_much_for_a_day_is_counted() -> None:
    day = on(drawn(*(window(starts(n), event=f"e{n}") for n in range(5)), most=3), NIGHT)
    assert ([entry.clock for entry in day.entries], day.more) == (["00:00", "01:00", "02:00"], 2)


def test_what_plays_often_on_a_day_is_told_once_and_behind_the_shows() -> None:
    often = [window(starts(n), 300, event="bulletin") for n in range(4)]
    day = on(drawn(*often, window(starts(20)), most=1), NIGHT)
    assert ([(entry.window.event, entry.times) for entry in day.entries], day.more) == ([("news", 1)], 4)
    behind = on(drawn(*often, window(starts(20))), NIGHT).entries[-1]
    assert (behind.window, behind.times) == (often[0], 4)


def test_permanent_windows_are_on_no_day() -> None:
    radio = window(0, LATEST_SECOND, permanent=True)
    shown = drawn(radio)
    assert shown.always == (radio,)
    assert not any(day.entries for week in shown.weeks for day in week)


def test_days_of_the_month_and_today_are_told_apart() -> None:
    shown = drawn()
    every = [day for week in shown.weeks for day in week]
    assert [day.date for day in every if day.today] == [NIGHT]
    assert sum(day.own for day in every) == 30
    assert all(day.own for week in drawn(leaf=week_of(NIGHT)).weeks for day in week)


@pytest.mark.parametrize(
    ("zone_key", "day", "told"),
    [
        ("America/New_York", date(2026, 11, 1), ("01:00", "02:00", HOUR)),
        ("America/St_Johns", date(2026, 3, 8), ("02:00", "03:00", 0)),
        ("Australia/Lord_Howe", date(2026, 4, 5), ("01:30", "02:00", HOUR // 2)),
        ("Africa/Cairo", date(2026, 4, 24), ("00:00", "01:00", 0)),
    ],
)
def test_a_day_says_that_its_clock_changes(zone_key: str, day: date, told: tuple[str, str, int]) -> None:
    shown = drawn(leaf=month_of(day), zone_key=zone_key)
    assert [(j.first, j.last, j.again) for j in on(shown, day).jumps] == [told]
    assert sum(bool(each.jumps) for week in shown.weeks for each in week) == 1


@given(
    st.lists(st.tuples(st.integers(-60, 60), st.integers(1, 90)), max_size=12),
    st.sampled_from([SHANGHAI, "America/New_York", "Asia/Kathmandu"]),
)
def test_a_window_is_on_each_day_of_the_leaf_on_which_it_plays(
    times: list[tuple[int, int]], zone_key: str
) -> None:
    made = [window(starts(at), hours * HOUR, event=f"e{n}") for n, (at, hours) in enumerate(times)]
    shown = grid(week_of(NIGHT), made, zone_key, 0, specials={}, most=2)
    for day in (each for week in shown.weeks for each in week):
        since, until = (
            midnight(zone(zone_key), day.date),
            midnight(zone(zone_key), day.date + timedelta(days=1)),
        )
        playing = sorted(w.id for w in made if w.start < until and w.end > since)
        assert sum(entry.times for entry in day.entries) + day.more == len(playing)
        assert {entry.window.id for entry in day.entries} <= set(playing)


def test_a_calendar_names_its_days_off_and_make_up_workdays() -> None:
    both = [country_days(f"cn.{part}", "CN", "", part) for part in ("holidays", "workdays")]
    found = special_days(both, date(2026, 10, 1), date(2026, 10, 12))
    assert [day.day for day, told in found.items() if all(each.off for each in told)] == list(range(1, 8))
    assert found[date(2026, 10, 10)] == (Special("a make-up workday", off=False),)
    assert found[date(2026, 10, 1)][0].words == "National Day"


def test_a_holiday_is_called_what_it_is_called_in_the_language_spoken() -> None:
    with speaking("zh"):
        found = special_days([country_days("cn", "CN", "", "holidays")], date(2026, 10, 1), date(2026, 10, 2))
    assert found[date(2026, 10, 1)][0].words == "国庆节"


def test_written_days_are_called_by_their_reason_or_by_their_calendar() -> None:
    spans = ((20_453 * 86_400, 20_454 * 86_400 + HOUR),)
    works = [Days(name="works", reason=reason, spans=spans) for reason in ("Transmitter works", "")]
    found = special_days(works, date(2025, 12, 1), date(2027, 1, 1))
    assert [[each.words for each in told] for told in found.values()] == 2 * [["Transmitter works", "works"]]


def test_what_several_events_say_of_a_day_is_told_once() -> None:
    twice = [country_days(name, "CN", "", "holidays") for name in ("cn", "china")]
    found = special_days(twice, date(2026, 10, 1), date(2026, 10, 2))
    assert len(found[date(2026, 10, 1)]) == 1
