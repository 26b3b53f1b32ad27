"""The rules between the fields of an event, and what it takes over from defaults."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.events_text import DEFAULTS, HEAD, event, problem, problems, refusal, show
from worker.events.codec import dump_event, parse_event
from worker.events.load import parse_events
from worker.events.model import Deviation, Event, Extra, Occasion, WallTime


def test_an_event_takes_over_what_defaults_say() -> None:
    assert event() == Event(
        id="show",
        title="show",
        domain="pull.example.com",
        app="live",
        stream="show",
        sources=("rtmp://a.example.com/live/x",),
        timezone="Asia/Shanghai",
        crons=("0 20 * * *",),
        duration=7_200,
    )


def test_an_event_says_everything_itself() -> None:
    found = event(
        title="晚间新闻",
        domain="other.example.com",
        app="tv",
        sources='[rtmp://b.example.com/x, "srt://c.example.com:9000?streamid=x"]',
        timezone="America/New_York",
        cron='["0 20 * * *", "@daily"]',
        duration=None,
        end="25:30",
        dst="{gap: skip, fold: both}",
        valid_from="2026-11-01",
        valid_until="2027-03-31",
        pad_before="5m",
        pad_after="10m",
        lead="1h",
        min_useful="90",
        priority="-3",
        paused="true",
    )
    assert found == Event(
        id="show",
        title="晚间新闻",
        domain="other.example.com",
        app="tv",
        stream="show",
        sources=("rtmp://b.example.com/x", "srt://c.example.com:9000?streamid=x"),
        timezone="America/New_York",
        crons=("0 20 * * *", "@daily"),
        end=WallTime(91_800),
        gap="skip",
        fold="both",
        valid_from=date(2026, 11, 1),
        valid_until=date(2027, 3, 31),
        pad_before=300,
        pad_after=600,
        lead=3_600,
        min_useful=90,
        priority=-3,
        paused=True,
    )


def test_exceptions_and_extras_are_kept_as_written() -> None:
    found = event(
        exceptions='[{on: 2026-12-24, start: "21:00", duration: 3h, reason: Christmas},'
        " {on: 2026-12-31T20:00, cancel: true, reason: Gala},"
        ' {on: 2027-01-01, end: "23:00", sources: [rtmp://b.example.com/x],'
        ' stream: "{id}-b", reason: Repeat}]',
        extra="[{start: 2026-12-25T20:00, duration: 1h, reason: Repeat}]",
    )
    assert found.exceptions == (
        Deviation(
            on=Occasion(date(2026, 12, 24)), start=WallTime(75_600), duration=10_800, reason="Christmas"
        ),
        Deviation(on=Occasion(date(2026, 12, 31), WallTime(72_000)), cancel=True, reason="Gala"),
        Deviation(
            on=Occasion(date(2027, 1, 1)),
            end=WallTime(82_800),
            sources=("rtmp://b.example.com/x",),
            stream="{id}-b",
            reason="Repeat",
        ),
    )
    assert found.extra == (Extra(start=datetime(2026, 12, 25, 20), duration=3_600, reason="Repeat"),)  # noqa: DTZ001


def test_an_event_may_consist_of_extras_alone() -> None:
    assert event(cron=None, extra="[{start: 2026-12-25T20:00, reason: Once}]").crons == ()


def test_a_permanent_event_leaves_the_pads_of_defaults_alone() -> None:
    text = show(cron=None, duration=None, permanent="true").replace(
        "app:", "pad_after: 5m, dst: {gap: skip}, app:"
    )
    (found,) = parse_events(text.encode(), "f").events
    assert (found.permanent, found.pad_after, found.gap) == (True, 0, None)


@pytest.mark.parametrize("key", ["id", "stream", "cron", "duration"])
def test_what_an_event_cannot_do_without_is_asked_for(key: str) -> None:
    assert refusal(**{key: None}) == (key, "this is missing")


@pytest.mark.parametrize("key", ["domain", "app", "sources", "timezone"])
def test_what_neither_event_nor_defaults_say_is_asked_for(key: str) -> None:
    found = problem(_without(key))
    assert (found.field, found.message, found.line) == (key, "this is missing", 7)


def _without(key: str) -> str:
    values = {
        "timezone": "Asia/Shanghai",
        "domain": "pull.example.com",
        "app": "live",
        "sources": "[rtmp://a.example.com/live/x]",
    }
    kept = "".join(f"  {name}: {value}\n" for name, value in values.items() if name != key)
    return show().replace(f"defaults: {DEFAULTS}\n", f"defaults:\n{kept}")


def test_a_bad_default_is_told_once_and_not_again_for_each_event() -> None:
    found = problem(show().replace("app: live", "app: live show"))
    assert (found.line, found.field) == (2, "defaults.app")


def test_duration_and_end_exclude_each_other() -> None:
    assert refusal(end="22:00") == ("end", "duration is given as well")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cron", '"0 20 * * *"'),
        ("duration", "2h"),
        ("end", "22:00"),
        ("dst", "{gap: skip}"),
        ("pad_before", "5m"),
        ("pad_after", "0"),
        ("exceptions", "[{on: 2026-12-24, cancel: true, reason: x}]"),
        ("extra", "[{start: 2026-12-24T20:00, reason: x}]"),
    ],
)
def test_a_permanent_event_has_no_times(key: str, value: str) -> None:
    permanent = {"cron": None, "duration": None, "permanent": "true"}
    assert refusal(**permanent | {key: value}) == (key, "a permanent event has no such thing")


def test_a_permanent_event_has_no_start_to_fill_in() -> None:
    changes = {"cron": None, "duration": None, "permanent": "true", "stream": '"x-{start:%Y}"'}
    assert refusal(**changes) == ("stream", "a permanent event has no start to fill in")


def test_a_month_is_the_longest_window_pads_included() -> None:
    assert event(duration="31d").duration == 31 * 86_400
    assert refusal(duration="31d", pad_after="1s") == (
        "duration",
        "with its pads this lasts 31d1s; at most 31d",
    )


@pytest.mark.parametrize("key", ["exceptions", "extra"])
def test_pads_count_for_exceptions_and_extras_too(key: str) -> None:
    when = "on: 2026-12-24" if key == "exceptions" else "start: 2026-12-24T20:00"
    field, message = refusal(pad_before="1h", **{key: f"[{{{when}, duration: 31d, reason: x}}]"})
    assert (field, message) == (f"{key}[0].duration", "with its pads this lasts 31d1h; at most 31d")


def test_validity_does_not_end_before_it_begins() -> None:
    assert event(valid_from="2026-12-24", valid_until="2026-12-24").valid_until == date(2026, 12, 24)
    assert refusal(valid_from="2026-12-25", valid_until="2026-12-24")[0] == "valid_until"


@pytest.mark.parametrize("lead", ["599", "9m59s", "8d"])
def test_a_lead_is_long_enough_to_act_and_no_longer_than_a_week(lead: str) -> None:
    assert refusal(lead=lead)[0] == "lead"
    assert event(lead="10m").lead == 600


def test_a_stream_must_fit_once_it_is_filled_in() -> None:
    assert event(id="a" * 48, stream='"{id}-{id}"').stream == "{id}-{id}"
    assert refusal(id="a" * 60, stream='"{id}-{id}"') == (
        "stream",
        f"Stream has 121 characters: {'a' * 60}-{'a' * 60}",
    )


def test_a_stream_under_defaults_must_fit_every_event() -> None:
    text = show(id="a" * 60, stream=None).replace("app: live", 'app: live, stream: "{id}-{id}"')
    assert problem(text).event == "a" * 60


@pytest.mark.parametrize(
    ("exception", "field", "message"),
    [
        ("{on: 2026-12-24, cancel: true}", ".reason", "this is missing"),
        ("{cancel: true, reason: x}", ".on", "this is missing"),
        ("{on: 2026-12-24, reason: x}", "", "nothing is different"),
        ("{on: 2026-12-24, cancel: false, reason: x}", "", "nothing is different"),
        ("{on: 2026-12-24, cancel: true, end: '20:00', reason: x}", ".end", "the occurrence is cancelled"),
        ("{on: 2026-12-24, duration: 1h, end: '20:00', reason: x}", ".end", "duration is given as well"),
        ("{on: 2026-12-24, cancel: true, reason: ''}", ".reason", "the value is empty"),
        (
            "{on: 2026-12-24, cancle: true, duration: 1h, reason: x}",
            ".cancle",
            "there is no key 'cancle' here",
        ),
        ("x", "", "a mapping belongs here"),
    ],
)
def test_an_exception_says_which_what_and_why(exception: str, field: str, message: str) -> None:
    assert refusal(exceptions=f"[{exception}]") == (f"exceptions[0]{field}", message)


def test_one_bad_exception_does_not_hide_the_next() -> None:
    text = show(exceptions="[{on: 2026-12-24}, {on: 2026-12-25, reason: x}]")
    assert [p.field for p in problems(text)] == ["exceptions[0].reason", "exceptions[1]"]


def test_one_bad_field_does_not_hide_the_rules_between_the_others() -> None:
    text = show(app="live show", end="22:00", valid_from="2027-01-01", valid_until="2026-01-01")
    assert [p.field for p in problems(text)] == ["app", "end", "valid_until"]


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        (
            "exceptions",
            "[{on: 2026-12-24, duration: 1h, reason: x}, {on: 2026-12-24, cancel: true, reason: y}]",
            "on",
        ),
        ("extra", "[{start: 2026-12-24T20:00, reason: x}, {start: 2026-12-24 20:00:00, reason: y}]", "start"),
    ],
)
def test_two_entries_for_one_occurrence_are_one_too_many(key: str, value: str, field: str) -> None:
    assert refusal(**{key: value})[0] == f"{key}[1].{field}"


CALENDARS = (
    "calendars:\n  cn: {country: CN}\n  works: {dates: [2026-12-31, 2027-01-01..2027-01-03], reason: Works}\n"
)


def with_calendars(calendars: str = CALENDARS, **changes: str | None) -> str:
    return show(**changes).replace("events:\n", f"{calendars}events:\n")


def test_an_event_knows_its_calendars_without_the_file() -> None:
    (found,) = parse_events(
        with_calendars(skip="[cn.holidays, works]", also="cn.workdays").encode(), "f"
    ).events
    assert [(days.name, days.part) for days in (*found.skip, *found.also)] == [
        ("cn.holidays", "holidays"),
        ("works", ""),
        ("cn.workdays", "workdays"),
    ]
    assert found.skip[1].spans == ((1798675200, 1798761600), (1798761600, 1799020800))
    assert parse_event(dump_event(found)) == found


@pytest.mark.parametrize(
    ("skip", "message", "hint"),
    [
        ("wroks", "there is no calendar 'wroks' in this file", "did you mean works?"),
        ("cn", "cn is a country's calendar, and has two parts", "write cn.holidays or cn.workdays"),
        ("cn.days", "cn has no 'days'", "write cn.holidays or cn.workdays"),
        ("works.holidays", "works is a calendar of dates", "write works alone"),
        ("[works, works]", "item 2 of the list repeats item 1", "keep one of them"),
        ("CN.holidays", "'CN.holidays' is not the name of a calendar", "such as cn.holidays"),
    ],
)
def test_a_calendar_that_cannot_be_used_is_told_where_it_is_named(skip: str, message: str, hint: str) -> None:
    found = problem(with_calendars(skip=skip))
    assert (found.message, found.field.startswith("skip")) == (message, True)
    assert hint in found.hint


@pytest.mark.parametrize(
    ("calendar", "message"),
    [
        ("{country: XX}", "there are no holidays for 'XX'"),
        ("{country: cn}", "there are no holidays for 'cn'"),
        ("{country: China}", "there are no holidays for 'China'"),
        ("{country: DE, subdivision: ZZ}", "DE has no subdivision 'ZZ'"),
        ("{country: CN, dates: 2026-01-01}", "a calendar has either a country or dates"),
        ("{reason: x}", "a calendar has either a country or dates"),
        ("{dates: 2027-01-03..2027-01-01}", "2027-01-03..2027-01-01 ends before it begins"),
        ("{dates: [2027-01-01..2027-01-03, 2027-01-02]}", "items 1 and 2 of the list overlap"),
        ("{dates: 2027-02-30}", "there is no date 2027-02-30"),
        ("{dates: 2027-01-01, subdivision: BY}", "dates have no subdivision"),
        ("{}", "a calendar has either a country or dates"),
    ],
)
def test_a_calendar_that_is_wrong_is_told_once_and_not_at_each_event(calendar: str, message: str) -> None:
    found = problem(with_calendars(f"calendars:\n  bad: {calendar}\n", skip="bad"))
    assert (found.line, found.message) == (4, message)


def test_a_calendar_is_named_like_an_event() -> None:
    assert (
        problem(with_calendars("calendars:\n  C.N: {country: CN}\n")).message
        == "'C.N' is not a name for a calendar"
    )


def test_calendars_under_defaults_hold_for_all_that_do_not_name_others() -> None:
    text = with_calendars().replace("defaults: {", "defaults: {skip: works, ")
    assert [days.name for days in parse_events(text.encode(), "f").events[0].skip] == ["works"]


def test_a_permanent_event_is_never_left_out() -> None:
    found = problem(with_calendars(permanent="true", cron=None, duration=None, skip="works"))
    assert (found.field, found.message) == ("skip", "a permanent event has no such thing")


@pytest.mark.parametrize(
    ("key", "near"),
    [("Duration", "duration"), ("sorces", "sources"), ("time_zone", "timezone"), ("exception", "exceptions")],
)
def test_an_unknown_key_comes_with_the_one_that_was_meant(key: str, near: str) -> None:
    found = problem(show(**{key: "x"}))
    assert (found.field, found.hint) == (key, f"did you mean {near}?")


def test_every_event_has_its_own_id() -> None:
    text = show() + show().removeprefix(HEAD)
    assert (problem(text).line, problem(text).message) == (8, "the event on line 4 has this id")


@pytest.mark.parametrize("key", ["id", "stream", "timezone"])
def test_blanks_inside_quotes_make_no_second_spelling(key: str) -> None:
    values = {"id": "show", "stream": "show", "timezone": "Asia/Shanghai"}
    assert refusal(**{key: f"' {values[key]} '"})[0] == key


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "an events file is a mapping"),
        ("events: []\nversion: 1", "the list has no items"),
        ("version: 1", "this is missing"),
        ("version: 1\nevents:", "a list belongs here"),
        ("version: 1\nevents: {a: b}", "a list belongs here"),
        (show().replace("version: 1\n", ""), "this is missing"),
        (show().replace("version: 1", "version: 1.0"), "version '1.0' is not known"),
        (
            show().replace(f"defaults: {DEFAULTS}", f"defaults: x\nevnts: {DEFAULTS}"),
            "a mapping belongs here",
        ),
    ],
)
def test_a_file_has_a_version_and_events(text: str, message: str) -> None:
    assert message in [p.message for p in problems(text)]
