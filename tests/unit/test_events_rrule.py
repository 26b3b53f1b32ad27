"""``rrule`` and ``dtstart`` in an events file, and the windows that come of them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.events_text import event, problem, refusal, show
from worker.events.codec import dump_event, parse_event
from worker.windows import expand, next_start

RULE = {"cron": None, "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "dtstart": "2026-11-02T20:00"}
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOVEMBER = [int(datetime(2026, month, 1, tzinfo=SHANGHAI).timestamp()) for month in (11, 12)]


def starts(**changes: str | None) -> list[str]:
    windows = expand(event(**changes), *NOVEMBER)
    return [f"{datetime.fromtimestamp(window.start, SHANGHAI):%d %H:%M}" for window in windows]


def test_an_event_recurs_by_a_rule_from_dtstart_on() -> None:
    assert starts(**RULE) == ["02 20:00", "16 20:00", "30 20:00"]


def test_several_rules_count_from_one_dtstart() -> None:
    rules = "[FREQ=WEEKLY;INTERVAL=2, RRULE:FREQ=DAILY;COUNT=2]"
    assert starts(**RULE | {"rrule": rules}) == ["02 20:00", "03 20:00", "16 20:00", "30 20:00"]


def test_beside_cron_lines_a_start_that_both_name_is_one_start() -> None:
    assert starts(**RULE | {"cron": '"0 20 2,3 11 *"'}) == ["02 20:00", "03 20:00", "16 20:00", "30 20:00"]


def test_a_window_of_a_rule_is_named_after_its_nominal_start() -> None:
    assert next(expand(event(**RULE), *NOVEMBER)).id == "show@20261102T120000Z"


def test_an_exception_is_for_a_start_of_a_rule_as_for_one_of_a_cron_line() -> None:
    cancelled = "[{on: 2026-11-16, cancel: true, reason: Gala}]"
    assert starts(**RULE, exceptions=cancelled) == ["02 20:00", "30 20:00"]


def test_valid_until_bounds_rules_too() -> None:
    assert starts(**RULE, valid_until="2026-11-16") == ["02 20:00", "16 20:00"]


def test_the_next_start_is_that_of_rule_or_cron_line_whichever_comes_first() -> None:
    found = event(**RULE | {"cron": '"0 8 * * *"'})
    assert next_start(found, NOVEMBER[0]) == next(expand(found, *NOVEMBER)).start
    assert next_start(event(**RULE), NOVEMBER[0]) == next(expand(event(**RULE), *NOVEMBER)).start


def test_an_event_with_rules_survives_the_ledger() -> None:
    assert parse_event(dump_event(event(**RULE))) == event(**RULE)


def test_a_rule_needs_its_dtstart() -> None:
    assert refusal(**RULE | {"dtstart": None}) == ("dtstart", "this is missing")


def test_a_dtstart_needs_a_rule() -> None:
    assert refusal(dtstart="2026-11-02T20:00") == ("dtstart", "there is no rrule to begin then")


@pytest.mark.parametrize(
    "dtstart", ["2026-11-02", "20261102T200000", "2026-11-02T20:00+08:00", "2026-11-02T25:30"]
)
def test_a_dtstart_is_a_local_date_and_time(dtstart: str) -> None:
    assert problem(show(**RULE | {"dtstart": dtstart})).field == "dtstart"


def test_each_bad_rule_of_a_list_is_told_by_its_place() -> None:
    assert refusal(**RULE | {"rrule": "[FREQ=DAILY, FREQ=DAILY;BYDAY=2MO]"})[0] == "rrule[1]"
    assert refusal(**RULE | {"rrule": "[FREQ=DAILY, FREQ=DAILY;UNTIL=20200101]"})[0] == "rrule[1]"


def test_a_rule_is_not_written_twice() -> None:
    assert "repeats item 1" in refusal(**RULE | {"rrule": "[FREQ=DAILY, FREQ=DAILY]"})[1]


@pytest.mark.parametrize(("key", "value"), [("rrule", "FREQ=DAILY"), ("dtstart", "2026-11-02T20:00")])
def test_a_permanent_event_has_no_rule(key: str, value: str) -> None:
    permanent = {"cron": None, "duration": None, "permanent": "true"}
    assert (key, "a permanent event has no such thing") == refusal(**permanent | {key: value})
