"""``docs/import.md`` has the columns of the code, and what it shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

from tests.acceptance.command import relaybeat
from worker.imports.sheets.headers import COLUMNS, MEANINGS

TEXT = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
SHEETS = TEXT.partition("## Spreadsheets")[2].partition("\n## ")[0]
SAMPLES = dict(re.findall(r"```(\w+)\n(.*?)```", SHEETS, re.DOTALL))
OPTIONS = ("--timezone", "Asia/Shanghai", "--domain", "pull.example.com", "--app", "live")


def row(kind: str) -> str:
    return f"| `{kind}` | {', '.join(f'`{name}`' for name in COLUMNS[kind])} | {MEANINGS[kind]} |"


def test_every_column_is_documented_with_all_its_names() -> None:
    table = SHEETS.partition("### Columns")[2].partition("### ")[0]
    assert re.findall(r"^\| `.*", table, re.MULTILINE) == [row(kind) for kind in COLUMNS]


def test_the_plan_that_is_shown_becomes_what_is_shown(tmp_path: Path) -> None:
    (tmp_path / "week.csv").write_text(SAMPLES["csv"], encoding="utf-8")
    said = relaybeat("import", "week.csv", *OPTIONS, cwd=tmp_path)
    assert said.out.partition("\n")[2] == SAMPLES["yaml"]
    assert said.err == SAMPLES["text"]
