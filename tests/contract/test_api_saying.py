"""What is said through the API: the verbs of the command line, once however often, of what was seen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.api import READ, SECRET, Program
from tests.contract.desk import DAY, OTHER, nightly
from tests.contract.ledgers import HOUR, dump
from tests.events_text import show
from tests.sheets import csv_of
from worker.lifecycle import State

LATER_THAT_DAY = "2033-05-19T10:00"
OF_WINDOWS: dict[str, dict[str, Any]] = {
    "retry": {},
    "cancel": {"reason": "strike"},
    "stop": {"reason": "strike"},
    "extend": {"duration": "30m"},
    "override": {"reason": "football", "end": "22:30"},
    "clear": {"reason": "after all"},
}
OF_EVENTS: dict[str, dict[str, Any]] = {
    "pause": {"reason": "strike"},
    "resume": {},
    "add": {"reason": "football", "start": LATER_THAT_DAY, "duration": "1h"},
}


@pytest.fixture
def program(redis_url: str) -> Program:
    found = Program(redis_url)
    found.desk.apply(nightly())
    return found


@pytest.fixture
def tonight(program: Program) -> str:
    return program.desk.window().id


def done(program: Program, path: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
    answer = program.says(path, headers, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def on_air(program: Program) -> None:
    window = program.desk.window()
    program.desk.bring(window, State.PLACED)
    program.runtime.ledger.clock.at = window.start + 60.0


def ready_for(program: Program, verb: str) -> None:
    """The window is such that the verb has something to do."""
    window = program.desk.window()
    if verb == "retry":
        program.desk.bring(window, State.FAILED)
    elif verb == "stop":
        on_air(program)
    elif verb == "clear":
        program.desk.say("override", window.id, end=window.end + 600)


# What is done


@pytest.mark.parametrize(
    ("verb", "state", "action"),
    [
        ("retry", "planned", "window.retried"),
        ("cancel", "cancelled", "window.cancelled"),
        ("stop", "cancelled", "window.stopped"),
        ("extend", "planned", "window.extended"),
        ("override", "planned", "window.overridden"),
        ("clear", "planned", "window.restored"),
    ],
)
def test_a_verb_is_done_and_the_window_told_as_it_is_then(
    program: Program, tonight: str, verb: str, state: str, action: str
) -> None:
    ready_for(program, verb)
    told = done(program, f"/windows/{tonight}/{verb}", **OF_WINDOWS[verb])
    assert told["said"]["changed"]
    assert (told["window"]["state"], told["window"]["history"][-1]["action"]) == (state, action)
    assert told["window"] == program.reads(f"/windows/{tonight}")


@pytest.mark.parametrize("verb", [*OF_WINDOWS, *OF_EVENTS])
def test_the_answer_is_what_the_document_says_and_nothing_else(
    program: Program, tonight: str, verb: str
) -> None:
    ready_for(program, verb)
    path = "/windows/{window_id}" if verb in OF_WINDOWS else "/events/{event_id}"
    body = (OF_WINDOWS | OF_EVENTS)[verb]
    told = done(program, f"{path.format(window_id=tonight, event_id='news')}/{verb}", **body)
    assert program.wrong("post", f"{path}/{verb}", told) == []


def test_the_answer_to_a_plan_and_its_doing_is_so_too(program: Program) -> None:
    head = ("title", "weekdays", "start", "duration", "source")
    week = csv_of(head, ("News", "Mon-Sun", "20:00", "1h", SECRET))
    options = {"timezone": "Asia/Shanghai", "domain": "x.example.com", "app": "live", "stream": "{id}"}
    program.desk.say("cancel", program.desk.window().id)
    file = {"text": week, "name": "week.csv", "days": 3}
    planned = done(program, "/plan", **file, **options)
    assert all(planned[name] for name in ("changes", "windows", "imported", "overrides"))
    assert program.wrong("post", "/plan", planned) == []
    applied = done(program, "/apply", text=show(stream="other"), reason="autumn")
    assert program.wrong("post", "/apply", applied) == []


@pytest.mark.parametrize("verb", sorted(OF_WINDOWS))
def test_what_is_said_of_a_window_twice_is_done_once(program: Program, tonight: str, verb: str) -> None:
    ready_for(program, verb)
    done(program, f"/windows/{tonight}/{verb}", **OF_WINDOWS[verb])
    before = dump(program.runtime.ledger)
    assert not done(program, f"/windows/{tonight}/{verb}", **OF_WINDOWS[verb])["said"]["changed"]
    assert dump(program.runtime.ledger) == before


@pytest.mark.parametrize("verb", sorted(OF_EVENTS))
def test_what_is_said_of_an_event_twice_is_done_once(program: Program, verb: str) -> None:
    if verb == "resume":
        program.desk.say("pause", "news")
    assert done(program, f"/events/news/{verb}", **OF_EVENTS[verb])["said"]["changed"]
    before = dump(program.runtime.ledger)
    assert not done(program, f"/events/news/{verb}", **OF_EVENTS[verb])["said"]["changed"]
    assert dump(program.runtime.ledger) == before


def test_an_event_is_told_with_what_was_said_of_it(program: Program) -> None:
    told = done(program, "/events/news/pause", reason="strike")["event"]
    assert told == program.reads("/events/news")
    assert (told["paused"], told["pause"]["reason"]) == (True, "strike")
    assert not done(program, "/events/news/resume")["event"]["paused"]


def test_a_special_is_told_as_the_window_that_it_is(program: Program) -> None:
    told = done(program, "/events/news/add", **OF_EVENTS["add"], source=[SECRET])
    assert told["window"]["id"] == told["said"]["about"]
    assert told["window"]["start_local"] == f"{LATER_THAT_DAY}:00+08:00"
    assert told["window"]["end"] - told["window"]["start"] == HOUR
    assert "geheim" not in str(told)


def test_what_is_on_air_is_cut_by_force_alone(program: Program, tonight: str) -> None:
    on_air(program)
    refused = program.says(f"/windows/{tonight}/cancel", reason="strike")
    assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    assert "force" in refused.json()["hint"]
    assert done(program, f"/windows/{tonight}/cancel", reason="strike", force=True)["said"]["changed"]


def test_two_that_want_one_slot_are_told(program: Program, tonight: str) -> None:
    program.desk.apply(nightly(event_id="film", crons=("0 19 * * *",), duration=HOUR, sources=OTHER))
    film = program.desk.windows("film")[0].window.id
    told = done(program, f"/windows/{film}/extend", duration="90m")["said"]
    assert told["yields"] in ([[tonight, film]], [[film, tonight]])


# How it is said


@pytest.mark.parametrize(
    "end", ["24:30", "00:30", "2033-05-19T00:30", "2033-05-18T16:30:00Z", 2_000_046_600, 2_000_046_600.0]
)
def test_an_end_means_the_same_however_it_is_written(program: Program, tonight: str, end: object) -> None:
    told = done(program, f"/windows/{tonight}/override", reason="football", end=end)["window"]
    assert told["end_local"] == "2033-05-19T00:30:00+08:00"


@pytest.mark.parametrize("length", ["90m", "1h30m", "5400", 5_400])
def test_a_length_means_the_same_however_it_is_written(
    program: Program, tonight: str, length: object
) -> None:
    window = program.desk.window()
    told = done(program, f"/windows/{tonight}/extend", duration=length)["window"]
    assert told["end"] == window.end + 5_400


@pytest.mark.parametrize(
    ("headers", "body", "by"),
    [
        ({}, {}, "api"),
        ({"Relaybeat-By": "cron@playout"}, {}, "cron@playout"),
        ({"Relaybeat-By": "艾达".encode().decode("latin-1")}, {}, "艾达"),
        ({"Relaybeat-By": "cron"}, {"by": "ada"}, "ada"),
        ({"Relaybeat-By": "cron"}, {"by": " "}, "cron"),
    ],
)
def test_who_said_it_is_kept(
    program: Program, tonight: str, headers: dict[str, str], body: dict[str, str], by: str
) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    told = done(program, f"/windows/{tonight}/cancel", raw, reason="strike", **body)  # type: ignore[arg-type]
    assert told["window"]["history"][-1]["by"] == by


def test_why_it_was_said_is_kept_in_one_line_and_without_secrets(program: Program, tonight: str) -> None:
    told = done(program, f"/windows/{tonight}/cancel", reason=f" 台风\n\x1b[31m of  {SECRET} ")
    assert told["window"]["reason"].startswith("台风 [31m of rtmp://***")
    assert "geheim" not in str(told)


def test_a_window_beyond_what_is_planned_can_be_spoken_of(program: Program) -> None:
    far = f"news@{datetime.fromtimestamp(program.desk.window().start + 30 * DAY, UTC):%Y%m%dT%H%M%SZ}"
    assert done(program, f"/windows/{far}/cancel", reason="strike")["window"]["state"] == "cancelled"


# What is refused


@pytest.mark.parametrize(
    ("path", "body", "pointers"),
    [
        ("cancel", {}, ["#/reason"]),
        ("cancel", {"reason": " \t"}, ["#/reason"]),
        ("cancel", {"reason": "x" * 501}, ["#/reason"]),
        ("cancel", {"reason": "x", "force": "yes"}, ["#/force"]),
        ("cancel", {"reason": "x", "forced": True}, ["#/forced"]),
        ("extend", {"duration": "soon"}, ["#/duration"]),
        ("extend", {"duration": -1}, ["#/duration"]),
        ("override", {"reason": "x"}, ["#"]),
        ("override", {"reason": "x", "end": "21:60", "start": None}, ["#/end", "#/start"]),
        ("override", {"reason": "x", "end": "2033-02-29T20:00"}, ["#/end"]),
        ("override", {"reason": "x", "source": []}, ["#/source"]),
        ("override", {"reason": "x", "source": ["a", 2]}, ["#/source/1"]),
        ("retry", {"reason": 3}, ["#/reason"]),
    ],
)
def test_what_is_wrong_in_what_is_said_is_pointed_to(
    program: Program, tonight: str, path: str, body: dict[str, Any], pointers: list[str]
) -> None:
    answer = program.says(f"/windows/{tonight}/{path}", **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert sorted(each["pointer"] for each in answer.json()["errors"]) == pointers


@pytest.mark.parametrize("body", [{}, {"end": "11:00", "duration": "1h"}, {"end": None, "duration": None}])
def test_a_special_wants_to_know_once_how_long_it_lasts(program: Program, body: dict[str, Any]) -> None:
    answer = program.says("/events/news/add", reason="x", start=LATER_THAT_DAY, **body)
    assert answer.status_code == 422


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"reason=x", b'{"reason": "\\ud800"}', b"\xff\xfe{"])
def test_a_body_that_is_none_is_told_and_never_an_error_of_ours(
    program: Program, tonight: str, content: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = program.asks("POST", f"/windows/{tonight}/cancel", headers, content=content)
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] == "malformed"


def test_what_makes_no_sense_is_refused_with_what_would(program: Program, tonight: str) -> None:
    answer = program.says(f"/windows/{tonight}/stop", reason="strike")
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (409, 409, "refused")
    assert "is not on air" in told["detail"]
    assert f"relaybeat cancel {tonight}" in told["hint"]


@pytest.mark.parametrize(
    ("path", "code", "hint"),
    [
        ("/windows/news@20330518T120100Z/retry", "unknown-window", "did you mean news@20330518T120000Z"),
        ("/windows/nwes@20330518T120000Z/retry", "unknown-event", "did you mean news?"),
        ("/events/nwes/resume", "unknown-event", ""),
    ],
)
def test_what_is_not_there_is_told_with_what_may_be_meant(
    program: Program, path: str, code: str, hint: str
) -> None:
    answer = program.says(path)
    assert (answer.status_code, answer.json()["code"]) == (404, code)
    assert answer.json()["hint"].startswith(hint)


@pytest.mark.parametrize(("token", "status"), [(READ, 403), ("", 401), ("wrong", 401)])
@pytest.mark.parametrize("verb", [*OF_WINDOWS, *OF_EVENTS])
def test_who_may_not_operate_changes_nothing(
    program: Program, tonight: str, token: str, status: int, verb: str
) -> None:
    before = dump(program.runtime.ledger)
    path = f"/windows/{tonight}/{verb}" if verb in OF_WINDOWS else f"/events/news/{verb}"
    answer = Program(program.redis_url, token).says(path, **(OF_WINDOWS | OF_EVENTS)[verb])
    assert answer.status_code == status
    assert dump(program.runtime.ledger) == before


def test_without_redis_nothing_is_done_and_it_is_said_when_to_come_again() -> None:
    answer = Program("redis://127.0.0.1:1/0").says("/windows/news@20330518T120000Z/retry")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


# Of what was seen


def tag(program: Program, path: str) -> str:
    return str(program.gets(path).headers["etag"])


@pytest.mark.parametrize("verb", sorted(OF_WINDOWS))
def test_a_word_on_a_window_that_is_as_it_was_seen_is_done(program: Program, tonight: str, verb: str) -> None:
    ready_for(program, verb)
    seen = {"If-Match": tag(program, f"/windows/{tonight}")}
    assert done(program, f"/windows/{tonight}/{verb}", seen, **OF_WINDOWS[verb])["said"]["changed"]


@pytest.mark.parametrize("verb", sorted(OF_WINDOWS))
def test_a_word_on_a_window_that_is_not_as_it_was_seen_is_not(
    program: Program, tonight: str, verb: str
) -> None:
    ready_for(program, verb)
    seen = {"If-Match": tag(program, f"/windows/{tonight}")}
    program.desk.say("cancel", tonight, force=True)
    before = dump(program.runtime.ledger)
    answer = program.says(f"/windows/{tonight}/{verb}", seen, **OF_WINDOWS[verb])
    assert (answer.status_code, answer.json()["code"]) == (412, "changed")
    assert dump(program.runtime.ledger) == before


@pytest.mark.parametrize("path", ["/windows/{}/cancel", "/events/news/pause"])
@pytest.mark.parametrize(
    ("given", "status"), [("*", 200), ('"x", {}', 200), ("{}", 200), ("W/{}", 412), ('"x"', 412), ("x", 412)]
)
def test_a_tag_is_compared_as_the_standard_says(
    program: Program, tonight: str, path: str, given: str, status: int
) -> None:
    path = path.format(tonight)
    held = tag(program, path.rpartition("/")[0])
    seen = {"If-Match": given.replace("{}", held)}
    assert program.says(path, seen, reason="strike").status_code == status


def test_a_word_on_an_event_that_is_not_as_it_was_seen_is_not_done(program: Program) -> None:
    seen = {"If-Match": tag(program, "/events/news")}
    program.desk.say("cancel", program.desk.window().id)
    assert program.says("/events/news/pause", seen, reason="strike").status_code == 412
    assert not program.reads("/events/news")["paused"]


def test_a_tag_that_was_packed_is_one_of_the_same(program: Program, tonight: str) -> None:
    program.desk.say("extend", tonight)
    plain = program.gets(f"/windows/{tonight}", headers={"Accept-Encoding": "identity"})
    packed = program.gets(f"/windows/{tonight}", headers={"Accept-Encoding": "gzip"})
    assert plain.json() == packed.json()
    for answer in (plain, packed):
        seen = {"If-Match": answer.headers["etag"]}
        assert program.says(f"/windows/{tonight}/retry", seen).status_code == 200
