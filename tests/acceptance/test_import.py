"""A planner imports what the station keeps, looks at what became of it, and airs it."""

from __future__ import annotations

import json
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.command import Said, relaybeat
from tests.plans import BEIJING, DAYS, FIRST, Airing, Plan, as_book, as_csv, station
from tests.sheets import csv_of

PLACE = ("--timezone", "Asia/Shanghai", "--domain", "pull.example.com", "--app", "live")
GIVEN = (*PLACE, "--stream", "{id}", "--source", "rtmp://a.example.com/live/x")
HEADER = ("节目名称", "日期", "开始时间", "结束时间")
NEWS = ("晚间新闻", "2026-11-24", "20:00", "22:00")


@pytest.fixture(params=["csv", "xlsx"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Plan, Path]:
    """The plan of a station, as a file of each kind."""
    plan = station(seed=26)
    path = tmp_path / f"plan.{request.param}"
    if request.param == "csv":
        path.write_bytes(as_csv(plan, seed=11))
    else:
        as_book(plan).save(path)
    return plan, path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A plan of one programme, and one that has no title."""
    path = tmp_path / "plan.csv"
    path.write_text(csv_of(HEADER, NEWS, ("", *NEWS[1:])), encoding="utf-8")
    return path


def document(*args: str | Path) -> dict[str, Any]:
    said = relaybeat("import", *args, "--output", "json")
    assert said.err == ""
    found: dict[str, Any] = json.loads(said.out)
    return found


def aired(events: Path) -> list[Airing]:
    """What the events file means, as preview tells it."""
    since = f"{FIRST}T00:00+08:00"
    said = relaybeat("preview", events, "--from", since, "--days", str(DAYS + 1), "--output", "jsonl")
    assert said.code == 0, said.err
    found = [json.loads(line) for line in said.out.splitlines()]
    return sorted((each["start"], each["end"], each["stream"], each["title"]) for each in found)


def within(plan: Plan) -> list[Airing]:
    """What is meant to air in the days that are looked at."""
    since = int(datetime.combine(FIRST, time(), BEIJING).timestamp())
    return sorted(each for each in plan.airings if since <= each[0] < since + (DAYS + 1) * 86_400)


def test_a_plan_of_a_station_is_imported_checked_and_previewed_as_it_was_meant(
    kept: tuple[Plan, Path], tmp_path: Path
) -> None:
    plan, path = kept
    events = tmp_path / "events.yaml"
    assert relaybeat("import", path, *PLACE, "--to", events).code == 1
    checked = relaybeat("check", events)
    assert checked.code == 0, checked.out
    assert aired(events) == within(plan)


def test_every_row_of_a_plan_is_accounted_for_with_the_reason(kept: tuple[Plan, Path]) -> None:
    plan, path = kept
    found = document(path, *PLACE)
    assert len(plan.rows) > 500
    assert sorted(row["row"] for row in (*found["rows"], *found["not_programmes"])) == list(
        range(1, len(plan.rows) + 1)
    )
    refused = {row["row"]: row["why"] for row in found["rows"] if not row["taken"]}
    assert refused.keys() == plan.slips.keys()
    assert {row: why for row, why in plan.slips.items() if why not in refused[row]} == {}
    assert {row["row"] for row in found["not_programmes"]} == plan.aside
    assert found["taken"] + found["refused"] == len(found["rows"])


def test_a_report_tells_no_password(kept: tuple[Plan, Path]) -> None:
    _, path = kept
    said = relaybeat("import", path, *PLACE, "--to", path.with_name("events.yaml"))
    assert "geheim" not in said.out + said.err


def test_what_is_taken_is_written_and_what_is_refused_told(small: Path) -> None:
    said = relaybeat("import", small, *GIVEN)
    assert said.code == 1
    assert "title: 晚间新闻" in said.out
    assert said.err.splitlines() == [
        "not a programme: row 1: the header",
        "refused: row 3: it has no title (fill in the column 节目 or title)",
        f"{small}: 2 rows, 1 taken into 1 events, 1 refused; what was taken is written",
    ]


def test_where_all_is_taken_the_exit_code_says_so(small: Path) -> None:
    small.write_text(csv_of(HEADER, NEWS), encoding="utf-8")
    said = relaybeat("import", small, *GIVEN)
    assert (said.code, said.err.splitlines()[-1]) == (
        0,
        f"{small}: 1 rows, 1 taken into 1 events, 0 refused; written",
    )


def test_where_nothing_is_taken_nothing_is_written(small: Path) -> None:
    events = small.with_name("events.yaml")
    said = relaybeat("import", small, "--to", events)
    assert (said.code, said.out, events.exists()) == (1, "", False)
    assert said.err.endswith("no events file is written\n")


def test_an_import_replaces_what_an_import_made(small: Path) -> None:
    events = small.with_name("events.yaml")
    relaybeat("import", small, *GIVEN, "-o", events)
    small.write_text(csv_of(HEADER, ("夜话", *NEWS[1:])), encoding="utf-8")
    assert relaybeat("import", small, *GIVEN, "-o", events).code == 0
    assert "夜话" in events.read_text(encoding="utf-8")


def test_an_events_file_that_somebody_wrote_is_not_replaced(small: Path, weekly: Path) -> None:
    before = weekly.read_bytes()
    said = relaybeat("import", small, *GIVEN, "--to", weekly)
    assert (said.code, weekly.read_bytes()) == (1, before)
    assert "no import made it" in said.err


def test_defaults_of_another_events_file_serve_and_options_go_over_them(small: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(
        "version: 1\ndefaults: {timezone: Asia/Shanghai, domain: a.example.com, skip: cn.holidays}\n"
        "calendars: {cn: {country: CN}}\nevents: []\n"
    )
    text = document(small, "--defaults", other, *GIVEN[2:], "--lead", "2h")["file"]
    assert "calendars: {cn: {country: CN}}" in text
    said = yaml.safe_load(text)["defaults"]
    assert (said["domain"], said["lead"], said["skip"]) == ("pull.example.com", "2h", "cn.holidays")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("missing.csv",), "No such file"),
        (("plan.csv", "--timezone", "Asia/Beijing"), "the options: defaults.timezone: "),
        (("plan.csv", "--defaults", "plan.csv"), "plan.csv: "),
        (("old.xls",), "old.xls: the file is an old Excel workbook"),
    ],
)
def test_what_cannot_be_done_is_told_without_a_traceback(
    small: Path, args: tuple[str, ...], told: str
) -> None:
    small.with_name("old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    said: Said = relaybeat("import", *args, cwd=small.parent)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error: ")
    assert told in said.err


def test_a_calendar_is_imported_with_a_verdict_on_each_entry() -> None:
    path = Path(__file__).parents[1] / "data" / "feeds" / "google.ics"
    found = document(path, *GIVEN)
    assert (found["taken"], found["refused"], len(found["rows"])) == (4, 1, 5)
    assert [row["why"] for row in found["rows"] if not row["taken"]] == [
        "it is an all-day entry: it has no time of day (give it a start and an end)"
    ]
