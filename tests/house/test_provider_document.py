"""docs/provider.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from worker import errors
from worker.provider.classify import CODES, STATUSES

PAGE = (Path(__file__).parents[2] / "docs" / "provider.md").read_text(encoding="utf-8")
TABLE = re.compile(r"^\| ([^|\n]+) \| ([^|\n]+) \| ([^|\n]+) \|$", re.MULTILINE)
ERRORS = [each for each in errors.ProviderError.__subclasses__() if each.__module__ == "worker.errors"]
YES = {True: "yes", False: "no"}


def test_every_code_is_in_the_table_with_what_it_becomes_and_none_besides() -> None:
    section = PAGE.partition("### By code")[2].partition("###")[0]
    written = [row for row in TABLE.findall(section) if row[0] not in {"code", "---"}]
    assert written == [(code, meaning.error.code, meaning.words) for code, meaning in CODES.items()]


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_in_the_table(status: int) -> None:
    section = PAGE.partition("### By status")[2].partition("###")[0]
    (becomes,) = re.findall(
        rf"^\| [^|]*\b{status}\b[^|]*\| ([a-z-]+) \|$", section.replace("except 429", ""), re.M
    )
    assert becomes == STATUSES[status].error.code


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_error_is_in_the_table_with_what_may_be_done(error: type[errors.ProviderError]) -> None:
    (row,) = re.findall(rf"^\| {error.code} \| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.M)
    again, counts, look = row
    assert (again != "no", counts) == (error.retry, YES[error.counts])
    assert (look != "no") == error.look_first
