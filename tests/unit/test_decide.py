"""The one thing to do next about a slot: every rule, then what no case at all may lead to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, SLOT, SOURCES
from worker.decide import (
    Act,
    Adopt,
    Case,
    Conflict,
    Doubt,
    GiveUp,
    Refusal,
    Rest,
    Wait,
    Write,
    changed,
    decide,
)
from worker.relay import PERMANENT, Relay, Row, Span
from worker.slots import Wanted

HOUR = 3_600
SETTLING = 5.0


def relay(start: int = HOUR, end: int = 2 * HOUR, *sources: str) -> Relay:
    """A relay from ``start`` to ``end``, in seconds from now."""
    return Relay(SLOT, sources or SOURCES, Span(NOW + start, NOW + end))


def want(relay: Relay) -> Wanted:
    start, end = (NOW, NOW) if relay.times is PERMANENT else (relay.times.start, relay.times.end)
    return Wanted(relay, ("news@x",), start, max(start, end - 600))


TONIGHT, TOMORROW, YESTERDAY = relay(), relay(24 * HOUR, 25 * HOUR), relay(-2 * HOUR, -HOUR)
ON_AIR = relay(-HOUR, HOUR)
FOREVER = Relay(SLOT, SOURCES, PERMANENT)
FOREIGN = Row(SLOT, ("rtmp://theirs.example.com/live/x",), NOW + HOUR, NOW + 2 * HOUR)


def rows_of(*relays: Relay) -> frozenset[Row]:
    return frozenset(relay.as_row() for relay in relays)


def case(wanted: Relay | None = TONIGHT, *rows: Relay | Row, **changes: Any) -> Case:
    """A slot on which everything is ours, listed just now, with nothing left open."""
    listed = tuple(row.as_row() if isinstance(row, Relay) else row for row in rows)
    fields: dict[str, Any] = {
        "slot": SLOT,
        "wanted": want(wanted) if wanted else None,
        "rows": listed,
        "seen_at": NOW,
        "ours": rows_of(TONIGHT, TOMORROW, YESTERDAY, ON_AIR, FOREVER),
        "held": (),
        "doubt": None,
        "refusal": None,
        "settling": SETTLING,
        "pause": 2 * SETTLING,
        "now": NOW,
    }
    return Case(**(fields | changes))


def test_an_empty_slot_gets_what_it_wants() -> None:
    assert decide(case(TONIGHT)) == Write("create", TONIGHT)


def test_what_is_there_as_wanted_is_adopted() -> None:
    assert decide(case(TONIGHT, TONIGHT)) == Adopt()


def test_what_is_there_with_other_times_is_updated() -> None:
    assert decide(case(TONIGHT, TOMORROW)) == Write("update", TONIGHT)


def test_what_is_on_air_with_another_source_is_updated() -> None:
    other = relay(-HOUR, HOUR, "rtmp://b.example.com/live/news")
    assert decide(case(other, ON_AIR)) == Write("update", other)


def test_what_has_ended_is_deleted_before_the_next_is_created() -> None:
    assert decide(case(TONIGHT, YESTERDAY)) == Write("delete", None)


def test_what_has_ended_is_updated_into_what_cannot_wait_for_its_going() -> None:
    assert decide(case(ON_AIR, YESTERDAY)) == Write("update", ON_AIR)


def test_what_has_ended_and_cannot_be_updated_is_deleted_after_all() -> None:
    refusal = Refusal("update", ON_AIR, "no")
    assert decide(case(ON_AIR, YESTERDAY, refusal=refusal)) == Write("delete", None)


def test_what_has_ended_and_nothing_wanted_is_deleted() -> None:
    assert decide(case(None, YESTERDAY)) == Write("delete", None)


def test_what_is_there_and_not_wanted_is_deleted() -> None:
    assert decide(case(None, TONIGHT)) == Write("delete", None)


def test_nothing_wanted_and_nothing_there_is_rest() -> None:
    assert decide(case(None)) == Rest()


def test_two_equal_relays_are_mended_before_air() -> None:
    assert decide(case(TONIGHT, TONIGHT, TONIGHT)) == Write("delete", None)


def test_two_equal_relays_on_air_are_left_alone() -> None:
    assert decide(case(ON_AIR, ON_AIR, ON_AIR)) == Adopt()


def test_two_relays_that_are_both_wrong_are_deleted() -> None:
    assert decide(case(TONIGHT, TOMORROW, YESTERDAY)) == Write("delete", None)


def test_a_permanent_relay_that_should_have_times_gets_them() -> None:
    assert decide(case(TONIGHT, FOREVER)) == Write("update", TONIGHT)


def test_a_permanent_relay_is_created_where_it_is_wanted() -> None:
    assert decide(case(FOREVER)) == Write("create", FOREVER)


@pytest.mark.parametrize("wanted", [TONIGHT, None])
def test_beside_a_foreign_relay_nothing_of_ours_is_touched(wanted: Relay | None) -> None:
    assert isinstance(decide(case(wanted, TONIGHT, FOREIGN)), Conflict)


def test_a_foreign_relay_where_we_want_one_is_a_conflict_that_names_the_slot_and_no_source() -> None:
    act = decide(case(TONIGHT, FOREIGN))
    assert isinstance(act, Conflict)
    assert str(SLOT) in act.why
    assert "theirs.example.com" not in act.why


def test_a_foreign_relay_is_not_ours_to_remove_even_after_its_end() -> None:
    over = replace(FOREIGN, start=NOW - 2 * HOUR, end=NOW - HOUR)
    assert isinstance(decide(case(TONIGHT, over)), Conflict)


def test_a_foreign_relay_where_we_want_nothing_is_none_of_our_business() -> None:
    assert decide(case(None, FOREIGN)) == Rest()


def test_a_relay_that_differs_from_ours_by_a_second_is_foreign() -> None:
    assert isinstance(decide(case(TONIGHT, relay(HOUR + 1))), Conflict)


# After an unclear answer.

CREATING = Doubt("create", TONIGHT, since=NOW)
LATER = NOW + SETTLING


def test_after_an_unclear_create_a_list_that_is_too_fresh_says_nothing() -> None:
    assert decide(case(TONIGHT, doubt=CREATING)) == Wait(LATER, CREATING)


def test_the_first_settled_list_without_it_is_not_believed() -> None:
    act = decide(case(TONIGHT, doubt=CREATING, seen_at=LATER, now=LATER))
    assert act == Wait(LATER + SETTLING, replace(CREATING, unseen_at=LATER))


def test_the_second_settled_list_without_it_is() -> None:
    doubt = replace(CREATING, unseen_at=LATER)
    second = LATER + SETTLING
    assert isinstance(decide(case(TONIGHT, doubt=doubt, seen_at=second - 0.1, now=second)), Wait)
    assert decide(case(TONIGHT, doubt=doubt, seen_at=second, now=second)) == Write("create", TONIGHT)


def test_an_unclear_create_that_shows_is_adopted_at_once() -> None:
    assert decide(case(TONIGHT, TONIGHT, doubt=CREATING)) == Adopt()


def test_an_unclear_update_that_does_not_show_is_sent_again_only_after_two_looks() -> None:
    doubt = Doubt("update", TONIGHT, since=NOW)
    assert isinstance(decide(case(TONIGHT, TOMORROW, doubt=doubt, seen_at=LATER)), Wait)
    seen_twice = replace(doubt, unseen_at=LATER)
    act = decide(case(TONIGHT, TOMORROW, doubt=seen_twice, seen_at=LATER + SETTLING))
    assert act == Write("update", TONIGHT)


def test_an_unclear_delete_is_over_once_a_settled_list_is_empty() -> None:
    doubt = Doubt("delete", None, since=NOW)
    assert isinstance(decide(case(None, doubt=doubt)), Wait)
    assert decide(case(None, doubt=doubt, seen_at=LATER)) == Rest()


def test_an_unclear_create_of_what_is_no_longer_wanted_is_cleared_up_before_it_is_removed() -> None:
    assert isinstance(decide(case(None, TONIGHT, doubt=CREATING)), Wait)
    assert decide(case(None, TONIGHT, doubt=CREATING, seen_at=LATER)) == Write("delete", None)


def test_a_doubt_holds_back_even_the_report_of_a_conflict() -> None:
    assert isinstance(decide(case(TONIGHT, FOREIGN, doubt=CREATING)), Wait)


# After "invalid", which may have meant "already there".


def test_a_refused_create_is_given_up_when_the_slot_is_empty_all_the_same() -> None:
    assert decide(case(TONIGHT, refusal=Refusal("create", TONIGHT, "bad App"))) == GiveUp("bad App")


def test_a_refused_create_is_adopted_when_it_is_there() -> None:
    assert decide(case(TONIGHT, TONIGHT, refusal=Refusal("create", TONIGHT, "exists"))) == Adopt()


def test_a_refused_create_of_something_else_says_nothing_of_this_one() -> None:
    assert decide(case(TONIGHT, refusal=Refusal("create", TOMORROW, "no"))) == Write("create", TONIGHT)


def test_a_refused_create_over_a_relay_of_ours_becomes_an_update() -> None:
    act = decide(case(TONIGHT, TOMORROW, refusal=Refusal("create", TONIGHT, "exists")))
    assert act == Write("update", TONIGHT)


def test_a_refused_update_is_given_up_when_looking_has_not_explained_it() -> None:
    act = decide(case(TONIGHT, TOMORROW, refusal=Refusal("update", TONIGHT, "bad source")))
    assert act == GiveUp("bad source")


def test_a_refused_update_of_what_has_gone_becomes_a_create() -> None:
    refusal = Refusal("update", TONIGHT, "no such config")
    assert decide(case(TONIGHT, refusal=refusal)) == Write("create", TONIGHT)


# What we hold, and others meddle with


def test_a_relay_that_we_hold_and_want_and_that_is_not_listed_is_looked_for_once_more() -> None:
    act = decide(case(TONIGHT, held=[TONIGHT]))
    assert act == Wait(NOW + SETTLING, Doubt("create", TONIGHT, NOW - SETTLING, NOW))


def test_one_that_is_missing_at_the_second_look_too_is_created_again() -> None:
    doubt = Doubt("create", TONIGHT, NOW - SETTLING, NOW)
    again = case(TONIGHT, held=[TONIGHT], doubt=doubt, seen_at=NOW + SETTLING, now=NOW + SETTLING)
    assert decide(again) == Write("create", TONIGHT)


def test_one_that_is_missing_and_not_wanted_any_more_is_not_missed() -> None:
    assert decide(case(TOMORROW, held=[TONIGHT])) == Write("create", TOMORROW)


@pytest.mark.parametrize(
    "row",
    [
        relay(HOUR, 3 * HOUR, "rtmp://theirs.example.com/live/x").as_row(),
        relay(0, 2 * HOUR, "rtmp://theirs.example.com/live/x").as_row(),
        relay(5 * HOUR, 6 * HOUR).as_row(),
        Row(SLOT, SOURCES, None, None),
        relay(HOUR, 2 * HOUR, "rtmp://theirs.example.com/live/x").as_row(),
    ],
)
def test_a_row_in_the_place_of_ours_that_has_anything_of_it_is_ours_changed(row: Row) -> None:
    assert changed([row], [TONIGHT]) == row


def test_a_row_that_has_nothing_of_ours_is_somebody_elses() -> None:
    theirs = relay(5 * HOUR, 6 * HOUR, "rtmp://theirs.example.com/live/x").as_row()
    assert changed([theirs], [TONIGHT]) is None


def test_beside_the_relay_that_is_ours_another_like_it_is_not() -> None:
    assert changed([TONIGHT.as_row(), relay(HOUR, 3 * HOUR).as_row()], [TONIGHT]) is None
    assert changed([TONIGHT.as_row()], [TONIGHT]) is None


def test_a_changed_relay_is_updated_back() -> None:
    row = relay(HOUR, 3 * HOUR).as_row()
    doubt = Doubt("create", TONIGHT, NOW - 3 * SETTLING, NOW - SETTLING)
    assert decide(case(TONIGHT, row, ours={row}, held=[TONIGHT], doubt=doubt)) == Write("update", TONIGHT)


def test_an_ended_relay_is_updated_into_one_that_follows_sooner_than_the_provider_acts() -> None:
    soon = relay(60, HOUR)
    over = relay(-HOUR, 0)
    about = case(soon, over, ours=rows_of(soon, over))
    assert decide(about) == Write("delete", None)
    assert decide(replace(about, pause=300)) == Write("update", soon)


# What no case at all may lead to.

RELAYS = st.sampled_from([TONIGHT, TOMORROW, YESTERDAY, ON_AIR, FOREVER, relay(HOUR, 3 * HOUR)])
MOMENTS = st.integers(-20, 20).map(lambda n: NOW + n / 2)


@st.composite
def doubts(draw: st.DrawFn) -> Doubt:
    verb = draw(st.sampled_from(["create", "update", "delete"]))
    aim = None if verb == "delete" else draw(RELAYS)
    return Doubt(verb, aim, draw(MOMENTS), draw(st.none() | MOMENTS))  # type: ignore[arg-type]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    now = draw(MOMENTS)
    return case(
        draw(st.none() | RELAYS),
        *draw(st.lists(RELAYS | st.just(FOREIGN), max_size=3)),
        ours=rows_of(*draw(st.lists(RELAYS, max_size=6))),
        held=draw(st.lists(RELAYS, max_size=2)),
        doubt=draw(st.none() | doubts()),
        refusal=draw(
            st.none() | st.builds(Refusal, st.sampled_from(["create", "update"]), RELAYS, st.just("no"))
        ),
        seen_at=min(now, draw(MOMENTS)),
        now=now,
    )


def foreign(about: Case) -> list[Row]:
    return [row for row in about.rows if row not in about.ours]


def told_by_a_settled_list(about: Case) -> bool:
    """Whether the list may be believed: it shows the effect, or has now twice not shown it."""
    doubt = about.doubt
    assert doubt
    shows = any(row.shows(doubt.relay) for row in about.rows) if doubt.relay else not about.rows
    settled = about.seen_at >= doubt.since + SETTLING
    twice = doubt.unseen_at is not None and about.seen_at >= doubt.unseen_at + SETTLING
    wanted_and_there = shows and about.wanted is not None and doubt.relay == about.wanted.relay
    return wanted_and_there or (settled and (shows or twice))


@given(cases())
def test_nothing_is_created_on_a_slot_that_holds_anything(about: Case) -> None:
    act = decide(about)
    assert not (isinstance(act, Write) and act.verb == "create" and about.rows)


@given(cases())
def test_nothing_is_sent_where_a_foreign_relay_is(about: Case) -> None:
    assert not (isinstance(decide(about), Write) and foreign(about))


@given(cases().filter(lambda about: about.doubt))
def test_nothing_is_sent_or_concluded_while_a_doubt_is_open(about: Case) -> None:
    assert isinstance(decide(about), Wait) or told_by_a_settled_list(about)


@given(cases())
def test_what_is_sent_is_exactly_what_is_wanted(about: Case) -> None:
    act = decide(about)
    if isinstance(act, Write) and act.verb != "delete":
        assert about.wanted is not None
        assert act.relay == about.wanted.relay
    if isinstance(act, Write) and act.verb == "delete":
        assert act.relay is None
        assert about.rows


@given(cases())
def test_times_are_left_out_only_where_a_permanent_relay_is_wanted(about: Case) -> None:
    act = decide(about)
    if isinstance(act, Write) and act.relay and act.relay.times is PERMANENT:
        assert about.wanted is not None
        assert about.wanted.relay.times is PERMANENT


@given(cases())
def test_a_wait_is_for_a_doubt_and_ends_after_the_list_that_was_seen(about: Case) -> None:
    act = decide(about)
    if isinstance(act, Wait):
        assert about.doubt is not None or (about.wanted and about.wanted.relay in about.held)
        assert act.doubt is not None
        assert act.until > about.seen_at


@given(cases())
def test_whoever_waits_as_told_waits_twice_at_most(about: Case) -> None:
    act: Act = decide(about)
    waits = 0
    while isinstance(act, Wait):
        waits += 1
        about = replace(about, doubt=act.doubt, seen_at=act.until, now=act.until)
        act = decide(about)
    assert waits <= 2


@given(cases())
def test_on_a_slot_of_ours_two_writes_lead_to_what_is_wanted(about: Case) -> None:
    ours = tuple(row for row in about.rows if row not in foreign(about))
    about = replace(about, rows=ours, held=(), doubt=None, refusal=None)
    for _ in range(3):
        act = decide(about)
        if not isinstance(act, Write):
            break
        rows = (act.relay.as_row(),) if act.relay else ()
        about = replace(about, rows=rows, ours=frozenset((*about.ours, *rows)))
    assert act == (Adopt() if about.wanted else Rest())
