"""What verbs share in speaking to people and scripts."""

from __future__ import annotations

import json
from datetime import datetime

import click
import pytest

from worker.cli.output import MOMENT, Range, print_document, print_table
from worker.moments import Moment

BERLIN = "Europe/Berlin"


def moment(text: str) -> Moment:
    return MOMENT.convert(text, None, None)


def unix(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def test_a_time_with_an_offset_is_the_same_instant_in_every_zone() -> None:
    typed = moment("2026-12-24T20:00+08:00")
    assert typed.unix(BERLIN) == typed.unix("Asia/Shanghai") == unix("2026-12-24T20:00+08:00")


def test_a_time_without_one_is_read_on_the_zones_own_clock() -> None:
    assert moment("2026-12-24T20:00").unix(BERLIN) == unix("2026-12-24T20:00+01:00")


def test_a_date_is_its_midnight() -> None:
    assert moment("2026-12-24").unix(BERLIN) == unix("2026-12-24T00:00+01:00")


def test_a_reading_that_the_clock_skips_is_the_jump() -> None:
    assert moment("2027-03-28T02:30").unix(BERLIN) == unix("2027-03-28T03:00+02:00")


def test_a_reading_that_comes_twice_is_the_first() -> None:
    assert moment("2026-10-25T02:30").unix(BERLIN) == unix("2026-10-25T02:30+02:00")


def test_days_are_counted_on_the_clock_face_for_a_local_reading() -> None:
    since = moment("2026-10-25")
    first, last = Range(since, since.later(1)).on(BERLIN)
    assert last - first == 25 * 3_600


def test_a_fraction_of_a_second_begins_with_the_next_whole_one() -> None:
    assert moment("2026-12-24T20:00:00.5+00:00").unix("UTC") == unix("2026-12-24T20:00:01+00:00")


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "20:00", "2026-13-01", "1969-12-31", "2038-01-01", "9999-12-31"]
)
def test_what_is_no_usable_time_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is not a time|lies outside"):
        moment(text)


def test_a_document_of_lists_is_json_even_if_they_are_empty(capsys: pytest.CaptureFixture[str]) -> None:
    print_document({"windows": iter([{"title": "晚间新闻"}, {}]), "warnings": iter([])})
    out = capsys.readouterr().out
    assert json.loads(out) == {"windows": [{"title": "晚间新闻"}, {}], "warnings": []}
    assert "晚间新闻" in out


def test_a_table_shows_what_looks_like_markup_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("Title",), [("[bold]News[/bold] :smile:",)])
    assert capsys.readouterr().out == "Title\n[bold]News[/bold] :smile:\n"
