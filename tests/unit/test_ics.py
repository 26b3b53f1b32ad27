"""Windows as a calendar feed."""

from __future__ import annotations

from datetime import UTC, datetime

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from tests.build import NOW, window
from tests.rfc5545 import faults
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


@pytest.mark.parametrize(
    ("state", "status"), [("displaced", "TENTATIVE"), ("missed", "CONFIRMED"), ("placed", "CONFIRMED")]
)
def test_only_what_is_called_off_is_cancelled(state: str, status: str) -> None:
    assert entry(window(), state=state)["STATUS"] == status


def test_the_description_says_what_went_wrong() -> None:
    assert "missed" in str(entry(window(), state="missed")["DESCRIPTION"]).splitlines()


def test_an_entry_keeps_nobody_from_being_invited() -> None:
    assert entry(window())["TRANSP"] == "TRANSPARENT"


def test_the_events_zone_comes_along_for_whoever_imports_the_feed() -> None:
    assert entry(window(timezone="Europe/Berlin"))["X-RELAYBEAT-TIMEZONE"] == "Europe/Berlin"


TITLES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=200)


@given(title=TITLES, reason=TITLES, start=st.integers(10**9, 2**31 - 10**6), seconds=st.integers(1, 86_400))
def test_a_feed_keeps_to_the_grammar_whatever_it_says(
    title: str, reason: str, start: int, seconds: int
) -> None:
    assert faults(feed(window(start, seconds, title=title, reason=reason), window(start + 1))) == []


@given(title=TITLES, start=st.integers(10**9, 2**31 - 10**6), seconds=st.integers(1, 86_400))
def test_another_client_library_reads_the_same_instants_and_titles(
    title: str, start: int, seconds: int
) -> None:
    one = window(start, seconds, title=title)
    (read,) = IcsCalendarStream.calendar_from_ics(feed(one).decode()).events
    assert (read.uid, read.start.timestamp(), read.end.timestamp()) == (one.id, one.start, one.end)  # type: ignore[union-attr]
    assert read.summary == str(entry(one)["SUMMARY"])
