"""What a slot should hold: at most one relay at a time, and nobody forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, window
from worker.lifecycle import OPEN, State
from worker.relay import LONGEST_SPAN, PERMANENT, Span
from worker.slots import Outlook, Standing, last_useful, outlook, relay_of

HOUR = 3_600


def standing(start: int = HOUR, hours: float = 1, state: State = State.PLANNED, **changes: Any) -> Standing:
    """A window that starts ``start`` seconds from now."""
    return Standing(window(NOW + start, int(hours * HOUR), **changes), state)


def wanted(found: Outlook) -> str | None:
    return found.wanted.windows[0] if found.wanted else None


def ids(*standings: Standing) -> tuple[str, ...]:
    return tuple(s.window.id for s in standings)


def test_a_window_is_wanted_from_its_lead_on() -> None:
    coming = standing(2 * HOUR, lead=HOUR)
    assert wanted(outlook([coming], NOW + HOUR - 1)) is None
    assert wanted(outlook([coming], NOW + HOUR)) == coming.window.id


def test_until_then_it_waits_for_that_moment() -> None:
    coming = standing(2 * HOUR, lead=HOUR)
    assert outlook([coming], NOW).waiting == ((coming.window.id, NOW + HOUR),)


def test_of_two_that_are_due_the_earlier_is_wanted() -> None:
    first, second = standing(HOUR), standing(3 * HOUR)
    found = outlook([second, first], NOW)
    assert wanted(found) == first.window.id
    assert found.waiting == ((second.window.id, first.window.end),)


def test_a_window_is_not_due_before_the_one_ahead_of_it_has_ended() -> None:
    ahead, behind = standing(2 * HOUR, lead=600), standing(5 * HOUR, lead=24 * HOUR)
    found = outlook([ahead, behind], NOW)
    assert found.wanted is None
    assert found.waiting == ((ahead.window.id, NOW + 2 * HOUR - 600), (behind.window.id, ahead.window.end))


def test_each_waits_for_all_that_are_ahead_of_it() -> None:
    long, short, last = standing(HOUR, 9), standing(2 * HOUR, 6, min_useful=0), standing(11 * HOUR)
    found = outlook([long, short, last], NOW)
    assert dict(found.waiting)[last.window.id] == long.window.end


def test_who_can_only_wait_until_it_is_too_late_is_visited_when_it_is() -> None:
    long, inside = standing(HOUR, 9), standing(2 * HOUR, 1)
    found = outlook([long, inside], NOW)
    assert dict(found.waiting)[inside.window.id] == last_useful(inside.window) + 1


def test_a_placed_window_that_has_ended_is_over_and_the_next_is_wanted() -> None:
    old, new = standing(-HOUR, 1, State.PLACED), standing(HOUR)
    found = outlook([old, new], NOW)
    assert (found.over, wanted(found)) == (ids(old), new.window.id)


def test_a_placed_window_is_wanted_to_its_very_last_second() -> None:
    playing = standing(-HOUR, 1, State.PLACED)
    assert wanted(outlook([playing], NOW - 1)) == playing.window.id
    assert wanted(outlook([playing], NOW)) is None


@pytest.mark.parametrize("state", [State.PLANNED, State.PLACING, State.RETRYING])
def test_late_placing_is_worth_while_until_min_useful_is_left(state: State) -> None:
    late = standing(-HOUR, 2, state, min_useful=600)
    assert wanted(outlook([late], NOW + HOUR - 600)) == late.window.id
    assert outlook([late], NOW + HOUR - 599).missed == ids(late)


@pytest.mark.parametrize("state", [State.PLACING, State.RETRYING])
def test_what_may_be_on_the_slot_already_is_not_too_late_before_its_end(state: State) -> None:
    late = standing(-HOUR, 2, state, min_useful=600)
    sent = [relay_of(late.window)]
    found = outlook([late], NOW + HOUR - 1, sent)
    assert found.wanted is not None
    assert found.wanted.last_useful == late.window.end
    assert outlook([late], NOW + HOUR, sent).missed == ids(late)


def test_a_window_shorter_than_min_useful_can_be_placed_until_it_starts() -> None:
    short = standing(60, 0.1, min_useful=600)
    assert wanted(outlook([short], NOW + 60)) == short.window.id
    assert outlook([short], NOW + 61).missed == ids(short)


def test_nothing_is_placed_at_its_end_even_if_any_rest_is_useful() -> None:
    late = standing(-HOUR, 1, min_useful=0)
    assert outlook([late], NOW).missed == ids(late)


def test_a_placed_window_makes_room_for_an_earlier_one() -> None:
    early, seated = standing(HOUR), standing(3 * HOUR, 1, State.PLACED)
    found = outlook([early, seated], NOW)
    assert (wanted(found), found.unseated) == (early.window.id, ids(seated))


def test_a_relay_is_wanted_with_both_times_of_its_window() -> None:
    found = outlook([standing()], NOW)
    assert found.wanted is not None
    assert found.wanted.relay.times == Span(NOW + HOUR, NOW + 2 * HOUR)


def test_a_relay_without_times_is_wanted_only_of_a_permanent_window() -> None:
    assert relay_of(window(permanent=True)).times is PERMANENT
    assert relay_of(window()).times is not PERMANENT


def test_a_window_over_seven_days_has_no_relay() -> None:
    with pytest.raises(ValueError, match="at most"):
        relay_of(window(NOW, LONGEST_SPAN + 1))


@st.composite
def slots(draw: st.DrawFn) -> list[Standing]:
    count = draw(st.integers(0, 6))
    made = [
        standing(
            draw(st.integers(-20, 20)) * 900,
            draw(st.integers(1, 12)) / 4,
            draw(st.sampled_from(sorted(OPEN))),
            event=f"e{number}",
            lead=draw(st.sampled_from([600, HOUR, 24 * HOUR])),
            min_useful=draw(st.sampled_from([0, 300, 600, 7_200])),
        )
        for number in range(count)
    ]
    return draw(st.permutations(made))


MOMENTS = st.integers(-25, 25).map(lambda quarters: NOW + quarters * 900)


@given(slots(), MOMENTS)
def test_every_open_window_is_wanted_over_missed_or_waiting_and_only_one_of_these(
    made: list[Standing], now: int
) -> None:
    found = outlook(made, now)
    told = [*(found.wanted.windows if found.wanted else ()), *found.over, *found.missed]
    assert sorted([*told, *(each for each, _ in found.waiting)]) == sorted(ids(*made))


@given(slots(), MOMENTS)
def test_nothing_is_wanted_before_its_lead_behind_another_or_after_its_use(
    made: list[Standing], now: int
) -> None:
    found = outlook(made, now)
    if found.wanted:
        (chosen,) = (s for s in made if s.window.id in found.wanted.windows)
        aside = {*found.over, *found.missed}
        assert chosen.window.due_at <= now < chosen.window.end
        assert chosen.state is State.PLACED or now <= last_useful(chosen.window)
        assert not [s for s in made if s.window.start < chosen.window.start and s.window.id not in aside]


@given(slots(), MOMENTS)
def test_no_wait_is_in_the_past_or_before_the_lead(made: list[Standing], now: int) -> None:
    windows = {s.window.id: s.window for s in made}
    for window_id, until in outlook(made, now).waiting:
        assert until > now or until == windows[window_id].due_at
        assert until >= windows[window_id].due_at


@given(slots(), MOMENTS)
def test_the_order_in_which_windows_are_told_changes_nothing(made: list[Standing], now: int) -> None:
    assert outlook(made, now) == outlook(sorted(made, key=lambda s: s.window.id), now)


@given(slots(), MOMENTS)
def test_whoever_is_waited_for_is_wanted_when_the_wait_is_over_and_the_others_are_done(
    made: list[Standing], now: int
) -> None:
    for window_id, until in outlook(made, now).waiting[:1]:
        (alone,) = (replace(s, state=State.PLANNED) for s in made if s.window.id == window_id)
        found = outlook([alone], until)
        assert wanted(found) == window_id or found.missed == (window_id,)
