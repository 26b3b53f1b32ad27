"""Which windows get in each other's way on a slot."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, SLOT, window
from worker.neighbours import note_neighbours
from worker.relay import LATEST_SECOND, Slot
from worker.windows import Window

SETTLE = 300
OTHERS = ("https://b.example.com/other.flv",)

WINDOWS = st.lists(
    st.builds(
        lambda start, seconds, source, stream: window(
            NOW + start, seconds, sources=(source,), slot=Slot("d", "a", stream), event=f"{stream}-{source}"
        ),
        st.integers(0, 2_000),
        st.integers(1, 900),
        st.sampled_from(["https://a", "https://b"]),
        st.sampled_from(["one", "two"]),
    ),
    max_size=30,
).map(lambda found: sorted(found, key=lambda w: (w.start, w.id)))


def notes(*windows: Window) -> list[tuple[str, ...]]:
    return [w.notes for w in note_neighbours(windows, SETTLE)]


def test_windows_that_overlap_with_other_sources_are_both_in_conflict() -> None:
    assert notes(window(NOW, 600), window(NOW + 599, sources=OTHERS)) == [("conflict",), ("conflict",)]


def test_windows_that_overlap_with_the_same_sources_are_not() -> None:
    assert notes(window(NOW, 600), window(NOW + 300)) == [(), ()]


def test_windows_on_two_slots_do_not_meet() -> None:
    other = Slot(SLOT.domain, SLOT.app, "other")
    assert notes(window(NOW), window(NOW, slot=other, sources=OTHERS)) == [(), ()]


def test_a_window_that_follows_at_once_is_a_tight_handover() -> None:
    assert notes(window(NOW, 600), window(NOW + 600, sources=OTHERS)) == [(), ("tight-handover",)]


def test_a_window_that_follows_after_the_settling_time_is_not() -> None:
    assert notes(window(NOW, 600), window(NOW + 600 + SETTLE, sources=OTHERS)) == [(), ()]


def test_a_window_inside_a_longer_one_hides_no_conflict_behind_it() -> None:
    long, short, late = window(NOW, 6_000), window(NOW + 60, 60), window(NOW + 3_000, 60, sources=OTHERS)
    assert notes(long, short, late) == [("conflict",), (), ("conflict",)]


def test_notes_from_the_plan_stay() -> None:
    assert notes(window(NOW, notes=("extra",)), window(NOW, sources=OTHERS, event="x"))[0] == (
        "extra",
        "conflict",
    )


def test_a_permanent_window_holds_nothing_back() -> None:
    permanent = window(1, LATEST_SECOND - 1, permanent=True)
    coming = note_neighbours(iter([permanent, window(NOW, sources=OTHERS)]), SETTLE)
    assert next(coming) == permanent
    assert next(coming).notes == ("conflict",)


def test_a_window_is_given_as_soon_as_nothing_can_overlap_it() -> None:
    def plan() -> list[Window]:
        return [window(NOW, 600), window(NOW + 600)]

    taken = []
    coming = note_neighbours((taken.append(w) or w for w in [*plan(), window(NOW + 9_999)]), SETTLE)
    next(coming)
    assert len(taken) == 2


@given(WINDOWS)
def test_the_windows_and_their_order_stay_as_they_are(windows: Sequence[Window]) -> None:
    assert [w.id for w in note_neighbours(windows, SETTLE)] == [w.id for w in windows]


@given(WINDOWS)
def test_conflicts_are_those_found_by_looking_at_every_pair(windows: Sequence[Window]) -> None:
    def clash(one: Window, other: Window) -> bool:
        meet = one.slot == other.slot and one.start < other.end and other.start < one.end
        return meet and one.sources != other.sources

    expected = [any(clash(one, other) for other in windows) for one in windows]
    assert ["conflict" in w.notes for w in note_neighbours(windows, SETTLE)] == expected
