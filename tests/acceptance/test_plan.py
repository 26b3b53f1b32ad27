"""The planner's week: edit, plan, apply, history, and what people said in between."""

from __future__ import annotations

import json
import os
import pty
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.command import RELAYBEAT, ROOT, Said, relaybeat
from tests.acceptance.conftest import HEAD

SHOW = (
    '  - {{id: {id}, title: 晚间新闻, cron: "{cron}", duration: 2h, stream: {id},'
    ' sources: ["rtmp://user:password-1@a.example.com/live/key-1"]{more}}}\n'
)


@dataclass(frozen=True)
class Desk:
    """A desk with one file, where no worker and no beat run."""

    env: dict[str, str]
    file: Path

    def write(self, **shows: str) -> None:
        """The file with these shows: each a cron line, and behind a bar more of its fields."""
        entries = (each.partition("|") for each in shows.values())
        texts = (SHOW.format(id=n, cron=c, more=m) for n, (c, _, m) in zip(shows, entries, strict=True))
        self.file.write_text(HEAD + "".join(texts), encoding="utf-8")

    def run(self, *args: str | Path) -> Said:
        return relaybeat(*args, env=self.env)

    def json(self, *args: str | Path) -> Any:
        return json.loads(self.run(*args, "--output", "json").out)

    def apply(self, *args: str) -> Said:
        return self.run("apply", self.file, "--yes", *args)

    def plan(self) -> Any:
        return self.json("plan", self.file)

    def asked(self, *answers: str, meanwhile: Callable[[], object] = lambda: None) -> tuple[int, str]:
        """What `apply` says to a person who answers; ``meanwhile`` happens before the first answer."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(self.env | {"PYTHONPATH": str(ROOT), "COLUMNS": "120"})
            os.execv(sys.executable, [*RELAYBEAT, "apply", str(self.file)])
        said, left = "", list(answers)
        while chunk := _read(terminal):
            said += chunk
            if chunk.endswith("[y/N]: "):
                meanwhile()
                meanwhile = lambda: None  # noqa: E731
                os.write(terminal, f"{left.pop(0)}\n".encode())
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 1 << 16).decode()
    except OSError:  # how Linux says that nobody holds the other end any more
        return ""


def day(days: int) -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=days)


@pytest.fixture
def desk(redis_url: str, tmp_path: Path) -> Desk:
    """A show at half past three in the night and one at noon, for the week to come."""
    desk = Desk({"RELAYBEAT_REDIS_URL": redis_url}, tmp_path / "week.yaml")
    desk.write(news="30 3 * * *", noon="0 12 * * *")
    assert desk.apply("--reason", "autumn plan", "--by", "王芳").code == 0
    return desk


def rows(said: Said, about: str) -> list[str]:
    return [line for line in said.out.splitlines() if about in line]


def test_a_show_at_another_time_is_told_as_one_that_moves(desk: Desk) -> None:
    desk.write(news="30 4 * * *", noon="0 12 * * *")
    said = desk.run("plan", desk.file)
    (row,) = rows(said, str(day(2)))
    assert row.startswith("~")
    assert "starts 03:30 -> 04:30; ends 05:30 -> 06:30" in row
    assert "shows move to another time of their day" in said.err


def test_what_differs_is_named_before_and_after_and_shows_no_secret(desk: Desk) -> None:
    text = desk.file.read_text(encoding="utf-8")
    desk.file.write_text(text.replace("password-1", "password-2").replace("晚间", "Late "), encoding="utf-8")
    said = desk.run("plan", desk.file)
    row = rows(said, "news")[0]
    assert "title 晚间新闻 -> Late 新闻" in row
    assert "sources rtmp://***" in row
    assert not [each for each in ("password", "key-1") if each in said.out + said.err]
    assert desk.plan()["changes"][0]["what"] == ["sources", "title"]


def test_a_window_that_goes_says_why(desk: Desk) -> None:
    gala = f", exceptions: [{{on: {day(2)}, cancel: true, reason: 停机检修}}], valid_until: {day(4)}"
    desk.write(news=f"30 3 * * *|{gala}")
    changes = {each["id"]: each for each in desk.plan()["changes"]}
    why = [each["why"] for each in changes.values()]
    assert why[0] == "cancelled: 停机检修"
    assert set(why[1:]) == {f"after valid_until, {day(4)}"}


def test_many_changes_are_told_event_by_event(desk: Desk) -> None:
    desk.write(news="30 3 * * *", noon="0 12 * * *", clock="0 * * * *|, duration: 5m")
    desk.file.write_text(
        desk.file.read_text().replace("duration: 2h", "duration: 1h", 2).replace("duration: 2h,", "")
    )
    said = desk.run("plan", desk.file)
    (row,) = rows(said, "clock")
    assert int(row.split()[1]) > 190
    assert len(said.out.splitlines()) == 4


def test_what_was_shown_is_done_and_nothing_else(desk: Desk) -> None:
    desk.write(news="30 4 * * *", noon="0 12 * * *")

    def somebody_applies() -> None:
        other = desk.file.with_name("other.yaml")
        other.write_text(desk.file.read_text().replace("duration: 2h", "duration: 1h"))
        assert desk.run("apply", other, "--yes").code == 0

    code, said = desk.asked("y", "n", meanwhile=somebody_applies)
    assert "meanwhile this has changed; now it would be:" in said
    assert "ends 04:30 -> 06:30" not in said.partition("meanwhile")[0]
    assert (code, "error: not applied, and nothing was changed" in said) == (1, True)


def test_a_file_that_is_saved_before_the_answer_is_not_applied(desk: Desk) -> None:
    desk.write(news="30 4 * * *")
    code, said = desk.asked("y", meanwhile=lambda: desk.write(news="30 5 * * *"))
    assert (code, "was changed meanwhile, and nothing was applied" in said) == (1, True)
    assert len(desk.json("history")["history"]) == 1


def test_a_yes_does_it(desk: Desk) -> None:
    desk.write(news="30 4 * * *", noon="0 12 * * *")
    code, said = desk.asked("y")
    assert (code, "revision 2: windows:" in said) == (0, True)
    assert desk.run("plan", desk.file).err == "nothing to change\n"


def test_an_event_that_left_the_file_is_kept_until_it_is_pruned(desk: Desk) -> None:
    desk.write(news="30 3 * * *")
    said = desk.run("plan", desk.file)
    assert (said.code, "no longer in the file, and kept: noon" in said.err) == (3, True)
    assert desk.apply().code == 0
    again = desk.run("plan", desk.file)
    assert (again.code, "no longer in the file, and kept: noon" in again.err) == (0, True)
    pruned = desk.apply("--prune")
    assert (pruned.code, "and 3 may go at once" in pruned.err) == (1, True)
    assert "and dropped: noon" in desk.apply("--prune", "--max-delete", "9").err


def test_the_history_tells_who_changed_what_when_and_why(desk: Desk) -> None:
    window = desk.json("windows", "--event", "noon")["windows"][2]["id"]
    desk.run("cancel", window, "--reason", "strike", "--by", "bob")
    desk.write(news="30 4 * * *", noon="0 12 * * *")
    desk.apply()
    second, word, first = desk.json("history")["history"]
    assert (first["number"], first["by"], first["reason"]) == (1, "王芳", "autumn plan")
    assert (word["kind"], word["about"], word["by"], word["why"]) == ("word", window, "bob", "strike")
    assert (second["number"], [each["id"] for each in second["events"]]) == (2, ["news"])
    assert [each["kind"] for each in desk.json("history", "--event", "noon")["history"]] == [
        "word",
        "revision",
    ]
    assert rows(desk.run("history"), "autumn plan")[0].split()[0] == "1"


def test_one_revision_is_shown_whole(desk: Desk) -> None:
    said = desk.run("history", "1")
    assert said.out.startswith("revision 1, ")
    assert "why: autumn plan" in said.out
    assert len(rows(said, "new")) == 2
    assert desk.run("history", "7").code == 1


@pytest.mark.parametrize("output", ["table", "json"])
def test_an_override_is_told_with_the_entry_that_would_say_it_in_the_file(desk: Desk, output: str) -> None:
    window = desk.json("windows", "--event", "noon")["windows"][2]
    on = window["start_local"][:10]
    desk.run("override", window["id"], "--start", f"{on}T13:00", "--reason", "match first", "--by", "bob")
    entry = f'{{on: {on}, start: "13:00", duration: 1h, reason: "match first"}}'
    if output == "json":
        (told,) = desk.plan()["overrides"]
        assert (told["write"], told["by"], told["until"]) == ([f"exceptions: {entry}"], "bob", window["end"])
    else:
        said = desk.run("plan", desk.file)
        assert (said.code, f"write under exceptions: - {entry}" in said.err) == (0, True)


def test_an_overrides_sources_are_masked_unless_asked_for(desk: Desk) -> None:
    window = desk.json("windows", "--event", "noon")["windows"][2]["id"]
    desk.run("override", window, "--source", "rtmp://c.example.com/live/key-9", "--reason", "feed A is down")
    masked, whole = desk.run("plan", desk.file), desk.run("plan", desk.file, "--show-secrets")
    assert ("key-9" in masked.err, "--show-secrets shows them whole" in masked.err) == (False, True)
    assert 'sources: ["rtmp://c.example.com/live/key-9"]' in whole.err


@pytest.mark.parametrize("verb", [["plan"], ["apply", "--yes"]])
def test_a_year_ahead_that_no_calendar_knows_is_told(desk: Desk, verb: list[str]) -> None:
    desk.write(news="30 3 * * *|, also: bg.workdays", noon="0 12 * * *")  # which Bulgaria decreed until 2016
    text = desk.file.read_text(encoding="utf-8")
    calendars = "calendars: {bg: {country: BG}}\n"
    desk.file.write_text(text.replace("events:", f"{calendars}events:"), encoding="utf-8")
    said = desk.run(*verb, desk.file)
    assert "calendars.bg: nothing is known of " in said.err
    assert "for news" in said.err
