"""The checker finds every kind of violation in a log made by hand, and none in a clean one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checker import judge
from tests.chaos.record import Case, Json, Relay, relay, versions

SLOT = "d/live/news"
NEWS = {"id": "news@1", "slot": SLOT, "sources": ["https://a/1.flv"], "start": 1_000, "end": 2_000}
RADIO = {
    "id": "radio@permanent",
    "slot": "d/live/radio",
    "sources": ["https://a/r.flv"],
    "start": None,
    "end": None,
}
THEIRS = Relay("d/live/theirs", ("https://b/t.flv",), 0, 9_000)
ROLES = ("worker-1", "worker-2", "beat-1")
DONE = 800.0
"""When the first plan was applied: more than a promise before the news."""


def plan(*windows: Json, at: float = DONE) -> Json:
    return {"began": at, "done": at, "windows": list(windows)}


def asked(verb: str, at: float, window: Json = NEWS, **fields: Any) -> Json:
    domain, app, stream = window["slot"].split("/")
    line = {
        "kind": "request", "at": at, "action": f"{verb}RelaySourceV4", "domain": domain, "app": app,
        "stream": stream, "start": window["start"], "end": window["end"], "sources": window["sources"],
        "applied": True, "code": "", "status": 200, "request_id": f"r{at}", "fault": "",
    }  # fmt: skip
    return line | fields


def row(each: Relay, **fields: Any) -> Json:
    told = {"slot": each.slot, "sources": list(each.sources), "start": each.start, "end": each.end}
    return told | {"foreign": False, "task_id": "1"} | fields


def case(
    *log: Json,
    plans: list[Json] | None = None,
    held: list[Json] | None = None,
    until: float = 1_500,
    **more: Any,
) -> Case:
    """A storm in which the log says this; by default one show, and the provider holds it in the end."""
    rows = [row(relay(NEWS))] if held is None else held
    state = {"now": until, "configs": [*rows, row(THEIRS, foreign=True)]}
    told = Case(
        semantics="append", quota=10, settle=300, lead=600, roles=ROLES, foreign=(THEIRS,), storm=(),
        windows=versions(plans or [plan(NEWS)]), log=log, state=state, ledger=None,
    )  # fmt: skip
    return replace(told, **more)


def found(told: Case) -> set[str]:
    return {violation.rule for violation in judge(told).violations}


def changed(window: Json, **fields: Any) -> Json:
    return window | fields


def down(role: str, at: float, until: float) -> Json:
    return {"kind": "fault", "what": "kill", "on": role, "at": at, "until": until, "down": [role]}


def test_a_window_placed_ahead_of_its_start_is_clean() -> None:
    assert found(case(asked("Create", 850.0))) == set()


def test_a_window_that_ran_and_was_taken_away_is_clean() -> None:
    log = asked("Create", 850.0), asked("Delete", 2_005.0)
    assert found(case(*log, held=[], until=3_000)) == set()


def test_a_window_that_never_came_is_missed() -> None:
    assert found(case(held=[], until=2_500)) == {"missed"}


def test_a_window_that_is_due_and_not_there_in_the_end_is_missed() -> None:
    assert found(case(held=[], until=900)) == {"missed"}


def test_a_relay_that_comes_after_the_start_is_late() -> None:
    assert found(case(asked("Create", 1_001.0))) == {"late"}


def test_a_window_planned_at_short_notice_has_a_promise_to_come() -> None:
    late = [plan(NEWS, at=980)]
    assert found(case(asked("Create", 1_039.0), plans=late)) == set()
    assert found(case(asked("Create", 1_041.0), plans=late)) == {"late"}


def test_time_without_redis_is_not_counted_against_the_product() -> None:
    outage = (down("redis", 850, 990),)
    assert found(case(asked("Create", 1_009.0), plans=[plan(NEWS, at=810)], storm=outage)) == set()
    assert found(case(asked("Create", 1_011.0), plans=[plan(NEWS, at=810)], storm=outage)) == {"late"}


def test_each_failure_of_the_provider_on_its_slot_gives_a_window_some_time() -> None:
    failed = asked("Create", 1_035.0, applied=False, code="CommonErr")
    planned = [plan(NEWS, at=980)]
    assert found(case(failed, asked("Create", 1_059.0), plans=planned)) == set()
    assert found(case(failed, asked("Create", 1_061.0), plans=planned)) == {"late"}


def test_the_time_begins_anew_when_redis_forgets_everything() -> None:
    flush = {"kind": "fault", "what": "flush", "on": "redis", "at": 1_000, "until": 1_000, "down": []}
    planned = [plan(NEWS, at=980)]
    assert found(case(asked("Create", 1_059.0), plans=planned, storm=(flush,))) == set()
    assert found(case(asked("Create", 1_061.0), plans=planned, storm=(flush,))) == {"late"}


def test_one_worker_that_lives_is_enough_to_be_on_time() -> None:
    one_dead, both_dead = (
        (down("worker-1", 801, 2_000),),
        tuple(down(f"worker-{n}", 801, 1_100) for n in (1, 2)),
    )
    assert found(case(asked("Create", 1_150.0), storm=one_dead)) == {"late"}
    assert found(case(asked("Create", 1_150.0), storm=both_dead)) == set()


def test_a_relay_that_goes_while_on_air_leaves_a_gap() -> None:
    log = asked("Create", 850.0), asked("Delete", 1_200.0), asked("Create", 1_210.0)
    assert found(case(*log)) == {"gap"}


def test_other_sources_on_air_are_wrong_and_a_gap() -> None:
    other = changed(NEWS, sources=["https://a/2.flv"])
    log = asked("Create", 850.0), asked("Update", 1_200.0, other)
    assert found(case(*log, held=[row(relay(other))])) == {"wrong", "gap"}


def test_an_edit_on_air_may_play_old_or_new_and_never_neither() -> None:
    other = changed(NEWS, sources=["https://a/2.flv"])
    plans, held = [plan(NEWS), plan(other, at=1_200)], [row(relay(other))]
    corrected = asked("Create", 850.0), asked("Update", 1_240.0, other)
    cut = asked("Create", 850.0), asked("Delete", 1_210.0), asked("Create", 1_240.0, other)
    assert found(case(*corrected, plans=plans, held=held)) == set()
    assert found(case(*cut, plans=plans, held=held)) == {"gap"}


def test_times_that_no_plan_asks_for_are_wrong() -> None:
    shifted = changed(NEWS, start=999)
    log = asked("Create", 840.0, shifted, applied=False, code="CommonErr"), asked("Create", 850.0)
    assert found(case(*log)) == {"wrong"}


def test_a_request_for_the_plan_of_a_moment_ago_is_not_wrong() -> None:
    moved = changed(NEWS, id="news@2", start=1_300)
    plans = [plan(NEWS), plan(moved, at=830)]
    log = asked("Create", 835.0), asked("Update", 845.0, moved)
    assert found(case(*log, plans=plans, held=[row(relay(moved))])) == set()


@pytest.mark.parametrize("missing", ["start", "end"])
def test_a_request_without_both_times_is_permanent(missing: str) -> None:
    half = changed(NEWS, **{missing: None})
    log = asked("Create", 850.0), asked("Update", 860.0, half, applied=False, code="InvalidParam")
    assert found(case(*log)) == {"permanent"}


def test_a_permanent_show_has_no_times_and_is_clean() -> None:
    told = case(asked("Create", 810.0, RADIO), plans=[plan(RADIO)], held=[row(relay(RADIO))])
    assert found(told) == set()


def test_two_of_the_same_relay_are_a_repeated_create_and_a_duplicate() -> None:
    log = asked("Create", 850.0), asked("Create", 860.0)
    assert found(case(*log, held=[row(relay(NEWS))] * 2)) == {"repeated", "duplicate"}


def test_a_create_that_takes_effect_late_is_repeated_too() -> None:
    late = asked("Create", 850.0, applied="late", code="CommonErr")
    effect = {"kind": "effect", "at": 853.0, "request_id": late["request_id"], "applied": True, "code": ""}
    again = asked("Create", 860.0)
    assert found(case(late, effect, again, held=[row(relay(NEWS))], semantics="overwrite")) == {"repeated"}


def test_two_different_relays_on_a_slot_overlap() -> None:
    later = changed(NEWS, id="news@2", start=2_000, end=3_000, sources=["https://a/2.flv"])
    log = asked("Create", 850.0), asked("Create", 860.0, later)
    told = case(*log, plans=[plan(NEWS, later)], held=[row(relay(NEWS)), row(relay(later))])
    assert found(told) == {"overlap"}


def test_a_tight_handover_may_take_a_promise_from_the_end_of_the_one_ahead() -> None:
    later = changed(NEWS, id="news@2", start=2_000, end=3_000, sources=["https://a/2.flv"])
    plans, held = [plan(NEWS, later)], [row(relay(later))]
    in_time, too_late = (asked("Update", at, later) for at in (2_050.0, 2_070.0))
    assert found(case(asked("Create", 850.0), in_time, plans=plans, held=held, until=2_500)) == set()
    assert found(case(asked("Create", 850.0), too_late, plans=plans, held=held, until=2_500)) == {"late"}


def test_joined_windows_are_one_relay_without_a_gap() -> None:
    later = changed(NEWS, id="news@2", start=2_000, end=3_000)
    joined = changed(NEWS, end=3_000)
    plans, held = [plan(NEWS, later)], [row(relay(joined))]
    assert found(case(asked("Create", 850.0, joined), plans=plans, held=held, until=2_500)) == set()
    apart = asked("Create", 850.0), asked("Update", 2_010.0, later)
    assert found(case(*apart, plans=plans, held=[row(relay(later))], until=2_500)) == {"late"}


def test_a_slot_that_was_never_planned_is_unexpected() -> None:
    stray = changed(NEWS, slot="d/live/stray")
    log = asked("Create", 850.0), asked("Delete", 860.0, stray, applied=False, code="ResourceNotFound")
    assert found(case(*log)) == {"unexpected"}


def test_a_cancelled_window_that_stays_is_found() -> None:
    plans = [plan(NEWS), plan(at=900)]
    assert found(case(asked("Create", 850.0), plans=plans)) == {"cancelled"}
    gone = asked("Create", 850.0), asked("Delete", 950.0)
    assert found(case(*gone, plans=plans, held=[])) == set()


def test_what_redis_forgot_may_stay_until_nobody_can_say_any_more_what_it_is_for() -> None:
    flush = {"kind": "fault", "what": "flush", "on": "redis", "at": 900, "until": 900, "down": []}
    plans = [plan(NEWS), plan(at=890)]
    log = asked("Create", 850.0)
    assert found(case(log, plans=plans, storm=(flush,), until=975)) == set()
    assert found(case(log, plans=plans, storm=(flush,), until=985)) == {"cancelled"}


def test_a_relay_that_outlives_its_end_is_left_over() -> None:
    assert found(case(asked("Create", 850.0), until=2_080)) == set()
    assert found(case(asked("Create", 850.0), until=2_100)) == {"left over"}


def test_a_write_to_somebody_elses_slot_is_found_whatever_came_of_it() -> None:
    theirs = changed(NEWS, slot=THEIRS.slot)
    log = asked("Create", 850.0), asked("Delete", 860.0, theirs, applied=False, code="CommonErr")
    assert "foreign" in found(case(*log, plans=[plan(NEWS, theirs)]))


def test_somebody_elses_relay_that_is_gone_is_found() -> None:
    told = case(asked("Create", 850.0))
    without = {"now": 1_500, "configs": [row(relay(NEWS))]}
    assert found(replace(told, state=without)) == {"foreign", "evidence"}


def test_more_requests_in_a_second_than_the_quota_are_found() -> None:
    looks = [asked("List", 900 + n * 0.0999, applied=None) for n in range(11)]
    paced = [asked("List", 900 + n * 0.1001, applied=None) for n in range(30)]
    assert found(case(asked("Create", 850.0), *looks)) == {"over quota"}
    assert found(case(asked("Create", 850.0), *paced)) == set()


def test_what_a_hole_holds_back_and_lets_go_at_once_was_not_too_much() -> None:
    looks = [asked("List", 900 + n * 0.01, applied=None) for n in range(11)]
    log = asked("Create", 850.0), *looks
    assert found(case(*log, storm=(down("provider", 880, 900.2),))) == set()
    assert found(case(*log, storm=(down("provider", 880, 895),))) == {"over quota"}


def test_a_write_under_way_in_the_last_moment_proves_nothing() -> None:
    assert found(case(asked("Create", 850.0), asked("Delete", 1_499.99))) == set()
    assert "evidence" in found(case(asked("Create", 850.0), asked("Delete", 1_499.0)))


def test_a_log_that_does_not_explain_what_is_held_is_no_evidence() -> None:
    assert found(case(asked("Create", 850.0), held=[row(relay(NEWS))] * 2)) == {"evidence"}


def ledger(window: Json = NEWS, **fields: Any) -> dict[str, Any]:
    domain, app, stream = window["slot"].split("/")
    told = window | {
        "domain": domain,
        "app": app,
        "stream": stream,
        "task_id": "1",
        "state": "placed",
        "reason": "",
    }
    return {"windows": [told | fields]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"task_id": "2"},
        {"state": "retrying"},
        {"state": "missed"},
        {"end": 1_999},
        {"sources": ["https://a/2.flv"]},
    ],
)
def test_a_ledger_that_says_otherwise_than_the_provider_is_found(wrong: Json) -> None:
    told = case(asked("Create", 850.0))
    assert found(replace(told, ledger=ledger())) == set()
    assert found(replace(told, ledger=ledger(**wrong))) == {"ledger"}


def test_a_window_that_the_ledger_forgot_is_found() -> None:
    assert found(replace(case(asked("Create", 850.0)), ledger={"windows": []})) == {"ledger"}


def test_a_conflict_has_to_be_told_as_one() -> None:
    theirs = changed(NEWS, slot=THEIRS.slot)
    told = case(plans=[plan(theirs)], held=[])
    why = "1 relay(s) on d/live/theirs were not placed by Relaybeat"
    assert found(replace(told, ledger=ledger(theirs, state="retrying", reason=why))) == set()
    assert found(replace(told, ledger=ledger(theirs, state="planned"))) == {"ledger"}


def test_versions_follow_the_plans() -> None:
    first, second = versions([plan(NEWS), plan(changed(NEWS, end=2_100), at=900)])
    assert (first.left, second.left) == (900, math.inf)
    assert second.before == first
