"""CSV as spreadsheets take it: nothing runs, nothing is rounded, and everything reads back."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worker.cli.formats import write_rows


def written(capsys: pytest.CaptureFixture[str], *rows: list[Any]) -> list[list[str]]:
    write_rows([f"c{n}" for n in range(len(rows[0]))], rows)
    out = capsys.readouterr().out
    assert out.startswith("\ufeff")
    return list(csv.reader(io.StringIO(out.removeprefix("\ufeff"), newline="")))[1:]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "\t=1", "=a\nb"])
def test_a_text_that_would_run_as_a_formula_is_kept_from_it(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert written(capsys, [text]) == [[f"'{text}"]]


@pytest.mark.parametrize("text", ["1234567890123456", "20261118E31", "0012", "1.5e10"])
def test_a_name_that_would_be_rounded_as_a_number_is_kept_from_it(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert written(capsys, [[text]]) == [[f"'{text}"]]


@pytest.mark.parametrize(
    "text", ["20:00", "2026-11-18", "1h30m", "晚间新闻", "0", "15", "news-24", "Episode 2E3"]
)
def test_dates_times_and_plain_texts_are_left_alone(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert written(capsys, [text]) == [[text]]


def test_numbers_and_nothing_stay_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert written(capsys, [1_795_000_000, None, -5, ["a", "b"], []]) == [["1795000000", "", "-5", "a b", ""]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.text(st.characters(exclude_categories=("Cs",))), st.text('",;\n\r ')), min_size=1
    )
)
def test_every_text_reads_back(rows: list[tuple[str, str]], capsys: pytest.CaptureFixture[str]) -> None:
    back = written(capsys, *map(list, rows))
    assert [[cell.removeprefix("'") for cell in row] for row in back] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
