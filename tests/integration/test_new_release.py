"""Real workers of two releases of the zones, the command line, and a provider that holds a relay."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.station import RELAYBEAT, ROOT, Station, events_file, station
from tests.law import release
from tests.support import wait_until
from worker.lifecycle import OPEN

SOURCE = "rtmp://user:password-1@a.example.com/live/key-1"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Station]:
    """Two shows in Almaty, six hours from now: the talk is called off, the news are placed."""
    with station(tmp_path, RELAYBEAT_TICK="1s", RELAYBEAT_SETTLE="0s", RELAYBEAT_LOOK_AGAIN="1s") as found:
        found.emulate()
        begins = datetime.now(UTC) + timedelta(hours=5 + 6)
        show: dict[str, Any] = {"timezone": "Asia/Almaty", "cron": f"0 {begins.hour} * * *", "duration": "1h"}
        show |= {"sources": [SOURCE]}
        events_file(tmp_path, [show | {"id": each, "stream": each} for each in ("news", "talk")])
        found.run("apply", "events.yaml", "--yes")
        found.run("cancel", _first(found, "talk")["id"], "--reason", "strike", "--by", "ann")
        found.start("old-worker", "worker")
        found.start("beat", "beat")
        wait_until(lambda: _relays(found), 30)
        yield found


def _first(of: Station, event: str, state: str = "") -> dict[str, Any]:
    return next(w for w in of.windows() if w["event"] == event and state in w["state"])


def _relays(of: Station) -> list[Any]:
    rows = of.emulator("state")["configs"]
    return [row for row in rows if row["stream"] == "news"]


def _planned(of: Station, event: str) -> set[int]:
    """When its windows start that are planned or placed."""
    found = of.ledger.reading.windows([event], 0, float("inf"))
    return {record.window.start for record in found if record.state in OPEN}


def _stderr(of: Station, *args: str) -> str:
    """What a command says beside its output."""
    how: dict[str, Any] = {"cwd": of.folder, "env": of.environment, "capture_output": True}
    return subprocess.run([*RELAYBEAT, *args], text=True, check=True, **how).stderr


def _upgrade(of: Station) -> None:
    """Whatever is started from here on has a newer release, in which Almaty's clock is an hour behind."""
    law = release(of.folder / "law", "2099.1", Almaty="Asia/Dubai")
    of.settings = {**of.settings, "PYTHONPATH": f"{law}:{ROOT}"}


def test_a_newer_worker_tells_and_moves_and_an_older_one_beside_it_leaves_that_alone(here: Station) -> None:
    before, off = _first(here, "news"), _first(here, "talk", "cancelled")
    _upgrade(here)
    here.start("new-worker", "worker")
    later = before["start"] + 3_600
    wait_until(lambda: [row["start"] for row in _relays(here)] == [later], 40)
    wait_until(lambda: _planned(here, "news") & {before["start"], later} == {later}, 10)
    assert not _planned(here, "talk") & {off["start"], off["start"] + 3_600}
    (turnover,) = here.ledger.editions.turnovers()
    assert turnover.words == 1
    logs = here.log("new-worker") + here.log("old-worker")
    assert logs.count("plan.moved ") == 1
    assert "key-1" not in logs
    assert "2099.1" in here.run("doctor", "--only", "data")
    assert f"new data moved windows: {turnover.windows} of 2 events" in _stderr(here, "events")


def test_an_apply_from_a_machine_of_another_release_leaves_planning_to_the_workers(here: Station) -> None:
    before = _first(here, "news")
    path = here.folder / "events.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('"1h"', '"2h"'), encoding="utf-8")
    _upgrade(here)
    said = _stderr(here, "apply", "events.yaml", "--yes")
    assert "the workers plan by other data than this machine has: tzdata 2099.1 -> " in said
    longer = ("placed", before["start"] + 7_200)
    wait_until(lambda: longer in [(w["state"], w["end"]) for w in here.windows() if w["event"] == "news"], 30)
    assert before["start"] in _planned(here, "news")
    assert not list(here.ledger.editions.turnovers())
