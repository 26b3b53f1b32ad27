"""What an error is to whoever asked: a status, a stable code, and nothing that should not be told."""

from __future__ import annotations

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from worker import errors
from worker.events.problems import EventsError, Problem, Unusable
from worker.web.access import Denied
from worker.web.problems import problem

SECRET = "rtmp://user:geheim@a.example.com/live/geheim"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.UnknownWindow("no window x"), 404, "unknown-window"),
        (errors.UnknownEvent("no event x"), 404, "unknown-event"),
        (errors.Refused("it is over"), 409, "refused"),
        (errors.Changed("it is not what was shown"), 409, "changed"),
        (errors.LedgerUnavailable(), 503, "ledger-unavailable"),
        (Unusable("no zone"), 422, "unusable"),
        (EventsError([]), 422, "events"),
        (errors.SettingsError("RELAYBEAT_REDIS_URL is not set"), 500, "settings"),
        (errors.Forbidden("refused"), 502, "forbidden"),
        (errors.LedgerError("odd"), 500, "ledger"),
        (Denied(403, "csrf", "no"), 403, "csrf"),
        (HTTPException(404), 404, "no-such-page"),
        (HTTPException(405), 405, "no-such-method"),
        (HTTPException(400), 400, "malformed"),
        (HTTPException(418), 418, "refused"),
        (RequestValidationError([]), 422, "malformed"),
        (ZeroDivisionError("by zero"), 500, "unexpected"),
    ],
)
def test_an_error_has_its_status_and_its_code(error: Exception, status: int, code: str) -> None:
    told = problem(error).document()
    assert (told["status"], told["code"]) == (status, code)


def test_a_hint_is_told_and_addresses_are_masked() -> None:
    told = problem(errors.Refused(f"{SECRET} is refused", hint=f"not {SECRET}")).document()
    assert "is refused" in told["detail"]
    assert "geheim" not in str(told)


def test_a_plan_tells_every_problem_with_its_line_and_no_secret() -> None:
    found = [Problem("events.yaml", n, 1, f"bad {SECRET}", event="news", field="cron") for n in range(1, 151)]
    told = problem(EventsError(found, left_out=7)).document()
    assert [each["line"] for each in told["problems"]] == list(range(1, 101))
    assert told["problems"][0]["event"] == "news"
    assert told["left_out"] == 57
    assert "geheim" not in str(told)


def test_what_was_sent_is_not_sent_back() -> None:
    wrong = {"type": "int_parsing", "loc": ("query", "days"), "msg": "no number", "input": SECRET, "ctx": {}}
    told = problem(RequestValidationError([wrong])).document()
    assert told["errors"] == [{"in": "query", "name": "days", "message": "no number"}]


def test_a_ledger_that_is_away_says_when_to_come_again() -> None:
    assert problem(errors.LedgerUnavailable()).headers == {"Retry-After": "5"}


def test_a_fault_of_ours_says_nothing_of_itself() -> None:
    assert "zero" not in str(problem(ZeroDivisionError("by zero")).document())


@pytest.mark.parametrize(
    ("kind", "loc", "pointer"),
    [
        ("missing", ("body", "source", 2), "#/source/2"),
        ("missing", ("body", "a/b~c"), "#/a~1b~0c"),
        ("missing", ("body",), "#"),
        ("json_invalid", ("body", 17), "#"),
    ],
)
def test_what_is_wrong_in_a_body_is_pointed_to(kind: str, loc: tuple[str | int, ...], pointer: str) -> None:
    told = problem(RequestValidationError([{"type": kind, "loc": loc, "msg": "no"}])).document()
    assert told["errors"] == [{"in": "body", "pointer": pointer, "message": "no"}]
