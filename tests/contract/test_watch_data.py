"""What planners hear of data: what moved under their plans, and the years that nobody knows yet."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.contract.ledgers import ClockedLedger, event
from worker.applying import digest
from worker.calendars import country_days
from worker.conditions import Condition, Kind
from worker.duties.data import SCOPE, Data
from worker.ledger.editions import Moved, Turnover

NOVEMBER = datetime(2035, 11, 23, tzinfo=UTC).timestamp()
OLD, NEW = "rules 1, tzdata 2026.6", "rules 1, tzdata 2026.7"
HOLIDAYS = country_days("cn.holidays", "CN", "", "holidays")


def found(ledger: ClockedLedger, now: float = NOVEMBER) -> list[Condition]:
    return list(Data(ledger, 8 * 86_400).look(now)[SCOPE])


def turned_over(ledger: ClockedLedger, moves: list[Moved], at: float = NOVEMBER) -> None:
    ledger.redis.hset(ledger.keys.edition, "by", OLD)  # as its first plan notes it
    survey = Turnover(at=at, was=OLD, now=NEW).with_event(moves, 0)
    assert ledger.editions.step(ledger.editions.held(), survey, moves, now=at, done=True)


def apply(ledger: ClockedLedger, **changes: object) -> None:
    shown = event("news", **changes)
    ledger.plans.put([(shown, digest(shown))], file="f.yaml")


def test_on_a_quiet_day_nothing_is_said(ledger: ClockedLedger) -> None:
    apply(ledger)
    assert found(ledger) == []


def test_a_year_to_come_soon_that_nobody_knows_is_told_with_its_events(ledger: ClockedLedger) -> None:
    apply(ledger, skip=(HOLIDAYS,))
    told = {each.subject: each.facts["why"] for each in found(ledger) if each.kind is Kind.HOLIDAYS_UNKNOWN}
    assert "news" in told["cn 2036"]
    assert "2036" in told["cn 2036"]


MOVED = Moved(event="news", fate="moved", id="news@1", to="news@2", timezone="UTC", was=(1, 2), will=(3, 4))


def test_windows_that_new_data_move_are_told_for_a_day(ledger: ClockedLedger) -> None:
    turned_over(ledger, [MOVED])
    (told,) = found(ledger)
    assert (told.kind, told.facts["why"]) == (
        Kind.PLAN_MOVED,
        "tzdata 2026.6 -> 2026.7: 1 windows of 1 events",
    )
    assert found(ledger, NOVEMBER + 86_400) == []


def test_new_data_that_move_nothing_are_nobodys_business(ledger: ClockedLedger) -> None:
    turned_over(ledger, [])
    assert found(ledger) == []
