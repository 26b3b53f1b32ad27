"""What ``doctor`` finds of beats and workers."""

from __future__ import annotations

import pytest

from worker.diagnosis import Finding, examine
from worker.ledger import Ledger
from worker.runtime import Runtime
from worker.settings import Settings


@pytest.fixture
def runtime(redis_url: str) -> Runtime:
    return Runtime(Settings(redis_url=redis_url))


def seen(ledger: Ledger, **ago: float) -> None:
    """``worker_a_1=3``: the worker with the process id 1 on host a made progress three seconds ago."""
    for name, seconds in ago.items():
        role, host, pid = name.split("_")
        ledger.saw(role, f"{host}:{pid}", ledger.now() - seconds)


def findings(runtime: Runtime) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(runtime, ["beat and workers"])}


def test_where_all_goes_well_everybody_is_named_with_the_age_of_its_sign(runtime: Runtime) -> None:
    seen(runtime.ledger, tick_a_1=2, beat_a_2=3, beat_b_2=4, worker_a_1=5)
    found = findings(runtime)
    assert {finding.verdict for finding in found.values()} == {"ok"}
    assert found["beats"].words == "a:2 3 s ago, b:2 4 s ago"


def test_a_dead_beat_is_told_from_a_dead_worker(runtime: Runtime) -> None:
    seen(runtime.ledger, tick_a_1=300, beat_a_2=300, worker_a_1=3)
    found = findings(runtime)
    assert {what: finding.verdict for what, finding in found.items()} == {
        "ticks": "fail",
        "beats": "fail",
        "workers": "ok",
    }
    assert "a:2 silent for 300 s" in found["beats"].words


def test_a_host_that_fell_silent_is_named_though_another_goes_on(runtime: Runtime) -> None:
    seen(runtime.ledger, worker_a_1=3, worker_b_1=300)
    found = findings(runtime)["workers"]
    assert (found.verdict, found.words) == ("warn", "a:1 3 s ago; b:1 silent for 300 s")
    assert "is b well" in found.hint


def test_a_process_that_was_replaced_on_its_host_is_not_missed(runtime: Runtime) -> None:
    seen(runtime.ledger, worker_a_1=300, worker_a_7=3)
    assert findings(runtime)["workers"].words == "a:7 3 s ago"
