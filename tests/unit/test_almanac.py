"""What people are told of calendars: which nights are not there, why, and what nobody knows yet."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.events_text import show
from worker.advice import advise
from worker.almanac import days_left_out, in_words
from worker.events.load import Loaded, parse_events
from worker.events.problems import Problem
from worker.windows import MAKE_UP_DAY, expand

CALENDARS = """calendars:
  cn: {country: CN}
  works: {dates: [2026-12-31, 2027-01-01..2027-01-03], reason: Transmitter works}
"""
WEEKDAYS = {"cron": '"30 18 * * 1-5"', "skip": "[cn.holidays, works]", "also": "cn.workdays"}
NOW = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp())


def loaded(**changes: str | None) -> Loaded:
    found = parse_events(show(**changes).replace("events:\n", f"{CALENDARS}events:\n").encode(), "f.yaml")
    assert not found.problems
    return found


def warnings(now: int = NOW, **changes: str | None) -> list[Problem]:
    return [each for each in advise(loaded(**changes), now, 300) if "calendars.works" not in each.field]


def test_a_make_up_day_is_noted_on_its_window_and_on_no_other() -> None:
    (event,) = loaded(**WEEKDAYS).events
    windows = list(expand(event, at("2026-10-08T00:00"), at("2026-10-11T00:00")))
    assert [(w.start, MAKE_UP_DAY in w.notes) for w in windows] == [
        (at("2026-10-08T18:30"), False),
        (at("2026-10-09T18:30"), False),
        (at("2026-10-10T18:30"), True),
    ]


def test_an_exception_can_change_a_make_up_day() -> None:
    moved = "[{on: 2026-10-10, start: '21:00', reason: Match}]"
    (event,) = loaded(**WEEKDAYS, exceptions=moved).events
    (window,) = expand(event, at("2026-10-10T00:00"), at("2026-10-11T00:00"))
    assert (window.start, window.id) == (at("2026-10-10T21:00"), "show@20261010T103000Z")
    assert set(window.notes) == {MAKE_UP_DAY, "overridden"}


def test_an_extra_airs_on_a_day_that_is_left_out() -> None:
    (event,) = loaded(**WEEKDAYS, extra="[{start: 2026-10-01T20:00, reason: Parade}]").events
    (window,) = expand(event, at("2026-10-01T00:00"), at("2026-10-02T00:00"))
    assert MAKE_UP_DAY not in window.notes


def test_what_is_left_out_is_told_in_runs_with_its_reason() -> None:
    events = loaded(**WEEKDAYS).events
    found = days_left_out(events, lambda _: (at("2026-09-24T00:00"), at("2026-10-12T00:00")), "zh")
    (line,) = in_words(found)
    assert line.startswith("show is left out on 2026-09-25, 2026-10-01..2026-10-02, 2026-10-05..2026-10-07")
    assert "cn.holidays" in line
    assert "国庆节" in line


def test_a_date_is_left_out_once_however_often_the_show_would_start() -> None:
    events = loaded(cron='"0 * * * *"', skip="works").events
    found = list(days_left_out(events, lambda _: (at("2026-12-30T00:00"), at("2027-01-05T00:00"))))
    assert [each.date for each in found] == ["2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03"]
    assert {each.reason for each in found} == {"Transmitter works"}


def test_days_on_which_the_show_would_not_start_are_not_left_out() -> None:
    events = loaded(cron='"0 20 * * 1"', skip="works", valid_until="2026-12-31").events
    assert list(days_left_out(events, lambda _: (at("2026-12-01T00:00"), at("2027-02-01T00:00")))) == []


def test_an_exception_on_a_day_that_is_left_out_is_told_with_the_calendar_that_does() -> None:
    cancelled = "[{on: 2026-12-31, cancel: true, reason: Gala}]"
    told = next(each for each in warnings(**WEEKDAYS, exceptions=cancelled) if "exceptions" in each.field)
    assert told.message == "there is no occurrence on Thu 2026-12-31 to change: works leaves it out"
    assert "extra:" in told.hint


def test_a_year_that_nobody_knows_is_told_loudly_on_the_calendars_line() -> None:
    told = next(each for each in warnings(**WEEKDAYS) if "2027" in each.message)
    assert (told.line, told.field) == (4, "calendars.cn")
    assert told.message == (
        "nothing is known of 2027 yet by cn.holidays and cn.workdays:"
        " no such day is left out or added for show"
    )


def test_a_year_in_which_the_show_does_not_start_any_more_is_not_missed() -> None:
    over = WEEKDAYS | {"valid_until": "2026-12-20"}
    assert not any("nothing is known" in each.message for each in warnings(**over))


def test_while_all_years_ahead_are_known_nothing_is_told() -> None:
    then = int(datetime(2025, 6, 1, tzinfo=UTC).timestamp())
    assert not any("nothing is known" in each.message for each in warnings(now=then, **WEEKDAYS))


def test_a_holiday_that_is_added_is_noted_as_one() -> None:
    (event,) = loaded(cron='"0 14 * * 6,0"', also="cn.holidays").events
    windows = expand(event, at("2026-10-02T00:00"), at("2026-10-04T00:00"))
    assert [w.notes for w in windows] == [("holiday",), ()]


def test_an_added_day_that_another_calendar_leaves_out_is_told_as_left_out() -> None:
    text = show(cron='"0 20 * * 1-5"', skip="works", also="cn.workdays").replace(
        "events:\n", "calendars:\n  cn: {country: CN}\n  works: {dates: 2026-10-10}\nevents:\n"
    )
    events = parse_events(text.encode(), "f.yaml").events
    (told,) = days_left_out(events, lambda _: (at("2026-10-01T00:00"), at("2026-10-15T00:00")))
    assert (told.date, told.calendar) == ("2026-10-10", "works")


def test_a_calendar_counts_as_named_by_an_event_that_is_wrong_otherwise() -> None:
    text = show(skip="cn.holidays", duration="x").replace(
        "events:\n", "calendars:\n  cn: {country: CN}\nevents:\n"
    )
    assert advise(parse_events(text.encode(), "f.yaml"), NOW, 300) == []


def test_a_calendar_that_no_event_names_is_told() -> None:
    found = advise(loaded(skip="works"), NOW, 300)
    assert [each.message for each in found if each.field == "calendars.cn"] == [
        "no event names the calendar cn"
    ]
