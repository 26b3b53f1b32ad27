"""``drift`` and ``reconcile`` against a provider where somebody else was at work."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.acceptance.command import Said, relaybeat
from tests.integration.station import Station, events_file, station
from tests.support import wait_until

OURS = {"Domain": "pull.example.com", "App": "live", "Stream": "news"}
ZONE = "Asia/Shanghai"
THEIRS = OURS | {"Stream": "theirs"}


class Desk:
    """A station where one show is placed, and the commands of whoever sits there."""

    def __init__(self, here: Station) -> None:
        self.here = here

    def run(self, *args: str) -> Said:
        return relaybeat(*args, env=dict(self.here.environment), cwd=self.here.folder)

    def json(self, *args: str) -> tuple[int, Any]:
        said = self.run(*args, "--output", "json")
        return said.code, json.loads(said.out)

    def is_quiet(self) -> bool:
        return self.json("drift") == (0, {"findings": [], "silent": [], "failed": []})

    def listed(self) -> list[str]:
        return sorted(config["stream"] for config in self.here.emulator("state")["configs"])

    def writes(self) -> int:
        counts = self.here.emulator("stats")["by_action"]
        return sum(sum(n.values()) for action, n in counts.items() if not action.startswith("List"))

    def remove(self, slot: dict[str, str]) -> None:
        url = f"{self.here.provider}/_emulator/relays"
        httpx.delete(url, params=slot, trust_env=False).raise_for_status()

    def plant(self) -> None:
        start = int(datetime.now(UTC).timestamp()) + 3_600
        span = {"StartTime": start, "EndTime": start + 3_600}
        sources = ["rtmp://theirs.example.com/live/key-1"]
        self.here.tell_emulator("relays", **THEIRS, **span, SrcAddrS=sources)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A worker and a beat that does not look at the list by itself: that is left to the commands."""
    folder = tmp_path_factory.mktemp("office")
    with station(folder, RELAYBEAT_TICK="1", RELAYBEAT_LOOK_AGAIN="1") as here:
        assert here.ledger.drifts.begin(3_600)
        here.emulate()
        tonight = datetime.now(ZoneInfo(ZONE)) + timedelta(hours=2)
        show = {"id": "news", "title": "News", "cron": f"{tonight.minute} {tonight.hour} {tonight.day} * *"}
        place = {
            "stream": "news",
            "timezone": ZONE,
            "duration": "1h",
            "sources": ["rtmp://a.example.com/live/key-2"],
        }
        here.run("apply", events_file(folder, [show | place]), "--yes")
        here.start("worker", "worker")
        here.start("beat", "beat")
        yield Desk(here)


@pytest.fixture
def desk(office: Desk) -> Desk:
    """The same, with nothing wrong."""
    wait_until(lambda: "news" in office.listed(), 30)
    wait_until(office.is_quiet, 30)
    return office


def test_where_everything_agrees_nothing_is_found_and_nothing_done(desk: Desk) -> None:
    before = desk.writes()
    said = desk.run("reconcile")
    assert (said.code, said.out, said.err) == (0, "", "plan, ledger and provider agree\n")
    assert desk.writes() == before


def test_a_relay_that_somebody_deleted_is_found_and_put_back(desk: Desk) -> None:
    desk.remove(OURS)
    code, told = desk.json("drift")
    assert (code, [finding["kind"] for finding in told["findings"]]) == (3, ["missing"])
    assert desk.listed() == []
    code, told = desk.json("reconcile")
    assert (code, told["left"]) == (0, [])
    assert desk.listed() == ["news"]
    wait_until(desk.is_quiet, 10)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(desk: Desk) -> None:
    desk.remove(OURS)
    before = desk.writes()
    said = desk.run("reconcile", "--dry-run")
    assert said.code == 3
    assert "missing" in said.out
    assert said.err == "1 would be mended\n"
    assert desk.writes() == before
    assert desk.run("reconcile").code == 0


def test_a_foreign_relay_is_shown_without_its_secret_and_left_alone(desk: Desk) -> None:
    desk.plant()
    before = desk.writes()
    said = desk.run("drift")
    assert said.code == 3
    assert "not ours" in said.out
    assert "key-1" not in said.out + json.dumps(desk.json("drift"))
    assert desk.run("reconcile").code == 0
    assert desk.listed() == ["news", "theirs"]
    assert desk.writes() == before
    desk.remove(THEIRS)


def test_a_window_that_the_ledger_lost_is_planned_again(desk: Desk) -> None:
    (window,) = desk.here.states()
    desk.here.ledger.redis.delete(desk.here.ledger.keys.window(window))
    code, told = desk.json("drift")
    assert (code, [finding["kind"] for finding in told["findings"]]) == (3, ["unplanned"])
    assert desk.run("reconcile").code == 0
    assert list(desk.here.states()) == [window]
    assert desk.listed() == ["news"]


def test_a_domain_that_cannot_be_listed_is_an_error_and_no_drift(desk: Desk) -> None:
    desk.here.tell_emulator("faults", Faults=["List:400"])
    said, told = desk.run("drift"), desk.json("drift")
    desk.here.tell_emulator("faults", Faults=[])
    assert said.code == 1
    assert "error: pull.example.com could not be listed" in said.err
    assert "everything else agrees" in said.err
    assert told == (1, {"findings": [], "silent": [], "failed": ["pull.example.com"]})


def test_times_are_told_on_the_clock_of_the_events(desk: Desk) -> None:
    desk.plant()
    said = desk.run("drift")
    desk.remove(THEIRS)
    assert said.out.splitlines()[1].count(ZONE) == 1


def test_what_the_look_of_a_beat_finds_is_put_back_without_anybody(desk: Desk) -> None:
    desk.remove(OURS)
    keys = desk.here.ledger.keys
    desk.here.ledger.redis.delete(keys.reconciling, keys.look(OURS["Domain"]))
    celery = (sys.executable, "-m", "celery", "-A", "worker.tasks")
    desk.here.start_plainly("caller", *celery, "call", "relaybeat.reconcile")
    wait_until(lambda: desk.listed() == ["news"], 20)
    assert desk.here.log("worker").count("reconcile.found") == 1
