"""Three hundred windows, and a provider that fails four times in ten: in each semantics it may have."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.station import Station, events_file, station
from tests.support import wait_until

pytestmark = pytest.mark.calm

WINDOWS = 300
FAULTS = ("CommonErr:20%", "502:10%", "504:5%:before", "504:5%:after")


def starting_in(minutes: int, count: int) -> list[dict[str, object]]:
    """Events that all start in the same minute of today, an hour long."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return [
        {
            "id": f"show-{n}",
            "title": f"Show {n}",
            "cron": f"{at.minute} {at.hour} {at.day} {at.month} *",
            "duration": "1h",
            "stream": f"show-{n}",
            "sources": [f"https://origin.example.com/{n}.flv"],
        }
        for n in range(count)
    ]


@pytest.mark.parametrize("duplicate", ["refuse", "overwrite", "append"])
def test_every_window_is_placed_once_before_its_start(tmp_path: Path, duplicate: str) -> None:
    settings = {
        "RELAYBEAT_QUOTA": "60",
        "RELAYBEAT_TICK": "1",
        "RELAYBEAT_LOOK_AGAIN": "1",
        "RELAYBEAT_HORIZON": "1d",
    }
    with station(tmp_path, **settings) as here:
        faults = [word for fault in FAULTS for word in ("--fault", fault)]
        here.emulate("--quota", "60", "--duplicate", duplicate, "--seed", "7", *faults)
        here.run("apply", events_file(tmp_path, starting_in(10, WINDOWS)), "--yes")
        here.start("worker-1", "worker", "--concurrency", "10")
        here.start("worker-2", "worker", "--concurrency", "10")
        here.start("beat-1", "beat")
        here.start("beat-2", "beat")
        wait_until(lambda: Counter(here.states().values()) == {"placed": WINDOWS}, 150, every=0.5)
        _judge(here)


def _judge(here: Station) -> None:
    stats = here.emulator("stats")
    assert stats["over_quota"] == 0, stats
    assert stats["worst_duplicates"] == 0, stats
    assert stats["repeated_creates"] == 0, stats
    assert stats["permanent_created"] == stats["made_permanent"] == 0
    assert sum(stats["faults"].values()) > WINDOWS / 4, "the provider was meant to fail"
    held = {(c["stream"], c["start"], c["end"], *c["sources"]) for c in here.emulator("state")["configs"]}
    wanted = {(w["stream"], w["start"], w["end"], *w["sources"]) for w in here.windows()}
    assert held == wanted
    assert all(w["placed_at"] < w["start"] for w in here.windows())
