"""``cancel``, ``override`` and the rest, as the engineer on call types them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.command import Said, relaybeat


@dataclass(frozen=True)
class Desk:
    redis_url: str
    file: Path

    def run(self, *args: str | Path, **env: str) -> Said:
        return relaybeat(*args, env={"RELAYBEAT_REDIS_URL": self.redis_url} | env)

    def json(self, *args: str | Path) -> Any:
        return json.loads(self.run(*args, "--output", "json").out)

    def tomorrow(self, event: str = "news") -> str:
        """The second window to come, which is not on air in any case."""
        window_id: str = self.json("windows", "--event", event)["windows"][1]["id"]
        return window_id


@pytest.fixture
def desk(redis_url: str, weekly: Path) -> Desk:
    desk = Desk(redis_url, weekly)
    assert desk.run("apply", weekly, "--yes").code == 0
    return desk


def test_a_night_is_called_off_and_the_call_taken_back(desk: Desk) -> None:
    of = desk.tomorrow()
    said = desk.run("cancel", of, "--reason", "strike")
    assert (said.code, said.out.splitlines()[0]) == (0, f"{of}: called off")
    assert f"relaybeat retry {of} takes this back" in said.out
    again = desk.run("cancel", of, "--reason", "strike")
    assert (again.code, again.out) == (0, f"{of}: nothing changed: called off already: strike\n")
    assert desk.run("retry", of).code == 0
    assert desk.json("show", of)["state"] == "planned"


def test_what_is_called_off_is_not_what_comes_next(desk: Desk) -> None:
    tonight, tomorrow = (w["id"] for w in desk.json("windows", "--event", "news")["windows"][:2])
    desk.run("cancel", tonight, "--reason", "strike", "--force")
    (news,) = [each for each in desk.json("events")["events"] if each["id"] == "news"]
    assert (news["next"]["id"], news["windows"]["cancelled"]) == (tomorrow, 1)
    assert desk.json("show", "news")["id"] == tomorrow
    desk.run("pause", "news", "--reason", "strike")
    (news,) = [each for each in desk.json("events")["events"] if each["id"] == "news"]
    assert news["next"] is None
    assert desk.json("show", "news")["id"] == tonight


def test_a_script_gets_the_window_as_it_is_now_and_nothing_else(desk: Desk) -> None:
    of = desk.tomorrow()
    before = desk.json("show", of)
    view = desk.json("extend", of, "+30m", "--reason", "overtime")
    assert (view["id"], view["end"], view["reason"]) == (of, before["end"] + 1_800, "overtime")
    assert view["notes"] == ["overridden"]


def test_a_local_time_is_read_on_the_events_own_clock(desk: Desk) -> None:
    of = desk.tomorrow("night")
    night = desk.json("show", of)["start_local"]
    view = desk.json("override", of, "--start", night[:11] + "02:40", "--reason", "late train")
    assert view["start_local"][:16] == night[:11] + "02:40"
    assert view["timezone"] == "Europe/Berlin"


def test_the_history_says_who_and_why_and_shows_no_secret(desk: Desk) -> None:
    of = desk.tomorrow()
    source = "rtmp://user:password-9@c.example.com/live/streamkey-9"
    said = desk.run("override", of, "--source", source, "--reason", f"better than {source}", "--by", "ann")
    shown = desk.run("show", of)
    assert "(by ann)" in shown.out
    assert "better than" in shown.out
    assert not [each for each in ("password-9", "streamkey-9") if each in said.out + said.err + shown.out]


def test_what_makes_no_sense_is_refused_with_what_to_do_instead(desk: Desk) -> None:
    of = desk.tomorrow()
    said = desk.run("stop", of, "--reason", "x")
    assert (said.code, said.out) == (1, "")
    assert f"error: {of} is not on air: it is planned" in said.err
    assert f"hint: relaybeat cancel {of}" in said.err


@pytest.mark.parametrize(
    "line", ["cancel x@1", "override x@1 --reason x", "extend x@1 soon", "pause news --reason="]
)
def test_what_is_not_said_in_full_is_a_misuse(desk: Desk, line: str) -> None:
    assert desk.run(*line.split()).code == 2


def test_a_pause_is_seen_everywhere_and_outlives_an_apply(desk: Desk) -> None:
    desk.run("pause", "news", "--reason", "strike", "--by", "ann")
    told = "news is paused by ann: strike (relaybeat resume news)"
    assert told in desk.run("events").err
    assert told in desk.run("windows").err
    shown = desk.run("show", "news").out
    assert "event.paused" in shown
    assert "paused by ann: strike; relaybeat resume news ends that" in shown
    text = desk.file.read_text(encoding="utf-8").replace("duration: 5h30m", "duration: 4h")
    desk.file.write_text(text, encoding="utf-8")
    plan = desk.run("plan", desk.file)
    assert "news stays paused by ann: strike" in plan.err
    desk.run("apply", desk.file, "--yes")
    (news,) = [each for each in desk.json("events")["events"] if each["id"] == "news"]
    assert (news["paused"], news["pause"]["by"], set(news["windows"])) == (True, "ann", {"cancelled"})
    assert desk.json("resume", "news")["pause"] is None
    assert desk.json("preview", desk.file, "--event", "news", "--days", "1")["windows"]


def test_a_plan_of_a_changed_file_shows_what_stays_as_people_said(desk: Desk) -> None:
    of = desk.tomorrow()
    end = desk.json("extend", of, "+30m", "--reason", "overtime", "--by", "ann")["end"]
    text = desk.file.read_text(encoding="utf-8").replace("晚间新闻", "Evening news")
    desk.file.write_text(text, encoding="utf-8")
    said = desk.run("plan", desk.file)
    assert "overridden: overtime" in said.out
    assert f"{of} stays overridden by ann: overtime" in said.err
    desk.run("apply", desk.file, "--yes")
    window = desk.json("show", of)
    assert (window["end"], window["title"]) == (end, "Evening news")


def test_a_night_is_moved_by_the_times_alone_and_to_another_stream_and_put_back(desk: Desk) -> None:
    of = desk.tomorrow()
    before = desk.json("show", of)
    day = before["start_local"][:11]
    view = desk.json(
        "override", of, "--start", "21:00", "--end", "02:15", "--stream", "b", "--reason", "final"
    )
    assert (view["start_local"][:16], view["stream"]) == (f"{day}21:00", "b")
    assert view["end_local"][11:16] == "02:15"
    said = desk.run("override", of, "--clear", "--reason", "no final")
    assert said.out.startswith(f"{of}: as in the file again: ")
    after = desk.json("show", of)
    assert (after["start"], after["end"], after["stream"], after["notes"]) == (
        before["start"],
        before["end"],
        before["stream"],
        before["notes"],
    )
    again = desk.run("override", of, "--clear", "--reason", "no final")
    assert again.out.startswith(f"{of}: nothing changed: nothing of it is overridden")


def test_a_night_beyond_the_horizon_is_shown_to_scripts_though_nothing_of_it_is_stored(desk: Desk) -> None:
    far = desk.json("preview", desk.file, "--event", "news", "--days", "20")["windows"][-1]["id"]
    desk.run("cancel", far, "--reason", "holiday")
    view = desk.json("retry", far)
    assert (view["id"], view["state"]) == (far, "planned")
    assert desk.run("show", far).code == 1


def test_where_nothing_failed_there_is_nothing_to_retry(desk: Desk) -> None:
    said = desk.run("retry", "--failed")
    assert (said.code, said.out) == (0, "nothing to retry: no window that failed is still worth placing\n")
    assert desk.json("retry", "--failed") == {"windows": [], "warnings": []}


@pytest.mark.parametrize("asked", [[], ["news@20261123T120000Z", "--failed"]])
def test_retry_wants_to_know_which_and_not_twice(desk: Desk, asked: list[str]) -> None:
    said = desk.run("retry", *asked)
    assert said.code == 2
    assert "its ID, or --failed" in said.err


def test_a_special_is_added_by_hand_and_the_plan_says_how_to_write_it_down(desk: Desk) -> None:
    day = desk.json("show", desk.tomorrow())["start_local"][:11]
    line = ("add", "news", "--start", f"{day}10:00", "--reason", "press conference", "--by", "ann")
    view = desk.json(*line, "--end", "11:30")
    assert (view["start_local"][:16], view["end"] - view["start"]) == (f"{day}10:00", 5_400)
    assert view["notes"] == ["extra"]
    said = desk.run("plan", desk.file)
    assert f"{view['id']} stays added by ann: press conference" in said.err
    written = f'{{start: {day}10:00, duration: 1h30m, reason: "press conference"}}'
    assert f"write under extra: - {written}" in said.err
    assert desk.run(*line).code == 2
    again = desk.run(*line, "--duration", "90m")
    assert "nothing changed: it was added already" in again.out
