"""What stands where on the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, SLOT, window
from worker.neighbours import Noted, note_neighbours
from worker.relay import LATEST_SECOND, Slot
from worker.web.axis import NEAREST, Mark, Tick
from worker.web.timeline import Bar, Reach, Timeline, range_of, timeline
from worker.windows import Window

SETTLE = 300
HOUR = 3_600
DAY = 86_400
SHANGHAI = "Asia/Shanghai"
ZONES = [
    SHANGHAI,
    "UTC",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "America/Havana",
    "Africa/Cairo",
]
REACHES: list[Reach] = ["6h", "24h", "7d"]
OTHERS = ("https://b.example.com/other.flv",)


@st.composite
def crowds(draw: st.DrawFn) -> list[Noted]:
    made = [
        window(
            NOW + draw(st.integers(-40, 60)) * 900,
            draw(st.sampled_from([900, 1800, 5 * HOUR, 9 * DAY])),
            sources=(draw(st.sampled_from(["https://a", "https://b"])),),
            slot=Slot(SLOT.domain, "live", draw(st.sampled_from(["one", "two"]))),
            priority=draw(st.integers(0, 2)),
            event=f"e{n}",
        )
        for n in range(draw(st.integers(0, 14)))
    ]
    return list(note_neighbours(sorted(made, key=lambda w: (w.start, w.id)), SETTLE))


def at(zone: str, *clock: int) -> int:
    return int(datetime(*clock, tzinfo=ZoneInfo(zone)).timestamp())  # type: ignore[misc, arg-type]


def shown(*windows: Window, since: int = NOW, hours: int = 24) -> Timeline:
    noted = note_neighbours(sorted(windows, key=lambda w: (w.start, w.id)), SETTLE)
    return timeline(noted, since, since + hours * HOUR, SHANGHAI)


def bars(drawn: Timeline) -> list[Bar]:
    return [bar for row in drawn.rows for lane in row.lanes for bar in lane]


def most_at_once(windows: Sequence[Window]) -> int:
    return max((sum(w.start <= each.start < w.end for w in windows) for each in windows), default=0)


def ticks(zone: str, *clock: int, hours: int) -> list[Tick]:
    since = at(zone, *clock)
    return list(timeline([], since, since + hours * HOUR, zone).ticks)


def clocks(zone: str, *clock: int, hours: int) -> list[str]:
    return [tick.clock for tick in ticks(zone, *clock, hours=hours)]


def test_a_bar_stands_at_its_share_of_the_range() -> None:
    (bar,) = bars(shown(window(NOW + 6 * HOUR, 12 * HOUR)))
    assert (bar.left, bar.width, bar.clipped_left, bar.clipped_right) == (25, 50, False, False)


def test_a_bar_that_reaches_out_of_the_range_is_cut_there_and_says_so() -> None:
    (bar,) = bars(shown(window(NOW - HOUR, 48 * HOUR)))
    assert (bar.left, bar.width, bar.clipped_left, bar.clipped_right) == (0, 100, True, True)


def test_a_window_that_only_touches_the_range_is_not_in_it() -> None:
    assert bars(shown(window(NOW - HOUR, HOUR), window(NOW + DAY))) == []


def test_a_permanent_window_fills_its_row_and_has_no_lead() -> None:
    (bar,) = bars(shown(window(0, LATEST_SECOND, permanent=True)))
    assert (bar.left, bar.width, bar.lead_width) == (0, 100, 0)


def test_the_hatch_is_from_when_a_window_may_be_placed_to_its_start() -> None:
    (bar,) = bars(shown(window(NOW + 12 * HOUR, lead=6 * HOUR)))
    assert (bar.lead_left, bar.lead_width, bar.left) == (25, 25, 50)


def test_nothing_is_placed_while_another_has_the_slot() -> None:
    _, second = bars(shown(window(NOW, 6 * HOUR), window(NOW + 12 * HOUR, sources=OTHERS)))
    assert (second.lead_left, second.lead_width) == (25, 25)


def test_what_gives_way_stands_below_and_has_no_hatch() -> None:
    early = window(NOW + HOUR, 2 * HOUR, sources=OTHERS, event="early")
    (row,) = shown(early, window(NOW + 2 * HOUR, priority=1)).rows
    assert [[bar.window.event for bar in lane] for lane in row.lanes] == [["news"], ["early"]]
    assert (row.lanes[1][0].aside, row.lanes[1][0].lead_width) == (True, 0)


def test_what_somebody_called_off_stands_aside() -> None:
    off, instead = window(NOW, event="off"), window(NOW)
    (row,) = timeline([(off, ()), (instead, ())], NOW, NOW + DAY, SHANGHAI, aside={off.id}).rows
    assert [[bar.window.event for bar in lane] for lane in row.lanes] == [["news"], ["off"]]


def test_windows_of_one_relay_touch_and_only_the_first_of_them_has_a_hatch() -> None:
    first, second = bars(shown(window(NOW + 6 * HOUR), window(NOW + 7 * HOUR)))
    assert (first.bridge, first.joins, second.bridge, second.joins) == (None, True, 0, False)
    assert (first.lead_width, second.lead_width) == (25, 0)


def test_a_pause_within_one_relay_is_bridged() -> None:
    _, second = bars(shown(window(NOW), window(NOW + HOUR + 216), hours=6))
    assert second.bridge == 1


def test_windows_of_other_sources_touch_and_are_not_joined() -> None:
    first, second = bars(shown(window(NOW), window(NOW + HOUR, sources=OTHERS)))
    assert (first.joins, second.bridge) == (False, None)


def test_what_updates_carry_on_beyond_seven_days_is_marked() -> None:
    (bar,) = bars(shown(window(NOW, 9 * DAY)))
    assert bar.chained


@pytest.mark.parametrize(
    ("slots", "labels"),
    [
        ([("a", "live", "one"), ("a", "live", "two")], ["one", "two"]),
        ([("a", "live", "one"), ("a", "test", "one")], ["live/one", "test/one"]),
        ([("a", "live", "one"), ("b", "live", "one")], ["a/live/one", "b/live/one"]),
    ],
)
def test_a_row_is_called_by_as_much_of_its_name_as_tells_it_apart(
    slots: list[tuple[str, str, str]], labels: list[str]
) -> None:
    made = [window(NOW, slot=Slot(*names), event=f"e{n}") for n, names in enumerate(slots)]
    assert [row.label for row in shown(*made).rows] == labels


@given(crowds())
def test_bars_of_a_lane_do_not_overlap(noted: list[Noted]) -> None:
    for row in timeline(noted, NOW, NOW + DAY, SHANGHAI).rows:
        for lane in row.lanes:
            assert all(one.window.end <= other.window.start for one, other in pairwise(lane))
            assert all(one.left + one.width <= other.left + 1e-3 for one, other in pairwise(lane))


@given(crowds())
def test_each_window_that_plays_in_the_range_is_in_one_lane_of_the_row_of_its_slot(
    noted: list[Noted],
) -> None:
    drawn = timeline(noted, NOW, NOW + DAY, SHANGHAI)
    found = sorted((bar.window.id, row.slot) for row in drawn.rows for lane in row.lanes for bar in lane)
    assert found == sorted((w.id, w.slot) for w, _ in noted if w.start < NOW + DAY and w.end > NOW)
    assert all(lane for row in drawn.rows for lane in row.lanes)


@given(crowds())
def test_lanes_are_as_few_as_can_be_and_those_of_what_is_aired_come_first(noted: list[Noted]) -> None:
    for row in timeline(noted, NOW, NOW + DAY, SHANGHAI).rows:
        halves = [[bar.aside for bar in lane] for lane in row.lanes]
        assert all(len(set(lane)) == 1 for lane in halves)
        assert halves == sorted(halves, key=lambda lane: lane[0])
        for off in (False, True):
            lanes = [lane for lane in row.lanes if lane[0].aside is off]
            assert len(lanes) == most_at_once([bar.window for lane in lanes for bar in lane])


@given(crowds(), st.integers(-3 * DAY, 3 * DAY), st.sampled_from(REACHES))
def test_nothing_stands_outside_the_range(noted: list[Noted], shift: int, reach: Reach) -> None:
    for bar in bars(timeline(noted, *range_of(reach, NOW + shift, SHANGHAI), SHANGHAI)):
        assert 0 <= bar.left <= bar.left + bar.width <= 100.0001
        assert 0 <= bar.lead_left <= bar.lead_left + bar.lead_width <= bar.left + 1e-3
        assert bar.width > 0


@given(
    st.sampled_from(ZONES),
    st.sampled_from(REACHES),
    st.integers(at("UTC", 2026, 1, 1), at("UTC", 2027, 12, 31)),
)
def test_a_range_holds_now_and_begins_on_a_round_time_of_the_zone(zone: str, reach: Reach, now: int) -> None:
    since, until = range_of(reach, now, zone)
    assert since <= now < until
    begins = datetime.fromtimestamp(since, ZoneInfo(zone))
    assert begins.minute in {0, 30}
    # Cairo's days begin at one o'clock when the clock jumps over midnight.
    assert reach != "7d" or begins.hour == 0 or (zone, begins.hour) == ("Africa/Cairo", 1)


def test_a_range_stays_the_same_until_the_next_round_time() -> None:
    round_time = at("Asia/Kathmandu", 2026, 11, 27, 20, 30)
    now = [range_of("6h", round_time + n, "Asia/Kathmandu") for n in (0, 1_799, 1_800)]
    assert now[0] == now[1]
    assert [bound + 1_800 for bound in now[1]] == list(now[2])


def test_seven_days_are_days_of_the_calendar_also_where_one_lasts_longer() -> None:
    since, until = range_of("7d", at("America/New_York", 2026, 10, 30, 15), "America/New_York")
    assert until - since == 7 * DAY + HOUR


@given(
    st.sampled_from(ZONES),
    st.sampled_from(REACHES),
    st.integers(at("UTC", 2026, 1, 1), at("UTC", 2027, 12, 31)),
)
def test_ticks_rise_far_enough_from_each_other_on_round_local_times(
    zone: str, reach: Reach, now: int
) -> None:
    since, until = range_of(reach, now, zone)
    found = timeline([], since, until, zone).ticks
    assert all(since <= tick.at < until for tick in found)
    assert all(other.left - one.left >= NEAREST - 1e-3 for one, other in pairwise(found))
    assert 4 <= len(found) <= 13
    for tick in found:
        local = datetime.fromtimestamp(tick.at, ZoneInfo(zone))
        assert (tick.clock, tick.date) == (f"{local:%H:%M}", local.date())
        assert local.minute in ({0, 30} if reach == "6h" else {0})


CHANGES = [
    ("America/New_York", (2026, 3, 8)),
    ("America/New_York", (2026, 11, 1)),
    ("America/St_Johns", (2026, 3, 8)),
    ("America/St_Johns", (2026, 11, 1)),
    ("Australia/Lord_Howe", (2026, 4, 5)),
    ("Australia/Lord_Howe", (2026, 10, 4)),
    ("Africa/Cairo", (2026, 4, 24)),
    ("Africa/Cairo", (2026, 10, 30)),
    ("Antarctica/Troll", (2026, 3, 29)),
    (SHANGHAI, (2026, 11, 27)),
]


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize("reach", REACHES)
def test_each_day_of_the_range_is_named_once(zone: str, day: tuple[int, int, int], reach: Reach) -> None:
    since, until = range_of(reach, at(zone, *day, 12), zone)
    found = timeline([], since, until, zone).ticks
    first, last = (datetime.fromtimestamp(t, ZoneInfo(zone)).date() for t in (since, until - 1))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert [tick.date for tick in found if tick.new_day] == days
    assert all(tick.midnight for tick in found if tick.new_day and tick.date != first)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_a_day_of_any_zone_begins_with_a_tick(zone: str, day: tuple[int, int, int]) -> None:
    since = at(zone, *day, 0) - 3 * HOUR
    found = [tick for tick in timeline([], since, since + DAY, zone).ticks if tick.midnight]
    assert [tick.date for tick in found] == [date(*day)]


def test_six_hours_have_a_tick_each_half_hour() -> None:
    assert clocks(SHANGHAI, 2026, 11, 27, 22, hours=6)[:5] == ["22:00", "22:30", "23:00", "23:30", "00:00"]


def test_a_day_has_a_tick_each_second_hour() -> None:
    assert clocks("Asia/Kathmandu", 2026, 11, 27, 17, hours=24)[:3] == ["18:00", "20:00", "22:00"]


def test_seven_days_have_a_tick_each_day() -> None:
    found = ticks(SHANGHAI, 2026, 11, 27, hours=7 * 24)
    assert [(tick.clock, tick.date.day, tick.midnight) for tick in found][:2] == [
        ("00:00", 27, True),
        ("00:00", 28, True),
    ]
    assert len(found) == 7


def test_an_hour_that_comes_twice_has_its_ticks_twice() -> None:
    found = clocks("America/New_York", 2026, 11, 1, 0, hours=6)
    assert found[:7] == ["00:00", "00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]


def test_a_missing_hour_has_no_ticks() -> None:
    assert clocks("America/New_York", 2026, 3, 8, 1, hours=6)[:3] == ["01:00", "01:30", "03:00"]


def marks(zone: str, *day: int) -> list[Mark]:
    since = at(zone, *day)
    return list(timeline([], since, since + DAY, zone).marks)


@pytest.mark.parametrize(
    ("zone", "day", "told"),
    [
        ("America/New_York", (2026, 3, 8), (False, "02:00", "03:00")),
        ("America/New_York", (2026, 11, 1), (True, "01:00", "02:00")),
        ("America/St_Johns", (2026, 11, 1), (True, "01:00", "02:00")),
        ("Australia/Lord_Howe", (2026, 4, 5), (True, "01:30", "02:00")),
        ("Australia/Lord_Howe", (2026, 10, 4), (False, "02:00", "02:30")),
        ("Antarctica/Troll", (2026, 3, 29), (False, "01:00", "03:00")),
    ],
)
def test_a_change_of_the_clock_is_named(
    zone: str, day: tuple[int, int, int], told: tuple[bool, str, str]
) -> None:
    (mark,) = marks(zone, *day)
    assert (mark.repeated, mark.first, mark.last) == told


def test_what_comes_twice_is_marked_from_when_it_begins_again() -> None:
    (mark,) = marks("America/New_York", 2026, 11, 1)
    assert mark.at == at("America/New_York", 2026, 11, 1, 0) + 2 * HOUR
    assert (mark.left, mark.width) == (round(200 / 24, 4), pytest.approx(100 / 24, abs=1e-3))


def test_a_zone_without_changes_has_no_marks() -> None:
    since = at(SHANGHAI, 2026, 1, 1)
    assert timeline([], since, since + 365 * DAY, SHANGHAI).marks == ()
