"""A feed of ours, imported again, means the same windows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.feeds import DEFAULTS, events, read
from tests.rfc5545 import faults
from worker.events.load import parse_events
from worker.events.model import Event
from worker.ics import calendar
from worker.views import window_view
from worker.windows import SpanRefused, Window, expand

ZONES = (
    "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca",
    "Asia/Kathmandu", "America/Scoresbysund", "UTC",
)  # fmt: skip
TIMES = ("0 20 * * *", "30 1 * * *", "30 2 * * *", "15 */6 * * 1-5", "30 * * * *", "0 0,1,2,3 * * *")
NIGHTS = [
    date(2026, 10, 23), date(2026, 10, 30), date(2026, 12, 27), date(2027, 3, 12), date(2027, 3, 26),
    date(2027, 4, 2), date(2028, 2, 27),
]  # fmt: skip
"""Days ahead of clock changes, a year's end and a leap day."""


def stored(shows: list[dict[str, Any]]) -> tuple[Event, ...]:
    """The events of a file; JSON is YAML, too."""
    document = {"version": 1, "defaults": DEFAULTS, "events": shows}
    loaded = parse_events(json.dumps(document).encode(), "events.yaml")
    assert not loaded.problems, loaded.problems[0]
    return loaded.events


def windows(shows: tuple[Event, ...], since: int, until: int) -> list[Window]:
    found = chain.from_iterable(expand(show, since, until) for show in shows)
    return sorted(found, key=lambda window: (window.start, window.id))


def there_and_back(found: list[Window]) -> tuple[Event, ...]:
    made = b"".join(calendar(map(window_view, found), datetime.now(UTC)))
    assert faults(made) == []
    feed = read(made)
    assert not [item.refusal for item in feed.items if item.refusal]
    return events(feed)


def airs(found: list[Window]) -> Counter[tuple[object, ...]]:
    return Counter((w.start, w.end, w.slot, w.title) for w in found)


DAYS = st.integers(0, 9)
CLOCKS = st.sampled_from(["00:30", "01:30", "02:15", "20:00", "25:30", "47:30"])
LENGTHS = st.sampled_from([{}, {"duration": "45m"}, {"duration": "26h"}, {"end": "02:30"}])


@st.composite
def changes(draw: st.DrawFn, first: date) -> dict[str, Any]:
    nights = draw(st.lists(DAYS, unique=True, max_size=4))
    exceptions = []
    for night in nights:
        told = {"on": str(first + timedelta(night)), "reason": "x"}
        told |= draw(st.one_of(st.just({"cancel": "true"}), CLOCKS.map(lambda at: {"start": at})))
        exceptions.append(told | ({} if "cancel" in told else draw(LENGTHS)))
    extra = [
        {"start": f"{first + timedelta(night)}T{at}", "reason": "x"} | draw(LENGTHS)
        for night, at in draw(
            st.sets(st.tuples(DAYS, st.sampled_from(["01:30", "02:30", "12:07:31"])), max_size=3)
        )
    ]
    return {name: found for name, found in (("exceptions", exceptions), ("extra", extra)) if found}


@st.composite
def shows(draw: st.DrawFn, n: int, first: date) -> dict[str, Any]:
    timing = draw(
        st.sampled_from([{"duration": "1h"}, {"duration": "50s"}, {"end": "03:00"}, {"duration": "25h"}])
    )
    rule = draw(
        st.one_of(
            st.sampled_from(TIMES).map(lambda cron: {"cron": cron}),
            st.just({"rrule": "FREQ=DAILY;INTERVAL=2;BYHOUR=1,20;BYMINUTE=30", "dtstart": f"{first}T00:00"}),
        )
    )
    return {
        "id": f"show-{n}",
        "title": draw(st.sampled_from(["晚间新闻", "One, two; \\three", "x"])),
        "timezone": draw(st.sampled_from(ZONES)),
        "stream": draw(st.sampled_from(["{id}", "one", "n-{start:%Y%m%d-%H}"])),
        "pad_before": draw(st.sampled_from(["0", "0", "5m", "90m"])),
        "pad_after": draw(st.sampled_from(["0", "10m"])),
        "dst": draw(st.sampled_from([{}, {"gap": "skip", "fold": "both"}, {"gap": "shift"}])),
        **rule,
        **timing,
        **draw(changes(first)),
    }


@st.composite
def files(draw: st.DrawFn) -> tuple[date, list[dict[str, Any]]]:
    first = draw(st.sampled_from(NIGHTS))
    return first, [draw(shows(n, first)) for n in range(draw(st.integers(1, 2)))]


@given(files())
def test_what_is_exported_and_imported_airs_the_same(of: tuple[date, list[dict[str, Any]]]) -> None:
    first, written = of
    since = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
    try:
        before = windows(stored(written), since, since + 9 * 86_400)
    except SpanRefused:
        assume(False)
    assume(before)
    after = windows(there_and_back(before), since - 86_400, since + 20 * 86_400)
    assert airs(after) == airs(before)


def week(**show: Any) -> tuple[list[Window], list[Window]]:
    """The windows of a show round a clock change in Berlin, and after they were exported and imported."""
    base = {"id": "show", "cron": "0 20 * * *", "duration": "1h", "timezone": "Europe/Berlin"}
    since = int(datetime(2026, 10, 22, tzinfo=UTC).timestamp())
    before = windows(stored([base | show]), since, since + 7 * 86_400)
    return before, windows(there_and_back(before), 0, 2_000_000_000)


@pytest.mark.parametrize(
    "show",
    [{}, {"pad_before": "5m"}, {"cron": "30 2 * * *"}, {"cron": "0 * * * *"}, {"stream": "s-{start:%d}"}],
)
def test_windows_keep_their_ids(show: dict[str, str]) -> None:
    before, after = week(**show)
    assert [window.id for window in after] == [window.id for window in before]


def test_only_a_night_that_was_moved_is_called_by_its_new_start() -> None:
    moved = {"on": "2026-10-24", "start": "22:00", "reason": "x"}
    before, after = week(exceptions=[moved])
    assert [a.id for a, b in zip(after, before, strict=True) if a.id != b.id] == ["show@20261024T200000Z"]


def test_an_event_keeps_its_zone() -> None:
    _, after = week()
    assert {window.timezone for window in after} == {"Europe/Berlin"}


def test_an_event_with_a_start_that_its_clock_shows_a_second_time_goes_by_utc() -> None:
    _, after = week(cron="30 * * * *")
    assert {window.timezone for window in after} == {"UTC"}


def test_more_windows_than_an_event_takes_extras_become_several_events() -> None:
    show = stored([{"id": "show", "cron": "* * * * *", "duration": "30s"}])
    before = windows(show, 1_795_000_000, 1_795_000_000 + 60 * 1_500)
    shows = there_and_back(before)
    assert [len(each.extra) for each in shows] == [1_000, 500]
    assert airs(windows(shows, 0, 2_000_000_000)) == airs(before)


def test_what_was_called_off_is_refused_with_its_reason() -> None:
    (show,) = stored([{"id": "show", "cron": "0 20 * * *", "duration": "1h"}])

    def views() -> Iterator[Any]:
        for n, window in enumerate(expand(show, 1_795_000_000, 1_795_000_000 + 2 * 86_400)):
            yield window_view(window, state="cancelled" if n else "planned")

    feed = read(b"".join(calendar(views(), datetime.now(UTC))))
    assert [item.refusal for item in feed.items] == ["", "it is called off"]


def test_a_stranger_who_names_his_entries_as_we_do_is_no_one_of_us() -> None:
    (show,) = stored([{"id": "show", "cron": "0 20 * * *", "duration": "1h"}])
    made = b"".join(calendar(map(window_view, expand(show, 1_795_000_000, 1_795_080_000)), datetime.now(UTC)))
    ((entry, _),) = read(made.replace(b"X-RELAYBEAT-TIMEZONE", b"X-OTHER")).events
    assert entry["timezone"] == "UTC"
