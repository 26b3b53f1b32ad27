"""What people say, over the word of the file."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, SOURCES
from worker.events.model import Deviation, Event, Extra, Occasion, WallTime
from worker.ledger.codec import dump_override, parse_override
from worker.overrides import Override, Pause, Programme, nominal_start, overridden, planned, with_added
from worker.relay import LONGEST_WINDOW
from worker.windows import Window, expand

HOUR, DAY = 3_600, 86_400
OTHER = ("rtmp://c.example.com/live/news",)


def nightly(**changes: Any) -> Event:
    """At eight in the evening in Shanghai, five minutes early, for two hours."""
    fields: dict[str, Any] = {
        "id": "news",
        "title": "News",
        "domain": "pull.example.com",
        "app": "live",
        "stream": "news",
        "sources": SOURCES,
        "timezone": "Asia/Shanghai",
        "crons": ("0 20 * * *",),
        "duration": 2 * HOUR,
        "pad_before": 300,
    }
    return Event(**(fields | changes))


def week(event: Event) -> list[Window]:
    return list(expand(event, NOW, NOW + 7 * DAY))


def told(window_id: str, **changes: Any) -> Override:
    return Override(window=window_id, at=float(NOW), by="ann", reason="strike", **changes)


def programme(event: Event, *overrides: Override, **more: Any) -> Programme:
    return Programme(event, {each.window: each for each in overrides}, **more)


def starts(found: Programme) -> list[int]:
    return [window.start for window in found.windows(NOW, NOW + 7 * DAY)]


def test_an_overridden_window_says_so_and_why() -> None:
    of = week(nightly())[0]
    window = overridden(of, told(of.id, end=of.end + HOUR, sources=OTHER))
    assert (window.start, window.end, window.sources) == (of.start, of.end + HOUR, OTHER)
    assert (window.notes, window.reason) == (("overridden",), "strike")


def test_a_word_that_changes_no_time_and_no_source_leaves_the_window_as_it_is() -> None:
    of = week(nightly())[0]
    assert overridden(of, told(of.id, cancel=True)) == of


def test_each_window_is_found_by_its_name() -> None:
    night = dt.datetime.fromtimestamp(NOW + DAY, dt.UTC).date()
    event = nightly(
        exceptions=(Deviation(on=Occasion(night), reason="x", start=WallTime(47 * HOUR)),),
        extra=(Extra(start=dt.datetime.combine(night, dt.time(3)), reason="y", duration=HOUR),),
    )
    found = week(event)
    assert len(found) == 8
    assert [planned(event, window.id) for window in found] == found


def test_a_permanent_window_is_found_by_its_name() -> None:
    event = nightly(id="radio", crons=(), duration=None, permanent=True)
    (window,) = expand(event, NOW, NOW + 1)
    assert planned(event, "radio@permanent") == window


@pytest.mark.parametrize(
    "name",
    [
        "news",
        "news@",
        "news@permanent",
        "news@20261131T120000Z",
        "news@20261118T110000Z",
        "x@20261118T120000Z",
    ],
)
def test_what_the_file_does_not_have_is_not_found(name: str) -> None:
    assert planned(nightly(), name) is None


@given(st.integers(min_value=0, max_value=2**31 - 1))
def test_a_name_tells_its_nominal_start(at: int) -> None:
    assert nominal_start(f"x@{dt.datetime.fromtimestamp(at, dt.UTC):%Y%m%dT%H%M%SZ}") == at


def test_without_a_word_the_programme_is_the_file() -> None:
    assert list(programme(nightly()).windows(NOW, NOW + 7 * DAY)) == week(nightly())


def test_a_window_moved_out_of_the_time_asked_for_still_comes_with_it() -> None:
    last = week(nightly())[-1]
    moved = told(last.id, start=last.start + DAY, end=last.end + DAY)
    assert starts(programme(nightly(), moved))[-1] == last.start + DAY > NOW + 7 * DAY


def test_a_window_moved_into_the_time_asked_for_is_found_by_where_it_is() -> None:
    beyond = next(expand(nightly(), NOW + 7 * DAY, NOW + 9 * DAY))
    moved = told(beyond.id, start=beyond.start - DAY, end=beyond.end - DAY)
    found = starts(programme(nightly(), moved))
    assert found.count(beyond.start - DAY) == 2
    assert found == sorted(found)


def test_a_window_moved_to_before_the_time_asked_for_is_not_in_it() -> None:
    first = week(nightly())[0]
    moved = told(first.id, start=NOW - DAY, end=NOW - DAY + HOUR)
    assert starts(programme(nightly(), moved)) == [window.start for window in week(nightly())[1:]]


def test_an_extended_window_that_began_long_ago_is_still_there() -> None:
    first = week(nightly())[0]
    found = programme(nightly(), told(first.id, end=first.end + 5 * DAY))
    assert next(found.windows(first.end + 4 * DAY, first.end + 4 * DAY + 1)).id == first.id
    assert found.longest == LONGEST_WINDOW


def test_a_window_called_off_is_listed_and_known_to_be_off() -> None:
    first = week(nightly())[0]
    found = programme(nightly(), told(first.id, cancel=True))
    assert starts(found)[0] == first.start
    assert found.off(first.id)
    assert not found.off(week(nightly())[1].id)


def test_a_paused_event_has_no_windows_and_still_knows_each() -> None:
    first = week(nightly())[0]
    found = programme(nightly(), pause=Pause(at=NOW, by="ann", reason="strike"))
    assert starts(found) == []
    assert found.window(first.id) == first


@pytest.mark.parametrize(("by", "ends"), [(-HOUR, 0), (HOUR, HOUR)])
def test_an_override_lasts_as_long_as_its_window_by_plan_or_by_word(by: int, ends: int) -> None:
    first = week(nightly())[0]
    found = programme(nightly(), told(first.id, end=first.end + by))
    assert found.expired(first.end + ends - 1) == ()
    assert found.expired(first.end + ends) == (first.id,)


def test_an_override_of_a_window_that_left_the_file_goes_in_the_end() -> None:
    first = week(nightly())[0]
    found = programme(nightly(crons=("0 3 * * *",)), told(first.id, cancel=True))
    assert found.expired(first.end) == ()
    assert found.expired(first.end + LONGEST_WINDOW) == (first.id,)


NEW_YEAR = dt.datetime.fromisoformat("2027-01-01T12:00")


def extra(start: dt.datetime) -> Extra:
    return Extra(start=start.replace(microsecond=0), duration=HOUR, sources=OTHER, stream="b", reason="x")


WORDS = st.builds(
    told,
    st.just("news@20261118T120000Z"),
    cancel=st.booleans(),
    start=st.none() | st.integers(0, 2**31 - 1),
    end=st.none() | st.integers(0, 2**31 - 1),
    sources=st.sampled_from([(), OTHER, SOURCES + OTHER]),
    stream=st.sampled_from(["", "studio-2"]),
    added=st.none() | st.builds(extra, st.datetimes()),
)


@given(WORDS)
def test_an_override_is_read_as_it_was_written(word: Override) -> None:
    assert parse_override(word.window, dump_override(word)) == word


def test_an_override_shows_no_password_by_chance() -> None:
    assert "hunter2" not in repr(told("x@1", sources=("rtmp://ann:hunter2@c.example.com/live",)))


def test_a_changed_file_moves_all_but_what_was_said() -> None:
    first = week(nightly())[0]
    word = told(first.id, end=first.end + HOUR)
    later = replace(nightly(), title="Late news", duration=HOUR)
    window = programme(later, word).window(first.id)
    assert window
    assert (window.title, window.end) == ("Late news", first.end + HOUR)


def test_what_people_added_is_planned_wherever_it_lies_and_until_it_has_passed() -> None:
    far = told("news@20270101T040000Z", added=extra(NEW_YEAR))
    event = with_added(nightly(), [far])
    found = programme(event, far)
    (window,) = [each for each in found.windows(NOW, NOW + DAY) if each.id == far.window]
    assert (window.notes, window.end - window.start) == (("extra",), HOUR + 300)
    assert found.expired(window.end - 1) == ()
    assert found.expired(window.end) == (far.window,)


def test_what_is_left_of_a_word_without_its_changes_is_what_was_added() -> None:
    assert told("x@1", cancel=True, start=5, stream="b").plain is None
    added = told("x@1", added=extra(NEW_YEAR))
    assert replace(added, cancel=True, end=7, sources=OTHER).plain == added
