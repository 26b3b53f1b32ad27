"""``docs/reconcile.md`` in step with what can be found."""

from __future__ import annotations

import re
from pathlib import Path

from beat_schedule import BEAT_SCHEDULE
from worker.drift import Kind
from worker.reconciler import EVERY
from worker.tasks import RECONCILE

TEXT = (Path(__file__).parents[2] / "docs" / "reconcile.md").read_text(encoding="utf-8")


def test_every_kind_of_finding_is_documented_and_no_other() -> None:
    assert re.findall(r"^\| `([a-z]+)` \|", TEXT, re.MULTILINE) == list(Kind)


def test_the_beat_reconciles_as_often_as_one_look_lasts() -> None:
    entry = BEAT_SCHEDULE["reconcile"]
    assert (entry["task"], entry["schedule"], entry["options"]["expires"]) == (RECONCILE, EVERY, EVERY)
