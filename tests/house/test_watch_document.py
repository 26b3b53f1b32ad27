"""``docs/watch.md`` in step with what the watch does."""

from __future__ import annotations

import re
from pathlib import Path

from worker import coverage
from worker.air import LOOKED_BACK
from worker.conditions import Level
from worker.duties import sources
from worker.duties.air import OnAir
from worker.duties.coverage import Coverage
from worker.duties.data import Data
from worker.duties.heartbeat import Heartbeat
from worker.duties.sources import Sources
from worker.duties.vitals import Vitals
from worker.provider.cloud import PAGE

TEXT = (Path(__file__).parents[2] / "docs" / "watch.md").read_text(encoding="utf-8")
ERRANDS = (Coverage, Sources, OnAir, Vitals, Data, Heartbeat)


def test_every_errand_is_documented_with_its_pace() -> None:
    told = re.findall(r"^\| `([a-z]+)` \| (\d+) s \|", TEXT, re.MULTILINE)
    fields = [each.__dataclass_fields__ for each in ERRANDS]
    assert told == [(each["name"].default, f"{each['every'].default:.0f}") for each in fields]


def test_the_night_of_a_window_has_the_checkpoints_of_the_code() -> None:
    lines = re.findall(r"^\| (\d+) (h|min) before \| (.*?) \| (.*?) \|", TEXT, re.MULTILINE)
    at = {int(number) * {"h": 3_600, "min": 60}[unit]: rest for number, unit, *rest in lines}
    listed = {before: answer for before, (asked, answer) in at.items() if "listed" in asked}
    tried = tuple(before for before, (asked, _) in at.items() if "sources" in asked)
    words = {Level.WARN: "warning", Level.PAGE: "page"}
    assert listed.keys() == {before for before, _ in coverage.CHECKPOINTS}
    assert all(listed[before].startswith(words[level]) for before, level in coverage.CHECKPOINTS)
    assert tried == sources.CHECKPOINTS


def test_its_figures_are_those_of_the_code() -> None:
    assert f"for {LOOKED_BACK // 60} minutes more" in TEXT
    assert f"in pages of {PAGE}" in TEXT
    assert f"page after {coverage.AT_THE_TURN} s" in TEXT
    assert f"warning, after {coverage.TO_PLACE // 60} minutes" in TEXT
