"""A worker is killed, or stands still, at each step of placing a window; another one places it, and once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def stopped_at(step: str, redis_url: str, provider: str, of: Window) -> Iterator[subprocess.Popen[str]]:
    """A worker of its own process, frozen where it got as far as this step; killed in the end."""
    command = [sys.executable, "-m", "tests.integration.doomed", redis_url, provider, of.id, step]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout
            assert worker.stdout.readline().strip() == step
            os.waitid(os.P_PID, worker.pid, os.WSTOPPED | os.WNOWAIT)
            yield worker
        finally:
            worker.kill()


def take_over(redis_url: str, provider: str, ledger: Ledger, of: Window) -> None:
    """Has another worker place the window, as soon as it may."""
    with attempts(redis_url, provider, announcing(open_gate)) as survivor:

        def placed() -> bool:
            for window_id in ledger.hand_out(now=ledger.now(), capacity=10, redeliver=1.0):
                survivor.run(window_id)
            return state_of(ledger, of) is State.PLACED

        wait_until(placed, 30)


def writes(provider: str) -> list[tuple[str, bool]]:
    """What was sent beside lists, and whether it took effect."""
    return [
        (line["action"], line["applied"])
        for line in behind(provider, "log")["lines"]
        if line["kind"] == "request" and not line["action"].startswith("List")
    ]


def behind(provider: str, what: str) -> Any:
    return httpx.get(f"{provider}/_emulator/{what}", trust_env=False).raise_for_status().json()


@pytest.mark.parametrize("step", STEPS)
def test_a_window_is_placed_once_wherever_its_first_worker_was_killed(
    step: str, redis_url: str, provider: str, ledger: Ledger
) -> None:
    show = window(int(time.time()) + 3_600)
    plan(ledger, show)
    with stopped_at(step, redis_url, provider, show):
        pass
    take_over(redis_url, provider, ledger, show)
    assert writes(provider) == [("CreateRelaySourceV4", True)]
    (config,) = behind(provider, "state")["configs"]
    assert (config["start"], config["end"]) == (show.start, show.end)


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_worker_that_thaws_when_its_lease_is_gone_neither_sends_nor_records(
    step: str, redis_url: str, provider: str, ledger: Ledger
) -> None:
    show = window(int(time.time()) + 3_600)
    plan(ledger, show)
    with stopped_at(step, redis_url, provider, show) as frozen:
        take_over(redis_url, provider, ledger, show)
        history = ledger.reading.log(show.id)
        frozen.send_signal(signal.SIGCONT)
        said, _ = frozen.communicate(timeout=30)
    assert said.strip() == "lease-lost"
    assert ledger.reading.log(show.id) == history
    assert writes(provider) == [("CreateRelaySourceV4", True)]
