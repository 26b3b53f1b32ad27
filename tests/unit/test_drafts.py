"""What somebody brings is read as an events file, whatever it is, and nothing of it is fatal."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.events_text import show
from tests.sheets import csv_of, saved
from worker.drafts.drafting import coming, too_many
from worker.drafts.reading import Draft, read_draft
from worker.events.load import parse_events
from worker.imports.files import kind_of

OPTIONS = {"timezone": "Asia/Shanghai", "domain": "pull.example.com", "app": "live", "stream": "{id}"}
ROWS = csv_of(
    ("节目名称", "日期", "播出时间", "时长", "拉流地址"),
    ("晚间新闻", "2026-11-27", "20:00", "2h", "rtmp://u:geheim@a.example.com/live/key"),
    ("电影", "2026-11-31", "22:00", "2h", "rtmp://a.example.com/live/film"),
)
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:news@x\r\nSUMMARY:News\r\n"
    "DTSTART:20261127T120000Z\r\nDTEND:20261127T140000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def draft(content: str | bytes, name: str = "", **options: str) -> Draft:
    return read_draft(content if isinstance(content, bytes) else content.encode(), name, OPTIONS | options)


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (show(), "", "events"),
        (show(), "week.csv", "sheet"),
        ("", "", "events"),
        ("# nothing yet", "", "events"),
        (ROWS, "", "sheet"),
        (ROWS.replace(",", "\t"), "", "sheet"),
        (ROWS, "week.YAML", "events"),
        ("hello, world", "", "events"),
        ("hello, world", "week.CSV", "sheet"),
        (CALENDAR, "week.yaml", "calendar"),
        ("nonsense", "week.ics", "calendar"),
        ("version：1", "", "events"),
    ],
)
def test_a_file_is_known_by_what_is_in_it_and_then_by_its_name(content: str, name: str, kind: str) -> None:
    assert kind_of(content.encode(), name) == kind


def test_rows_that_are_pasted_from_a_spreadsheet_become_an_events_file() -> None:
    found = draft(ROWS.replace(",", "\t"))
    assert (found.kind, found.right, [event.title for event in found.loaded.events]) == (
        "sheet",
        True,
        ["晚间新闻"],
    )
    assert found.imported is not None
    assert "there is no date" in found.imported.refused[0].why


def test_the_text_is_what_is_applied_sources_whole_and_verdicts_are_masked() -> None:
    found = draft(ROWS.replace("2026-11-31", "rtmp://u:geheim@b.example.com/x"))
    assert "geheim" in found.text
    assert parse_events(found.text.encode(), "").sha256 == found.loaded.sha256
    assert found.imported is not None
    assert "geheim" not in repr(found.imported.rows)


def test_a_calendar_becomes_an_events_file() -> None:
    found = draft(CALENDAR, sources=["rtmp://a.example.com/live/x"])  # type: ignore[arg-type]
    assert [event.title for event in found.loaded.events] == ["News"]


def test_what_a_spreadsheet_does_not_say_and_nobody_else_does_is_told_a_row() -> None:
    found = read_draft(ROWS.encode(), "week.csv")
    assert not found.right
    assert (
        str(found.loaded.problems[0])
        == "week.csv: none of its rows could be taken (hint: see why below each row)"
    )
    assert found.imported is not None
    assert "timezone" in found.imported.rows[0].why


def test_options_that_make_no_sense_are_problems() -> None:
    (problem,) = draft(ROWS, timezone="Mars/Phobos").loaded.problems
    assert "timezone" in problem.message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04 and then nothing", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old Excel workbook"),
        (b"\xff\xfe\x00", "neither CSV nor XLSX"),
    ],
)
def test_a_file_that_is_none_is_a_problem(content: bytes, what: str) -> None:
    found = draft(content, "week.xlsx")
    assert (found.right, found.text) == (False, "")
    assert what in found.loaded.problems[0].message


def test_a_formula_counts_as_what_excel_computed_and_one_without_a_value_is_told() -> None:
    book = Workbook()
    book.active.append(["title", "date", "start", "duration", "source"])
    book.active.append(["=1+1", "2026-11-27", "20:00", "1h", "rtmp://a.example.com/live/x"])
    found = draft(saved(book), "week.xlsx")
    assert found.imported is not None
    assert "formula" in found.imported.rows[0].why


@given(st.binary(max_size=300), st.sampled_from(["", "a.csv", "a.xlsx", "a.ics", "a.yaml"]))
def test_whatever_is_brought_nothing_is_raised(content: bytes, name: str) -> None:
    found = draft(content, name)
    assert found.right == bool(found.loaded.events or not found.loaded.problems)


SINCE = int(datetime.fromisoformat("2026-11-27T21:00+08:00").timestamp())
DAY = int(timedelta(days=1).total_seconds())


def test_what_is_on_air_is_among_what_comes_and_what_starts_after_is_not() -> None:
    loaded = parse_events(show().encode(), "")
    found = [window.start for window in coming(loaded, 300, SINCE, SINCE + DAY)]
    assert found == [SINCE - 3_600, SINCE - 3_600 + DAY]


@given(st.integers(0, 40))
def test_windows_are_counted_only_as_far_as_one_too_many(most: int) -> None:
    loaded = parse_events(show(cron='"0 * * * *"', duration="5m").encode(), "")
    assert too_many(loaded, SINCE, SINCE + DAY, most) == (most < 24)
