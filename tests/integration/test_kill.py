"""A worker is killed at each step of placing a window; the next one places it, and exactly once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.build import window
from tests.contract.ledgers import plan, state_of
from tests.integration.doomed import STEPS, attempts
from tests.support import wait_until
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.lifecycle import State
from worker.provider.emulator.options import Duplicate, Options
from worker.provider.emulator.server import serving
from worker.turns import announcing, open_gate
from worker.windows import Window

ROOT = Path(__file__).parents[2]


@pytest.fixture
def provider() -> Iterator[str]:
    """One that keeps a second create, so that a window made twice stays made twice."""
    with serving(Options(duplicate=Duplicate.APPEND, quota=1_000)) as url:
        yield url


@pytest.fixture
def ledger(redis_url: str) -> Ledger:
    return Ledger(connect(redis_url))


def killed_at(step: str, redis_url: str, provider: str, of: Window) -> None:
    """Lets a worker of its own process get as far as this step, and kills it there."""
    command = [sys.executable, "-m", "tests.integration.doomed", redis_url, provider, of.id, step]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout
            assert worker.stdout.readline().strip() == step
        finally:
            worker.kill()


def behind(provider: str, what: str) -> Any:
    return httpx.get(f"{provider}/_emulator/{what}", trust_env=False).raise_for_status().json()


@pytest.mark.parametrize("step", STEPS)
def test_a_window_is_placed_once_wherever_its_first_worker_was_killed(
    step: str, redis_url: str, provider: str, ledger: Ledger
) -> None:
    show = window(int(time.time()) + 3_600)
    plan(ledger, show)
    killed_at(step, redis_url, provider, show)
    with attempts(redis_url, provider, announcing(open_gate)) as survivor:

        def placed() -> bool:
            for window_id in ledger.hand_out(now=ledger.now(), capacity=10, redeliver=1.0):
                survivor.run(window_id)
            return state_of(ledger, show) is State.PLACED

        wait_until(placed, 30)
    created = [
        line["applied"]
        for line in behind(provider, "log")["lines"]
        if line["kind"] == "request" and line["action"] == "CreateRelaySourceV4"
    ]
    assert created == [True]
    (config,) = behind(provider, "state")["configs"]
    assert (config["start"], config["end"]) == (show.start, show.end)
