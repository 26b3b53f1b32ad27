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


def test_a_look_that_took_long_begins_nothing_that_was_over_by_then(ledger: ClockedLedger) -> None:
    brief = replace(DARK, until=NOW + 100)
    hears(ledger, brief, at=0)
    assert hears(ledger, at=100, scope="vitals") == ["over"]
    assert hears(ledger, brief, at=90) == []
    assert hears(ledger, at=110) == []


def test_what_is_found_to_be_over_has_not_recovered(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    assert hears(ledger, replace(DARK, until=NOW + 10), at=10) == ["over"]
    assert hears(ledger, replace(DARK, until=NOW + 20), at=20) == []
    assert ledger.alerts.standing() == []


FORBIDDEN = replace(DARK, kind=Kind.FORBIDDEN, instead_of=frozenset({Kind.DARK}), patience=20)


def test_what_takes_the_place_of_another_ends_it_when_it_is_told_and_not_before(
    ledger: ClockedLedger,
) -> None:
    hears(ledger, DARK, at=0)
    assert hears(ledger, FORBIDDEN, at=10) == []
    assert hears(ledger, FORBIDDEN, at=30) == ["began", "over"]


def test_what_is_well_before_anything_took_its_place_has_recovered(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    hears(ledger, FORBIDDEN, at=10)
    assert hears(ledger, at=20) == []
    assert hears(ledger, at=20 + CALM) == ["recovered"]


def test_what_nobody_heard_of_makes_way_at_once(ledger: ClockedLedger) -> None:
    hears(ledger, replace(DARK, patience=20), at=0)
    assert hears(ledger, FORBIDDEN, at=10) == []
    assert [each.condition.kind for each in ledger.alerts.standing()] == [Kind.FORBIDDEN]


def test_what_nobody_could_see_stands_as_it_stood(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    unsure = replace(DARK, level=Level.INFO, facts={}, unsure=True)
    assert [hears(ledger, unsure, at=at) for at in (10, 10 + CALM, 10 + 2 * CALM)] == [[], [], []]
    assert [each.condition for each in ledger.alerts.standing()] == [DARK]
    hears(ledger, at=300)
    assert hears(ledger, at=300 + CALM) == ["recovered"]


def test_what_nobody_could_see_does_not_begin_and_ends_with_its_time(ledger: ClockedLedger) -> None:
    unsure = replace(DARK, unsure=True)
    assert hears(ledger, unsure, at=0) == []
    assert ledger.alerts.standing() == []
    hears(ledger, DARK, at=10)
    assert hears(ledger, replace(unsure, until=NOW + 20), at=20) == ["over"]


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


def snooze(ledger: ClockedLedger, target: str = DARK.subject, until: float = 1_000) -> None:
    ledger.alerts.snooze(Snooze(target=target, until=NOW + until, by="li", reason="works"))


def test_what_is_snoozed_is_noted_and_told_when_the_snooze_ends(ledger: ClockedLedger) -> None:
    snooze(ledger, until=100)
    assert hears(ledger, DARK, at=0) == []
    assert not ledger.alerts.standing()[0].told
    assert hears(ledger, DARK, at=100) == ["began"]


def test_what_recovers_during_a_snooze_was_never_told(ledger: ClockedLedger) -> None:
    snooze(ledger)
    hears(ledger, DARK, at=0)
    assert hears(ledger, at=100) == []


def test_what_was_told_before_a_snooze_is_said_to_be_well_after_it(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    snooze(ledger, until=500)
    assert [hears(ledger, at=at) for at in (10, 10 + CALM, 499)] == [[], [], []]
    assert hears(ledger, at=500) == ["recovered"]


def test_what_was_told_before_a_snooze_and_holds_when_it_ends_is_told_again_once(
    ledger: ClockedLedger,
) -> None:
    hears(ledger, DARK, at=0)
    snooze(ledger, until=500)
    assert hears(ledger, DARK, at=10) == []
    assert [hears(ledger, DARK, at=at) for at in (500, 510)] == [["still"], []]


@pytest.mark.parametrize("target", ["news@1", "news", "pull.example.com", "dark", "*"])
def test_a_window_can_be_snoozed_by_all_that_it_belongs_to(ledger: ClockedLedger, target: str) -> None:
    snooze(ledger, target)
    facts = {"event": "news", "domain": "pull.example.com"}
    assert hears(ledger, replace(DARK, facts=facts), at=0) == []


def test_what_is_not_snoozed_is_told_all_the_same(ledger: ClockedLedger) -> None:
    snooze(ledger)
    assert hears(ledger, DARK, replace(DARK, subject="film@1"), at=0) == ["began"]


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
    first, second = ledger.alerts.heard("a", NOW), ledger.alerts.heard("b", NOW)
    hears(ledger, DARK, at=0)
    (message,) = ledger.alerts.messages(first)
    ledger.alerts.hear("a", message.id)
    assert ledger.alerts.messages(ledger.alerts.heard("a", NOW)) == []
    assert kinds(ledger.alerts.messages(second)) == [Kind.DARK]


def test_a_new_channel_is_told_of_nothing_but_the_last_minute(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    hears(ledger, DARK, replace(DARK, subject="film@1"), at=100)
    heard = ledger.alerts.heard("new", NOW + 40)
    assert [message.condition.subject for message in ledger.alerts.messages(heard)] == ["film@1"]


def test_one_at_a_time_serves_a_channel(ledger: ClockedLedger) -> None:
    assert ledger.alerts.serve("a", 30, "one")
    assert not ledger.alerts.serve("a", 30, "two")
    assert ledger.alerts.serve("a", 30, "one")
    assert ledger.alerts.serve("b", 30, "two")


def test_whoever_serves_a_channel_keeps_it(ledger: ClockedLedger) -> None:
    mark = f"{ledger.keys.heard}:a"
    ledger.alerts.serve("a", 30, "one")
    ledger.redis.expire(mark, 5)
    ledger.alerts.serve("a", 30, "one")
    assert int(ledger.redis.ttl(mark)) > 5


def test_an_older_look_that_comes_second_is_no_news(ledger: ClockedLedger) -> None:
    assert hears(ledger, at=30) == []
    assert hears(ledger, DARK, at=20) == []
    assert ledger.alerts.standing() == []


def test_a_clock_that_is_set_back_holds_up_neither_beginning_nor_end(ledger: ClockedLedger) -> None:
    patient = replace(DARK, patience=60)
    hears(ledger, patient, at=7_200)
    assert hears(ledger, patient, at=0) == []
    assert hears(ledger, patient, at=60) == ["began"]
    hears(ledger, at=70)
    hears(ledger, at=-7_200)
    assert hears(ledger, at=-7_200 + CALM) == ["recovered"]


def test_a_condition_that_moves_to_another_scope_is_the_same(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    moved = replace(DARK, scope="air:other.example.com")
    ledger.alerts.judge({SCOPE: [], moved.scope: [moved]}, NOW + 10)
    ledger.alerts.judge({SCOPE: []}, NOW + 10 + 2 * CALM)
    assert [each.condition for each in ledger.alerts.standing()] == [moved]
    assert [message.what for message in ledger.alerts.messages()] == ["began"]


def test_a_window_that_ends_is_over_even_if_nobody_can_look(ledger: ClockedLedger) -> None:
    hears(ledger, replace(DARK, until=NOW + 100), at=0)
    assert hears(ledger, at=100, scope="vitals") == ["over"]


def test_what_nobody_looks_at_any_more_is_forgotten_after_a_day(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    assert hears(ledger, at=86_399, scope="vitals") == []
    assert hears(ledger, at=86_400, scope="vitals") == ["over"]
    assert ledger.redis.hkeys(ledger.keys.looked) == ["vitals"]


def test_what_another_release_says_is_left_to_it(ledger: ClockedLedger) -> None:
    hears(ledger, DARK, at=0)
    (text,) = ledger.redis.hvals(ledger.keys.conditions)
    ledger.redis.hset(ledger.keys.conditions, DARK.key, str(text).replace("dark", "unheard-of"))
    body = '{"kind":"unheard-of","subject":"","scope":"x","cause":"","facts":{}}'
    ledger.redis.xadd(ledger.keys.alerts, {"what": "began", "at": 1, "since": 1, "level": 2, "body": body})
    assert ledger.alerts.standing() == []
    assert kinds(ledger.alerts.messages()) == [Kind.DARK]


SHEET = Condition(kind=Kind.DARK, level=Level.INFO, scope="daily", subject="2026-11-23")


def test_what_is_told_once_is_told_once_whoever_says_it(redis_url: str, ledger: ClockedLedger) -> None:
    others = [clocked(redis_url) for _ in range(8)]
    told = together(*(partial(each.alerts.tell_once, "daily:2026-11-23", SHEET, NOW) for each in others))
    assert sorted(map(bool, told)) == [False] * 7 + [True]
    assert [(m.what, m.condition) for m in ledger.alerts.messages()] == [("told", SHEET)]
    assert ledger.alerts.standing() == []


def test_what_is_snoozed_is_not_told_once_either(ledger: ClockedLedger) -> None:
    snooze(ledger, "*", until=100)
    assert not ledger.alerts.tell_once("daily:2026-11-23", SHEET, NOW)
    assert ledger.alerts.tell_once("daily:2026-11-23", SHEET, NOW + 100)


def test_a_ledger_that_forgot_everything_tells_what_still_holds_again(ledger: ClockedLedger) -> None:
    ledger.alerts.heard("a", NOW)
    hears(ledger, DARK, at=0)
    ledger.redis.flushall()
    assert hears(ledger, DARK, at=100) == ["began"]
    assert kinds(ledger.alerts.messages(ledger.alerts.heard("a", NOW + 40))) == [Kind.DARK]


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
