"""What is made of what the provider shows: on air, poor, dark, forbidden, off; and what is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, window
from worker.air import Air, Figures, Seen, called_off, conditions, see, still_there, why_dark
from worker.conditions import Condition, Kind, Level

SHOW = window(NOW, 3_600)
SETTLE = 300
GOOD, POOR = Figures(25.0, 2_400.0), Figures(2.0, 90.0)
RADIO = Figures(0.0, 0.0)
WORDS = st.sampled_from(["online", "offline", "forbidden", ""])


def seen(*words: str, samples: tuple[Figures, ...] = (), every: int = 20) -> Seen:
    """What is known after looks at these words, from the start on."""
    now, found = float(SHOW.start), None
    for word in words:
        found = see(SHOW, word, samples if word == "online" else (), found, now)
        now += every
    assert found
    return found


def measured(*looks: tuple[Figures, ...]) -> list[Air]:
    found, states = None, []
    for n, samples in enumerate(looks):
        found = see(SHOW, "online", samples, found, SHOW.start + 120.0 * n)
        states.append(found.state)
    return states


def told(of: Seen | None, now: float = NOW + SETTLE) -> list[Condition]:
    found = conditions(SHOW, of, SHOW.start + SETTLE, now)
    return [each for each in found if each.until > now and not each.unsure]


def undecided(of: Seen | None, now: float = NOW + SETTLE) -> set[Kind]:
    return {each.kind for each in conditions(SHOW, of, SHOW.start + SETTLE, now) if each.unsure}


# What is seen


def test_what_is_online_is_on_air() -> None:
    assert seen("online").state is Air.ON_AIR


def test_what_is_offline_is_dark_once_the_provider_had_the_time_to_begin() -> None:
    assert see(SHOW, "offline", (), None, NOW + 10, NOW + SETTLE).state is Air.OFF
    assert see(SHOW, "offline", (), None, NOW + SETTLE, NOW + SETTLE).state is Air.DARK


def test_what_was_on_air_and_is_gone_is_dark_at_once() -> None:
    before = see(SHOW, "online", (), None, NOW, NOW + SETTLE)
    assert see(SHOW, "offline", (), before, NOW + 20, NOW + SETTLE).state is Air.DARK


def test_what_is_forbidden_is_not_called_dark() -> None:
    assert seen("forbidden").state is Air.FORBIDDEN


def test_after_its_end_a_window_is_off_and_not_dark() -> None:
    before = seen("online")
    gone = see(SHOW, "offline", (), before, SHOW.end + 20)
    assert (gone.state, gone.off_at) == (Air.OFF, SHOW.end + 20)


def test_what_was_never_seen_never_went_off() -> None:
    assert see(SHOW, "offline", (), seen("offline"), SHOW.end + 20).off_at == 0


def test_what_flickers_on_after_its_end_went_off_the_first_time() -> None:
    gone = see(SHOW, "offline", (), seen("online"), SHOW.end + 20)
    again = see(SHOW, "online", (), gone, SHOW.end + 40)
    assert see(SHOW, "offline", (), again, SHOW.end + 60).off_at == SHOW.end + 20


def test_a_window_that_was_extended_after_it_went_off_is_not_off_any_more() -> None:
    gone = see(SHOW, "offline", (), seen("online"), SHOW.end + 20)
    longer = replace(SHOW, end=SHOW.end + 600)
    assert see(longer, "online", (), gone, SHOW.end + 60).off_at == 0


looks = st.lists(
    st.tuples(st.integers(1, 600), WORDS, st.lists(st.sampled_from([GOOD, POOR, RADIO]), max_size=4)),
    min_size=1,
    max_size=30,
)


@given(looks)
def test_however_it_goes_what_was_noted_is_not_taken_back(
    looks: list[tuple[int, str, list[Figures]]],
) -> None:
    now, before = float(NOW), None
    for seconds, word, samples in looks:
        now += seconds
        found = see(SHOW, word, samples if word == "online" else (), before, now)
        assert found.at == now
        assert found.since <= now
        if before:
            assert found.since == (before.since if found.state is before.state else now)
            assert before.first_seen in (0, found.first_seen)
            assert found.last_seen >= before.last_seen
            assert before.off_at in (0, found.off_at)
        assert found.first_seen <= found.last_seen < SHOW.end
        assert not found.off_at or (found.first_seen and found.off_at >= SHOW.end)
        assert (found.state in {Air.ON_AIR, Air.DEGRADED}) == (word == "online")
        before = found


# Figures


def test_far_less_than_usual_twice_in_a_row_is_poor() -> None:
    assert measured((GOOD,) * 8, (GOOD, GOOD, POOR, POOR)) == [Air.ON_AIR, Air.DEGRADED]


def test_one_poor_sample_is_a_hiccup() -> None:
    assert measured((GOOD,) * 8, (GOOD, POOR, GOOD, POOR), (GOOD,) * 8) == [Air.ON_AIR] * 3


def test_between_two_measurements_it_stays_as_it_was_measured() -> None:
    assert measured((GOOD,) * 8, (POOR,) * 8, (), (GOOD,) * 8) == [
        Air.ON_AIR,
        Air.DEGRADED,
        Air.DEGRADED,
        Air.ON_AIR,
    ]


def test_what_goes_dark_while_poor_is_dark() -> None:
    poor = see(SHOW, "online", (POOR,) * 8, see(SHOW, "online", (GOOD,) * 8, None, NOW), NOW + 120)
    assert see(SHOW, "offline", (), poor, NOW + 140).state is Air.DARK


def test_radio_has_no_frames_and_is_well() -> None:
    sound = Figures(0.0, 128.0)
    assert measured((sound,) * 8, (sound,) * 8, (RADIO,) * 8) == [Air.ON_AIR, Air.ON_AIR, Air.DEGRADED]
    assert measured((RADIO,) * 8, (RADIO,) * 8) == [Air.ON_AIR] * 2


def test_a_stream_that_is_poor_from_the_start_is_poor_though_it_knows_no_better() -> None:
    assert measured((POOR,) * 4) == [Air.DEGRADED]


def test_a_modest_stream_is_as_well_as_a_rich_one() -> None:
    modest = Figures(12.5, 250.0)
    assert measured((modest,) * 8, (modest,) * 8) == [Air.ON_AIR] * 2


def test_a_first_sample_that_was_counted_before_it_came_up_says_nothing() -> None:
    assert measured((RADIO, GOOD, GOOD)) == [Air.ON_AIR]


def test_frames_that_stop_while_kilobits_come_are_poor() -> None:
    assert measured((GOOD,) * 8, (Figures(0.0, 2_400.0),) * 4)[-1] is Air.DEGRADED


# What is told


@pytest.mark.parametrize(
    ("word", "kind", "level"),
    [("offline", Kind.DARK, Level.PAGE), ("forbidden", Kind.FORBIDDEN, Level.PAGE)],
)
def test_what_is_not_on_air_is_a_page(word: str, kind: Kind, level: Level) -> None:
    (found,) = told(seen(word))
    assert (found.kind, found.level, found.subject, found.until) == (kind, level, SHOW.id, SHOW.end)


def test_a_poor_picture_is_no_page() -> None:
    (found,) = told(seen("online", samples=(POOR,) * 4))
    assert (found.kind, found.level, found.facts["framerate"]) == (Kind.DEGRADED, Level.WARN, 2.0)


@pytest.mark.parametrize("now", [NOW + SETTLE - 1, SHOW.end])
def test_before_the_provider_had_time_and_after_the_end_nothing_is_told(now: float) -> None:
    assert told(seen("offline"), now) == []


def test_to_be_dark_in_another_way_is_no_recovery() -> None:
    (found,) = told(seen("forbidden"))
    assert found.instead_of == {Kind.DARK, Kind.DEGRADED}
    assert undecided(seen("forbidden")) == set()


@pytest.mark.parametrize("of", [replace(seen("offline"), cause="config-missing"), None])
def test_while_its_relay_is_missing_or_replaced_nothing_begins_and_nothing_has_recovered(
    of: Seen | None,
) -> None:
    assert (told(of), undecided(of)) == ([], {Kind.DARK, Kind.FORBIDDEN, Kind.DEGRADED})


def test_until_the_provider_had_time_with_a_new_relay_what_was_dark_stays_so() -> None:
    assert Kind.DARK in undecided(seen("offline"), NOW + SETTLE - 1)


def test_what_is_on_air_again_has_recovered() -> None:
    assert (told(seen("online")), undecided(seen("online"))) == ([], set())


def test_what_is_called_off_is_over_in_every_way() -> None:
    found = list(called_off(SHOW))
    assert {each.kind for each in found} == {Kind.DARK, Kind.FORBIDDEN, Kind.DEGRADED}
    assert {each.until for each in found} == {0.0}


def test_the_cause_is_the_first_that_explains_it() -> None:
    assert why_dark(listed=True, sources_alive=[True], domain_well=False) == "domain-wrong"
    assert why_dark(listed=False, sources_alive=[True]) == "config-missing"
    assert why_dark(listed=True, sources_alive=[False, False]) == "source-unreachable"
    assert why_dark(listed=True, sources_alive=[False, True]) == "unknown"
    assert why_dark(listed=True, sources_alive=[]) == "unknown"


def test_a_cause_is_kept_for_as_long_as_it_is_dark() -> None:
    dark = replace(seen("offline"), cause="source-unreachable")
    assert see(SHOW, "offline", (), dark, NOW + 40).cause == "source-unreachable"
    assert see(SHOW, "online", (), dark, NOW + 40).cause == ""
    assert see(SHOW, "forbidden", (), dark, NOW + 40).cause == ""


# After the end

AFTER = SHOW.end + SETTLE
ON = seen("online")
NEXT = window(SHOW.end + 60, 600)


def test_what_goes_on_after_its_end_is_told_once_the_provider_had_the_time_to_stop() -> None:
    assert list(still_there(SHOW, ON, [SHOW], SETTLE, AFTER - 1)) == []
    (found,) = still_there(SHOW, ON, [SHOW], SETTLE, AFTER)
    assert (found.kind, found.level) == (Kind.STILL_ON_AIR, Level.WARN)
    assert list(still_there(SHOW, seen("offline"), [SHOW], SETTLE, AFTER)) == []


def test_another_window_of_the_stream_explains_it() -> None:
    assert list(still_there(SHOW, ON, [SHOW, NEXT], SETTLE, AFTER)) == []


def test_of_two_that_are_over_only_the_last_is_told_of() -> None:
    now = NEXT.end + SETTLE
    assert list(still_there(SHOW, ON, [SHOW, NEXT], SETTLE, now)) == []
    assert len(list(still_there(NEXT, ON, [SHOW, NEXT], SETTLE, now))) == 1


def test_one_that_is_far_off_explains_nothing() -> None:
    far = window(SHOW.end + 3_600, 600)
    assert len(list(still_there(SHOW, ON, [SHOW, far], SETTLE, AFTER))) == 1
