"""What is made of signs of life, on a real ledger and about real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.support import wait_until
from worker.embedded import free_port
from worker.health import EVERY, GRACE, ROLES, Role, Signs, check, end, lives, patience
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.settings import Settings

HERE = "here.example.com"


@pytest.fixture
def ledger(redis_url: str) -> Ledger:
    return Ledger(connect(redis_url))


@pytest.fixture
def worker() -> Iterator[int]:
    """The id of a process that is called as a worker is, and leads a group of its own."""
    command = [sys.executable, "-c", "import time; time.sleep(600)", "worker"]
    with subprocess.Popen(command, start_new_session=True) as process:
        wait_until(lambda: lives(process.pid, "worker", since=0))
        yield process.pid
        process.kill()


def seen(ledger: Ledger, role: str, pid: int, ago: float, host: str = HERE) -> None:
    ledger.saw(role, f"{host}:{pid}", ledger.now() - ago)


def well(ledger: Ledger, *roles: Role, within: float = 60.0) -> bool:
    return check(ledger, HERE, roles or ROLES, within).well


def test_a_role_is_well_if_one_of_its_processes_here_made_progress_lately(ledger: Ledger) -> None:
    assert not well(ledger, "worker")
    seen(ledger, "worker", 1, 30)
    assert well(ledger, "worker")
    assert not well(ledger, "worker", within=20)
    assert not well(ledger, "beat")


def test_what_other_hosts_do_does_not_count(ledger: Ledger) -> None:
    seen(ledger, "worker", 1, 3, host="there.example.com")
    assert not well(ledger, "worker")


def test_a_whole_host_is_well_only_if_something_ticks(ledger: Ledger) -> None:
    seen(ledger, "beat", 1, 3)
    seen(ledger, "worker", 2, 3)
    assert check(ledger, HERE, ROLES, 60).words == "there was no tick yet"
    ledger.saw("tick", "elsewhere:7", ledger.now() - 100)
    assert check(ledger, HERE, ROLES, 60).words == "no tick for 100 s"
    ledger.saw("tick", "elsewhere:7", ledger.now())
    assert well(ledger)


def test_who_lives_without_progress_is_stuck_whatever_its_fellows_do(ledger: Ledger, worker: int) -> None:
    seen(ledger, "worker", worker, 0)
    seen(ledger, "worker", 1, 0)
    time_of_sign = ledger.seen("worker")[f"{HERE}:{worker}"]
    assert well(ledger, "worker")
    silence = ledger.now() - time_of_sign
    found = check(ledger, HERE, ("worker",), silence / 2)
    assert not found.well
    assert f"worker {HERE}:{worker} lives, and made no progress" in found.words


def test_who_was_killed_is_not_held_against_who_took_over(ledger: Ledger) -> None:
    with subprocess.Popen([sys.executable, "-c", "", "worker"]) as gone:
        gone.wait()
    seen(ledger, "worker", gone.pid, 300)
    seen(ledger, "worker", 1, 3)
    assert well(ledger, "worker")


def test_a_process_that_only_has_the_id_of_the_one_that_gave_the_sign_is_another(worker: int) -> None:
    assert lives(worker, "worker", since=0)
    assert not lives(worker, "worker", since=600)


def test_a_process_in_another_role_did_not_give_the_sign(worker: int) -> None:
    assert not lives(worker, "beat", since=0)
    assert not lives(os.getpid(), "worker", since=0)


def test_who_is_stuck_is_ended_though_it_would_heed_nothing(ledger: Ledger, worker: int) -> None:
    os.kill(worker, signal.SIGSTOP)
    seen(ledger, "worker", worker, 0)
    (stuck,) = check(ledger, HERE, ("worker",), 0).stuck
    end(stuck)
    os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)
    assert not lives(worker, "worker", since=0)


def test_signs_are_few_however_much_is_done(ledger: Ledger) -> None:
    moments = iter([0.0, 0.0, EVERY / 2, EVERY, EVERY])
    signs = Signs("worker", "here:1", lambda: next(moments))
    signs.show(ledger)
    first = ledger.seen("worker")
    signs.show(ledger)
    assert ledger.seen("worker") == first
    signs.show(ledger)
    assert ledger.seen("worker") != first


def test_who_leaves_in_order_is_not_missed(ledger: Ledger) -> None:
    signs = Signs("beat", "here:1", time.monotonic)
    signs.show(ledger)
    signs.withdraw(ledger)
    assert ledger.seen("beat") == {}


def test_a_ledger_that_is_away_stops_nobody() -> None:
    away = Ledger(connect(f"redis://127.0.0.1:{free_port()}/0"))
    signs = Signs("beat", "here:1", time.monotonic)
    signs.show(away)
    signs.withdraw(away)


def test_patience_outlasts_ticks_and_calls_and_is_never_short() -> None:
    assert patience(Settings(tick=1, timeout=1)) == GRACE
    assert patience(Settings(tick=60)) >= 3 * 60
    assert patience(Settings(timeout=60)) >= 3 * 60


def test_a_watch_is_asked_for_by_name_alone(ledger: Ledger) -> None:
    ledger.saw("tick", "elsewhere:7", ledger.now())
    seen(ledger, "watch", 1, 3)
    assert well(ledger, "watch")
    assert not well(ledger)
