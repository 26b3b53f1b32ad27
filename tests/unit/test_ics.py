"""Windows as a calendar feed."""

from __future__ import annotations

from datetime import UTC, datetime

import icalendar

from tests.build import NOW, window
from worker.ics import calendar
from worker.views import window_view
from worker.windows import Window

MADE = datetime.fromtimestamp(NOW, UTC)


def feed(*windows: Window, state: str = "planned") -> bytes:
    return b"".join(calendar((window_view(w, state=state, show_secrets=True) for w in windows), MADE))


def entry(one: Window, state: str = "planned") -> icalendar.Event:
    [found] = icalendar.Calendar.from_ical(feed(one, state=state)).events
    return found


def test_an_entry_keeps_its_uid_when_its_window_is_edited() -> None:
    before, after = window(), window(seconds=1_800, title="New title")
    assert entry(before)["UID"] == entry(after)["UID"] == before.id


def test_times_are_utc() -> None:
    assert entry(window(NOW)).start == MADE
    assert b"DTSTART:20261118T110640Z" in feed(window(NOW))


def test_the_description_names_the_events_own_clock_and_the_reason() -> None:
    text = str(entry(window(NOW, notes=("extra",), reason="Repeat"))["DESCRIPTION"])
    assert "19:06:40" in text
    assert "Asia/Shanghai" in text
    assert text.endswith("extra, outside the rule\nRepeat")


def test_no_source_is_in_a_feed_even_if_a_planner_wrote_it_into_the_text() -> None:
    url = "rtmp://user:secret@a.example.com/live/streamkey"
    made = feed(window(sources=(url,), title=f"From {url}", reason=f"see {url}")).replace(b"\r\n ", b"")
    assert b"secret" not in made
    assert b"streamkey" not in made


def test_a_cancelled_window_says_so() -> None:
    assert entry(window(), state="cancelled")["STATUS"] == "CANCELLED"


def test_an_empty_feed_is_a_calendar() -> None:
    assert icalendar.Calendar.from_ical(feed()).events == []
