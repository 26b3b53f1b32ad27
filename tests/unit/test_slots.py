"""What a slot should hold: at most one relay at a time, and nobody forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.build import NOW, relay_of, window
from worker.lifecycle import OPEN, State
from worker.relay import LONGEST_SPAN, LONGEST_WINDOW, PERMANENT, Relay, Span
from worker.slots import LINK, Outlook, Standing, explains, last_useful, outlook
from worker.windows import Window

HOUR, DAY = 3_600, 86_400
SETTLE = 300
FILM = ("https://b.example.com/film.flv",)
PLACED = State.PLACED


def standing(start: float = HOUR, hours: float = 1, state: State = State.PLANNED, **changes: Any) -> Standing:
    """A window that starts ``start`` seconds from now."""
    return Standing(window(NOW + int(start), int(hours * HOUR), **changes), state)


def film(start: float = HOUR, hours: float = 1, state: State = State.PLANNED, **changes: Any) -> Standing:
    """One that wants other sources."""
    return standing(start, hours, state, **({"sources": FILM, "event": "film"} | changes))


def look(*standings: Standing, now: int = NOW, sent: Sequence[Relay] = (), since: int = 0) -> Outlook:
    return outlook(standings, now, SETTLE, sent, since)


def served(found: Outlook) -> tuple[str, ...]:
    return found.wanted.windows if found.wanted else ()


def span(found: Outlook) -> tuple[int, int]:
    """The times of the wanted relay, in seconds from now."""
    assert found.wanted is not None
    assert isinstance(found.wanted.relay.times, Span)
    return found.wanted.relay.times.start - NOW, found.wanted.relay.times.end - NOW


def ids(*standings: Standing) -> tuple[str, ...]:
    return tuple(s.window.id for s in standings)


def test_a_window_is_wanted_from_its_lead_on() -> None:
    coming = standing(2 * HOUR, lead=HOUR)
    assert served(look(coming, now=NOW + HOUR - 1)) == ()
    assert served(look(coming, now=NOW + HOUR)) == ids(coming)


def test_until_then_it_waits_for_that_moment() -> None:
    coming = standing(2 * HOUR, lead=HOUR)
    assert look(coming).waiting == ((coming.window.id, NOW + HOUR),)


def test_a_relay_is_wanted_with_both_times_of_its_window() -> None:
    assert span(look(standing(HOUR, 2))) == (HOUR, 3 * HOUR)


def test_a_relay_without_times_is_wanted_only_of_a_permanent_window() -> None:
    found = look(standing(permanent=True))
    assert found.wanted and found.wanted.relay.times is PERMANENT


def test_of_two_that_are_due_the_earlier_is_wanted() -> None:
    first, second = standing(HOUR), standing(3 * HOUR)
    found = look(second, first)
    assert served(found) == ids(first)
    assert found.waiting == ((second.window.id, first.window.end),)


def test_a_window_is_not_due_before_the_one_ahead_of_it_has_ended() -> None:
    ahead, behind = standing(2 * HOUR, lead=600), standing(5 * HOUR, lead=24 * HOUR)
    found = look(ahead, behind)
    assert found.wanted is None
    assert found.waiting == ((ahead.window.id, NOW + 2 * HOUR - 600), (behind.window.id, ahead.window.end))


def test_a_placed_window_that_has_ended_is_over_and_the_next_is_wanted() -> None:
    old, new = standing(-HOUR, 1, PLACED), film(HOUR)
    found = look(old, new)
    assert (found.over, served(found)) == (ids(old), ids(new))


def test_a_placed_window_is_wanted_to_its_very_last_second() -> None:
    playing = standing(-HOUR, 1, PLACED)
    assert served(look(playing, now=NOW - 1)) == ids(playing)
    assert served(look(playing)) == ()


def test_a_placed_window_makes_room_for_an_earlier_one() -> None:
    early, seated = standing(HOUR), standing(3 * HOUR, 1, PLACED)
    found = look(early, seated)
    assert (served(found), found.unseated) == (ids(early), ids(seated))


@pytest.mark.parametrize("state", [State.PLANNED, State.PLACING, State.RETRYING, State.DISPLACED])
def test_late_placing_is_worth_while_until_min_useful_is_left(state: State) -> None:
    late = standing(-HOUR, 2, state, min_useful=600)
    assert served(look(late, now=NOW + HOUR - 600)) == ids(late)
    assert look(late, now=NOW + HOUR - 599).missed == ids(late)


@pytest.mark.parametrize("state", [State.PLACING, State.RETRYING])
def test_what_may_be_on_the_slot_already_is_not_too_late_before_its_end(state: State) -> None:
    late = standing(-HOUR, 2, state, min_useful=600)
    sent = [relay_of(late.window)]
    found = look(late, now=NOW + HOUR - 1, sent=sent)
    assert found.wanted is not None
    assert found.wanted.last_useful == late.window.end
    assert look(late, now=NOW + HOUR, sent=sent).missed == ids(late)


def test_a_window_shorter_than_min_useful_can_be_placed_until_it_starts() -> None:
    short = standing(60, 0.1, min_useful=600)
    assert served(look(short, now=NOW + 60)) == ids(short)
    assert look(short, now=NOW + 61).missed == ids(short)


def test_nothing_is_placed_at_its_end_even_if_any_rest_is_useful() -> None:
    late = standing(-HOUR, 1, min_useful=0)
    assert look(late).missed == ids(late)


# Windows that share a relay


@pytest.mark.parametrize("pause", [-600, 0, SETTLE - 1])
def test_windows_with_the_same_sources_and_no_pause_to_speak_of_are_one_relay(pause: int) -> None:
    first, second = standing(HOUR), standing(2 * HOUR + pause)
    found = look(first, second)
    assert (served(found), span(found)) == (ids(first, second), (HOUR, 3 * HOUR + pause))


def test_a_pause_that_the_provider_can_act_on_parts_them() -> None:
    first, second = standing(HOUR), standing(2 * HOUR + SETTLE)
    assert served(look(first, second)) == ids(first)


def test_windows_that_are_joined_are_due_when_the_first_of_them_is() -> None:
    first, second = standing(2 * HOUR, lead=600), standing(3 * HOUR, lead=2 * HOUR + 600)
    assert served(look(first, second, now=NOW + 2 * HOUR - 600)) == ids(first, second)
    assert served(look(first, second, now=NOW + HOUR - 600)) == ids(first, second)
    assert served(look(first, second, now=NOW + HOUR - 601)) == ()


def test_the_relay_of_joined_windows_stays_as_it_is_when_the_first_of_them_has_ended() -> None:
    first, second = standing(-HOUR, 1, PLACED), standing(0, 1, PLACED)
    sent = [Relay(first.window.slot, first.window.sources, Span(NOW - HOUR, NOW + HOUR))]
    found = look(first, second, now=NOW + 60, sent=sent)
    assert (found.over, served(found), span(found)) == (ids(first), ids(second), (-HOUR, HOUR))
    assert found.wanted and found.wanted.since == NOW - HOUR
    assert span(look(second, now=NOW + 120, sent=sent, since=NOW - HOUR)) == (-HOUR, HOUR)


def test_a_start_that_nobody_vouches_for_is_not_taken_over() -> None:
    edited = standing(-HOUR, 3, PLACED)
    sent = [Relay(edited.window.slot, edited.window.sources, Span(NOW - 2 * HOUR, NOW + HOUR))]
    assert span(look(edited, sent=sent)) == (-HOUR, 2 * HOUR)


# Who gives way


def test_of_windows_with_other_sources_at_once_the_one_that_starts_first_stays() -> None:
    first, second = standing(HOUR, 2), film(2 * HOUR, 2)
    found = look(second, first)
    assert served(found) == ids(first)
    assert found.displaced == ((second.window.id, first.window),)


def test_the_one_with_the_higher_priority_stays_though_it_starts_later() -> None:
    first, second = standing(HOUR, 2), film(2 * HOUR, 2, priority=1)
    found = look(first, second)
    assert served(found) == ids(second)
    assert found.displaced == ((first.window.id, second.window),)


def test_one_that_is_displaced_displaces_nobody() -> None:
    low, middle, high = standing(HOUR), film(1.5 * HOUR, 2, priority=1), standing(3 * HOUR, 1, priority=2)
    found = look(low, middle, high)
    assert served(found) == ids(low)
    assert found.displaced == ((middle.window.id, high.window),)


def test_what_is_on_air_gives_way_only_when_the_other_begins() -> None:
    playing, coming = standing(-HOUR, 3, PLACED), film(HOUR, 1, priority=1)
    found = look(playing, coming)
    assert (served(found), span(found), found.displaced) == (ids(playing), (-HOUR, HOUR), ())
    later = look(playing, coming, now=NOW + HOUR)
    assert (served(later), later.displaced) == (ids(coming), ((playing.window.id, coming.window),))


def test_what_gave_way_is_wanted_again_when_the_other_is_over_and_enough_is_left() -> None:
    gave_way, winner = standing(-HOUR, 3, State.DISPLACED), film(-HOUR, 1, PLACED, priority=1)
    found = look(gave_way, winner)
    assert (found.over, served(found)) == (ids(winner), ids(gave_way))


def test_what_was_missed_displaces_nobody() -> None:
    missed = standing(-2 * HOUR, 2.1, priority=1)
    assert served(look(missed, film(-HOUR, 2))) == ids(film(-HOUR, 2))


# What lasts longer than a relay may


def test_a_window_of_seven_days_is_one_relay() -> None:
    found = look(standing(HOUR, 7 * 24))
    assert found.wanted and found.wanted.renew_at is None


def test_a_longer_one_begins_with_the_longest_relay_and_says_when_to_carry_it_on() -> None:
    found = look(standing(HOUR, 10 * 24))
    assert span(found) == (HOUR, HOUR + LONGEST_SPAN)
    assert found.wanted and found.wanted.renew_at == NOW + HOUR + LINK


def test_a_window_that_a_chain_reaches_only_later_waits_for_that_link() -> None:
    first, second = standing(HOUR, 8 * 24), standing(HOUR + 8 * DAY)
    found = look(first, second)
    assert served(found) == ids(first)
    assert found.waiting == ((second.window.id, NOW + HOUR + LINK),)


def lived(windows: Sequence[Window], step: int) -> Iterator[tuple[int, Relay | None, bool]]:
    """What one slot holds as time passes: the moment, the relay there, and whether it has just been sent."""
    there: list[Relay] = []
    placed: set[str] = set()
    since = 0
    for now in range(windows[0].due_at, max(w.end for w in windows), step):
        standings = [Standing(w, PLACED if w.id in placed else State.PLANNED) for w in windows]
        relay = None
        if wanted := outlook(standings, now, SETTLE, there, since).wanted:
            relay, since = wanted.relay, wanted.since
            placed.update(wanted.windows)
        sent, there = relay is not None and there != [relay], [relay] if relay else []
        yield now, relay, sent


@settings(deadline=None, max_examples=30)
@given(st.integers(8 * DAY, LONGEST_WINDOW), st.integers(1, 12).map(lambda n: n * 7_200 + 61))
def test_a_long_window_is_never_without_a_relay_that_covers_the_moment(length: int, step: int) -> None:
    long = window(NOW + DAY, length)
    sends = 0
    for now, relay, sent in lived([long], step):
        assert relay is not None and isinstance(relay.times, Span)
        assert relay.times.start <= max(now, long.start) < relay.times.end <= long.end
        sends += sent
    assert sends == 1 + -(-(length - LONGEST_SPAN) // LINK)


@settings(deadline=None, max_examples=20)
@given(st.integers(8, 31), st.integers(0, SETTLE - 1))
def test_a_channel_cut_into_days_is_carried_on_like_one_window(days: int, pause: int) -> None:
    channel = [window(NOW + DAY + n * DAY, DAY - pause) for n in range(days)]
    end = channel[-1].end
    sends = 0
    for now, relay, sent in lived(channel, 7_261):
        assert relay is not None and isinstance(relay.times, Span)
        assert relay.times.start <= max(now, NOW + DAY) < relay.times.end <= end
        sends += sent
    assert sends == 1 + max(0, -(-(end - channel[0].start - LONGEST_SPAN) // LINK))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 80), st.integers(1, 40)), min_size=1, max_size=8, unique_by=lambda t: t[0]
    )
)
def test_whatever_shares_a_relay_each_window_is_fed_while_it_is_on_air(times: list[tuple[int, int]]) -> None:
    windows = [window(NOW + DAY + start * 3_000, length * 3_600) for start, length in sorted(times)]
    for now, relay, _ in lived(windows, 1_501):
        if any(w.start <= now < w.end for w in windows):
            assert relay is not None and isinstance(relay.times, Span)
            assert relay.times.start <= now < relay.times.end


# Whatever is planned, and whenever one looks


@st.composite
def slots(draw: st.DrawFn) -> list[Standing]:
    made = [
        standing(
            draw(st.integers(-20, 20)) * 900,
            draw(st.sampled_from([0.25, 0.5, 1, 2, 3, 8 * 24, 31 * 24])),
            draw(st.sampled_from(sorted(OPEN))),
            event=f"e{number}",
            sources=(draw(st.sampled_from(["https://a.example.com/x", "https://b.example.com/x"])),),
            lead=draw(st.sampled_from([600, HOUR, 24 * HOUR])),
            min_useful=draw(st.sampled_from([0, 300, 600, 7_200])),
            priority=draw(st.integers(0, 2)),
            permanent=draw(st.integers(0, 9)) == 0,
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    return draw(st.permutations(made))


MOMENTS = st.integers(-25, 1_000).map(lambda quarters: NOW + quarters * 900)


@given(slots(), MOMENTS)
def test_every_open_window_is_served_over_missed_displaced_or_waiting_and_only_one_of_these(
    made: list[Standing], now: int
) -> None:
    found = look(*made, now=now)
    told = [*served(found), *found.over, *found.missed, *(each for each, _ in found.displaced)]
    assert sorted([*told, *(each for each, _ in found.waiting)]) == sorted(ids(*made))


@given(slots(), MOMENTS)
def test_a_relay_has_both_times_unless_one_that_it_serves_is_permanent(
    made: list[Standing], now: int
) -> None:
    found = look(*made, now=now)
    if found.wanted:
        permanent = any(s.window.permanent for s in made if s.window.id in found.wanted.windows)
        assert (found.wanted.relay.times is PERMANENT) == permanent


@given(slots(), MOMENTS)
def test_a_relay_pulls_for_each_window_that_it_serves_now_or_when_that_begins(
    made: list[Standing], now: int
) -> None:
    found = look(*made, now=now)
    for s in made if found.wanted else ():
        if found.wanted and s.window.id in found.wanted.windows:
            relay = found.wanted.relay
            assert relay.sources == s.window.sources
            if isinstance(relay.times, Span):
                assert relay.times.start <= max(now, s.window.start) < relay.times.end


@given(slots(), MOMENTS)
def test_whoever_is_displaced_gives_way_to_one_of_higher_rank_that_is_not(
    made: list[Standing], now: int
) -> None:
    found = look(*made, now=now)
    windows = {s.window.id: s.window for s in made}
    # What was displaced as it should have begun comes after all others of its priority.
    behind = {s.window.id for s in made if s.state is State.DISPLACED and s.window.start <= now}

    def rank(window: Window) -> tuple[int, bool, int, str]:
        return -window.priority, window.id in behind, window.start, window.id

    aside = {*found.over, *found.missed, *(each for each, _ in found.displaced)}
    for each, winner in found.displaced:
        loser = windows[each]
        assert winner.id not in aside
        assert winner.sources != loser.sources
        assert winner.start < loser.end and loser.start < winner.end
        assert rank(winner) < rank(loser)


@given(slots(), MOMENTS)
def test_nothing_is_wanted_before_it_is_due_or_after_its_use(made: list[Standing], now: int) -> None:
    found = look(*made, now=now)
    fed = [s for s in made if s.window.id in served(found)]
    assert not fed or min(s.window.due_at for s in fed) <= now
    assert all(now < s.window.end for s in fed)
    assert all(s.state is PLACED or now <= last_useful(s.window) for s in fed)


@given(slots(), MOMENTS)
def test_nobody_is_told_to_wait_for_what_is_past(made: list[Standing], now: int) -> None:
    windows = {s.window.id: s.window for s in made}
    for window_id, until in look(*made, now=now).waiting:
        assert until > now or until >= windows[window_id].due_at


@given(slots(), MOMENTS)
def test_the_order_in_which_windows_are_told_changes_nothing(made: list[Standing], now: int) -> None:
    assert look(*made, now=now) == look(*sorted(made, key=lambda s: s.window.id), now=now)


@given(slots(), MOMENTS)
def test_a_relay_that_is_wanted_is_known_again_by_what_it_says(made: list[Standing], now: int) -> None:
    found = look(*made, now=now)
    if found.wanted:
        assert explains((s.window for s in made), found.wanted.relay.as_row(), SETTLE)
