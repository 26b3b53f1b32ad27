"""``relaybeat preview``: every format parses back, nothing secret shows, and memory stays flat."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from tests.acceptance.command import RELAYBEAT, relaybeat
from tests.acceptance.conftest import HEAD
from worker.views import PLAN_FIELDS

WEEK = ("--from", "2026-12-21T00:00+08:00", "--days", "7")
SECRETS = ("password-1", "streamkey-1", "token-2")
FORMATS = ("table", "json", "jsonl", "csv", "ics")


def windows(*args: str | Path) -> list[dict[str, Any]]:
    said = relaybeat("preview", *args, "--output", "jsonl")
    assert (said.code, said.err) == (0, "")
    return [json.loads(line) for line in said.out.splitlines()]


def test_windows_of_all_events_come_in_order_of_start(weekly: Path) -> None:
    found = windows(weekly, *WEEK)
    assert [w["event"] for w in found] == ["night", "news"] * 7
    assert all(one["start"] < next_one["start"] for one, next_one in pairwise(found))


def test_a_window_has_the_fields_scripts_rely_on(weekly: Path) -> None:
    found = windows(weekly, *WEEK, "--event", "news", "--limit", "1")
    assert tuple(found[0]) == PLAN_FIELDS
    assert {name: found[0][name] for name in ("id", "start_local", "end_local", "timezone", "state")} == {
        "id": "news@20261221T120000Z",
        "start_local": "2026-12-21T20:00:00+08:00",
        "end_local": "2026-12-22T01:30:00+08:00",
        "timezone": "Asia/Shanghai",
        "state": "planned",
    }


def test_an_exception_shows_with_its_reason(weekly: Path) -> None:
    [special] = [w for w in windows(weekly, *WEEK) if w["notes"]]
    assert (special["start_local"], special["notes"], special["reason"]) == (
        "2026-12-24T21:00:00+08:00", ["overridden"], "Christmas special",
    )  # fmt: skip


def test_json_is_one_document_with_windows_and_warnings(weekly: Path) -> None:
    said = relaybeat("preview", weekly, *WEEK, "--output", "json")
    document = json.loads(said.out)
    assert list(document) == ["windows", "warnings"]
    assert document["windows"] == windows(weekly, *WEEK)


def test_nothing_to_come_is_an_empty_document(weekly: Path) -> None:
    said = relaybeat(
        "preview", weekly, "--from", "2030-01-01T00:00Z", "--to", "2030-01-01T00:01Z", "--output", "json"
    )
    assert json.loads(said.out) == {"windows": [], "warnings": []}


def test_csv_opens_in_a_spreadsheet_with_the_same_values(weekly: Path) -> None:
    out = relaybeat("preview", weekly, *WEEK, "--output", "csv").out
    assert out.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline="")))
    assert tuple(rows[0]) == PLAN_FIELDS
    assert [(r["id"], int(r["start"]), r["title"]) for r in rows] == [
        (w["id"], w["start"], w["title"]) for w in windows(weekly, *WEEK)
    ]


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_csv_holds_no_formula(tmp_path: Path, title: str) -> None:
    path = _one_event(tmp_path, f'title: "{title}"')
    out = relaybeat("preview", path, "--limit", "1", "--output", "csv").out.removeprefix("\ufeff")
    [row] = csv.DictReader(io.StringIO(out, newline=""))
    assert row["title"][0] not in "=+-@"


def test_ics_reads_back_with_the_same_times_and_ids(weekly: Path) -> None:
    found = _calendar(weekly, *WEEK).walk("VEVENT")
    assert [(e["UID"], e.decoded("DTSTART").timestamp(), e.decoded("DTEND").timestamp()) for e in found] == [
        (w["id"], w["start"], w["end"]) for w in windows(weekly, *WEEK)
    ]


def test_ics_keeps_titles_whole(weekly: Path) -> None:
    titles = {str(event["SUMMARY"]) for event in _calendar(weekly, *WEEK).walk("VEVENT")}
    assert titles == {"晚间新闻", 'Nacht, "live"; von \\Berlin'}


def test_ics_lines_are_folded_as_the_standard_asks(tmp_path: Path) -> None:
    path = _one_event(tmp_path, f"title: {'很长的节目名称' * 20}")
    done = subprocess.run(
        [*RELAYBEAT, "preview", path, "--limit", "1", "--output", "ics"], capture_output=True, check=True
    )
    lines = done.stdout.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert Calendar.from_ical(done.stdout).walk("VEVENT")[0]["SUMMARY"] == "很长的节目名称" * 20


def test_ics_leaves_permanent_windows_out(tmp_path: Path) -> None:
    assert _calendar(_permanent(tmp_path)).walk("VEVENT") == []


def test_a_permanent_window_has_no_times(tmp_path: Path) -> None:
    [window] = windows(_permanent(tmp_path), "--days", "60")
    assert (window["id"], window["start"], window["end_local"]) == ("radio@permanent", None, None)


@pytest.mark.parametrize("output", FORMATS)
def test_no_format_tells_a_secret(weekly: Path, output: str) -> None:
    said = relaybeat("preview", weekly, *WEEK, "--output", output)
    assert said.code == 0
    assert [secret for secret in SECRETS if secret in said.out + said.err] == []


def test_secrets_are_shown_on_request(weekly: Path) -> None:
    out = relaybeat("preview", weekly, *WEEK, "--output", "json", "--show-secrets").out
    assert all(secret in out for secret in SECRETS)


def test_not_even_then_in_a_calendar(weekly: Path) -> None:
    out = relaybeat("preview", weekly, *WEEK, "--output", "ics", "--show-secrets").out
    assert not any(secret in out for secret in SECRETS)


def test_a_table_names_zones_and_marks_ends_on_the_next_day(weekly: Path) -> None:
    lines = relaybeat("preview", weekly, *WEEK, "--event", "news").out.splitlines()
    assert "Asia/Shanghai" in lines[1]
    assert "Mon 2026-12-21 20:00  01:30 (+1)" in lines[1]


def test_a_table_says_in_words_what_the_night_of_a_clock_change_brings(weekly: Path) -> None:
    out = relaybeat("preview", weekly, "--event", "night", "--from", "2027-03-28", "--days", "1").out
    assert "Sun 2027-03-28 03:00 UTC+2" in out
    assert "the clock skips this time" in out


def test_a_piped_table_is_plain_text_with_whole_cells(weekly: Path) -> None:
    out = relaybeat("preview", weekly, *WEEK, env={"COLUMNS": "40", "FORCE_COLOR": "1"}).out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 15


def test_a_table_stops_after_a_screenful_and_says_so(busy: Path) -> None:
    said = relaybeat("preview", busy)
    assert len(said.out.splitlines()) == 51
    assert "--limit" in said.err


def test_a_time_without_an_offset_is_read_on_each_events_own_clock(weekly: Path) -> None:
    found = windows(weekly, "--from", "2026-12-21", "--to", "2026-12-22")
    assert [w["start_local"][:16] for w in found] == ["2026-12-21T20:00", "2026-12-21T02:30"][::-1]


def test_a_start_at_from_counts_and_one_at_to_does_not(weekly: Path) -> None:
    found = windows(weekly, "--event", "news", "--from", "2026-12-21T20:00", "--to", "2026-12-22T20:00")
    assert [w["start_local"] for w in found] == ["2026-12-21T20:00:00+08:00"]


def test_the_week_from_now_is_shown_unless_told_otherwise(weekly: Path) -> None:
    before = time.time()
    found = windows(weekly, "--event", "news")
    assert all(before - 1 <= w["start"] <= time.time() + 7 * 86_400 for w in found)
    assert len({w["start_local"][:10] for w in found}) == 7


@pytest.mark.parametrize(
    "args",
    [
        ("--from", "yesterday"), ("--from", "9999-12-31"), ("--from", "0001-01-01"), ("--to", "2020-01-01"),
        ("--from", "2026-12-22", "--to", "2026-12-22"), ("--days", "0"),
        ("--days", "1", "--to", "2030-01-01"), ("--limit", "0"), ("--limit", "x"), ("--output", "xml"),
    ],
)  # fmt: skip
def test_a_range_that_makes_no_sense_is_misuse(weekly: Path, args: tuple[str, ...]) -> None:
    said = relaybeat("preview", weekly, *args)
    assert (said.code, said.out) == (2, "")
    assert "Traceback" not in said.err


def test_an_unknown_event_is_an_error_that_guesses(weekly: Path) -> None:
    said = relaybeat("preview", weekly, "--event", "nigt")
    assert said.code == 1
    assert "hint: did you mean night?" in said.err


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00\x01", b"\xff\xfe", b"[]", b"version: 1", b"version: 1\nevents: [{id: x}]", b"a: &a [*a]",
        b"{" * 5_000, b"version: 1\nevents: 7", "版本: 一".encode("gbk"), b"version: 1\nevents:\n\t- id: x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("output", ["table", "json"])
def test_a_bad_file_is_an_error_that_names_it(tmp_path: Path, content: bytes, output: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    said = relaybeat("preview", path, "--output", output)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"error: {path}")


def test_a_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    said = relaybeat("preview", tmp_path)
    assert said.code == 1
    assert str(tmp_path) in said.err


def test_windows_that_fight_over_a_slot_are_noted_and_warned_of(crowded: Path) -> None:
    document = json.loads(relaybeat("preview", crowded, *WEEK, "--output", "json").out)
    film, sport, late, night = (w["notes"] for w in document["windows"][:4])
    assert (film, sport) == (["conflict"], ["conflict", "displaced"])
    assert (late, night) == ([], ["tight-handover"])
    assert {(w["event"], w["line"]) for w in document["warnings"]} == {("sport", 5), ("night", 7)}


def test_check_warns_of_what_preview_warns_of_in_the_same_words(crowded: Path) -> None:
    def told(verb: str) -> list[tuple[str, str]]:
        warnings = json.loads(relaybeat(verb, crowded, "--output", "json").out)["warnings"]
        return [(w["event"], w["message"].partition(" it ")[2]) for w in warnings]

    assert told("preview") == told("check") != []


def test_a_conflict_shows_when_only_one_side_is_asked_for(crowded: Path) -> None:
    document = json.loads(relaybeat("preview", crowded, *WEEK, "--event", "film", "--output", "json").out)
    assert {(w["event"], *w["notes"]) for w in document["windows"]} == {("film", "conflict")}
    [warning] = document["warnings"]
    assert warning["event"] == "film"
    assert "overlaps 'sport'" in warning["message"]


def test_what_began_before_the_time_asked_for_is_not_shown_but_named_where_it_is_in_the_way(
    crowded: Path,
) -> None:
    week = ("--from", "2026-12-24T20:30", "--days", "1")
    document = json.loads(relaybeat("preview", crowded, *week, "--output", "json").out)
    first = document["windows"][0]
    assert (first["event"], first["notes"]) == ("sport", ["conflict", "displaced"])
    assert "overlaps 'film'" in document["warnings"][0]["message"]


def test_warnings_are_given_once_an_event_and_beside_the_output(crowded: Path) -> None:
    said = relaybeat("preview", crowded, *WEEK, "--output", "jsonl")
    assert said.err.count("warning: ") == 2
    assert all(json.loads(line) for line in said.out.splitlines())


def test_the_night_of_a_clock_change_is_warned_of(weekly: Path) -> None:
    night = ("--event", "night", "--from", "2027-03-27", "--days", "3")
    document = json.loads(relaybeat("preview", weekly, *night, "--output", "json").out)
    [warning] = document["warnings"]
    assert warning["event"] == "night"
    assert "Sun 2027-03-28 03:00 UTC+2" in warning["message"]


def test_an_exception_that_means_nothing_is_warned_of(tmp_path: Path) -> None:
    path = _one_event(tmp_path, "title: One, exceptions: [{on: 2026-12-24, cancel: true, reason: x}]")
    path.write_text(path.read_text().replace("0 20 * * *", "0 20 * * 1"))
    [warning] = json.loads(relaybeat("preview", path, "--output", "json").out)["warnings"]
    assert warning["field"] == "exceptions[0].on"


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    """Film and sport overlap by half an hour on one slot, and the night follows the late show at once."""
    path = tmp_path / "crowded.yaml"
    rows = (("film", "0 20", "90m"), ("sport", "0 21", "1h"), ("late", "0 22", "1h"), ("night", "0 23", "1h"))
    path.write_text(HEAD + "".join(_show(name, f"{cron} * * *", length) for name, cron, length in rows))
    return path


def test_memory_does_not_grow_with_the_range(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text(HEAD + "".join(_show(f"e{n}", f"{n % 60} * * * *", "10m") for n in range(100)))
    few, many = _peak_memory(path, days=6), _peak_memory(path, days=60)
    assert many[0] == 10 * few[0] == 144_000
    assert many[1] < 1.25 * few[1]


def _peak_memory(path: Path, *, days: int) -> tuple[int, int]:
    """Windows written, and the most kilobytes that the process held."""
    process = subprocess.Popen(
        [*RELAYBEAT, "preview", path, "--from", "2026-12-01", "--days", str(days), "--output", "jsonl"],
        stdout=subprocess.PIPE,
    )
    with process.stdout or io.BytesIO() as out:
        lines = sum(1 for _ in out)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return lines, usage.ru_maxrss


def _show(name: str, cron: str, length: str) -> str:
    return (
        f'  - {{id: {name}, title: {name}, cron: "{cron}", duration: {length}, stream: one,'
        f" sources: [https://b.example.com/{name}.flv]}}\n"
    )


def _one_event(folder: Path, title: str) -> Path:
    path = folder / "one.yaml"
    path.write_text(
        HEAD + f'  - {{id: one, {title}, cron: "0 20 * * *", duration: 1h, stream: one,'
        " sources: [https://b.example.com/t.flv]}\n",
        encoding="utf-8",
    )
    return path


def _permanent(folder: Path) -> Path:
    path = folder / "radio.yaml"
    path.write_text(
        HEAD + "  - {id: radio, title: Radio, permanent: true, stream: radio,"
        " sources: [https://b.example.com/r.flv]}\n"
    )
    return path


def _calendar(*args: str | Path) -> Calendar:
    said = relaybeat("preview", *args, "--output", "ics")
    assert said.code == 0
    return Calendar.from_ical(said.out)


CALENDARS = """version: 1
defaults: {timezone: Asia/Shanghai, domain: pull.example.com, app: live}
calendars:
  cn: {country: CN}
events:
  - id: traffic
    title: 晚高峰
    cron: "30 17 * * 1-5"
    duration: 2h
    stream: traffic
    sources: [rtmp://a.example.com/live/x]
    skip: cn.holidays
    also: cn.workdays
"""
OCTOBER = ("--from", "2026-09-30", "--to", "2026-10-12")


def test_a_week_off_and_the_saturday_that_makes_up_for_it_are_seen(tmp_path: Path) -> None:
    file = tmp_path / "events.yaml"
    file.write_text(CALENDARS, encoding="utf-8")
    document = json.loads(relaybeat("preview", file, *OCTOBER, "--output", "json").out)
    assert [(w["start_local"][:10], w["notes"]) for w in document["windows"]] == [
        ("2026-09-30", []),
        ("2026-10-08", []),
        ("2026-10-09", []),
        ("2026-10-10", ["make-up-day"]),
    ]
    gone = ["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"]
    assert [each["date"] for each in document["left_out"]] == gone


def test_people_are_told_what_is_not_there_and_why_in_their_language(tmp_path: Path) -> None:
    file = tmp_path / "events.yaml"
    file.write_text(CALENDARS, encoding="utf-8")
    said = relaybeat("preview", file, *OCTOBER, "--lang", "zh")
    assert "traffic 因 cn.holidays 在 2026-10-01..2026-10-02, 2026-10-05..2026-10-07 不播" in said.err
    assert "国庆节" in said.err
    assert "调休上班日" in said.out


def test_a_year_that_nobody_knows_is_warned_of_where_it_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "events.yaml"
    file.write_text(CALENDARS, encoding="utf-8")
    known = relaybeat("preview", file, *OCTOBER)
    beyond = relaybeat("preview", file, "--from", "2036-12-30", "--to", "2037-01-03")
    assert "nothing is known" not in known.err
    assert "nothing is known of 2037 yet" in beyond.err
