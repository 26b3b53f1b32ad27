"""What windows of a slot have to do with each other, told of each as it passes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, SLOT, window
from worker.neighbours import Meeting, meetings, note_neighbours
from worker.relay import LATEST_SECOND, Slot
from worker.windows import Window

SETTLE = 300
DAY = 86_400
OTHERS = ("https://b.example.com/other.flv",)
ELSEWHERE = Slot(SLOT.domain, SLOT.app, "other")


@st.composite
def crowds(draw: st.DrawFn) -> list[Window]:
    """Windows of two slots, close together, in order of start."""
    made = [
        window(
            NOW + draw(st.integers(0, 40)) * 100,
            draw(st.sampled_from([100, 200, 500, 900, 8 * DAY])),
            sources=(draw(st.sampled_from(["https://a", "https://b"])),),
            slot=draw(st.sampled_from([SLOT, ELSEWHERE])),
            priority=draw(st.integers(0, 2)),
            event=f"e{n}",
        )
        for n in range(draw(st.integers(0, 12)))
    ]
    return sorted(made, key=lambda w: (w.start, w.id))


def notes(*windows: Window) -> list[tuple[str, ...]]:
    return [w.notes for w, _ in note_neighbours(windows, SETTLE)]


def met(*windows: Window) -> list[dict[str, str]]:
    """For each window, whom it met, by note."""
    return [{m.note: m.other.id for m in found} for _, found in note_neighbours(windows, SETTLE)]


def test_of_two_with_other_sources_at_once_both_are_in_conflict_and_the_later_gives_way() -> None:
    first, second = window(NOW, 600), window(NOW + 599, sources=OTHERS)
    assert notes(first, second) == [("conflict",), ("conflict", "displaced")]
    assert met(first, second) == [{"conflict": second.id}, {"conflict": first.id, "displaced": first.id}]


def test_the_one_with_the_higher_priority_stays_though_it_starts_later() -> None:
    late = window(NOW + 599, sources=OTHERS, priority=1)
    assert notes(window(NOW, 600), late) == [("conflict", "displaced"), ("conflict",)]


def test_windows_that_overlap_with_the_same_sources_share_a_relay() -> None:
    assert notes(window(NOW, 600), window(NOW + 300)) == [("joined",), ("joined",)]


def test_a_pause_shorter_than_the_settling_time_does_not_part_them() -> None:
    assert notes(window(NOW, 600), window(NOW + 600 + SETTLE - 1)) == [("joined",), ("joined",)]
    assert notes(window(NOW, 600), window(NOW + 600 + SETTLE)) == [(), ()]


def test_windows_on_two_slots_do_not_meet() -> None:
    assert notes(window(NOW), window(NOW, slot=ELSEWHERE, sources=OTHERS)) == [(), ()]


def test_a_window_that_follows_at_once_with_other_sources_is_a_tight_handover() -> None:
    first, second = window(NOW, 600), window(NOW + 600, sources=OTHERS)
    assert met(first, second) == [{}, {"tight-handover": first.id}]


def test_a_window_that_follows_after_the_settling_time_is_not() -> None:
    assert notes(window(NOW, 600), window(NOW + 600 + SETTLE, sources=OTHERS)) == [(), ()]


def test_a_window_inside_a_longer_one_hides_no_conflict_behind_it() -> None:
    long, short, late = window(NOW, 6_000), window(NOW + 60, 60), window(NOW + 3_000, 60, sources=OTHERS)
    assert notes(long, short, late) == [("conflict", "joined"), ("joined",), ("conflict", "displaced")]


def test_a_window_longer_than_a_relay_may_last_is_chained() -> None:
    assert notes(window(NOW, 7 * DAY)) == [()]
    assert notes(window(NOW, 7 * DAY + 1)) == [("chained",)]


def test_of_a_channel_without_a_pause_what_lies_beyond_one_relay_is_chained() -> None:
    channel = [window(NOW + day * DAY, DAY) for day in range(10)]
    assert notes(*channel) == 7 * [("joined",)] + 3 * [("joined", "chained")]


def test_notes_from_the_plan_stay() -> None:
    assert notes(window(NOW, notes=("extra",)), window(NOW, sources=OTHERS, event="x"))[0] == (
        "extra",
        "conflict",
    )


def test_a_permanent_window_holds_nothing_back() -> None:
    permanent = window(1, LATEST_SECOND - 1, permanent=True)
    coming = note_neighbours(iter([permanent, window(NOW, sources=OTHERS)]), SETTLE)
    assert next(coming) == (permanent, ())
    assert next(coming)[0].notes == ("conflict", "displaced")


def test_a_permanent_window_that_gave_way_takes_its_place_again() -> None:
    permanent = window(1, LATEST_SECOND - 1, permanent=True)
    film = window(NOW, 600, sources=OTHERS, priority=1)
    later = window(NOW + DAY, 600, sources=OTHERS)
    assert notes(permanent, film, later) == [(), ("conflict",), ("conflict", "displaced")]


def test_a_window_is_given_as_soon_as_nothing_can_meet_it() -> None:
    taken = []

    def coming() -> Iterator[Window]:
        for each in (window(NOW, 600), window(NOW + 600 + SETTLE), window(NOW + 9_999)):
            taken.append(each)
            yield each

    next(note_neighbours(coming(), SETTLE))
    assert len(taken) == 2


def test_hundreds_that_all_overlap_are_told_in_a_bounded_number_of_steps() -> None:
    crowd = [window(NOW, DAY, event=f"e{n}", sources=(f"https://{n}",)) for n in range(1_000)]
    told = notes(*sorted(crowd, key=lambda w: w.id))
    assert sum("displaced" in each for each in told) >= 990


@given(crowds())
def test_the_windows_and_their_order_stay_as_they_are(windows: Sequence[Window]) -> None:
    assert [w.id for w, _ in note_neighbours(windows, SETTLE)] == [w.id for w in windows]


@given(crowds())
def test_what_is_told_in_passing_is_what_looking_at_the_whole_slot_shows(windows: Sequence[Window]) -> None:
    whole: dict[str, tuple[Meeting, ...]] = {}
    for slot in (SLOT, ELSEWHERE):
        whole |= meetings([w for w in windows if w.slot == slot], SETTLE)
    assert notes(*windows) == [tuple(m.note for m in whole.get(w.id, ())) for w in windows]


@given(crowds())
def test_conflicts_are_those_found_by_looking_at_every_pair(windows: Sequence[Window]) -> None:
    def clash(one: Window, other: Window) -> bool:
        meet = one.slot == other.slot and one.start < other.end and other.start < one.end
        return meet and one.sources != other.sources

    expected = [any(clash(one, other) for other in windows) for one in windows]
    assert ["conflict" in each for each in notes(*windows)] == expected


@given(crowds())
def test_each_is_told_whom_it_meets_and_never_that_it_meets_itself(windows: Sequence[Window]) -> None:
    for each, found in note_neighbours(windows, SETTLE):
        assert all(m.other.slot == each.slot for m in found)
        assert all(m.other.id != each.id for m in found if m.note != "chained")


def test_of_many_in_conflict_the_winner_is_told_of_one_that_gives_way_to_it() -> None:
    first, winner = (window(NOW + n, 600, event=f"e{n}", priority=1) for n in (0, 1_000))
    both, its_own = (window(NOW + n, 1_000, event=f"e{n}", sources=OTHERS) for n in (500, 1_100))
    (met,) = meetings([first, both, winner, its_own], SETTLE)[winner.id]
    assert (met.note, met.other) == ("conflict", its_own)


def test_a_channel_of_windows_that_all_overlap_is_chained_however_they_come_together() -> None:
    minutes = 60
    channel = [window(NOW + n * 30 * minutes, 31 * minutes, event=f"e{n}") for n in range(10 * 48)]
    whole = meetings(channel, SETTLE)
    assert notes(*channel) == [tuple(m.note for m in whole[w.id]) for w in channel]
    assert "chained" in notes(*channel)[-1]
