"""Canaries in every place that holds a secret, and a look at everything that Relaybeat says or sends."""

from __future__ import annotations

import json
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from tests.integration.station import RELAYBEAT, Station, events_file, station
from tests.integration.test_faults import starting_in
from tests.support import wait_until
from worker.embedded import free_port

KEYS = ("AKcanary0accesskey", "SKcanary0secretkey")
SOURCE = ("canary-user", "canary-password", "canary-streamkey")
OURS = ("canary-of-the-hook", "canary-that-signs", "canary-of-the-heartbeat", "canary-of-the-page")
CANARIES = (*KEYS, *SOURCE, *OURS)
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
    ["verify"],
    ["verify", "--output", "json"],
    ["preflight", "{id}"],
    ["preflight", "{id}", "--output", "json"],
    ["alerts"],
    ["alerts", "test"],
    ["export"],
    ["export", "--as-run", "--output", "json"],
    ["history"],
    ["show", "nothing@permanent"],
)


PAGES = (
    "/",
    "/live",
    "/?view=table",
    "/windows/{id}",
    "/events",
    "/events/show-0",
    "/month",
    "/week",
    "/sheet",
    "/wall",
    "/draft",
    "/metrics",
    "/readyz",
    "/calendar.ics",
    "/api/v1/windows?limit=1000",
    "/api/v1/windows/{id}",
    "/api/v1/events",
    "/api/v1/status",
    "/api/v1/alerts",
    "/api/v1/history",
    "/api/v1/openapi.json",
    "/nothing",
)


@contextmanager
def hook() -> Iterator[tuple[str, list[str]]]:
    """A webhook whose address is a secret, and what it was sent: headers and body."""
    sent: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent.append(f"{self.headers}{body}")
            self.send_response(204)
            self.end_headers()

        do_GET = do_HEAD = lambda self: self.send_error(204)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/{OURS[0]}", sent
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Leaky:
    """A station full of canaries, what its alerts came to, and where its page is."""

    here: Station
    sent: list[str]
    page: str

    def get(self, path: str) -> httpx.Response:
        return httpx.get(
            f"{self.page}{path}", headers={"Authorization": f"Bearer {OURS[3]}"}, trust_env=False
        )


@pytest.fixture(scope="module")
def watched(leaky: Station) -> Iterator[Leaky]:
    """The same with a watch that has something to tell, and a page; both log in JSON."""
    port = free_port()
    with hook() as (url, sent):
        leaky.settings = {
            **leaky.settings,
            "RELAYBEAT_ALERTS": f"{url}#info",
            "RELAYBEAT_WEBHOOK_SECRET": OURS[1],
            "RELAYBEAT_HEARTBEAT": f"{url}/{OURS[2]}",
            "RELAYBEAT_WEB_TOKEN": OURS[3],
            "RELAYBEAT_LOG": "json",
        }
        other = ["--source", ADDRESS.replace("origin", "backup"), "--reason", f"{ADDRESS} is down"]
        leaky.run("override", max(leaky.states()), *other, "--force")
        leaky.start("watch", "watch")
        leaky.start("web", "web", "--port", str(port))
        leaky.start("json-worker", "worker")
        leaky.tell_emulator("faults", Faults=[])
        wait_until(lambda: any("source-dead" in each for each in sent), 90, every=0.5)
        found = Leaky(leaky, sent, f"http://127.0.0.1:{port}")
        wait_until(lambda: found.get("/healthz").is_success, 20)
        yield found


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A station with canaries for keys and sources, at a provider that fails in every way and echoes."""
    folder = tmp_path_factory.mktemp("leaky")
    settings = {"RELAYBEAT_TICK": "1", "RELAYBEAT_LOOK_AGAIN": "1", "RELAYBEAT_QUOTA": "50"}
    settings |= {"RELAYBEAT_SETTLE": "5s"}
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


def says(here: Station, name: str, word: str) -> bool:
    return word in here.log(name)


def printed(here: Station, *words: str) -> str:
    """All that a command prints, whether it succeeds or not."""
    done = subprocess.run(
        [*RELAYBEAT, *words],
        cwd=here.folder,
        env=here.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_no_secret_is_in_what_workers_and_beats_say(leaky: Station) -> None:
    assert Counter(leaky.states().values())["placed"] > 0
    assert "window.placed" in leaky.log("worker")
    for name in ("worker", "beat"):
        assert leaks(leaky.log(name)) == []


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_no_secret_is_in_what_a_command_prints(leaky: Station, words: list[str]) -> None:
    places = {"id": next(iter(leaky.states())), "file": str(leaky.folder / "events.yaml")}
    said = printed(leaky, *(word.format(**places) for word in words))
    assert "Traceback" not in said
    assert leaks(said) == []


def test_no_secret_is_in_what_the_watch_and_the_page_say_of_themselves(watched: Leaky) -> None:
    for name, word in (("watch", "alert.sent"), ("json-worker", '"level"'), ("web", "")):
        wait_until(partial(says, watched.here, name, word), 30)
        assert leaks(watched.here.log(name)) == []


def test_no_secret_is_in_an_alert(watched: Leaky) -> None:
    assert leaks("".join(watched.sent), (*KEYS, *SOURCE, *OURS[1:])) == []


@pytest.mark.parametrize("path", PAGES)
def test_no_secret_is_on_a_page_or_in_an_answer(watched: Leaky, path: str) -> None:
    answer = watched.get(path.format(id=next(iter(watched.here.states()))))
    assert answer.status_code == (404 if path == "/nothing" else 200)
    assert leaks(f"{answer.headers}{answer.text}") == []


@pytest.fixture(scope="module", params=["text", "json"])
def broken(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Station]:
    """A station whose ledger holds a window that nobody can read, and whoever tries chokes on a secret."""
    folder = tmp_path_factory.mktemp("broken")
    settings = {"RELAYBEAT_TICK": "1", "RELAYBEAT_LOG": request.param, "RELAYBEAT_DEBUG": "1"}
    with station(folder, VOLC_ACCESSKEY=KEYS[0], VOLC_SECRETKEY=KEYS[1], **settings) as here:
        here.emulate("--access-key", KEYS[0], "--secret-key", KEYS[1])
        events = [event | {"sources": [ADDRESS]} for event in starting_in(60, 1)]
        here.run("apply", events_file(folder, events), "--yes")
        (window_id,) = here.states()
        unreadable = json.dumps({f"{KEYS[1]} {ADDRESS}": 1, "slot": ["a", "b", "c"]})
        cast(Any, here.ledger.redis).hset(here.ledger.keys.window(window_id), "plan", unreadable)
        for role in ("worker", "beat", "watch"):
            here.start(role, role)
        yield here


@pytest.mark.parametrize(("role", "word"), [("worker", "Traceback"), ("watch", "watch.stumbled")])
def test_whoever_chokes_on_a_secret_does_not_tell_it(broken: Station, role: str, word: str) -> None:
    wait_until(partial(says, broken, role, word), 30)
    assert "unexpected keyword argument" in broken.log(role)
    assert leaks(broken.log(role)) == []


def test_a_traceback_that_was_asked_for_shows_no_secret_either(broken: Station) -> None:
    said = printed(broken, "windows")
    assert "Traceback" in said
    assert leaks(said) == []


def test_the_keys_are_nowhere_in_redis_and_addresses_only_where_they_are_needed(watched: Leaky) -> None:
    redis = watched.here.ledger.redis
    for key in redis.scan_iter("*", count=1_000):
        held = str(_read(redis, key))
        assert leaks(held, (*KEYS, *OURS)) == [], key
        kind = key.removeprefix("relaybeat:").partition(":")[0]
        assert kind in {"window", "event", "slot", "look"} or leaks(held, SOURCE) == [], key


def _read(redis: Any, key: str) -> Any:
    reads = {
        "string": lambda: redis.get(key),
        "hash": lambda: redis.hgetall(key),
        "set": lambda: redis.smembers(key),
        "zset": lambda: redis.zrange(key, 0, -1),
        "list": lambda: redis.lrange(key, 0, -1),
        "stream": lambda: redis.xrange(key),
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
