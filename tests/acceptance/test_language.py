"""Tables in the reader's language, from the real command."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import unicodedata
from pathlib import Path

from tests.acceptance.command import RELAYBEAT, ROOT, relaybeat

CHINESE = {"LANG": "zh_CN.UTF-8"}
WEEK = ("--from", "2026-12-24", "--days", "2")


def columns(line: str) -> list[int]:
    """The terminal column at which each cell but the first begins."""
    ends = [found.end() for found in re.finditer(r"  +", line)]
    return [sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line[:end]) for end in ends]


def test_a_chinese_locale_gets_chinese_headings_weekdays_and_notes(weekly: Path) -> None:
    said = relaybeat("preview", weekly, *WEEK, env=CHINESE)
    head, first = said.out.splitlines()[:2]
    assert head.split() == ["开始", "结束", "时区", "时长", "节目", "名称", "播放位置", "备注"]
    assert first.startswith("周四 2026-12-24 ")
    assert "与编排规则不同；Christmas special" in said.out


def test_the_option_wins_over_the_locale(weekly: Path) -> None:
    english = relaybeat("preview", weekly, *WEEK)
    assert "Thu 2026-12-24" in english.out
    assert relaybeat("preview", weekly, *WEEK, "--lang", "en", env=CHINESE) == english
    assert "周四 2026-12-24" in relaybeat("preview", weekly, *WEEK, "--lang", "zh").out


def test_a_language_that_is_not_spoken_is_misuse(weekly: Path) -> None:
    said = relaybeat("preview", weekly, "--lang", "de")
    assert said.code == 2
    assert "'de' is not one of 'en', 'zh'" in said.err


def test_chinese_is_whole_in_a_locale_that_knows_none(weekly: Path) -> None:
    said = relaybeat("preview", weekly, *WEEK, "--lang", "zh", env={"LC_ALL": "C"})
    assert said.out == relaybeat("preview", weekly, *WEEK, env=CHINESE).out


def test_what_scripts_read_stays_english(weekly: Path) -> None:
    for output in ("json", "jsonl", "csv", "ics"):
        asked = ("preview", weekly, *WEEK, "--output", output)
        english, chinese = (relaybeat(*asked, env=env).out for env in ({}, CHINESE))
        assert re.sub(r"DTSTAMP:\w+", "", chinese) == re.sub(r"DTSTAMP:\w+", "", english)
    assert json.loads(relaybeat("preview", weekly, *WEEK, "--output", "json", env=CHINESE).out)["windows"]


def test_that_nothing_starts_is_said_in_chinese(weekly: Path) -> None:
    said = relaybeat("preview", weekly, "--from", "2026-12-24T00:00", "--to", "2026-12-24T01:00", env=CHINESE)
    assert said.err.startswith("这段时间内没有时段开始")


def test_cells_stand_below_their_headings_though_chinese_is_wide(weekly: Path) -> None:
    head, first, *_ = relaybeat("preview", weekly, *WEEK, "--event", "night", env=CHINESE).out.splitlines()
    assert columns(first) == columns(head)[: len(columns(first))]


def test_they_do_so_in_a_terminal(weekly: Path) -> None:
    ours, theirs = pty.openpty()
    command = [*RELAYBEAT, "preview", str(weekly), *WEEK, "--event", "night", "--lang", "zh"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "160", "TERM": "dumb"}
    subprocess.run(command, env=env, stdout=theirs, stderr=subprocess.DEVNULL, check=True, timeout=60)
    os.close(theirs)
    head, first, *_ = _read_all(ours).splitlines()
    assert columns(first)[:5] == columns(head)[:5]


def _read_all(terminal: int) -> str:
    pieces = []
    try:
        while piece := os.read(terminal, 65_536):
            pieces.append(piece)
    except OSError:  # how Linux says that the other side has gone
        pass
    os.close(terminal)
    return b"".join(pieces).decode()
