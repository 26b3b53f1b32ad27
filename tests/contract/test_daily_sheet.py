"""The daily sheet: once a day, whoever tells it, at its time and not long after."""

from __future__ import annotations

from datetime import time

import pytest

from tests.contract.ledgers import ClockedLedger, clocked
from worker.alerts.daily import DailySheet
from worker.conditions import Kind

ZONE = "Asia/Shanghai"
MIDNIGHT = 2_000_044_800
"""Thu 2033-05-19 00:00 in Shanghai."""
HOUR, DAY = 3_600, 86_400


def watches(ledger: ClockedLedger, count: int = 1) -> list[DailySheet]:
    return [DailySheet(ledger, time(9), ZONE) for _ in range(count)]


def told(ledger: ClockedLedger) -> list[str]:
    return [m.condition.subject for m in ledger.alerts.messages() if m.condition.kind is Kind.DAILY_SHEET]


def go(ledger: ClockedLedger, at: float, some: list[DailySheet]) -> list[str]:
    ledger.clock.at = float(at)
    for each in some:
        each.step()
    return told(ledger)


@pytest.fixture
def ledger(redis_url: str) -> ClockedLedger:
    return clocked(redis_url)


def test_it_is_told_when_its_time_has_come_on_its_own_clock(ledger: ClockedLedger) -> None:
    watch = watches(ledger)
    assert go(ledger, MIDNIGHT + 9 * HOUR - 1, watch) == []
    assert go(ledger, MIDNIGHT + 9 * HOUR, watch) == ["2033-05-19"]


def test_of_two_watches_one_tells_it_and_once_a_day(ledger: ClockedLedger) -> None:
    both = watches(ledger, 2)
    for after in (0, 20, HOUR):
        go(ledger, MIDNIGHT + 9 * HOUR + after, both)
    assert told(ledger) == ["2033-05-19"]
    assert go(ledger, MIDNIGHT + DAY + 9 * HOUR, both) == ["2033-05-19", "2033-05-20"]


def test_a_watch_that_begins_late_tells_it_and_one_that_begins_in_the_evening_does_not(
    ledger: ClockedLedger,
) -> None:
    assert go(ledger, MIDNIGHT + 20 * HOUR, watches(ledger)) == []
    assert go(ledger, MIDNIGHT + DAY + 11 * HOUR, watches(ledger)) == ["2033-05-20"]
