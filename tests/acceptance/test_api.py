"""The API tells scripts just what the command line tells them, of the same ledger at the same time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.command import relaybeat
from tests.contract.api import Program
from worker.runtime import Runtime
from worker.settings import Settings


def command(redis_url: str, *args: str) -> Any:
    """What the command prints as JSON."""
    done = relaybeat(*args, "--output", "json", env={"RELAYBEAT_REDIS_URL": redis_url})
    assert done.code == 0, done.err
    return json.loads(done.out)


@pytest.fixture
def program(redis_url: str, weekly: Path) -> Program:
    """By the clock of Redis, as commands go."""
    command(redis_url, "apply", str(weekly), "--yes", "--by", "ann")
    found = Program(redis_url)
    object.__setattr__(found, "runtime", Runtime(Settings(redis_url=redis_url)))
    ids = {each["event"]: each["id"] for each in command(redis_url, "windows")["windows"][::-1]}
    command(redis_url, "cancel", ids["news"], "--reason", "strike", "--by", "ann")
    command(redis_url, "pause", "night", "--reason", "strike", "--by", "ben")
    return found


LISTS = [
    ("windows", "/windows?limit=1000", ("windows",)),
    ("windows", "/windows?limit=1000&state=cancelled", ("windows", "--state", "cancelled")),
    ("windows", "/report", ("export", "--as-run")),
    ("events", "/events", ("events",)),
    ("history", "/history", ("history",)),
]


def test_lists_are_those_of_the_command_line(program: Program) -> None:
    for name, path, args in LISTS:
        assert program.reads(path)[name] == command(program.redis_url, *args)[name], path


def test_alerts_are_those_of_the_command_line(program: Program) -> None:
    assert program.reads("/alerts") == command(program.redis_url, "alerts")


def test_a_window_is_shown_as_by_the_command_line(program: Program) -> None:
    for each in program.reads("/windows?limit=2&event=news")["windows"]:
        assert program.reads(f"/windows/{each['id']}") == command(program.redis_url, "show", each["id"])


def test_a_word_leaves_what_the_same_word_on_the_command_line_leaves(program: Program) -> None:
    one, two = program.reads("/windows?state=planned&event=news&limit=2")["windows"]
    by_api = program.says(f"/windows/{one['id']}/extend", duration="30m", reason="long", by="ann").json()[
        "window"
    ]
    by_hand = command(program.redis_url, "extend", two["id"], "+30m", "--reason", "long", "--by", "ann")
    assert {name: by_api[name] for name in ("notes", "state")} == {
        name: by_hand[name] for name in ("notes", "state")
    }
    assert by_api["end"] - one["end"] == by_hand["end"] - two["end"] == 1_800
    assert [each["by"] for each in program.reads("/history")["history"]][:2] == ["ann", "ann"]
