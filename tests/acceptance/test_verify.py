"""``verify`` as the engineer on call types it, against an emulator where things happen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.command import Said, relaybeat
from tests.integration.station import Station, events_file, station
from tests.support import wait_until

SOURCE = "rtmp://user:password-1@a.example.com/live/key-1"


class Desk:
    """Somebody at a station with a show on air and one to come."""

    def __init__(self, here: Station) -> None:
        self.here = here

    def run(self, *args: str, **env: str) -> Said:
        said = relaybeat("verify", *args, env=dict(self.here.environment) | env, cwd=self.here.folder)
        assert "password-1" not in said.out + said.err
        assert "key-1" not in said.out + said.err
        return said

    def json(self, *args: str) -> tuple[int, Any]:
        said = self.run(*args, "--output", "json")
        return said.code, json.loads(said.out)

    def windows(self, event: str) -> list[str]:
        return sorted(each["id"] for each in self.here.windows() if each["event"] == event)


def on_air_and_later() -> list[dict[str, Any]]:
    """A show that began a few minutes ago, and one that begins in an hour."""
    began = datetime.now(UTC) - timedelta(minutes=5)
    place = {"duration": "2h", "sources": [SOURCE], "min_useful": "1m"}
    return [
        {"id": name, "title": name, "stream": name, "cron": f"{at.minute} {at.hour} {at.day} {at.month} *"}
        | place
        for name, at in {"news": began, "later": began + timedelta(minutes=65)}.items()
    ]


@contextmanager
def opened(folder: Path, *options: str) -> Iterator[Desk]:
    """Where nobody compares, so that nothing is mended."""
    settings = {"RELAYBEAT_TICK": "1", "RELAYBEAT_LOOK_AGAIN": "1", "RELAYBEAT_SETTLE": "1s"}
    with station(folder, **settings, RELAYBEAT_PREFLIGHT="off") as here:
        assert here.ledger.drifts.begin(3_600)
        here.emulate("--settle", "0", *options)
        here.run("apply", events_file(folder, on_air_and_later()), "--yes")
        here.start("worker", "worker")
        here.start("beat", "beat")
        yield Desk(here)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(tmp_path_factory.mktemp("office")) as found:
        yield found


@pytest.fixture
def desk(office: Desk) -> Iterator[Desk]:
    """The same, with nothing wrong."""
    wait_until(lambda: {*office.here.states().values()} == {"placed"}, 30)
    wait_until(lambda: office.run().code == 0 and " on air " in office.run().out, 30)
    yield office
    office.here.tell_emulator("sources", Source=SOURCE, Alive=True)
    office.here.tell_emulator("streams", **slot("news"), Forbidden=False)
    office.here.tell_emulator("faults", Faults=[])


def slot(stream: str) -> dict[str, str]:
    return {"Domain": "pull.example.com", "App": "live", "Stream": stream}


def test_what_is_on_air_is_said_and_nothing_of_what_is_to_come(desk: Desk) -> None:
    said = desk.run()
    assert (said.code, said.err) == (0, "")
    assert " on air " in said.out
    assert "later@" not in said.out


def test_a_dark_window_is_named_with_its_likely_cause(desk: Desk) -> None:
    desk.here.tell_emulator("sources", Source=SOURCE, Alive=False)
    said = desk.run()
    assert said.code == 3
    assert " DARK " in said.out
    assert "see the provider's console" in said.out


def test_a_forbidden_stream_is_called_that(desk: Desk) -> None:
    desk.here.tell_emulator("streams", **slot("news"), Forbidden=True)
    said = desk.run(desk.windows("news")[0])
    assert said.code == 3
    assert " FORBIDDEN " in said.out


def test_a_window_to_come_is_not_wrong_and_says_when_it_begins(desk: Desk) -> None:
    said = desk.run(desk.windows("later")[0])
    assert said.code == 0
    assert " to come " in said.out
    assert "begins on " in said.out


def test_scripts_get_what_was_seen_of_each_window(desk: Desk) -> None:
    code, told = desk.json()
    assert (code, told["warnings"]) == (0, [])
    (window,) = told["windows"]
    assert (window["event"], window["state"]) == ("news", "placed")
    assert window["air"]["state"] == "on_air"
    assert window["air"]["first_seen"] <= window["air"]["last_seen"]


def test_a_window_that_nobody_looked_at_has_no_air(desk: Desk) -> None:
    code, told = desk.json(desk.windows("later")[0])
    assert (code, [each["air"] for each in told["windows"]]) == (0, [None])


def test_what_should_be_on_air_and_has_no_relay_is_wrong(tmp_path: Path) -> None:
    with opened(tmp_path, "--fault", "Create:503") as desk:
        wait_until(lambda: "retrying" in desk.here.states().values(), 30)
        said = desk.run()
    assert said.code == 3
    assert " no relay " in said.out
    assert "retrying" in said.out


def test_a_provider_that_refuses_to_say_is_an_error(desk: Desk) -> None:
    desk.here.tell_emulator("faults", Faults=["InvalidAccessKey"])
    said, (code, told) = desk.run(), desk.json()
    assert (said.code, code) == (1, 1)
    assert "error: pull.example.com: " in said.err
    assert "InvalidAccessKey" in told["warnings"][0]["message"]


def test_with_nothing_on_air_that_is_said(redis_url: str) -> None:
    keys = {"VOLC_ACCESSKEY": "a", "VOLC_SECRETKEY": "b"}
    said = relaybeat("verify", env={"RELAYBEAT_REDIS_URL": redis_url} | keys)
    assert (said.code, said.out, said.err) == (0, "", "nothing should be on air now\n")


def test_a_window_that_does_not_exist_is_an_error(desk: Desk) -> None:
    said = desk.run("news@20200101T000000Z")
    assert (said.code, said.out) == (1, "")
    assert "news@20200101T000000Z" in said.err
