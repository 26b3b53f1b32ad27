"""Celery 5.7.0 ends at a restart of Redis in its usual settings; with ours it goes on consuming."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.integration.station import Station, events_file, station
from tests.integration.test_faults import starting_in
from tests.support import wait_until

pytestmark = pytest.mark.calm

SETTINGS = {
    "RELAYBEAT_QUOTA": "60",
    "RELAYBEAT_TICK": "1",
    "RELAYBEAT_LOOK_AGAIN": "1",
    "RELAYBEAT_TIMEOUT": "3",  # after each restart what may be under way is waited for
}
RESTARTS = 4


def placed(here: Station, count: int) -> bool:
    return list(here.states().values()).count("placed") == count


def restart(here: Station) -> None:
    here.redis.kill()
    here.redis.start()


def test_idle_workers_and_beats_survive_restarts(tmp_path: Path) -> None:
    with station(tmp_path, **SETTINGS) as here:
        here.emulate("--quota", "60")
        roles = {name: here.start(name, name.split("-")[0]) for name in ("worker-1", "worker-2", "beat-1")}
        wait_until(lambda: here.ledger.seen("tick"), 30)
        for restarts in range(1, RESTARTS + 1):
            restart(here)
            here.run("apply", events_file(tmp_path, starting_in(30, restarts)), "--yes")
            wait_until(lambda restarts=restarts: placed(here, restarts), 60, every=0.2)
        assert [name for name, role in roles.items() if role.poll() is not None] == []


def test_workers_in_the_middle_of_calls_survive_restarts(tmp_path: Path) -> None:
    count = 60
    with station(tmp_path, **SETTINGS) as here:
        here.emulate("--quota", "60", "--fault", "slow:100%:1s")
        here.run("apply", events_file(tmp_path, starting_in(30, count)), "--yes")
        roles = {name: here.start(name, name.split("-")[0]) for name in ("worker-1", "worker-2", "beat-1")}
        for done in range(RESTARTS):
            wait_until(
                lambda done=done: "placing" in here.states().values() or placed(here, count), 60, every=0.05
            )
            restart(here)
        wait_until(lambda: placed(here, count), 90, every=0.5)
        assert [name for name, role in roles.items() if role.poll() is not None] == []
        stats = here.emulator("stats")
        assert stats["worst_duplicates"] == stats["repeated_creates"] == stats["over_quota"] == 0, stats


@pytest.mark.parametrize("role", ["worker", "beat"])
def test_plain_celery_runs_the_same_app(tmp_path: Path, role: str) -> None:
    with station(tmp_path, **SETTINGS) as here:
        here.emulate()
        here.run("apply", events_file(tmp_path, starting_in(30, 3)), "--yes")
        for name in ("worker", "beat"):
            if name == role:
                here.start_plainly(name, sys.executable, "-m", "celery", "-A", "worker.tasks", name)
            else:
                here.start(name, name)
        wait_until(lambda: placed(here, 3), 60, every=0.2)
