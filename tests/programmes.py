"""Events files as hypothesis makes them up: around a night on which some clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import yaml
from hypothesis import strategies as st

from worker.events.load import parse_events
from worker.events.model import Event

Entry = dict[str, Any]

NIGHTS = {
    "America/New_York": datetime(2033, 11, 6, 5, tzinfo=UTC),
    "Europe/Berlin": datetime(2033, 3, 27, 0, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2033, 10, 1, 14, tzinfo=UTC),
    "Asia/Shanghai": datetime(2033, 10, 7, 12, tzinfo=UTC),
}
"""For each zone a moment some hours before its clock changes, or in Shanghai, which has none, any."""

SOURCES = [f"rtmp://{host}.example.com/live/key-{host}" for host in "abc"]
CLOCKS = ["00:00", "01:30", "02:10", "03:00", "20:00", "23:30"]
LENGTHS = ["5m", "45m", "2h", "5h30m", "26h"]

nights = st.sampled_from(sorted(NIGHTS))


CALENDARS = {
    "us": {"country": "US"},
    "works": {"dates": [f"{night.date() + timedelta(days=1)}" for night in NIGHTS.values()]},
    "early": {"dates": [f"{n.date()}T00:00..{n.date()}T02:30" for n in NIGHTS.values()], "reason": "works"},
}


def written(entries: list[Entry]) -> str:
    """A file of these entries, which may name the calendars."""
    head = {"version": 1, "defaults": {"domain": "pull.example.com", "app": "live"}, "calendars": CALENDARS}
    return str(yaml.safe_dump(head | {"events": entries}, allow_unicode=True))


def read(entries: list[Entry]) -> tuple[Event, ...]:
    """The events of such a file."""
    text = written(entries)
    loaded = parse_events(text.encode(), "events.yaml")
    assert not loaded.problems, "\n".join(map(str, loaded.problems)) + text
    return loaded.events


def dates(zone: str) -> st.SearchStrategy[str]:
    """Dates around the zone's night."""
    return st.integers(-3, 5).map(lambda days: str((NIGHTS[zone] + timedelta(days=days)).date()))


def sources() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(SOURCES), min_size=1, max_size=2, unique=True)


def lengths() -> st.SearchStrategy[Entry]:
    by_time = st.sampled_from(LENGTHS).map(lambda length: {"duration": length})
    return by_time | st.sampled_from(CLOCKS).map(lambda end: {"end": end})


def _changes(zone: str) -> st.SearchStrategy[Entry]:
    start = st.sampled_from([*CLOCKS, "25:30", "40:00"])
    rest = {"start": start, "sources": sources(), "stream": st.just("special")}
    differs = st.fixed_dictionaries({}, optional=rest).flatmap(
        lambda told: lengths().map(lambda length: told | length)
    )
    return st.just({"cancel": True}) | differs


def _exceptions(zone: str) -> st.SearchStrategy[list[Entry]]:
    on = dates(zone) | st.builds("{}T{}".format, dates(zone), st.sampled_from(CLOCKS))
    one = st.tuples(on, _changes(zone)).map(lambda pair: {"on": pair[0], "reason": "gala", **pair[1]})
    return st.lists(one, max_size=3, unique_by=lambda entry: entry["on"])


def _extras(zone: str) -> st.SearchStrategy[list[Entry]]:
    start = st.builds("{}T{}".format, dates(zone), st.sampled_from(CLOCKS))
    one = start.map(lambda at: {"start": at, "reason": "repeat"})
    return st.lists(one, max_size=2, unique_by=lambda entry: entry["start"])


def _times(zone: str) -> st.SearchStrategy[Entry]:
    clock = st.sampled_from(CLOCKS).map(lambda clock: "{1} {0} * * *".format(*clock.split(":")))
    lines = st.lists(
        clock | st.sampled_from(["0 */6 * * *", "40 * * * *"]), min_size=1, max_size=2, unique=True
    )
    rule = st.fixed_dictionaries(
        {
            "rrule": st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,SA,SU", "FREQ=HOURLY;INTERVAL=5"]),
            "dtstart": st.builds("{}T{}".format, dates(zone), st.sampled_from(CLOCKS)),
        }
    )
    return lines.map(lambda cron: {"cron": cron}) | rule


@st.composite
def recurring(draw: st.DrawFn, event_id: str, zone: str) -> Entry:
    """One entry of an event with times."""
    optional: dict[Any, st.SearchStrategy[Any]] = {
        "title": st.sampled_from(["News", "晚间新闻"]),
        "pad_before": st.sampled_from(["1m", "10m"]),
        "pad_after": st.sampled_from(["90s", "3h"]),
        "lead": st.sampled_from(["10m", "2d"]),
        "priority": st.integers(-1, 1),
        "dst": st.fixed_dictionaries(
            {"gap": st.sampled_from(["shift", "skip"]), "fold": st.sampled_from(["first", "both"])}
        ),
        "valid_from": dates(zone).map(lambda day: min(day, str(NIGHTS[zone].date()))),
        "valid_until": dates(zone).map(lambda day: max(day, str(NIGHTS[zone].date()))),
        "skip": st.sampled_from(["us.holidays", "works", "early"]),
        "also": st.sampled_from(["works", "early"]),
        "exceptions": _exceptions(zone),
        "extra": _extras(zone),
    }
    needed = {
        "id": st.just(event_id),
        "timezone": st.just(zone),
        "stream": st.sampled_from(["one", "{id}", "{id}-{start:%m%d}"]),
        "sources": sources(),
    }
    entry = draw(st.fixed_dictionaries(needed, optional=optional)) | draw(_times(zone)) | draw(lengths())
    return {key: value for key, value in entry.items() if value != []}


@st.composite
def files(draw: st.DrawFn, zone: str) -> list[Entry]:
    """The entries of a whole file."""
    ids = draw(st.lists(st.sampled_from(["news", "talk", "film"]), min_size=1, max_size=3, unique=True))
    entries = [
        draw(recurring(each, zone)) | draw(st.sampled_from([{}, {}, {"paused": True}])) for each in ids
    ]
    radio = {"id": "radio", "permanent": True, "timezone": zone, "stream": "radio", "sources": SOURCES[:1]}
    return [*entries, *draw(st.sampled_from([[], [radio]]))]
