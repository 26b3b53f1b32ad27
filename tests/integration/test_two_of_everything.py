"""Two beats, two workers, and half of them gone: the work goes on, and what has gone shows."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.station import RELAYBEAT, Station, events_file, station
from tests.integration.test_faults import starting_in
from tests.support import wait_until
from worker.cli.health import DEADLINE

pytestmark = pytest.mark.calm

SETTINGS = {
    "RELAYBEAT_QUOTA": "60",
    "RELAYBEAT_TICK": "1",
    "RELAYBEAT_LOOK_AGAIN": "1",
    "RELAYBEAT_TIMEOUT": "3",
}
WINDOWS = 40
LATELY = "8s"


def health(here: Station, *args: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [*RELAYBEAT, "health", *args, "--within", LATELY, "--output", "json"],
        cwd=here.folder,
        env=here.environment,
        capture_output=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def well(here: Station, *args: str) -> bool:
    return health(here, *args)[0] == 0


def test_windows_are_placed_once_though_half_of_everything_dies_and_the_rest_stands_still(
    tmp_path: Path,
) -> None:
    with station(tmp_path, **SETTINGS) as here:
        here.emulate("--quota", "60", "--duplicate", "append", "--fault", "slow:100%:1s")
        for name in ("worker-1", "worker-2", "beat-1", "beat-2"):
            here.start(name, name.partition("-")[0])
        here.run("apply", events_file(tmp_path, starting_in(30, WINDOWS)), "--yes")
        wait_until(lambda: "placing" in here.states().values(), 30)
        here.processes["worker-2"].send_signal(signal.SIGSTOP)
        here.kill("worker-1")
        here.kill("beat-1")
        here.start("worker-3", "worker")
        wait_until(lambda: set(here.states().values()) == {"placed"}, 90, every=0.5)
        here.processes["worker-2"].send_signal(signal.SIGCONT)
        wait_until(lambda: well(here, "worker"), 30)
        stats = here.emulator("stats")
        assert stats["worst_duplicates"] == stats["repeated_creates"] == stats["over_quota"] == 0, stats
        assert len(here.emulator("state")["configs"]) == WINDOWS
        assert set(here.states().values()) == {"placed"}


def test_a_frozen_worker_shows_and_so_does_its_thaw_and_one_that_stays_frozen_can_be_ended(
    tmp_path: Path,
) -> None:
    with station(tmp_path, **SETTINGS) as here:
        for name in ("worker-1", "worker-2", "beat-1"):
            here.start(name, name.partition("-")[0])
        frozen = here.processes["worker-2"]
        wait_until(lambda: well(here), 30)
        frozen.send_signal(signal.SIGSTOP)
        wait_until(lambda: not well(here, "worker"), 30)
        code, found = health(here, "worker")
        assert code == 1
        assert f"{frozen.pid} lives, and made no progress" in found["words"]
        assert well(here, "beat")
        frozen.send_signal(signal.SIGCONT)
        wait_until(lambda: well(here, "worker"), 30)
        frozen.send_signal(signal.SIGSTOP)
        wait_until(lambda: not well(here, "worker", "--end"), 30)
        assert frozen.wait(10) == -signal.SIGKILL
        assert here.processes["worker-1"].poll() is None


def test_without_any_beat_a_host_is_not_well_until_one_comes_back(tmp_path: Path) -> None:
    with station(tmp_path, **SETTINGS) as here:
        for name in ("worker-1", "beat-1", "beat-2"):
            here.start(name, name.partition("-")[0])
        wait_until(lambda: well(here), 30)
        here.kill("beat-1")
        here.kill("beat-2")
        wait_until(lambda: not well(here), 30)
        assert not well(here, "beat")
        assert well(here, "worker")
        here.start("beat-3", "beat")
        wait_until(lambda: well(here), 30)


def test_a_process_that_ends_in_order_is_not_missed(tmp_path: Path) -> None:
    with station(tmp_path, **SETTINGS) as here:
        roles = [here.start(name, name) for name in ("worker", "beat")]
        wait_until(lambda: here.ledger.seen("tick"), 30)
        for process in roles:
            process.terminate()
        assert [process.wait(20) for process in roles] == [0, 0]
        assert here.ledger.seen("worker") == here.ledger.seen("beat") == {}


def test_a_redis_that_swallows_everything_is_told_in_time(tmp_path: Path) -> None:
    with station(tmp_path) as here, socket.create_server(("127.0.0.1", 0)) as hole:
        env = here.environment | {"RELAYBEAT_REDIS_URL": f"redis://127.0.0.1:{hole.getsockname()[1]}/0"}
        done = subprocess.run([*RELAYBEAT, "health"], env=env, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout.decode().strip() == f"Redis did not answer within {DEADLINE:.0f} s"
