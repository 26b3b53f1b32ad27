"""``preflight`` as the engineer on call types it, against an origin that plays and addresses that do not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.command import Said, relaybeat
from tests.acceptance.conftest import HEAD
from tests.origins import FEED, KEY, Origin, names, origin
from worker.embedded import free_port

SECRETS = (KEY, "password-1", "streamkey-2", "token-3")


@pytest.fixture(scope="module")
def live() -> Iterator[Origin]:
    with origin() as found, found.sending():
        yield found


@dataclass(frozen=True)
class Desk:
    """Two shows: one on which one of three sources plays, another on which none does."""

    redis_url: str
    folder: Path

    def run(self, *args: str | Path, **env: str) -> Said:
        path = {"PYTHONPATH": names(self.folder), "RELAYBEAT_PREFLIGHT": "private"}
        said = relaybeat(*args, env={"RELAYBEAT_REDIS_URL": self.redis_url} | path | env)
        assert not [secret for secret in SECRETS if secret in said.out + said.err]
        return said

    def json(self, *args: str | Path) -> Any:
        return json.loads(self.run(*args, "--output", "json").out)

    def next(self, event: str) -> str:
        """The next window of this event, not on air yet."""
        window_id: str = self.json("windows", "--event", event)["windows"][1]["id"]
        return window_id


@pytest.fixture
def desk(redis_url: str, tmp_path: Path, live: Origin) -> Desk:
    dead = f"rtmp://user:password-1@{FEED}:{free_port()}/live/streamkey-2"
    (live.folder / "hls" / "news.m3u8").write_text(f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{KEY}.m3u8\n")
    web = f"http://{FEED}:{live.http_port}/hls"
    sources = {
        "news": [dead, live.rtmp.replace("127.0.0.1", FEED), f"{web}/news.m3u8?token=token-3"],
        "film": [dead, f"{web}/gone.flv?token=token-3"],
    }
    when = 'cron: "*/20 * * * *", duration: 10m'
    lines = [f"  - {{id: {n}, title: {n}, {when}, stream: {n}, sources: {sources[n]}}}\n" for n in sources]
    file = tmp_path / "events.yaml"
    file.write_text(HEAD + "".join(lines))
    found = Desk(redis_url, tmp_path)
    assert found.run("apply", file, "--yes").code == 0
    return found


def test_preflight_says_of_each_source_whether_it_plays_and_which_would_be_used(desk: Desk) -> None:
    said = desk.run("preflight", desk.next("news"))
    _, dead, used, other = said.out.splitlines()
    assert said.code == 0
    assert " does not play " in dead and "cannot be reached: Connection refused" in dead
    assert " would be used " in used and "RTMP with audio and video" in used
    assert " plays " in other and "HLS, and it goes on" in other


def test_show_says_when_the_sources_were_tried(desk: Desk) -> None:
    of = desk.next("film")
    desk.run("preflight", of)
    assert re.search(
        r"it answers 404: there is no such stream, at \d{4}-\d\d-\d\dT\d\d:", desk.run("show", of).out
    )


def test_preflight_exits_with_3_if_a_window_has_no_source_that_plays(desk: Desk) -> None:
    said = desk.run("preflight", desk.next("film"))
    assert said.code == 3
    assert "it answers 404: there is no such stream" in said.out
    assert "would be used" not in said.out


def test_preflight_without_an_id_tries_all_that_begins_within_an_hour(desk: Desk) -> None:
    said = desk.run("preflight", "--output", "json")
    windows = json.loads(said.out)["windows"]
    assert said.code == 3
    assert {window["event"]: bool(window["would_use"]) for window in windows} == {"news": True, "film": False}
    assert len(windows) in (6, 7, 8)


def test_a_script_gets_what_came_of_each_source(desk: Desk) -> None:
    of = desk.next("news")
    document = desk.json("preflight", of)
    assert document.keys() == {"windows", "warnings"} and document["warnings"] == []
    (window,) = document["windows"]
    assert (window["id"], window["event"]) == (of, "news")
    assert [each["code"] for each in window["sources"]] == ["connect", "", ""]
    assert {*window["sources"][0]} == {"source", "alive", "code", "words", "at", "codecs"}
    assert window["would_use"] == window["sources"][1]["source"]
    assert sorted(window["sources"][1]["codecs"].split(", ")) == ["aac", "h264 160x120"]


def test_preflight_goes_to_no_address_inside_a_network_unless_it_is_told_to(desk: Desk) -> None:
    of = desk.next("news")
    said = desk.run("preflight", of, RELAYBEAT_PREFLIGHT="public")
    assert said.code == 3
    assert said.out.count("it is at 127.0.0.1, inside a network: the provider cannot go there") == 3


def test_preflight_of_a_window_that_does_not_exist_says_so(desk: Desk) -> None:
    said = desk.run("preflight", "news@20200101T000000Z")
    assert (said.code, said.out) == (1, "")
    assert "news@20200101T000000Z" in said.err


def test_preflight_with_nothing_to_try_says_what_it_would_try(desk: Desk) -> None:
    for event in ("news", "film"):
        assert desk.run("pause", event, "--reason", "holiday", "--force").code == 0
    said = desk.run("preflight")
    assert (said.code, said.out) == (0, "")
    assert "nothing is on air or begins within an hour" in said.err
