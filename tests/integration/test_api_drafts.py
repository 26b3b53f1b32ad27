"""Plans through the API: what they would do, in the names of the command line, and doing just that."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.events_text import show
from tests.sheets import csv_of
from worker.runtime import Runtime
from worker.settings import Settings
from worker.web import create_app
from worker.web.limits import UNLIMITED

OPERATE, READ = "operates-0123456789", "reads-0123456789"
SECRET = "rtmp://user:geheim-1@a.example.com/live/geheim-2"
NIGHTLY = show(sources=f'["{SECRET}"]')
YAML = "application/yaml"
WEEK = csv_of(
    ("title", "weekdays", "start", "duration", "source"),
    ("News", "Mon-Sun", "20:00", "1h", SECRET),
    ("Film", "Mon-Sun", "49:00", "1h", SECRET),
)
OPTIONS = {"timezone": "Asia/Shanghai", "domain": "pull.example.com", "app": "live", "stream": "{id}"}


@dataclass(frozen=True)
class Program:
    """Somebody's program, with a token."""

    runtime: Runtime
    token: str = OPERATE

    def asks(
        self, path: str, content: str | bytes | None = None, kind: str = YAML, **options: Any
    ) -> httpx.Response:
        """The answer to a file that is sent as it is, or to what is said as JSON."""
        app = create_app(self.runtime, token=OPERATE, read_token=READ, limits=UNLIMITED)
        headers = {"Authorization": f"Bearer {self.token}", "Relaybeat-By": "robot"}
        body: dict[str, Any] = {"json": options}
        if content is not None:
            body = {"content": content, "params": options}
            headers["Content-Type"] = kind

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.post(f"/api/v1/{path}", headers=headers, **body)

        return asyncio.run(ask())

    def revisions(self) -> list[tuple[str, str, str]]:
        return [(each.file, each.by, each.reason) for each in self.runtime.ledger.revisions.all()]


@pytest.fixture
def program(redis_url: str) -> Program:
    return Program(Runtime(Settings(redis_url=redis_url)))


def test_a_plan_is_told_and_nothing_is_written(program: Program) -> None:
    answer = program.asks("plan", NIGHTLY, days=3).json()
    assert list(answer["changes"][0]) == ["kind", "id", "on_air", "before", "after", "what", "why"]
    assert {"left", "overrides", "warnings"} < answer.keys()
    assert answer["added"] == len(answer["changes"]) > 6
    assert len(answer["windows"]) == 3
    assert program.revisions() == []


def test_text_and_file_say_the_same(program: Program) -> None:
    by_file, by_text = program.asks("plan", NIGHTLY).json(), program.asks("plan", text=NIGHTLY).json()
    assert by_file["digest"].partition(".")[2] == by_text["digest"].partition(".")[2]


def test_what_was_planned_is_applied_and_again_nothing_changes(program: Program) -> None:
    digest = program.asks("plan", NIGHTLY).json()["digest"]
    told = [program.asks("apply", NIGHTLY, reason="autumn plan", expect=digest).json() for _ in range(2)]
    assert [each["revision"] for each in told] == [1, None]
    assert program.revisions() == [("api", "robot", "autumn plan")]


def test_what_would_be_something_else_by_now_is_a_conflict(program: Program) -> None:
    digest = program.asks("plan", NIGHTLY).json()["digest"]
    program.asks("apply", show(title="Other"), reason="other", name="other.yaml")
    answer = program.asks("apply", NIGHTLY, reason="autumn plan", expect=digest)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed")
    assert program.revisions() == [("api:other.yaml", "robot", "other")]


def test_taking_away_much_is_refused_unless_it_is_allowed(program: Program) -> None:
    program.asks("apply", NIGHTLY, reason="autumn plan")
    plan = program.asks("plan", show(id="other"), prune=True).json()
    assert plan["lost"] > plan["may_go"]
    other = {"text": show(id="other"), "prune": True, "reason": "spring plan"}
    assert program.asks("apply", **other).json()["code"] == "refused"
    assert program.asks("apply", **other, max_delete=plan["lost"]).json()["removed"] == plan["lost"]


def test_problems_come_with_their_lines_and_without_secrets(program: Program) -> None:
    answer = program.asks("plan", show(sources=f'["{SECRET} "]', duration="soon"))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problems = answer.json()["problems"]
    assert ("duration", 6) in {(each["field"], each["line"]) for each in problems}
    assert "geheim" not in answer.text


def test_no_answer_tells_a_source_whole(program: Program) -> None:
    program.asks("apply", NIGHTLY, reason="autumn plan")
    answer = program.asks("plan", NIGHTLY.replace("geheim-1", "geheim-3"), days=2)
    assert "rtmp://***" in answer.text
    assert "geheim" not in answer.text


def test_a_spreadsheet_is_planned_and_its_rows_judged(program: Program) -> None:
    answer = program.asks("plan", WEEK, kind="text/csv", **OPTIONS).json()
    rows = [(each["row"], each["taken"]) for each in answer["imported"]["rows"]]
    assert rows == [(2, True), (3, False)]
    assert answer["events"] == 1


def test_a_spreadsheet_of_which_rows_are_refused_is_not_applied_but_what_was_taken_may_be(
    program: Program,
) -> None:
    refused = program.asks("apply", WEEK, kind="text/csv", reason="x", **OPTIONS)
    assert (refused.status_code, refused.json()["problems"][0]["line"]) == (422, 3)
    taken = program.asks("plan", WEEK, kind="text/csv", **OPTIONS).json()["imported"]["file"]
    assert program.asks("apply", text=taken, reason="x").json()["revision"] == 1


def test_who_may_only_read_plans_and_does_not_apply(program: Program) -> None:
    reader = Program(program.runtime, READ)
    assert reader.asks("plan", NIGHTLY).status_code == 200
    assert reader.asks("apply", NIGHTLY, reason="x").status_code in {401, 403}
    assert program.revisions() == []


@pytest.mark.parametrize(
    "options", [{}, {"reason": " "}, {"reason": "x", "force": "maybe"}, {"reasons": "x"}]
)
def test_an_apply_without_a_reason_or_with_what_nobody_knows_is_refused(
    program: Program, options: dict[str, str]
) -> None:
    answers = [program.asks("apply", NIGHTLY, **options), program.asks("apply", text=NIGHTLY, **options)]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(422, "malformed")] * 2
    assert program.revisions() == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "nonsense"])
def test_what_is_no_plan_by_its_type_is_refused_and_says_what_would_be(program: Program, kind: str) -> None:
    answer = program.asks("plan", NIGHTLY, kind=kind)
    assert answer.status_code == 415
    assert "application/yaml" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"text": 3}', b'{"text": "\\ud800"}', b"\xff"])
def test_json_that_is_none_is_told_and_never_an_error_of_ours(program: Program, body: bytes) -> None:
    answer = program.asks("plan", body, kind="application/json")
    assert answer.status_code == 422
    assert json.loads(answer.text)["code"] in {"malformed", "events"}


def test_more_changes_than_wanted_are_counted(program: Program) -> None:
    answer = program.asks("plan", NIGHTLY, most=2).json()
    assert (len(answer["changes"]), answer["more"]) == (2, answer["added"] - 2)
