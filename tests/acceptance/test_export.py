"""``relaybeat export``: the run sheet and the as-run log, as planners and scripts get them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from tests.acceptance.command import Said, relaybeat
from tests.acceptance.conftest import HEAD
from tests.rfc5545 import faults
from worker.cli.columns import AS_RUN, RUN_SHEET

HERE = ZoneInfo("Asia/Shanghai")
SECRETS = ("password-1", "streamkey-1", "token-2")


class Office:
    """Where a week is planned and nothing runs."""

    def __init__(self, redis_url: str) -> None:
        self._env = {"RELAYBEAT_REDIS_URL": redis_url}

    def run(self, *args: str | Path) -> Said:
        return relaybeat(*args, env=self._env)

    def export(self, *args: str) -> Said:
        said = self.run("export", *args)
        assert said.code == 0, said.err
        return said

    def rows(self, *args: str) -> list[dict[str, str]]:
        out = self.export(*args).out
        assert out.startswith("\ufeff")
        return list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline="")))

    def windows(self, *args: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.export(*args, "--output", "json").out)["windows"]
        return found


@pytest.fixture
def office(redis_url: str, weekly: Path) -> Office:
    office = Office(redis_url)
    assert office.run("apply", weekly, "--yes").code == 0
    return office


def test_the_run_sheet_has_the_rest_of_today_and_six_days_more(office: Office) -> None:
    today = datetime.now(HERE).date()
    days = {row["date"] for row in office.rows("--event", "news")}
    assert days - {str(today)} == {str(today + timedelta(n)) for n in range(1, 7)}


def test_a_row_tells_a_planner_when_and_what(office: Office) -> None:
    row = office.rows("--event", "news")[-1]
    assert tuple(row) == tuple(column.name for column in RUN_SHEET)
    assert (row["starts"], row["ends"], row["length"], row["timezone"], row["title"], row["status"]) == (
        "20:00", "01:30", "5h30m", "Asia/Shanghai", "晚间新闻", "planned",
    )  # fmt: skip
    assert datetime.fromisoformat(row["ends_on"]) - datetime.fromisoformat(row["date"]) == timedelta(1)


def test_csv_and_json_hold_the_same_windows(office: Office) -> None:
    held = [(row["id"], int(row["start"]), int(row["end"]), row["state"]) for row in office.rows()]
    assert held == [(w["id"], w["start"], w["end"], w["state"]) for w in office.windows()]
    assert {row["event"] for row in office.rows()} == {"news", "night"}


def test_a_calendar_keeps_to_the_grammar_and_holds_the_same_windows(office: Office) -> None:
    made = office.export("--output", "ics").out.encode()
    assert faults(made) == []
    held = [(str(e["UID"]), e.start.timestamp(), e.end.timestamp()) for e in Calendar.from_ical(made).events]
    assert held == [(w["id"], w["start"], w["end"]) for w in office.windows()]


@pytest.mark.parametrize("output", ["csv", "json", "ics"])
@pytest.mark.parametrize("kind", [(), ("--as-run", "--from", "2026-01-01")])
def test_nothing_secret_is_told(office: Office, output: str, kind: tuple[str, ...]) -> None:
    said = office.export(*kind, "--output", output)
    assert not [secret for secret in SECRETS if secret in said.out + said.err]


def test_no_address_is_in_a_calendar_at_all(office: Office) -> None:
    assert "://" not in office.export("--output", "ics").out


def test_a_range_is_read_on_each_events_own_clock(office: Office) -> None:
    day = datetime.now(UTC).date() + timedelta(3)
    rows = office.rows("--from", str(day), "--days", "1")
    assert {(row["event"], row["date"]) for row in rows} == {("news", str(day)), ("night", str(day))}


def test_beyond_the_horizon_there_is_a_warning(office: Office) -> None:
    said = office.export("--days", "30", "--output", "json")
    assert "relaybeat preview" in json.loads(said.out)["warnings"][0]["message"]
    assert "warning: the ledger is planned 8d ahead" in said.err


def test_beyond_what_the_ledger_remembers_there_is_a_warning(office: Office) -> None:
    assert "forgets a window 14d after its end" in office.export("--as-run", "--days", "30").err


def test_a_permanent_window_is_on_the_sheet_and_not_in_the_calendar(redis_url: str, tmp_path: Path) -> None:
    path = tmp_path / "radio.yaml"
    radio = "{id: radio, permanent: true, stream: radio, sources: [https://r.example.com/r.flv]}"
    path.write_text(f"{HEAD}  - {radio}\n", encoding="utf-8")
    office = Office(redis_url)
    assert office.run("apply", path, "--yes").code == 0
    (row,) = office.rows()
    assert (row["id"], row["date"], row["length"]) == ("radio@permanent", "", "permanent")
    assert not Calendar.from_ical(office.export("--output", "ics").out).events


@pytest.mark.parametrize(
    "args",
    [
        ("--to", "2020-01-01"),
        ("--days", "2", "--to", "2030-01-01"),
        ("--as-run", "--from", "2037-01-01"),
        ("--output", "table"),
    ],
)
def test_a_range_that_makes_no_sense_is_misuse(office: Office, args: tuple[str, ...]) -> None:
    said = office.run("export", *args)
    assert (said.code, said.out) == (2, "")


def test_an_unknown_event_is_told(office: Office) -> None:
    said = office.run("export", "--event", "weather")
    assert (said.code, said.out) == (1, "")
    assert "relaybeat events" in said.err


@pytest.fixture
def begun(redis_url: str, tmp_path: Path) -> Office:
    """A show that should have been on air for ten minutes, where nothing runs."""
    began = datetime.now(HERE) - timedelta(minutes=10)
    path = tmp_path / "late.yaml"
    path.write_text(
        f'{HEAD}  - {{id: news, title: 晚间新闻, cron: "{began.minute} {began.hour} * * *", duration: 2h,'
        ' stream: news, sources: ["rtmp://user:password-1@a.example.com/live/streamkey-1"]}\n',
        encoding="utf-8",
    )
    office = Office(redis_url)
    assert office.run("apply", path, "--yes").code == 0
    return office


def test_an_as_run_log_has_what_has_begun_and_nothing_to_come(begun: Office) -> None:
    (row,) = begun.rows("--as-run")
    assert tuple(row) == tuple(column.name for column in AS_RUN)
    assert (row["title"], row["status"], row["placed"], row["late_by"]) == (
        "晚间新闻",
        "planned, late",
        "",
        "",
    )


def test_an_as_run_log_tells_who_called_a_show_off_and_why(begun: Office) -> None:
    tonight = begun.windows("--as-run")[0]["id"]
    assert begun.run("cancel", tonight, "--reason", "strike", "--by", "ann").code == 0
    (row,) = begun.rows("--as-run")
    assert (row["state"], row["remarks"]) == ("cancelled", "strike")
    assert row["decisions"].endswith("cancelled by ann: strike")
    (view,) = begun.windows("--as-run")
    assert [(d["action"], d["by"], d["why"]) for d in view["decisions"]] == [
        ("window.cancelled", "ann", "strike")
    ]
    assert (
        Calendar.from_ical(begun.export("--as-run", "--output", "ics").out).events[0]["STATUS"] == "CANCELLED"
    )


def test_an_as_run_log_of_a_time_before_everything_is_empty(begun: Office) -> None:
    said = begun.export("--as-run", "--from", "2020-01-01", "--to", "2020-01-02", "--output", "json")
    assert json.loads(said.out)["windows"] == []
