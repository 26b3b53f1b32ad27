"""``docs/formats.md`` has the columns of the code."""

from __future__ import annotations

import re
from pathlib import Path

from worker.cli.columns import AS_RUN, RUN_SHEET, Column

TEXT = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
TABLE = TEXT.partition("## Columns")[2].partition("## ")[0]


def row(column: Column) -> str:
    sheet = "yes" if column in RUN_SHEET else ""
    return f"| `{column.name}` | {sheet} | yes | {column.meaning} |"


def test_every_column_is_documented_in_its_place() -> None:
    assert re.findall(r"^\| `.*", TABLE, re.MULTILINE) == [row(column) for column in AS_RUN]


def test_an_as_run_log_has_all_that_a_run_sheet_has() -> None:
    assert set(RUN_SHEET) < set(AS_RUN)


def test_no_name_stands_for_two_columns() -> None:
    assert len({column.name for column in AS_RUN}) == len(AS_RUN)
