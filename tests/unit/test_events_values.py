"""How values are written: what each kind takes, and what it sends back."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.events import values
from worker.events.model import Occasion, WallTime


@pytest.mark.parametrize("text", ["a", "news", "nightly-news", "24", "a" * 64])
def test_an_id_is_made_of_small_letters_digits_and_hyphens(text: str) -> None:
    assert values.event_id(text) == text


@pytest.mark.parametrize("text", ["", "A", "a b", "-a", "a-", "a_b", "新闻", "a@b", "a" * 65, "a\n", "٣"])
def test_anything_else_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match="id"):
        values.event_id(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("00:00", 0), ("9:05", 32_700), ("20:00", 72_000), ("20:00:30", 72_030)),
        *(("24:00", 86_400), ("25:30", 91_800), ("47:59:59", 172_799)),
    ],
)
def test_a_time_of_day_may_lie_on_the_next_day(text: str, seconds: int) -> None:
    assert values.wall_time(text) == WallTime(seconds)


@pytest.mark.parametrize(
    "text", ["48:00", "20", "20:60", "20:00:60", "8pm", "20.00", "-1:00", "２０:00", "72000", "20:0"]
)
def test_anything_else_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match="not a time of day"):
        values.wall_time(text)


def test_a_date_is_year_month_day() -> None:
    assert values.day("2028-02-29") == date(2028, 2, 29)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29",
        "2026-13-01",
        "20261224",
        "2026-W52-4",
        "24.12.2026",
        "1999-12-31",
        "2038-01-01",
        "26-12-24",
    ],
)
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|outside the years"):
        values.day(text)


def test_an_exception_is_for_a_date_or_for_one_time_of_it() -> None:
    assert values.occasion("2026-12-24") == Occasion(date(2026, 12, 24))
    assert values.occasion("2026-12-24T20:00") == Occasion(date(2026, 12, 24), WallTime(72_000))


def test_an_extra_starts_at_a_local_time() -> None:
    assert values.moment("2026-12-25T20:00") == datetime(2026, 12, 25, 20)  # noqa: DTZ001
    assert values.moment("2026-12-25 9:05:01") == datetime(2026, 12, 25, 9, 5, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    "text", ["2026-12-25", "2026-12-25T20:00Z", "2026-12-25T20:00+08:00", "2026-12-25T25:00", "20:00"]
)
def test_a_local_time_has_no_offset_and_names_its_own_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"local time|past midnight"):
        values.moment(text)


@pytest.mark.parametrize(("text", "meant"), [("true", True), ("True", True), ("FALSE", False)])
def test_true_and_false_are_the_only_truths(text: str, meant: bool) -> None:
    assert values.truth(text) is meant


@pytest.mark.parametrize("text", ["yes", "no", "on", "1", "y", "~"])
def test_what_yaml_takes_for_truths_elsewhere_is_sent_back(text: str) -> None:
    with pytest.raises(ValueError, match="neither true nor false"):
        values.truth(text)


@pytest.mark.parametrize("text", ["1e3", "1.0", "010", "0x10", "10000", "1_000", "high", "+1", "--1", "１"])
def test_a_whole_number_is_written_in_plain_digits(text: str) -> None:
    with pytest.raises(ValueError, match="not a whole number"):
        values.whole(text)


@pytest.mark.parametrize(
    "text", ["0", "0s", "2m", "8h", "-1h", "1e18", ".nan", "10 m", "1h 30m", "999999999999"]
)
def test_a_duration_lies_between_its_bounds(text: str) -> None:
    with pytest.raises(ValueError, match=r"out of range|not a duration"):
        values.duration(180, 3600)(text)


@pytest.mark.parametrize(
    "text", ["news", "News_2.a-b", "{id}", "{id}-{start:%Y%m%d}", "{start:%H%M}", "a" * 100]
)
def test_a_stream_may_hold_its_event_and_start(text: str) -> None:
    assert values.stream(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "news/evening",
            "new show",
            "新闻",
            "a" * 101,
            "news\n",
            "a?b=c",
            "news{",
            "news}",
            "{}",
            "{0}",
            "{start}",
        ),
        *(
            "{start:}",
            "{start:x}",
            "{start!r:%Y}",
            "{id:>99}",
            "{start.year}",
            "{id[0]}",
            "{id!r}",
            "{date}",
            "{{id}}",
        ),
        *(
            "{start:%B}",
            "{start:%s}",
            "{start:%}",
            "{start:%Y/%m}",
            "{start:%-d}",
            "{start:{id}}",
            "{start:%Y" + "x" * 99,
        ),
    ],
)
def test_a_stream_that_the_provider_would_refuse_is_sent_back(text: str) -> None:
    with pytest.raises(ValueError, match=r"Stream|\{|\}|%"):
        values.stream(text)


@given(st.dates(date(2000, 1, 1), date(2037, 12, 31)), st.times())
def test_a_stream_is_as_long_for_every_start(day: date, time: object) -> None:
    start = datetime.combine(day, time)  # type: ignore[arg-type]
    template = "{id}-{start:%Y%m%d%H%M%S%y%j%G%V%u}"
    assert len(template.format(id="x", start=start)) == len(values.fill(template, "x"))


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\x00b", "a\x1b[31mb", "a\u2028b", "a\u202eb", "a" * 201])
def test_a_text_for_people_is_one_short_line(text: str) -> None:
    with pytest.raises(ValueError, match="the text"):
        values.words(200)(text)


def test_a_text_for_people_may_be_in_any_script() -> None:
    assert values.words(200)("晚间新闻 – Nachtjournal 👩‍💻") == "晚间新闻 – Nachtjournal 👩‍💻"
