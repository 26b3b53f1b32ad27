"""Canaries in every place that holds a secret, and a look at everything that Relaybeat says or sends."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.station import RELAYBEAT, Station, events_file, station
from tests.integration.test_faults import starting_in
from tests.support import wait_until

CANARIES = ("AKcanary0accesskey", "SKcanary0secretkey", "canary-user", "canary-password", "canary-streamkey")
KEYS, SOURCE = CANARIES[:2], CANARIES[2:]
ADDRESS = "rtmp://canary-user:canary-password@origin.example.com/live/canary-streamkey"
SHOWN = (
    ["windows"],
    ["windows", "--output", "json"],
    ["events"],
    ["show", "{id}"],
    ["show", "{id}", "--output", "json"],
    ["drift"],
    ["drift", "--output", "json"],
    ["plan", "{file}"],
    ["check", "{file}"],
    ["preview", "{file}"],
    ["preview", "{file}", "--output", "ics"],
    ["preview", "{file}", "--output", "csv"],
    ["doctor"],
    ["show", "nothing@permanent"],
)


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A station with canaries for keys and sources, at a provider that fails in every way and echoes."""
    folder = tmp_path_factory.mktemp("leaky")
    settings = {"RELAYBEAT_TICK": "1", "RELAYBEAT_LOOK_AGAIN": "1", "RELAYBEAT_QUOTA": "50"}
    keys = {"VOLC_ACCESSKEY": KEYS[0], "VOLC_SECRETKEY": KEYS[1]}
    faults = ("CommonErr:20%", "Create:InvalidParam:20%:before", "502:10%", "reset:10%", "garbage:10%")
    with station(folder, **settings, **keys) as here:
        words = [word for fault in faults for word in ("--fault", fault)]
        here.emulate("--quota", "50", "--access-key", KEYS[0], "--secret-key", KEYS[1], *words)
        events = [event | {"sources": [ADDRESS]} for event in starting_in(10, 10)]
        here.run("apply", events_file(folder, events), "--yes")
        here.start("worker", "worker", "--concurrency", "4")
        here.start("beat", "beat")
        wait_until(lambda: not {"planned", "placing", "retrying"} & {*here.states().values()}, 60, every=0.5)
        yield here


def leaks(text: str, canaries: tuple[str, ...] = CANARIES) -> list[str]:
    return [canary for canary in canaries if canary in text]


def test_no_secret_is_in_what_workers_and_beats_say(leaky: Station) -> None:
    assert Counter(leaky.states().values())["placed"] > 0
    assert "window.placed" in leaky.log("worker")
    for name in ("worker", "beat"):
        assert leaks(leaky.log(name)) == []


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_no_secret_is_in_what_a_command_prints(leaky: Station, words: list[str]) -> None:
    places = {"id": next(iter(leaky.states())), "file": str(leaky.folder / "events.yaml")}
    command = [*RELAYBEAT, *(word.format(**places) for word in words)]
    done = subprocess.run(
        command, cwd=leaky.folder, env=leaky.environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert leaks(done.stdout + done.stderr) == []


def test_the_keys_are_nowhere_in_redis_and_addresses_only_where_they_are_needed(leaky: Station) -> None:
    redis = leaky.ledger.redis
    for key in redis.scan_iter("*", count=1_000):
        held = str(_read(redis, key))
        assert leaks(held, KEYS) == [], key
        kind = key.removeprefix("relaybeat:").partition(":")[0]
        assert kind in {"window", "event", "slot", "look"} or leaks(held, SOURCE) == [], key


def _read(redis: Any, key: str) -> Any:
    reads = {
        "string": lambda: redis.get(key),
        "hash": lambda: redis.hgetall(key),
        "set": lambda: redis.smembers(key),
        "zset": lambda: redis.zrange(key, 0, -1),
        "list": lambda: redis.lrange(key, 0, -1),
    }
    return reads[redis.type(key)]()


def test_only_the_journal_holds_addresses_on_disk_and_only_its_owner_can_read_it(leaky: Station) -> None:
    journal = leaky.folder / ".relaybeat" / "journal"
    files = [path for path in journal.rglob("*") if path.is_file()]
    assert files, "nothing was written down"
    for path in files:
        assert path.stat().st_mode & 0o077 == 0, path
        assert leaks(path.read_text(encoding="utf-8"), KEYS) == []
    assert _folder_mode(journal) == 0o700


def _folder_mode(folder: Path) -> int:
    return folder.stat().st_mode & 0o777
