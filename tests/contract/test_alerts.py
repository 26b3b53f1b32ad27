"""What people hear: each thing once, its end too, and nothing that was over before anybody heard of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from tests.contract.ledgers import ClockedLedger, clocked, together
from worker.conditions import Condition, Kind, Level
from worker.ledger.alerts import CALM, Message, Snooze

NOW = 1_800_000_000.0
SCOPE = "air:pull.example.com"
DARK = Condition(kind=Kind.DARK, level=Level.PAGE, scope=SCOPE, subject="news@1", facts={"title": "新闻联播"})
WARNED = replace(DARK, level=Level.WARN)


def hears(ledger: ClockedLedger, *found: Condition, at: float, scope: str = SCOPE) -> list[str]:
    """What is said when these conditions are found to hold."""
    before = ledger.alerts.messages()
    ledger.alerts.judge({scope: found}, NOW + at)
    return [message.what for message in ledger.alerts.messages()[len(before) :]]


def test_what_holds_is_told_once(ledger: ClockedLedger) -> None:
    assert hears(ledger, DARK, at=0) == ["began"]
    assert hears(ledger, DARK, at=10) == []


def test_its_end_is_told_once(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    assert hears(ledger, at=10) == []
    assert hears(ledger, at=10 + CALM) == ["recovered"]
    assert hears(ledger, at=20 + CALM) == []


def test_what_flickers_is_one_thing(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    said = [hears(ledger, *([DARK] if n % 2 else []), at=10 * n) for n in range(1, 20)]
    assert said == [[]] * 19


def test_what_grows_worse_is_told_again_and_what_eases_is_not(ledger: ClockedLedger) -> None:
    assert hears(ledger, WARNED, at=0) == ["began"]
    assert hears(ledger, DARK, at=10) == ["worse"]
    assert hears(ledger, WARNED, at=20) == []
    assert hears(ledger, DARK, at=30) == []


def test_what_ends_within_its_patience_is_never_told(ledger: ClockedLedger) -> None:
    brief = replace(DARK, patience=60)
    assert hears(ledger, brief, at=0) == []
    assert hears(ledger, at=59) == []
    assert hears(ledger, brief, at=70) == []
    assert hears(ledger, brief, at=130) == ["began"]


def test_the_end_of_a_window_is_no_recovery(ledger: ClockedLedger) -> None:
    hears(ledger, replace(DARK, until=NOW + 100), at=0)
    assert hears(ledger, at=100) == ["over"]


def test_a_scope_that_was_not_looked_at_stays_as_it_was(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    assert hears(ledger, at=10 * CALM, scope="vitals") == []
    assert [each.condition for each in ledger.alerts.standing()] == [DARK]


def test_two_who_watch_at_once_say_it_once(redis_url: str, ledger: ClockedLedger) -> None:
    others = [clocked(redis_url) for _ in range(8)]
    together(*(partial(each.alerts.judge, {SCOPE: [DARK]}, NOW) for each in others))
    assert [message.what for message in ledger.alerts.messages()] == ["began"]


def test_a_condition_comes_back_as_it_was_found(ledger: ClockedLedger) -> None:
    found = replace(DARK, until=NOW + 100, cause="source-unreachable", facts={"title": "新闻", "sources": []})
    hears(ledger, found, at=0)
    (standing,) = ledger.alerts.standing()
    assert (standing.condition, standing.since, standing.told) == (found, NOW, True)


def test_what_is_snoozed_is_noted_and_told_when_the_snooze_ends(ledger: ClockedLedger) -> None:
    ledger.alerts.judge({SCOPE: [DARK]}, NOW, quiet=lambda _: True)
    assert (ledger.alerts.messages(), ledger.alerts.standing()[0].told) == ([], False)
    assert hears(ledger, DARK, at=100) == ["began"]


def test_what_recovers_during_a_snooze_was_never_told(ledger: ClockedLedger) -> None:
    ledger.alerts.judge({SCOPE: [DARK]}, NOW, quiet=lambda _: True)
    assert hears(ledger, at=100) == []


def test_a_snooze_ends_by_itself(ledger: ClockedLedger) -> None:
    ledger.alerts.snooze(Snooze(target="news", until=NOW + 60, by="li", reason="works"))
    assert [each.target for each in ledger.alerts.snoozes(NOW)] == ["news"]
    assert ledger.alerts.snoozes(NOW + 60) == []


def test_a_snooze_can_be_taken_back(ledger: ClockedLedger) -> None:
    ledger.alerts.snooze(Snooze(target="news", until=NOW + 60, by="li", reason="works"))
    assert ledger.alerts.wake("news")
    assert not ledger.alerts.wake("news")


def kinds(messages: list[Message]) -> list[Kind]:
    return [message.condition.kind for message in messages]


def test_each_channel_hears_everything_after_its_own_last(ledger: ClockedLedger) -> None:
    first, second = ledger.alerts.heard("a"), ledger.alerts.heard("b")
    hears(ledger, DARK, at=0)
    (message,) = ledger.alerts.messages(first)
    ledger.alerts.hear("a", message.id)
    assert ledger.alerts.messages(ledger.alerts.heard("a")) == []
    assert kinds(ledger.alerts.messages(second)) == [Kind.DARK]


def test_a_new_channel_is_not_told_of_the_past(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    assert ledger.alerts.messages(ledger.alerts.heard("new")) == []


def test_one_at_a_time_serves_a_channel(ledger: ClockedLedger) -> None:
    assert ledger.alerts.begin("a", 30, "one")
    assert not ledger.alerts.begin("a", 30, "two")
    assert ledger.alerts.begin("a", 30, "one")
    assert ledger.alerts.begin("b", 30, "two")


@pytest.mark.parametrize("most", [1, 3])
def test_the_latest_come_first(ledger: ClockedLedger, most: int) -> None:
    for n in range(5):
        hears(ledger, replace(DARK, subject=f"news@{n}"), at=0)
    assert [m.condition.subject for m in ledger.alerts.latest(most)] == [f"news@{4 - n}" for n in range(most)]


def test_who_was_paged_hears_of_the_end_as_of_a_page(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    hears(ledger, WARNED, at=10)
    hears(ledger, at=20)
    hears(ledger, at=20 + CALM)
    (ended,) = ledger.alerts.latest(1)
    assert (ended.what, ended.condition.level) == ("recovered", Level.PAGE)
