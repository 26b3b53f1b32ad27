"""A roll call against a list that is as unruly as it can be: what comes out was there, all of it, at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from worker.provider.roll import RollCall
from worker.provider.rows import Page
from worker.relay import Row, Slot

SIZE = 5


def row(number: int) -> Row:
    return Row(Slot("pull.example.com", "live", f"s{number}"), ("rtmp://a.example.com/x",), 1, 2)


def read(listed: Callable[[], Sequence[int]], most: int = 1_000) -> tuple[tuple[Row, ...] | None, int]:
    """What the roll call makes of a list that is asked for anew for each page, and how many that were."""
    roll = RollCall(SIZE)
    for asked in range(1, most):
        held, start = listed(), (roll.next_page - 1) * SIZE
        whole = roll.hear(Page(tuple(map(row, held[start : start + SIZE])), len(held)))
        if whole is not None or roll.given_up:
            return whole, asked
    raise AssertionError("it goes on for ever")


@given(st.integers(0, 40))
def test_a_list_that_keeps_still_costs_two_readings_less_the_last_page(count: int) -> None:
    whole, asked = read(lambda: range(count))
    assert whole is not None and sorted(whole, key=str) == sorted(map(row, range(count)), key=str)
    pages = count // SIZE + 1  # a full page is followed by a look at what may come after it
    assert asked <= max(2 * pages - 1, 1)


@given(st.integers(0, 40), st.integers())
def test_a_list_in_another_order_each_time_is_known_whole_or_not_at_all(count: int, seed: int) -> None:
    dice = random.Random(seed)
    whole, _ = read(lambda: dice.sample(range(count), count))
    assert whole is None or set(whole) == set(map(row, range(count)))


@given(st.integers(1, 20), st.lists(st.sampled_from(["", "", "come", "leave", "replace"])), st.integers())
def test_rows_that_come_and_leave_between_pages_never_make_a_list_that_was_not_there(
    count: int, moves: list[str], seed: int
) -> None:
    dice, held, left = random.Random(seed), [*range(count)], iter(moves)
    known = []

    def listed() -> list[int]:
        move = next(left, "")
        if move in ("leave", "replace") and held:
            held.remove(dice.choice(held))
        if move in ("come", "replace"):
            held.insert(dice.randint(0, len(held)), 1_000 + len(known))
        known.append(set(map(row, held)))
        return held if seed % 2 else dice.sample(held, len(held))

    whole, _ = read(listed)
    assert whole is None or set(whole) in known


def test_a_count_that_is_never_reached_is_given_up_soon() -> None:
    roll = RollCall(SIZE)
    asked = 0
    while not roll.given_up:
        assert roll.hear(Page((row(1), row(2)) if roll.next_page == 1 else (), 5)) is None
        asked += 1
    assert asked <= 12


def test_more_rows_than_the_provider_counts_are_no_list() -> None:
    roll = RollCall(SIZE)
    while not roll.given_up:
        assert roll.hear(Page(tuple(map(row, range(4))), 3)) is None
