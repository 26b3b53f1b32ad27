"""Events become windows: starts, ends, pads, exceptions, extras, names, notes and order."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import build
from worker.events.model import Deviation, Event, Extra, Occasion, WallTime
from worker.relay import LATEST_SECOND, LONGEST_WINDOW, Slot
from worker.windows import SpanRefused, Window, expand, longest, next_start, unmatched

BERLIN = "Europe/Berlin"
HOUR, DAY = 3_600, 86_400


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def clock(text: str) -> WallTime:
    hours, minutes = text.split(":")
    return WallTime(int(hours) * HOUR + int(minutes) * 60)


def event(**changes: Any) -> Event:
    """A daily show at 20:00 in Berlin for an hour; everything can be changed by name."""
    fields: dict[str, Any] = {
        "id": "news", "title": "News", "domain": "pull.example.com", "app": "live", "stream": "news",
        "sources": build.SOURCES, "timezone": BERLIN, "crons": ("0 20 * * *",), "duration": HOUR,
    }  # fmt: skip
    if "end" in changes:
        fields["duration"] = None
    return Event(**(fields | changes))


def on(day: str, at: str | None = None, **changes: Any) -> Deviation:
    occasion = Occasion(date.fromisoformat(day), clock(at) if at else None)
    return Deviation(on=occasion, reason="Christmas", **changes)


def extra(start: str, **changes: Any) -> Extra:
    return Extra(start=datetime.fromisoformat(start), reason="Repeat", **changes)


def windows(show: Event, since: str, until: str) -> list[Window]:
    return list(expand(show, instant(since), instant(until)))


CHRISTMAS = ("2026-12-23T00:00+01:00", "2026-12-26T00:00+01:00")


def times(show: Event, since: str = CHRISTMAS[0], until: str = CHRISTMAS[1]) -> list[tuple[str, str]]:
    """Start and end of each window, as Berlin's clock shows them."""
    zone = datetime.fromisoformat(since).tzinfo
    return [tuple(f"{datetime.fromtimestamp(at, zone):%d %H:%M}" for at in (w.start, w.end))
            for w in windows(show, since, until)]  # type: ignore[misc]  # fmt: skip


def test_a_window_says_everything_that_is_sent() -> None:
    (found,) = windows(event(priority=7), "2026-12-24T00:00Z", "2026-12-25T00:00Z")
    start = instant("2026-12-24T20:00+01:00")
    assert found == Window(
        id="news@20261224T190000Z", event="news", title="News",
        slot=Slot("pull.example.com", "live", "news"), sources=build.SOURCES,
        start=start, end=start + HOUR, timezone=BERLIN, lead=DAY, min_useful=600, priority=7,
    )  # fmt: skip


def test_a_window_becomes_due_a_lead_before_its_start() -> None:
    (found,) = windows(event(lead=2 * HOUR), "2026-12-24T00:00Z", "2026-12-25T00:00Z")
    assert found.due_at == found.start - 2 * HOUR


ENDS = [
    ("2027-03-28", "30 2 * * *", 3600, 1806195600, 1806199200),
    ("2027-03-28", "15 2 * * *", "02:45", None, None),
    ("2027-03-28", "30 2 * * *", "03:30", 1806195600, 1806197400),
    ("2027-03-28", "30 1 * * *", "02:30", 1806193800, 1806195600),
    ("2027-03-28", "30 1 * * *", 3600, 1806193800, 1806197400),
    ("2027-03-27", "0 22 * * *", "06:00", 1806181200, 1806206400),
    ("2027-03-27", "0 22 * * *", 28800, 1806181200, 1806210000),
    ("2027-11-07", "30 1 * * *", 1800, 1825565400, 1825567200),
    ("2027-11-07", "0 1 * * *", "02:00", 1825563600, 1825570800),
    ("2027-11-06", "0 23 * * *", "01:30", 1825556400, 1825565400),
    ("2011-12-30", "0 12 * * *", 3600, None, None),
]
"""Date, cron line, duration or wall-clock end, and the window that docs/time.md gives for it."""


@pytest.mark.parametrize(("day", "cron", "length", "start", "end"), ENDS)
def test_the_ends_of_the_table_in_the_documents(
    day: str, cron: str, length: int | str, start: int | None, end: int | None
) -> None:
    zone = {"2027-03": BERLIN, "2027-11": "America/New_York", "2011-12": "Pacific/Apia"}[day[:7]]
    ending: dict[str, Any] = {"end": clock(length)} if isinstance(length, str) else {"duration": length}
    only = date.fromisoformat(day)
    show = event(timezone=zone, crons=(cron,), valid_from=only, valid_until=only, **ending)
    found = [(w.start, w.end) for w in expand(show, 0, LATEST_SECOND)]
    assert found == ([] if start is None else [(start, end)])


def test_an_end_after_midnight_may_be_written_past_24_hours() -> None:
    night = event(crons=("0 23 * * *",), end=clock("25:30"))
    assert times(night, *CHRISTMAS)[0] == ("23 23:00", "24 01:30")


def test_pads_reach_out_of_the_window_at_both_sides() -> None:
    assert times(event(pad_before=300, pad_after=600))[0] == ("23 19:55", "23 21:10")


def test_the_range_is_that_of_starts_as_they_are_sent() -> None:
    padded = event(pad_before=300)
    (sent,) = windows(padded, "2026-12-24T18:55:00Z", "2026-12-24T18:55:01Z")
    assert sent.id == "news@20261224T190000Z"
    assert windows(padded, "2026-12-24T18:55:01Z", "2026-12-24T19:00:01Z") == []


def test_several_lines_are_one_event_and_their_common_starts_one_window() -> None:
    both = event(crons=("0 20 * * *", "0 20,21 * * 4"), duration=60)
    assert [start for start, _ in times(both)] == ["23 20:00", "24 20:00", "24 21:00", "25 20:00"]


def test_validity_is_counted_in_nominal_local_dates_and_includes_both() -> None:
    midnight = event(crons=("0 0 * * *",), valid_from=date(2026, 12, 24), valid_until=date(2026, 12, 25))
    found = windows(midnight, "2026-12-01T00:00Z", "2027-01-31T00:00Z")
    assert [w.id for w in found] == ["news@20261223T230000Z", "news@20261224T230000Z"]


def test_validity_ends_with_the_second_pass_of_its_last_hour() -> None:
    hourly = event(timezone="America/Havana", crons=("30 * * * *",), valid_until=date(2027, 11, 7))
    found = windows(hourly, "2027-11-07T00:00-04:00", "2027-11-09T00:00-05:00")
    assert len(found) == 25


def test_a_paused_event_has_no_windows() -> None:
    paused = event(paused=True)
    assert times(paused) == []
    assert next_start(paused, 0) is None


def test_a_cancelled_night_has_no_window() -> None:
    assert [start for start, _ in times(event(exceptions=(on("2026-12-24", cancel=True),)))] == [
        "23 20:00",
        "25 20:00",
    ]


def test_a_moved_occurrence_keeps_the_id_of_its_nominal_start() -> None:
    moved = event(exceptions=(on("2026-12-24", start=clock("21:30")),))
    found = windows(moved, *CHRISTMAS)[1]
    assert (found.id, found.start) == ("news@20261224T190000Z", instant("2026-12-24T21:30+01:00"))
    assert (found.notes, found.reason) == (("overridden",), "Christmas")


def test_an_occurrence_may_move_past_midnight_and_stays_in_order() -> None:
    late = event(
        crons=("0 20 * * *", "0 1 * * *"), exceptions=(on("2026-12-24", "20:00", start=clock("25:30")),)
    )
    assert [start for start, _ in times(late)][3:] == ["25 01:00", "25 01:30", "25 20:00"]


def test_a_moved_start_is_found_by_where_it_moves_to() -> None:
    moved = event(exceptions=(on("2026-12-24", start=clock("26:00")),))
    assert len(windows(moved, "2026-12-25T00:00+01:00", "2026-12-25T12:00+01:00")) == 1
    assert windows(moved, "2026-12-24T00:00+01:00", "2026-12-25T00:00+01:00") == []


def test_an_exception_may_change_length_sources_and_stream_for_one_night() -> None:
    change = on("2026-12-24", duration=3 * HOUR, sources=("https://b.example.com/x.flv",), stream="gala")
    _, found, after = windows(event(exceptions=(change,)), *CHRISTMAS)
    assert (found.end - found.start, found.sources, found.slot.stream) == (3 * HOUR, change.sources, "gala")
    assert (after.end - after.start, after.sources, after.slot.stream) == (HOUR, build.SOURCES, "news")


def test_an_exceptions_end_counts_from_the_date_it_is_for() -> None:
    gala = on("2026-12-24", start=clock("24:30"), end=clock("26:00"))
    assert times(event(exceptions=(gala,)))[1] == ("25 00:30", "25 02:00")


def test_an_events_end_holds_for_a_moved_start_too() -> None:
    moved = event(end=clock("22:00"), exceptions=(on("2026-12-24", start=clock("21:00")),))
    assert times(moved)[1] == ("24 21:00", "24 22:00")


def test_an_exception_with_a_time_means_that_occurrence_alone() -> None:
    twice = event(crons=("0 8,20 * * *",), exceptions=(on("2026-12-24", "08:00", cancel=True),))
    assert [start for start, _ in times(twice)][2:4] == ["24 20:00", "25 08:00"]


def test_an_exception_with_a_time_goes_before_one_for_the_whole_date() -> None:
    changes = (on("2026-12-24", cancel=True), on("2026-12-24", "08:00", duration=60))
    twice = event(crons=("0 8,20 * * *",), exceptions=changes)
    assert [w for w in times(twice) if w[0].startswith("24")] == [("24 08:00", "24 08:01")]


def test_an_exception_for_one_of_several_starts_on_one_jump_is_for_the_start_they_became() -> None:
    show = event(crons=("15,45 2 * * *",), exceptions=(on("2027-03-28", "02:45", cancel=True),))
    assert windows(show, "2027-03-28T00:00Z", "2027-03-29T00:00Z") == []


def test_an_extra_is_a_window_of_its_own() -> None:
    found = windows(event(extra=(extra("2026-12-24T09:00", duration=60),)), *CHRISTMAS)[1]
    assert (found.id, found.end - found.start) == ("news@20261224T080000Z", 60)
    assert (found.notes, found.reason) == (("extra",), "Repeat")


def test_an_extra_takes_length_and_sources_of_its_event_unless_it_says_otherwise() -> None:
    found = windows(event(end=clock("22:00"), extra=(extra("2026-12-24T09:00"),)), *CHRISTMAS)[1]
    assert (found.end - found.start, found.sources) == (13 * HOUR, build.SOURCES)


def test_an_extra_on_a_regular_start_replaces_it() -> None:
    found = windows(event(extra=(extra("2026-12-24T20:00", duration=60),)), *CHRISTMAS)
    assert [(w.end - w.start, w.notes) for w in found] == [(HOUR, ()), (60, ("extra",)), (HOUR, ())]


def test_an_extra_in_place_of_a_moved_occurrence_has_another_id() -> None:
    show = event(exceptions=(on("2026-12-24", start=clock("22:00")),), extra=(extra("2026-12-24T20:00"),))
    assert [w.id for w in windows(show, *CHRISTMAS)[1:3]] == [
        "news@20261224T190000Z-extra",
        "news@20261224T190000Z",
    ]


def test_a_cancelled_occurrence_leaves_its_id_to_an_extra() -> None:
    show = event(exceptions=(on("2026-12-24", cancel=True),), extra=(extra("2026-12-24T20:00"),))
    assert [w.id for w in windows(show, *CHRISTMAS)][1] == "news@20261224T190000Z"


def test_an_event_may_consist_of_extras_alone() -> None:
    assert times(event(crons=(), extra=(extra("2026-12-24T20:00"),))) == [("24 20:00", "24 21:00")]


def test_a_stream_template_is_filled_with_id_and_nominal_local_start() -> None:
    show = event(
        crons=("30 0 * * *",),
        stream="{id}-{start:%Y%m%d-%H%M}",
        exceptions=(on("2026-12-25", start=clock("9:00")),),
    )
    assert [w.slot.stream for w in windows(show, *CHRISTMAS)] == [
        "news-20261223-0030", "news-20261224-0030", "news-20261225-0030"]  # fmt: skip


SPRING, AUTUMN = ("2027-03-28T00:00Z", "2027-03-28T03:00Z"), ("2027-10-30T23:00Z", "2027-10-31T03:00Z")


@pytest.mark.parametrize(
    ("changes", "night", "notes"),
    [
        ({"crons": ("30 2 * * *",)}, SPRING, ("dst-gap-shifted",)),
        ({"crons": ("30 2 * * *",)}, AUTUMN, ("dst-fold", "dst-in-window")),
        ({"crons": ("30 1 * * *",)}, SPRING, ("dst-in-window",)),
        ({"crons": ("0 1 * * *",)}, SPRING, ()),
        ({"crons": ("0 3 * * *",)}, SPRING, ()),
        ({"crons": (), "extra": (extra("2027-03-28T02:30"),)}, SPRING, ("dst-gap-shifted", "extra")),
        ({"crons": ("0 9 * * *",), "exceptions": (on("2027-10-31", start=clock("2:30")),)}, AUTUMN,
         ("dst-fold", "overridden", "dst-in-window")),
    ],
)  # fmt: skip
def test_notes_tell_what_a_clock_change_did(
    changes: dict[str, Any], night: tuple[str, str], notes: tuple[str, ...]
) -> None:
    assert [w.notes for w in windows(event(**changes), *night)] == [notes]


def test_an_hourly_event_has_a_window_in_each_pass_with_an_id_of_its_own() -> None:
    found = windows(event(crons=("30 * * * *",), duration=60), "2027-10-31T00:00Z", "2027-10-31T02:00Z")
    assert [(w.id, w.notes) for w in found] == [
        ("news@20271031T003000Z", ("dst-fold",)), ("news@20271031T013000Z", ("dst-fold",))]  # fmt: skip


def test_an_event_may_choose_what_clock_changes_do_to_it() -> None:
    nightly = event(crons=("30 2 * * *",), duration=60, gap="skip", fold="both")
    assert windows(nightly, *SPRING) == []
    assert len(windows(nightly, *AUTUMN)) == 2


RADIO = {"id": "radio", "permanent": True, "crons": (), "duration": None}


def test_a_permanent_event_is_one_window_without_bounds() -> None:
    (found,) = expand(event(**RADIO), 1_000, 1_001)
    assert (found.id, found.start, found.end, found.permanent) == ("radio@permanent", 0, LATEST_SECOND, True)


def test_a_permanent_event_is_wanted_from_its_first_to_its_last_date() -> None:
    radio = event(**RADIO, valid_from=date(2026, 12, 24), valid_until=date(2026, 12, 24))
    first, last = instant("2026-12-24T00:00+01:00"), instant("2026-12-25T00:00+01:00")
    (found,) = expand(radio, last - 1, last)
    assert (found.start, found.end) == (first, last)
    assert list(expand(radio, last, last + DAY)) == list(expand(radio, first - DAY, first)) == []
    assert (next_start(radio, first - 1), next_start(radio, first)) == (first, None)


@pytest.mark.parametrize("length", [0, LONGEST_WINDOW + 1])
def test_a_length_that_nobody_checked_is_refused_and_never_sent(length: int) -> None:
    with pytest.raises(SpanRefused, match="news@20261223T190000Z"):
        times(event(duration=length))


def test_thirty_one_days_with_pads_are_accepted() -> None:
    monthly = event(crons=("0 0 21 12 *",), duration=LONGEST_WINDOW - 900, pad_before=300, pad_after=600)
    (found,) = windows(monthly, "2026-12-20T00:00Z", "2026-12-27T00:00Z")
    assert found.end - found.start == LONGEST_WINDOW


def test_no_window_is_longer_than_the_longest_that_the_event_says() -> None:
    assert longest(event(pad_before=60)) == HOUR + 60
    assert longest(event(extra=(extra("2026-12-25T20:00", duration=DAY),))) == DAY
    (night,) = windows(event(end=clock("47:59")), *CHRISTMAS)[:1]
    assert night.end - night.start <= longest(event(end=clock("47:59"))) < 7 * DAY


def test_exceptions_that_mean_no_occurrence_are_told() -> None:
    good, wrong_time = on("2026-12-24", cancel=True), on("2026-12-25", "20:30", cancel=True)
    wrong_day = on("2026-12-26", start=clock("21:00"))
    assert unmatched(event(crons=("0 20 * * 1-5",), exceptions=(good, wrong_time, wrong_day))) == (
        wrong_time,
        wrong_day,
    )


def test_an_exception_may_name_a_time_past_midnight() -> None:
    night = event(crons=("30 1 * * *",), exceptions=(on("2026-12-24", "25:30", cancel=True),))
    assert unmatched(night) == ()
    assert [start for start, _ in times(night)] == ["23 01:30", "24 01:30"]


def test_expansion_is_lazy() -> None:
    assert len(list(islice(expand(event(crons=("* * * * *",)), 0, LATEST_SECOND), 3))) == 3


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Events round the clock changes of 2027 with whatever an event can have."""
    crons = st.sampled_from(
        ["30 2 * * *", "15,45 2,3 * * *", "0 * * * *", "0 20 * * 6,0", "50 23 * * *", "0 0 * * *"]
    )
    clocks = st.builds(WallTime, st.integers(0, 95).map(lambda n: n * 1800))
    length = st.one_of(
        st.fixed_dictionaries({"duration": st.integers(1, DAY)}), st.fixed_dictionaries({"end": clocks})
    )
    days = st.sampled_from([date(2027, 3, d) for d in (27, 28, 29)])
    change = st.one_of(
        st.just({"cancel": True}),
        st.fixed_dictionaries({"start": clocks}),
        length,
        st.just({"stream": "other"}),
    )
    exceptions = [
        Deviation(on=Occasion(draw(days), draw(st.one_of(st.none(), clocks))), reason="r", **draw(change))
        for _ in range(draw(st.integers(0, 4)))
    ]
    starts = st.builds(datetime.combine, days, st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])))
    extras = [Extra(start=draw(starts), reason="r", **draw(length)) for _ in range(draw(st.integers(0, 2)))]
    return event(
        **draw(length), crons=tuple(draw(st.lists(crons, min_size=1, max_size=3, unique=True))),
        exceptions=tuple(exceptions), extra=tuple(extras), pad_before=draw(st.sampled_from([0, 300])),
        pad_after=draw(st.sampled_from([0, 600])), gap=draw(st.sampled_from([None, "shift", "skip"])),
        fold=draw(st.sampled_from([None, "both"])), valid_from=draw(st.one_of(st.none(), days)),
        valid_until=draw(st.one_of(st.none(), days)),
    )  # fmt: skip


SINCE, UNTIL = instant("2027-03-25T00:00Z"), instant("2027-04-01T00:00Z")


@settings(deadline=None, max_examples=200)
@given(events())
def test_windows_come_in_order_and_none_is_empty_or_named_twice(show: Event) -> None:
    found = list(expand(show, SINCE, UNTIL))
    assert [w.start for w in found] == sorted({w.start for w in found})
    assert len({w.id for w in found}) == len(found)
    assert all(SINCE <= w.start < UNTIL and w.start < w.end for w in found)


@settings(deadline=None, max_examples=200)
@given(events(), st.integers(SINCE, UNTIL))
def test_where_the_range_is_cut_changes_nothing(show: Event, cut: int) -> None:
    parts = [*expand(show, SINCE, cut), *expand(show, cut, UNTIL)]
    assert parts == list(expand(show, SINCE, UNTIL))


@settings(deadline=None, max_examples=100)
@given(events())
def test_next_starts_lead_from_window_to_window(show: Event) -> None:
    found, at = [], SINCE - 1
    while (coming := next_start(show, at)) is not None and coming < UNTIL and len(found) < 40:
        found.append(at := coming)
    assert found == [w.start for w in islice(expand(show, SINCE, UNTIL), 40)]
