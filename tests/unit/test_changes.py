"""What differs between two plans of a window, in a planner's words, and why a window goes."""

from __future__ import annotations

from typing import Any

import pytest

from tests import events_text
from tests.build import NOW, SLOT, window
from worker.changes import moved, what, why_gone, words
from worker.overrides import Pause
from worker.relay import Slot
from worker.windows import Window, expand

HOUR = 3_600
EVENING = NOW - NOW % 86_400 + 12 * HOUR
"""Eight in the evening in Shanghai."""


def at(hours: float, **changes: Any) -> Window:
    return window(EVENING + int(hours * HOUR), 2 * HOUR, id="news@20261118T120000Z", **changes)


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (at(1), ["starts 20:00 -> 21:00", "ends 22:00 -> 23:00"]),
        (at(0, end=EVENING + 5 * HOUR), ["ends 22:00 -> 01:00 (+1)"]),
        (at(5), ["starts Wed 2026-11-18 20:00 -> Thu 2026-11-19 01:00", "ends 22:00 -> 03:00"]),
        (
            at(0, slot=Slot("pull.example.com", "live", "gala")),
            [f"stream {SLOT} -> pull.example.com/live/gala"],
        ),
        (at(0, title="Gala"), ["title News -> Gala"]),
        (at(0, lead=600), ["lead 1d -> 10m"]),
        (at(0, priority=2), ["priority 0 -> 2"]),
        (at(0, reason="Gala"), ["reason none -> Gala"]),
        (at(0, title="Gala", reason="Gala", notes=("overridden",)), ["title News -> Gala"]),
    ],
)
def test_only_what_differs_is_told_before_and_after(after: Window, told: list[str]) -> None:
    assert words(at(0), after) == told


def test_sources_are_told_apart_and_never_shown() -> None:
    (told,) = words(
        at(0, sources=("rtmp://a.example.com/live/one",)), at(0, sources=("rtmp://a.example.com/live/two",))
    )
    old, new = told.removeprefix("sources ").split(" -> ")
    assert old != new
    assert not {"one", "two"} & {*told.replace("/", " ").split()}


def test_sources_in_another_order_are_said_to_be_that() -> None:
    both = ("https://a.example.com/a.flv", "https://b.example.com/b.flv")
    assert words(at(0, sources=both), at(0, sources=both[::-1])) == [
        "sources in another order: https://b.example.com/b.flv, https://a.example.com/a.flv"
    ]


def test_the_fields_that_differ_are_named_for_scripts() -> None:
    assert what(at(0), at(1, title="Gala", reason="x")) == ("start", "end", "title", "reason")


def test_as_many_that_come_as_go_on_one_date_have_moved() -> None:
    gone, come = [window(EVENING), window(EVENING + HOUR)], [window(EVENING + 1_800), window(EVENING + 5_400)]
    assert moved(gone, come) == {gone[0].id: come[0], gone[1].id: come[1]}
    assert moved(gone, come[:1]) == {}
    assert moved(gone, [window(each.start, event="talk") for each in come]) == {}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exceptions": "[{on: 2026-11-18, cancel: true, reason: Gala}]"}, "cancelled: Gala"),
        ({"exceptions": "[{on: 2026-11-18T20:00, cancel: true, reason: Gala}]"}, "cancelled: Gala"),
        ({"exceptions": "[{on: 2026-11-18T21:00, cancel: true, reason: Gala}]"}, "no longer among its times"),
        ({"valid_until": "2026-11-17"}, "after valid_until, 2026-11-17"),
        ({"valid_from": "2026-11-19"}, "before valid_from, 2026-11-19"),
        ({"paused": "true"}, "paused in the file"),
        ({"cron": '"0 9 * * *"'}, "no longer among its times"),
    ],
)
def test_a_window_that_goes_says_why(changes: dict[str, str], why: str) -> None:
    (gone,) = expand(events_text.event(), EVENING, EVENING + 1)
    assert why_gone(gone, events_text.event(**changes), None) == why


def test_a_day_that_a_calendar_leaves_out_is_named() -> None:
    text = events_text.show(cron='"0 20 * * *"')
    calendars = "calendars: {works: {dates: [2026-11-18], reason: 停机检修}}\nevents:\n"
    loaded = events_text.parse_events(
        text.replace("events:\n", calendars).replace("stream:", "skip: [works]\n    stream:").encode(), "x"
    )
    (gone,) = expand(events_text.event(), EVENING, EVENING + 1)
    assert why_gone(gone, loaded.events[0], None) == "left out by works: 停机检修"


def test_an_extra_that_was_taken_out_and_a_pause_say_so() -> None:
    (extra,) = expand(
        events_text.event(cron=None, extra="[{start: 2026-11-18T20:00, reason: x}]"), EVENING, EVENING + 1
    )
    assert why_gone(extra, events_text.event(cron='"0 9 * * *"'), None) == "no longer under extra"
    pause = Pause(at=0.0, by="ann", reason="strike")
    assert why_gone(extra, events_text.event(), pause) == "paused by ann: strike"
