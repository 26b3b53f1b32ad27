"""What somebody said of a window, written into the file, means the same window."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from tests import events_text
from tests.programmes import NIGHTS, Entry, nights, read, recurring
from worker.entries import advise, text
from worker.events.model import Event, Extra
from worker.overrides import Override, overridden
from worker.windows import Window, expand

DAY = 86_400
HOUR = 3_600

GALA = "rtmp://d.example.com/live/gala-key"


def around(of: Event, at: int) -> list[tuple[Any, ...]]:
    windows = expand(of, at - 6 * DAY, at + 6 * DAY)
    return sorted((w.start, w.end, str(w.slot), w.sources) for w in windows)


def windows(of: Event, zone: str) -> list[Window]:
    now = int(NIGHTS[zone].timestamp())
    return list(expand(of, now - DAY, now + 2 * DAY))


def written(entry: Entry, advice: Any) -> Event:
    """The file with the entries as they are told, as text, read again."""
    new = {key: list(entry.get(key, ())) for key in ("exceptions", "extra")}
    for drop in advice.drop:
        key, name = ("extra", "start") if isinstance(drop, Extra) else ("exceptions", "on")
        gone = yaml.load(text(drop), yaml.BaseLoader)
        new[key] = [each for each in new[key] if each[name] != gone[name]]
    for put in advice.put:
        key = "extra" if isinstance(put, Extra) else "exceptions"
        new[key].append(yaml.load(text(put, show_secrets=True), yaml.BaseLoader))
    (found,) = read([{key: value for key, value in (entry | new).items() if value != []}])
    return found


@settings(deadline=None, max_examples=400)
@given(data=st.data(), zone=nights)
def test_the_file_with_the_entries_means_what_was_said_and_nothing_else(data: Any, zone: str) -> None:
    entry = data.draw(recurring("news", zone))
    (of,) = read([entry])
    there = windows(of, zone)
    assume(there)
    window = data.draw(st.sampled_from(there))
    start = data.draw(st.none() | st.integers(-30, 60).map(lambda n: window.start + n * HOUR // 2))
    end = data.draw(st.none() | st.integers(1, 60).map(lambda n: (start or window.start) + n * HOUR // 2))
    told = Override(
        window=window.id,
        at=0.0,
        by="ann",
        reason="a: b #c, 雪",
        start=start,
        end=end,
        cancel=data.draw(st.booleans()),
        sources=data.draw(st.sampled_from([(), (GALA,)])),
        stream=data.draw(st.sampled_from(["", "gala"])),
    )
    assume(told.cancel or ((start or window.start) < (end or window.end)))
    advice = advise(of, told)
    event(advice.why_not or f"{len(advice.put)} put, {len(advice.drop)} dropped")
    if advice.why_not:
        return
    new = written(entry, advice)
    kept = around(of, window.start)
    kept.remove((window.start, window.end, str(window.slot), window.sources))
    if not told.cancel:
        wanted = overridden(window, told)
        kept.append((wanted.start, wanted.end, str(wanted.slot), wanted.sources))
    assert around(new, window.start) == sorted(kept)


def said(of: Event, on: str, **changes: Any) -> tuple[list[str], str]:
    """The entries for an override of what starts then by the event's clock, or why there are none."""
    at = int(datetime.fromisoformat(on).replace(tzinfo=ZoneInfo(of.timezone)).timestamp()) - of.pad_before
    window = next(expand(of, at, at + 1))
    advice = advise(of, Override(window=window.id, at=0.0, by="ann", reason="gala", **changes))
    return [text(entry) for entry in advice.put], advice.why_not


def unix(reading: str, zone: str = "Asia/Shanghai") -> int:
    return int(datetime.fromisoformat(reading).replace(tzinfo=ZoneInfo(zone)).timestamp())


NIGHTLY = events_text.event(pad_before="5m", pad_after="10m")
NEW_YORK = events_text.event(timezone="America/New_York", cron='"0 0 * * *"')


def test_times_are_written_without_the_pads_they_are_sent_with() -> None:
    start, end = unix("2026-12-24T20:55"), unix("2026-12-25T00:10")
    entry = '{on: 2026-12-24, start: "21:00", duration: 3h, reason: "gala"}'
    assert said(NIGHTLY, "2026-12-24T20:00", start=start, end=end) == ([entry], "")


def test_a_start_after_midnight_is_one_of_the_nominal_date() -> None:
    entries, _ = said(
        NIGHTLY, "2026-12-24T20:00", start=unix("2026-12-25T01:25"), end=unix("2026-12-25T03:40")
    )
    assert entries == ['{on: 2026-12-24, start: "25:30", reason: "gala"}']


def test_a_start_before_the_nominal_date_is_a_cancel_and_an_extra() -> None:
    entries, _ = said(NEW_YORK, "2026-12-24T00:00", start=unix("2026-12-23T23:00", "America/New_York"))
    assert entries == [
        '{on: 2026-12-24, cancel: true, reason: "gala"}',
        '{start: 2026-12-23T23:00, duration: 3h, reason: "gala"}',
    ]


def test_a_start_that_the_clock_shows_the_second_time_cannot_be_written() -> None:
    second = int(datetime(2026, 11, 1, 6, 30, tzinfo=UTC).timestamp())  # 01:30 in New York, again
    assert said(NEW_YORK, "2026-11-01T00:00", start=second, end=second + HOUR) == (
        [],
        "the clock shows its new start twice that night, and the file can only mean the first",
    )
    first = second - HOUR
    assert said(NEW_YORK, "2026-11-01T00:00", start=first, end=first + 2 * HOUR)[0]


def test_an_exception_that_is_there_already_is_joined_with_what_was_said() -> None:
    of = events_text.event(exceptions="[{on: 2026-12-24, start: '21:00', stream: gala, reason: Eve}]")
    entries, _ = said(of, "2026-12-24T21:00", end=unix("2026-12-24T23:30"))
    assert entries == ['{on: 2026-12-24, start: "21:00", duration: 2h30m, stream: "gala", reason: "gala"}']


def test_one_of_several_on_a_date_is_named_with_its_time() -> None:
    of = events_text.event(cron='"0 8,20 * * *"')
    assert said(of, "2026-12-24T20:00", cancel=True)[0] == [
        '{on: 2026-12-24T20:00, cancel: true, reason: "gala"}'
    ]


def test_what_the_file_says_by_now_needs_no_entry() -> None:
    assert said(NIGHTLY, "2026-12-24T20:00", end=unix("2026-12-24T22:10")) == ([], "the file says the same")


def test_a_window_of_which_the_pads_leave_nothing_cannot_be_written() -> None:
    start = unix("2026-12-24T19:55")
    assert said(NIGHTLY, "2026-12-24T20:00", end=start + 600)[1].startswith("nothing is left of it")


def test_sources_are_masked_unless_asked_for() -> None:
    told = Override(window="show@20261224T120000Z", at=0.0, by="ann", reason="x", sources=(GALA,))
    (entry,) = advise(NIGHTLY, told).put
    assert "gala-key" not in text(entry)
    assert f'sources: ["{GALA}"]' in text(entry, show_secrets=True)
