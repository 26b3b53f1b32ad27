"""``apply``, ``windows``, ``show``, ``events`` and ``doctor`` as the engineer on call has them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from redis import Redis

from tests.acceptance.command import Said, relaybeat
from tests.acceptance.conftest import HEAD


class Desk:
    """A desk where no worker and no beat run: what is due stays undone."""

    def __init__(self, redis_url: str) -> None:
        self._env = {"RELAYBEAT_REDIS_URL": redis_url}

    def forget(self) -> None:
        with Redis.from_url(self._env["RELAYBEAT_REDIS_URL"]) as redis:
            redis.flushall()

    def run(self, *args: str | Path) -> Said:
        return relaybeat(*args, env=self._env)

    def json(self, *args: str | Path) -> Any:
        return json.loads(self.run(*args, "--output", "json").out)


@pytest.fixture
def desk(redis_url: str, tmp_path: Path) -> Desk:
    """With a show that should have been on air for ten minutes, and comes again tomorrow."""
    started = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(minutes=10)
    path = tmp_path / "late.yaml"
    path.write_text(
        f'{HEAD}  - {{id: news, title: 晚间新闻, cron: "{started.minute} {started.hour} * * *",'
        ' duration: 2h, stream: news, sources: ["rtmp://user:password-1@a.example.com/live/key-1"]}\n',
        encoding="utf-8",
    )
    desk = Desk(redis_url)
    assert desk.run("apply", path, "--yes").code == 0
    return desk


def test_a_table_says_below_what_is_in_trouble_and_how_to_see_more(desk: Desk) -> None:
    said = desk.run("windows")
    late = desk.json("windows")["windows"][0]["id"]
    assert "planned, late" in said.out.splitlines()[1]
    assert f"{late} planned, late: nothing was tried yet" in said.err
    assert f"hint: relaybeat show {late}" in said.err


@pytest.mark.parametrize(("state", "count"), [("late", 1), ("on_air", 0), ("ended", 0)])
def test_windows_are_found_by_what_follows_from_the_time(desk: Desk, state: str, count: int) -> None:
    assert len(desk.json("windows", "--state", state)["windows"]) == count


def test_where_there_is_nothing_to_list_that_is_said_and_no_empty_table_shown(desk: Desk) -> None:
    none = desk.run("windows", "--state", "failed")
    assert (none.code, none.out) == (0, "")
    assert none.err.startswith("no such windows")
    desk.forget()
    empty = desk.run("events")
    assert (empty.code, empty.out, empty.err.partition(":")[0]) == (0, "", "no events yet")


def test_an_event_stands_for_its_window_of_now(desk: Desk) -> None:
    assert desk.json("show", "news")["id"] == desk.json("windows", "--state", "late")["windows"][0]["id"]


def test_a_window_is_shown_with_what_becomes_of_it_and_no_secret(desk: Desk) -> None:
    said = desk.run("show", "news")
    assert "a worker places it within seconds" in said.out
    assert not [secret for secret in ("password-1", "key-1") if secret in said.out]


@pytest.mark.parametrize(
    ("name", "hint"), [("weather", "relaybeat events"), ("news@20200101T000000Z", "relaybeat windows")]
)
def test_what_is_not_there_is_told_with_where_to_look(desk: Desk, name: str, hint: str) -> None:
    said = desk.run("show", name)
    assert (said.code, said.out) == (1, "")
    assert hint in said.err


def test_a_doctor_who_finds_a_show_missing_says_so_and_fails(desk: Desk) -> None:
    said = desk.run("doctor", "--only", "windows")
    assert said.code == 1
    assert "1 planned, late" in said.out


def test_a_plan_that_changes_nothing_prints_nothing_and_ends_well(desk: Desk, tmp_path: Path) -> None:
    said = desk.run("plan", tmp_path / "late.yaml")
    assert (said.code, said.out, said.err) == (0, "", "nothing to change\n")


def test_every_window_is_one_line_in_a_pipe(desk: Desk) -> None:
    said = desk.run("windows")
    assert len(said.out.splitlines()) == 1 + len(desk.json("windows")["windows"])


@pytest.fixture
def rival(tmp_path: Path) -> Path:
    """The show's file, and a film that wants its stream half an hour after it has begun."""
    path = tmp_path / "late.yaml"
    begins = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(minutes=20)
    path.write_text(
        f'{path.read_text(encoding="utf-8")}  - {{id: film, cron: "{begins.minute} {begins.hour} * * *",'
        ' duration: 2h, stream: news, priority: 1, sources: ["rtmp://b.example.com/live/film"]}\n',
        encoding="utf-8",
    )
    return path


def test_a_plan_tells_who_would_give_way_to_what_it_adds(desk: Desk, rival: Path) -> None:
    (warning,) = desk.json("plan", rival)["warnings"]
    assert warning["event"] == "film"
    assert "it overlaps 'news' on pull.example.com/live/news" in warning["message"]
    assert "has its place: it has priority 1 against 0" in warning["message"]
    assert warning["message"] in desk.run("plan", rival).err


def test_an_apply_tells_it_once_and_then_has_nothing_to_tell(desk: Desk, rival: Path) -> None:
    assert len(desk.json("apply", rival, "--yes")["warnings"]) == 1
    assert desk.json("apply", rival, "--yes")["warnings"] == []


def test_windows_of_the_ledger_are_noted_as_those_of_the_file_are(desk: Desk, rival: Path) -> None:
    desk.run("apply", rival, "--yes")
    notes = {w["event"]: w["notes"] for w in desk.json("windows", "--limit", "2")["windows"]}
    assert notes == {"news": ["conflict", "displaced"], "film": ["conflict"]}
    assert desk.json("windows", "--event", "film")["windows"][0]["notes"] == ["conflict"]


def test_a_window_is_shown_with_those_that_share_its_slot(desk: Desk, rival: Path) -> None:
    desk.run("apply", rival, "--yes")
    film = desk.json("show", "film")["id"]
    said = desk.run("show", "news")
    assert f"displaced: {film}" in said.out
    assert f"it gives way to {film}: it is placed only if that goes" in said.out
