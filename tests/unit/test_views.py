"""A window as people and scripts see it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import window
from worker.relay import LATEST_SECOND
from worker.views import (
    NOTES,
    PLAN_FIELDS,
    length,
    local_end,
    local_iso,
    local_start,
    note_words,
    offset_at,
    window_view,
)

EVENING = int(datetime(2026, 11, 27, 20, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
BERLIN = "Europe/Berlin"
SPRING_JUMP, AUTUMN_REPEAT = 1806195600, 1792890000
"""2027-03-28 03:00+02:00 and 2026-10-25 02:00+01:00, the first moments on the new offset."""

ZONES = st.sampled_from(
    ["Asia/Shanghai", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
     "Africa/Casablanca", "Pacific/Apia", "Africa/Monrovia", "America/St_Johns"]
)  # fmt: skip
MOMENTS = st.integers(0, LATEST_SECOND)


def test_a_view_has_the_fields_scripts_rely_on_in_their_order() -> None:
    assert tuple(window_view(window())) == PLAN_FIELDS == (
        "id", "event", "title", "domain", "app", "stream", "start", "end", "start_local", "end_local",
        "timezone", "sources", "state", "notes", "reason",
    )  # fmt: skip


def test_times_are_given_as_sent_and_on_the_local_clock() -> None:
    view = window_view(window(EVENING, 7_200))
    assert (view["start"], view["end"]) == (EVENING, EVENING + 7_200)
    assert (view["start_local"], view["end_local"]) == (
        "2026-11-27T20:00:00+08:00",
        "2026-11-27T22:00:00+08:00",
    )


def test_a_permanent_window_has_no_times() -> None:
    view = window_view(window(permanent=True))
    assert [view["start"], view["end"], view["start_local"], view["end_local"]] == [None] * 4


def test_sources_are_masked() -> None:
    view = window_view(window(sources=("rtmp://user:secret@a.example.com/live/streamkey",)))
    assert "secret" not in str(view)
    assert "streamkey" not in str(view)
    assert "a.example.com" in view["sources"][0]


def test_sources_are_whole_on_request() -> None:
    sources = ("rtmp://user:secret@a.example.com/live/streamkey",)
    assert window_view(window(sources=sources), show_secrets=True)["sources"] == list(sources)


def test_two_views_share_nothing_that_can_change() -> None:
    one, other = window_view(window(notes=("extra",))), window_view(window(notes=("extra",)))
    one["notes"].append("joined")
    one["sources"].clear()
    assert other == window_view(window(notes=("extra",)))


@given(ZONES, MOMENTS)
def test_local_times_are_those_of_the_zone(zone: str, moment: int) -> None:
    assert local_iso(zone, moment) == datetime.fromtimestamp(moment, ZoneInfo(zone)).isoformat()


@given(ZONES, MOMENTS)
def test_a_local_time_names_its_moment_exactly(zone: str, moment: int) -> None:
    assert datetime.fromisoformat(local_iso(zone, moment)).timestamp() == moment


@pytest.mark.parametrize("jump", [SPRING_JUMP, AUTUMN_REPEAT])
def test_an_offset_changes_on_the_second(jump: int) -> None:
    assert offset_at(BERLIN, jump) - offset_at(BERLIN, jump - 1) in (3_600, -3_600)


def test_a_start_is_read_out_with_its_weekday() -> None:
    assert local_start("Asia/Shanghai", EVENING) == "Fri 2026-11-27 20:00"


def test_seconds_are_read_out_only_where_there_are_any() -> None:
    assert local_start("Asia/Shanghai", EVENING + 5) == "Fri 2026-11-27 20:00:05"


def test_an_end_after_midnight_is_marked() -> None:
    assert local_end("Asia/Shanghai", EVENING, EVENING + 5 * 3_600 + 1_800) == "01:30 (+1)"


def test_an_end_on_the_same_day_is_not_marked() -> None:
    assert local_end("Asia/Shanghai", EVENING, EVENING + 3_600) == "21:00"


def test_the_two_passes_of_a_repeated_hour_read_differently() -> None:
    first, second = local_start(BERLIN, AUTUMN_REPEAT - 1_800), local_start(BERLIN, AUTUMN_REPEAT + 1_800)
    assert (first, second) == ("Sun 2026-10-25 02:30 UTC+2", "Sun 2026-10-25 02:30 UTC+1")


def test_an_offset_of_minutes_is_told_with_them() -> None:
    evening, repeat = AUTUMN_REPEAT + 7 * 86_400, AUTUMN_REPEAT + 7 * 86_400 + 4 * 3_600
    assert local_start("America/St_Johns", evening) == "Sat 2026-10-31 22:30"
    assert local_start("America/St_Johns", repeat) == "Sun 2026-11-01 01:30 UTC-3:30"


def test_length_is_elapsed_time_through_a_jump() -> None:
    assert length(SPRING_JUMP - 3_600, SPRING_JUMP + 1_800) == "1h30m"


def test_notes_are_put_in_words() -> None:
    assert note_words(["dst-fold", "conflict"]) == f"{NOTES['dst-fold']}; {NOTES['conflict']}"


def test_a_note_without_words_is_shown_as_it_is() -> None:
    assert note_words(["brand-new"]) == "brand-new"
