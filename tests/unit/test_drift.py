"""Plan, ledger and provider, compared slot by slot."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, SLOT, SOURCES, window
from worker.drift import GRACE, Finding, Holding, Kind, findings, unexplained, unplanned
from worker.lifecycle import State
from worker.relay import PERMANENT, Relay, Row, Slot, Span
from worker.slots import Standing
from worker.windows import Window

HOUR = 3_600
TONIGHT = window(NOW + HOUR)
RELAY = Relay(SLOT, SOURCES, Span(TONIGHT.start, TONIGHT.end))
ROW = RELAY.as_row()
LATER = window(TONIGHT.end)
SHORTER = replace(RELAY, times=Span(TONIGHT.start, TONIGHT.end - 600))
RADIO = window(0, 2**31 - 1, permanent=True)
FOR_EVER = Relay(SLOT, SOURCES, PERMANENT)
THEIRS = Row(SLOT, ("rtmp://theirs.example.com/live/key-1",), NOW + 60, NOW + 120)
PLACED = Holding((RELAY,), (Standing(TONIGHT, State.PLACED),))


def nothing(_: Row) -> bool:
    return False


def compare(
    rows: Iterable[Row],
    holding: Holding = PLACED,
    *,
    explained: Callable[[Row], bool] = nothing,
    at: float = NOW,
    now: float = NOW,
    planned: bool = True,
) -> list[Finding]:
    return list(findings(rows, {SLOT: holding}, explained, at=at, now=now, planned=planned))


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def seen(found: Iterable[Finding]) -> list[tuple[Kind, bool]]:
    return [(finding.kind, finding.ours) for finding in found]


def test_what_is_listed_as_it_is_held_is_well() -> None:
    assert compare([ROW]) == []


def test_a_placed_relay_that_is_not_listed_is_missing() -> None:
    finding = only(compare([]))
    assert (finding.kind, finding.ours, finding.relay) == (Kind.MISSING, True, RELAY)
    assert finding.windows == (TONIGHT.id,)


def test_a_relay_is_not_missing_before_its_window_says_that_it_was_placed() -> None:
    assert compare([], Holding((RELAY,), (Standing(TONIGHT, State.PLACING),))) == []


def test_a_relay_that_nothing_wants_and_nobody_lists_is_not_missing() -> None:
    assert compare([], Holding((RELAY,))) == []


def test_a_relay_that_has_ended_is_not_missing() -> None:
    assert compare([], now=TONIGHT.end) == []


def test_a_relay_that_has_ended_is_not_missed_by_a_window_that_was_made_longer() -> None:
    longer = Standing(replace(TONIGHT, end=TONIGHT.end + 600), State.PLACED)
    assert compare([], Holding((RELAY,), (longer,)), now=TONIGHT.end) == []


@pytest.mark.parametrize(("now", "missed"), [(NOW, (TONIGHT.id, LATER.id)), (TONIGHT.end, (LATER.id,))])
def test_windows_that_share_a_relay_miss_it_once_and_as_long_as_they_last(
    now: float, missed: tuple[str, ...]
) -> None:
    joined = replace(RELAY, times=Span(TONIGHT.start, LATER.end))
    standings = tuple(Standing(each, State.PLACED) for each in (TONIGHT, LATER))
    assert only(compare([], Holding((joined,), standings), now=now)).windows == missed


def test_a_window_misses_one_relay_though_we_may_have_sent_two() -> None:
    assert len(compare([], replace(PLACED, ours=(RELAY, SHORTER)))) == 1


def test_a_relay_is_not_missing_where_another_of_ours_is_in_its_place() -> None:
    assert compare([SHORTER.as_row()], replace(PLACED, ours=(RELAY, SHORTER))) == []


def test_what_the_plan_explains_stands_in_for_what_we_held() -> None:
    other = replace(ROW, end=ROW.end + 60 if ROW.end else None)
    assert compare([other], explained=lambda row: row == other) == []


def test_a_relay_of_which_a_part_was_changed_is_ours_and_changed() -> None:
    finding = only(compare([replace(ROW, end=TONIGHT.end - 600, sources=THEIRS.sources)]))
    assert (finding.kind, finding.ours, finding.relay) == (Kind.CHANGED, True, RELAY)
    assert finding.why == "somebody changed the sources and end of our relay"


def test_of_two_relays_it_may_have_been_it_was_the_one_that_is_wanted() -> None:
    past = replace(RELAY, times=Span(NOW - 2 * HOUR, NOW - HOUR))
    altered = replace(ROW, end=TONIGHT.end - 600)
    assert only(compare([altered], replace(PLACED, ours=(past, RELAY)))).relay == RELAY


def test_a_relay_that_lost_its_times_would_pull_for_ever_and_is_ours() -> None:
    finding = only(compare([replace(ROW, start=None, end=None)]))
    assert (finding.kind, finding.ours, finding.relay) == (Kind.PERMANENT, True, RELAY)


def test_what_shares_nothing_with_our_relay_is_foreign_and_ours_is_missing() -> None:
    assert seen(compare([THEIRS])) == [(Kind.FOREIGN, False), (Kind.MISSING, True)]


def test_beside_another_row_nothing_is_taken_for_ours_that_is_not_exactly_ours() -> None:
    altered = replace(ROW, end=TONIGHT.end - 600)
    found = compare([altered, THEIRS])
    assert sorted(seen(found)) == [(Kind.FOREIGN, False), (Kind.FOREIGN, False), (Kind.MISSING, True)]


def test_a_foreign_row_names_the_window_that_it_is_in_the_way_of() -> None:
    finding = only(compare([replace(THEIRS, end=TONIGHT.end)], Holding((), PLACED.standings)))
    assert (finding.kind, finding.ours, finding.windows) == (Kind.FOREIGN, False, (TONIGHT.id,))


def test_a_row_that_the_plan_explains_is_left_to_the_window_that_adopts_it() -> None:
    assert compare([ROW], Holding(), explained=lambda _: True) == []


def test_a_relay_of_ours_that_no_open_window_wants_is_an_orphan() -> None:
    assert seen(compare([ROW], Holding((RELAY,)))) == [(Kind.ORPHAN, True)]


def test_a_relay_that_only_touches_the_next_window_is_an_orphan() -> None:
    holding = Holding((RELAY,), (Standing(LATER, State.PLANNED),))
    assert seen(compare([ROW], holding)) == [(Kind.ORPHAN, True)]


def test_a_relay_that_has_just_ended_is_no_orphan() -> None:
    assert compare([ROW], Holding((RELAY,)), now=TONIGHT.end) == []


def test_what_the_plan_wants_is_no_orphan_though_the_ledger_has_no_window_for_it() -> None:
    assert compare([ROW], Holding((RELAY,)), explained=lambda _: True) == []


@pytest.mark.parametrize(
    "row", [ROW, FOR_EVER.as_row(), replace(ROW, start=ROW.end)], ids=["listed", "permanent", "changed"]
)
def test_nothing_is_called_off_while_its_window_may_still_be_planned(row: Row) -> None:
    holding = Holding((FOR_EVER if row.end is None else RELAY,))
    assert len(compare([row], holding)) == 1
    assert compare([row], holding, planned=False) == []


def test_a_displaced_window_wants_nothing() -> None:
    holding = Holding((RELAY,), (Standing(TONIGHT, State.DISPLACED),))
    assert seen(compare([ROW], holding)) == [(Kind.ORPHAN, True)]


def test_a_relay_that_is_listed_twice_is_one_too_many() -> None:
    assert seen(compare([ROW, ROW])) == [(Kind.ORPHAN, True)]


def test_a_relay_that_has_ended_may_be_listed_for_a_moment_and_no_longer() -> None:
    over = TONIGHT.end + GRACE
    assert compare([ROW], now=over - 1) == []
    assert seen(compare([ROW], now=over)) == [(Kind.EXPIRED, True)]


def test_a_relay_that_ended_and_only_the_plan_remembers_is_ours_to_remove() -> None:
    found = compare([ROW], Holding(), explained=lambda _: True, now=TONIGHT.end + GRACE)
    assert seen(found) == [(Kind.EXPIRED, True)]


def test_a_permanent_relay_of_a_permanent_window_is_well() -> None:
    holding = Holding((FOR_EVER,), (Standing(RADIO, State.PLACED),))
    assert compare([FOR_EVER.as_row()], holding) == []


def test_a_permanent_relay_of_ours_that_no_permanent_event_wants_is_ours_to_mend() -> None:
    assert seen(compare([FOR_EVER.as_row()], Holding((FOR_EVER,)))) == [(Kind.PERMANENT, True)]


def test_a_permanent_row_of_somebody_else_is_told_of_and_not_ours() -> None:
    assert seen(compare([replace(THEIRS, start=None, end=None)], Holding())) == [(Kind.PERMANENT, False)]


def test_a_slot_that_was_written_to_since_the_list_was_asked_for_says_nothing() -> None:
    assert compare([], replace(PLACED, look_from=NOW + 1)) == []
    assert compare([THEIRS], replace(PLACED, look_from=math.inf)) == []


def test_a_slot_of_which_the_ledger_knows_nothing_is_looked_at_too() -> None:
    other = replace(THEIRS, slot=Slot("pull.example.com", "live", "other"))
    assert seen(findings([other], {}, nothing, at=NOW, now=NOW)) == [(Kind.FOREIGN, False)]


def test_no_secret_is_shown() -> None:
    found = compare([THEIRS])
    assert "key-1" not in repr(found) + repr([finding.view() for finding in found])


def test_the_same_finding_has_the_same_key_at_every_look_and_another_has_another() -> None:
    keys = [finding.key for finding in (*compare([THEIRS]), *compare([THEIRS], now=NOW + 30))]
    assert keys[:2] == keys[2:]
    assert keys[0] != keys[1]
    assert unplanned(TONIGHT, None).key != unplanned(RADIO, None).key != unexplained(RADIO).key


# Whatever there is.

_SPANS = st.sampled_from([Span(NOW + h * HOUR, NOW + (h + n) * HOUR) for h in (-3, 0, 1, 4) for n in (1, 2)])
_RELAYS = st.builds(
    Relay,
    st.just(SLOT),
    st.sampled_from([SOURCES, THEIRS.sources, ("srt://c.example.com:9000",)]),
    _SPANS | st.just(PERMANENT),
)
_ROWS = st.builds(Relay.as_row, _RELAYS)
_WINDOWS = st.builds(
    lambda span, permanent: window(span.start, span.end - span.start, permanent=permanent),
    _SPANS,
    st.booleans(),
)
_STANDINGS = st.builds(Standing, _WINDOWS, st.sampled_from([State.PLANNED, State.PLACED, State.DISPLACED]))
_HOLDINGS = st.builds(
    Holding,
    st.lists(_RELAYS, max_size=2, unique=True).map(tuple),
    st.lists(_STANDINGS, max_size=3, unique_by=lambda s: s.window.start).map(tuple),
)


@given(st.lists(_ROWS, max_size=4), _HOLDINGS, st.sets(_ROWS))
def test_no_row_and_no_held_relay_is_told_of_twice(rows: list[Row], holding: Holding, plan: set[Row]) -> None:
    found = compare(rows, holding, explained=plan.__contains__)
    told = [finding.row for finding in found if finding.row]
    assert all(told.count(row) <= rows.count(row) for row in told)
    absent = [finding.relay for finding in found if finding.relay and finding.row != finding.relay.as_row()]
    assert len(absent) == len(set(absent))


@given(st.lists(_ROWS, max_size=4), _HOLDINGS, st.sets(_ROWS))
def test_every_row_that_is_not_ours_is_told_of_and_never_mended(
    rows: list[Row], holding: Holding, plan: set[Row]
) -> None:
    known = plan | {relay.as_row() for relay in holding.ours}
    told = [(f.row, f.ours) for f in compare(rows, holding, explained=plan.__contains__) if f.row]
    for row in rows:
        if row not in known:
            assert (row, False) in told or (len(rows) == 1 and (row, True) in told)
            assert holding.ours or (row, True) not in told


@given(_HOLDINGS, st.sets(_ROWS))
def test_everything_that_is_held_and_wanted_is_well_when_it_is_listed(
    holding: Holding, plan: set[Row]
) -> None:
    wanted = [s.window for s in holding.standings if s.state is not State.DISPLACED]
    kept = tuple(relay for relay in holding.ours if _wanted(relay, wanted))
    clean = replace(holding, ours=kept)
    assert compare([relay.as_row() for relay in kept], clean, explained=plan.__contains__) == []


def _wanted(relay: Relay, windows: list[Window]) -> bool:
    if relay.times is PERMANENT:
        return any(each.permanent for each in windows)
    start, end = relay.times.start, relay.times.end
    return end > NOW and any(each.start < end and start < each.end for each in windows)
