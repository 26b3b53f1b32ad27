"""A watch beside real roles: whatever stops is named, by a message that arrives, within a minute."""

from __future__ import annotations

import json
import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.test_sources import Feed
from tests.integration.station import Station, events_file, station
from tests.integration.test_faults import starting_in
from tests.origins import FEED, names, serving
from tests.support import wait_until
from worker.air import Air
from worker.vitals import SCOPE, TO_RETURN

pytestmark = pytest.mark.calm

MINUTE = 60.0
SETTINGS = {
    "RELAYBEAT_TICK": "1",
    "RELAYBEAT_LOOK_AGAIN": "1",
    "RELAYBEAT_TIMEOUT": "3",
    "RELAYBEAT_SETTLE": "10s",
    "RELAYBEAT_PREFLIGHT": "off",
}


@dataclass
class Desk:
    """Where messages and heartbeats arrive."""

    conditions: list[dict[str, Any]] = field(default_factory=list)
    beats: int = 0
    url: str = ""

    @property
    def heard(self) -> list[tuple[str, str]]:
        return [(each["what"], each["kind"]) for each in self.conditions]

    def hears(self, what: str, kind: str, within: float = MINUTE) -> dict[str, Any]:
        wait_until(lambda: (what, kind) in self.heard, within, every=0.1)
        return self.conditions[self.heard.index((what, kind))]


@contextmanager
def desk() -> Iterator[Desk]:
    found = Desk()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.conditions += told["conditions"]
            self.answer()

        def do_GET(self) -> None:
            found.beats += 1
            self.answer()

        def answer(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


@dataclass
class House:
    """Every window placed, every role alive, and a watch that has looked."""

    here: Station
    desk: Desk

    def looked(self, scope: str) -> float:
        """When somebody last judged this scope (Unix seconds)."""
        redis: Any = self.here.ledger.redis
        return float(redis.hget(self.here.ledger.keys.looked, scope) or 0)

    def is_watched(self) -> bool:
        return all(self.looked(scope) for scope in (SCOPE, "coverage:pull.example.com"))

    def is_on_air(self, event: str) -> bool:
        """Whether the watch has seen its window there."""
        ids = [window_id for window_id in self.here.states() if window_id.startswith(event)]
        return [each.seen and each.seen.state for each in self.here.ledger.sightings.of(ids)] == [Air.ON_AIR]


@contextmanager
def living(folder: Path, shows: Sequence[Mapping[str, Any]], **settings: str) -> Iterator[House]:
    with desk() as found, station(folder) as here:
        told = {"RELAYBEAT_ALERTS": found.url, "RELAYBEAT_HEARTBEAT": found.url}
        here.settings = SETTINGS | told | settings
        here.emulate("--settle", "0")
        here.run("apply", events_file(folder, shows), "--yes")
        for role in ("worker", "beat", "watch"):
            here.start(role, role)
        wait_until(lambda: {*here.states().values()} == {"placed"}, 60, every=0.2)
        wait_until(lambda: found.beats, 30)
        house = House(here, found)
        wait_until(house.is_watched, 60, every=0.2)
        yield house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with living(tmp_path, starting_in(60, 1)) as found:
        assert found.desk.heard == []
        yield found


def test_a_source_that_dies_is_told_once_before_air_and_on_air_and_so_is_its_return(tmp_path: Path) -> None:
    feed, seen_as = (
        Feed(dead={"now", "soon"}),
        {"PYTHONPATH": names(tmp_path), "RELAYBEAT_PREFLIGHT": "private"},
    )
    with serving(feed.talk) as feed.port:
        at = f"http://{FEED}:{feed.port}/live"
        shows = [
            show | {"id": name, "stream": name, "sources": [f"{at}/{name}.flv"]}
            for name, (show,) in {"now": starting_in(-1, 1), "soon": starting_in(20, 1)}.items()
        ]
        with living(tmp_path, shows, **seen_as) as house:
            warned = house.desk.hears("began", "source-dead")
            assert warned["facts"]["event"] == "soon"
            wait_until(lambda: house.is_on_air("now"), MINUTE, every=0.2)
            house.here.tell_emulator("sources", Source=f"{at}/now.flv", Alive=False)
            dark = house.desk.hears("began", "dark", within=2 * MINUTE)
            assert (dark["facts"]["event"], dark["cause"]) == ("now", "source-unreachable")
            feed.dead.clear()
            house.here.tell_emulator("sources", Source=f"{at}/now.flv", Alive=True)
            house.desk.hears("recovered", "dark", within=2 * MINUTE)
            house.desk.hears("recovered", "source-dead", within=3 * MINUTE)
            told = sorted(house.desk.heard)
    assert told == [(what, kind) for what in ("began", "recovered") for kind in ("dark", "source-dead")]


def test_a_beat_that_stops_is_named_and_its_return_is_told(house: House) -> None:
    house.here.kill("beat")
    house.desk.hears("began", "beat-silent")
    house.here.start("beat", "beat")
    house.desk.hears("recovered", "beat-silent")
    assert {kind for _, kind in house.desk.heard} == {"beat-silent"}


def test_workers_that_leave_in_order_are_missed_and_not_the_ticks_they_do_not_do(house: House) -> None:
    house.here.processes["worker"].send_signal(signal.SIGTERM)
    house.desk.hears("began", "no-worker")
    assert house.desk.heard == [("began", "no-worker")]


def test_a_redis_that_is_gone_is_told_without_it_and_its_return_wakes_nobody_else(house: House) -> None:
    house.here.redis.kill()
    house.desk.hears("began", "redis-gone")
    house.here.redis.start()
    back = house.here.ledger.now()
    house.desk.hears("recovered", "redis-gone")
    wait_until(lambda: house.looked(SCOPE) >= back + TO_RETURN, 3 * MINUTE, every=0.5)
    wait_until(lambda: house.looked(SCOPE) >= back + TO_RETURN + 15, MINUTE, every=0.5)
    assert house.desk.heard == [("began", "redis-gone"), ("recovered", "redis-gone")]


def test_a_provider_that_refuses_the_keys_is_named_and_nothing_else_is(house: House) -> None:
    house.here.tell_emulator("faults", Faults=["InvalidAccessKey"])
    house.desk.hears("began", "credentials-refused")
    house.here.tell_emulator("faults", Faults=[])
    house.desk.hears("recovered", "credentials-refused")
    assert {kind for _, kind in house.desk.heard} == {"credentials-refused"}


def test_a_relay_deleted_behind_our_back_is_put_back_and_nobody_is_woken(house: House) -> None:
    slot = {"Domain": "pull.example.com", "App": "live", "Stream": "show-0"}
    url = f"{house.here.provider}/_emulator/relays"
    httpx.delete(url, params=slot, trust_env=False).raise_for_status()
    wait_until(lambda: house.here.emulator("state")["configs"], MINUTE, every=0.2)
    assert house.desk.heard == []


@contextmanager
def mute(folder: Path, found: Desk) -> Iterator[tuple[Station, socket.socket]]:
    """A watch over more domains than it asks about at a time; their provider takes calls and is silent."""
    shows = [show | {"domain": f"pull-{n}.example.com"} for n, show in enumerate(starting_in(60, 9))]
    settings = SETTINGS | {"RELAYBEAT_TIMEOUT": "60", "RELAYBEAT_HEARTBEAT": found.url}
    with socket.create_server(("127.0.0.1", 0)) as listener, station(folder, **settings) as here:
        here.provider = f"http://127.0.0.1:{listener.getsockname()[1]}"
        here.run("apply", events_file(folder, shows), "--yes")
        here.start("watch", "watch")
        yield here, listener


def test_a_watch_ends_when_it_is_told_to_whatever_hangs(tmp_path: Path) -> None:
    with desk() as found, mute(tmp_path, found) as (here, listener):
        hung, _ = listener.accept()
        with hung:
            watch = here.processes["watch"]
            watch.send_signal(signal.SIGTERM)
            assert watch.wait(30) == 0
        assert "watch.ends hanging=coverage" in here.log("watch")
