"""What the API tells: the names of the command line's JSON, page by page, and not again to who has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.api import OPERATE, READ, SECRET, Program
from tests.contract.desk import DAY, HORIZON, nightly
from tests.contract.ledgers import HOUR, LATER, claimed, move
from worker.conditions import Condition, Kind, Level
from worker.ledger.alerts import Snooze
from worker.ledger.codec import Book
from worker.ledger.records import Attempt, Change
from worker.ledger.revisions import Revision, Touched
from worker.lifecycle import State
from worker.windows import Window

DARK = Condition(
    kind=Kind.DARK, level=Level.PAGE, scope="air:x", subject="news@1", facts={"title": "News", "end": 1}
)
PLACED = Attempt(at=LATER, act="create", outcome="ok", http_status=200, request_id="r1", seconds=0.2)
PATHS = ("/windows", "/events", "/events/news", "/status", "/alerts", "/history", "/report")


@pytest.fixture
def program(redis_url: str) -> Program:
    """With a nightly show that pulls from a secret address, and one in Berlin."""
    found = Program(redis_url)
    found.desk.apply(nightly(sources=(SECRET,)))
    found.desk.apply(
        nightly(event_id="berlin", timezone="Europe/Berlin", stream="berlin", domain="b.example.com")
    )
    return found


@pytest.fixture
def eventful(program: Program) -> Program:
    """One of which everything can be told."""
    desk, ledger = program.desk, program.runtime.ledger
    first = desk.window()
    _try(program, first, State.RETRYING, replace(PLACED, outcome="failed", message=f"cannot pull {SECRET}"))
    desk.say("retry", first.id)
    _try(program, first, State.PLACED, PLACED)
    desk.say("cancel", desk.window(1).id, reason=f"no {SECRET}")
    desk.say("pause", "berlin")
    touched = (Touched("news", "added", added=3),)
    ledger.revisions.note(
        Revision(
            number=1, at=LATER, by="ann", file="events.yaml", sha256="0", reason="autumn", events=touched
        )
    )
    ledger.alerts.judge({"air:x": [DARK]}, ledger.now())
    ledger.alerts.snooze(Snooze(target="dark", until=LATER + DAY, by="ben", reason="known"))
    ledger.clock.at = first.start + 60.0
    ledger.saw("beat", "here:1", ledger.now())
    return program


def _try(program: Program, of: Window, to: State, attempt: Attempt) -> None:
    """What an attempt leaves behind."""
    ledger = program.runtime.ledger
    revision = ledger.reading.window(of.id).revision
    change = Change(at=LATER, action="window.tried", to=to, by="worker-1", why=attempt.message)
    made = replace(move(of, to, of.end, revision), calls=(attempt.line(),), change=change.line())
    made.fields.update(next_attempt_at=of.end, placed_at=LATER, task_id="7", reason=attempt.message)
    ledger.slots.finish(claimed(ledger, of), Book(), [made], now=ledger.now())


@pytest.mark.parametrize("path", [*PATHS, "/windows/{window_id}", "/events/{event_id}"])
def test_what_is_told_is_what_the_document_says_and_nothing_else(eventful: Program, path: str) -> None:
    told = eventful.reads(path.format(window_id=eventful.desk.window().id, event_id="berlin"))
    known = path if path != "/events/news" else "/events/{event_id}"
    assert eventful.wrong("get", known, told) == []


def test_there_is_something_of_everything_in_what_is_told(eventful: Program) -> None:
    whole = eventful.reads(f"/windows/{eventful.desk.window().id}")
    assert [each["outcome"] for each in whole["attempts"]] == ["failed", "ok"]
    assert {each["action"] for each in whole["history"]} > {"window.retried"}
    assert whole["on_air"]
    alerts = eventful.reads("/alerts")
    assert all(alerts[name] for name in ("standing", "messages", "snoozes"))
    assert {each["kind"] for each in eventful.reads("/history")["history"]} == {"revision", "word"}
    assert eventful.reads("/events/berlin")["pause"]["by"] == "ann@desk"
    assert eventful.reads("/report")["windows"][0]["late_by"] == 0


@pytest.mark.parametrize("token", [OPERATE, READ])
def test_no_secret_is_told_wherever_it_was_written(eventful: Program, token: str) -> None:
    reader = Program(eventful.redis_url, token)
    ids = [each["id"] for each in eventful.reads("/windows")["windows"]]
    told = [
        reader.gets(path).text for path in (*PATHS, "/openapi.json", *(f"/windows/{each}" for each in ids))
    ]
    assert "geheim" not in "".join(told)
    assert "rtmp://***" in told[0]


# Pages


def pages(program: Program, path: str, **query: Any) -> list[list[str]]:
    """The ids on each page, from link to link."""
    name, found = path.strip("/").replace("report", "windows"), []
    answer = program.gets(path, params=query)
    while True:
        told = answer.json()
        found.append([each["id"] for each in told[name]])
        assert (told["next"] is None) is ("next" not in answer.links)
        if "next" not in answer.links:
            return found
        answer = program.gets(answer.links["next"]["url"])


def test_every_window_is_on_one_page_in_order_of_start(program: Program) -> None:
    program.desk.apply(nightly(event_id="radio", permanent=True, crons=(), duration=None, stream="radio"))
    found = pages(program, "/windows", limit=2)
    assert [len(each) for each in found[:-1]] == [2] * (len(found) - 1)
    told = {each["id"]: each["start"] or 0 for each in program.reads("/windows")["windows"]}
    assert [window for page in found for window in page] == list(told)
    assert list(told.values()) == sorted(told.values())
    assert next(iter(told)) == "radio@permanent"
    assert len(told) == 2 * HORIZON // DAY + 1


def test_what_comes_while_somebody_turns_pages_moves_nothing(program: Program) -> None:
    first = program.reads("/windows", limit=2)
    program.desk.apply(nightly(event_id="early", crons=("0 13 * * *",), stream="early"))
    rest = program.reads("/windows", cursor=first["next"])
    ids = [each["id"] for each in (*first["windows"], *rest["windows"])]
    assert len(ids) == len(set(ids))
    assert {each for each in ids if not each.startswith("early")} == {
        each["id"] for each in program.reads("/windows")["windows"] if each["event"] != "early"
    }


def test_the_last_page_is_told_to_be_the_last_even_if_it_is_full(program: Program) -> None:
    assert [len(each) for each in pages(program, "/windows", limit=2 * HORIZON // DAY)] == [6]


def test_windows_of_long_ago_and_far_ahead_are_found(program: Program) -> None:
    desk, ledger = program.desk, program.runtime.ledger
    ledger.clock.at += 13 * DAY
    desk.tick()
    found = [each["start"] for each in program.reads("/windows")["windows"]]
    assert min(found) < LATER + DAY
    assert max(found) > LATER + 15 * DAY


def test_events_come_page_by_page_by_their_ids(program: Program) -> None:
    assert pages(program, "/events", limit=1) == [["berlin"], ["news"]]


# Choosing


def ids(program: Program, **query: Any) -> list[str]:
    return [each["id"] for each in program.reads("/windows", **query)["windows"]]


@pytest.mark.parametrize(
    ("query", "which"),
    [
        ({"event": "news"}, lambda each: each["event"] == "news"),
        ({"stream": "berlin"}, lambda each: each["event"] == "berlin"),
        ({"domain": "b.example.com"}, lambda each: each["event"] == "berlin"),
        ({"q": "BERLIN"}, lambda each: each["event"] == "berlin"),
        ({"state": "cancelled"}, lambda each: each["state"] == "cancelled"),
        ({"state": ["placed", "cancelled"]}, lambda each: each["state"] in {"placed", "cancelled"}),
        ({"state": "on_air"}, lambda each: each["on_air"]),
        ({"state": "on_air", "event": "berlin"}, lambda each: False),
    ],
)
def test_all_that_is_asked_for_is_true_of_what_is_found(
    eventful: Program, query: dict[str, Any], which: Callable[[Any], bool]
) -> None:
    everything = eventful.reads("/windows")["windows"]
    assert ids(eventful, **query) == [each["id"] for each in everything if which(each)]


def moments(at: int) -> list[object]:
    east, west = (f"{datetime.fromtimestamp(at + ahead, UTC):%Y-%m-%dT%H:%M:%S}" for ahead in (8 * HOUR, 0))
    return [at, str(at), f"{east}+08:00", f"{west}Z"]


@pytest.mark.parametrize("way", range(4))
def test_a_time_means_the_same_however_it_is_written(program: Program, way: int) -> None:
    second = program.desk.window(1)
    since, until = moments(second.start)[way], moments(second.start + 1)[way]
    assert ids(program, **{"from": since, "to": until, "event": "news"}) == [second.id]


def test_a_plus_sign_that_nobody_escaped_is_one(program: Program) -> None:
    [east] = [each for each in moments(program.desk.window(1).start) if str(each).endswith("+08:00")]
    answer = program.gets(f"/windows?event=news&from={east}")
    assert [each["id"] for each in answer.json()["windows"]] == [
        w.window.id for w in program.desk.windows()[1:]
    ]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"from": "2033-05-18T20:00"}, "from"),
        ({"from": "tomorrow"}, "from"),
        ({"to": "2033-02-30T20:00Z"}, "to"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"state": "lost"}, "state.0"),
        ({"cursor": "!"}, "cursor"),
        ({"sate": "placed"}, "sate"),
    ],
)
def test_what_is_no_question_is_told_by_name(program: Program, query: dict[str, str], name: str) -> None:
    answer = program.gets("/windows", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert [(each["in"], each["name"]) for each in answer.json()["errors"]] == [("query", name)]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/windows?event=nwes", "unknown-event"),
        ("/events/nwes", "unknown-event"),
        ("/windows/nwes@20330518T120000Z", "unknown-event"),
        ("/windows/news@20330518T130000Z", "unknown-window"),
        ("/windows/news", "unknown-window"),
        ("/windows/", "no-such-page"),
        ("/nowhere", "no-such-page"),
    ],
)
def test_what_is_not_there_has_a_code_of_its_own(program: Program, path: str, code: str) -> None:
    answer = program.gets(path)
    assert (answer.status_code, answer.json()["code"]) == (404, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_window_is_found_however_its_id_is_escaped(program: Program) -> None:
    window_id = program.desk.window().id
    for path in (window_id, window_id.replace("@", "%40")):
        assert program.reads(f"/windows/{path}")["id"] == window_id


def test_a_window_beyond_what_is_planned_is_told_as_it_will_be(program: Program) -> None:
    far = f"news@{datetime.fromtimestamp(program.desk.window().start + 30 * DAY, UTC):%Y%m%dT%H%M%SZ}"
    assert program.reads(f"/windows/{far}")["state"] == "planned"


@pytest.mark.parametrize(
    ("query", "word"), [({"to": LATER + 30 * DAY}, "HORIZON"), ({"from": LATER - 30 * DAY}, "forgets")]
)
def test_where_something_may_be_missing_that_is_told(
    program: Program, query: dict[str, int], word: str
) -> None:
    (warning,) = program.reads("/windows", **query)["warnings"]
    assert word in warning["message"]
    assert program.reads("/windows")["warnings"] == []


def test_the_report_is_of_the_last_week_unless_asked_otherwise(program: Program) -> None:
    ledger = program.runtime.ledger
    ledger.clock.at += 10 * DAY
    program.desk.tick()
    starts = [each["start"] for each in program.reads("/report")["windows"]]
    assert ledger.now() - 7 * DAY <= min(starts) <= max(starts) < ledger.now()
    assert len(program.reads("/report", **{"from": LATER})["windows"]) > len(starts)


# Tags


@pytest.mark.parametrize("path", [*PATHS, "/windows/news@20330518T120000Z", "/openapi.json"])
def test_whoever_has_it_gets_it_again_only_when_it_is_other(program: Program, path: str) -> None:
    first = program.gets(path)
    tag = {"If-None-Match": first.headers["etag"]}
    same, head = program.gets(path, headers=tag), program.asks("HEAD", path)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    assert first.headers["cache-control"] == same.headers["cache-control"] == "private, no-cache"
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
    assert head.headers["content-length"] == first.headers["content-length"]


@pytest.mark.parametrize(
    "path", ["/windows", "/events", "/events/news", "/status", "/history", "/windows/{}"]
)
def test_a_word_makes_all_that_tells_of_it_another(program: Program, path: str) -> None:
    window_id = program.desk.window().id
    before = program.gets(path.format(window_id))
    program.desk.say("cancel", window_id)
    again = program.gets(path.format(window_id), headers={"If-None-Match": before.headers["etag"]})
    assert again.status_code == 200
    assert again.headers["etag"] != before.headers["etag"]


def test_that_time_passes_and_processes_live_on_makes_no_other_status(program: Program) -> None:
    ledger = program.runtime.ledger
    ledger.saw("beat", "here:1", ledger.now())
    tag = {"If-None-Match": program.gets("/status").headers["etag"]}
    assert tag["If-None-Match"].startswith("W/")
    ledger.clock.at += 30
    ledger.saw("beat", "here:1", ledger.now())
    assert program.gets("/status", headers=tag).status_code == 304
    ledger.clock.at += HOUR
    assert program.gets("/status", headers=tag).status_code == 200


def test_methods_that_there_are_not_are_told_from_those_that_there_are(program: Program) -> None:
    for method, path, allowed in (
        ("DELETE", "/windows", "GET, HEAD"),
        ("GET", "/windows/x/retry", "POST"),
        ("HEAD", "/windows/x/retry", "POST"),
    ):
        answer = program.asks(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


# Who may


@pytest.mark.parametrize("path", [*PATHS, "/openapi.json"])
def test_whoever_has_no_token_is_told_so_in_a_problem_document(redis_url: str, path: str) -> None:
    answer = Program(redis_url, token="").gets(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign-in")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_without_redis_it_is_said_when_to_come_again() -> None:
    answer = Program("redis://127.0.0.1:1/0").gets("/windows")
    assert (answer.status_code, answer.json()["code"]) == (503, "ledger-unavailable")
    assert answer.headers["retry-after"] == "5"
