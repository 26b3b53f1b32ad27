"""When to try again: jittered, capped by how near air is, and never a count of tries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW
from worker.backoff import NOT_FOUND_TRIES, delay, next_try
from worker.errors import (
    ClockSkewed,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    Throttled,
    Unavailable,
    Unreachable,
)

DAY = 86_400
TRANSIENT = [Unreachable, OutcomeUnknown, Unavailable, ClockSkewed, Throttled]


def longest(_low: float, high: float) -> float:
    return high


def shortest(low: float, _high: float) -> float:
    return low


def try_after(error: ProviderError, tries: int, *, start: float = DAY, last: float = 2 * DAY) -> float | None:
    """Seconds until the next try, at worst; ``start`` and ``last`` count from now."""
    at = next_try(error, tries=tries, now=NOW, start=NOW + start, last_useful=NOW + last, uniform=longest)
    return None if at is None else at - NOW


def test_waits_double_from_one_second_to_a_minute() -> None:
    assert [try_after(Unreachable(), tries) for tries in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_inside_the_last_ten_minutes_no_wait_is_longer_than_five_seconds() -> None:
    assert try_after(Unreachable(), 50, start=601) == 60
    assert try_after(Unreachable(), 50, start=600) == 5
    assert try_after(Unreachable(), 50, start=-100) == 5


@pytest.mark.parametrize("tries", [1, 2, 10, 10_000])
def test_the_jitter_is_full(tries: int) -> None:
    assert delay(tries, DAY, shortest) <= 0.1


@given(st.integers(1, 100_000), st.floats(-1e6, 1e6), st.floats(0, 1))
def test_a_wait_is_never_negative_or_over_its_cap(tries: int, until_start: float, dice: float) -> None:
    wait = delay(tries, until_start, lambda low, high: low + dice * (high - low))
    assert 0 < wait <= (60 if until_start > 600 else 5)


@pytest.mark.parametrize("error", TRANSIENT)
@pytest.mark.parametrize("tries", [1, 100, 100_000])
def test_no_number_of_tries_ends_the_trying(error: type[ProviderError], tries: int) -> None:
    assert try_after(error(), tries) is not None


@pytest.mark.parametrize("tries", [1, 20])
def test_being_throttled_does_not_lengthen_the_wait(tries: int) -> None:
    wait = try_after(Throttled(), tries)
    assert wait is not None
    assert wait <= 1.5


def test_what_is_forbidden_is_not_tried_again() -> None:
    assert try_after(Forbidden(), 1) is None


def test_what_is_invalid_is_looked_at_before_it_is_given_up() -> None:
    assert try_after(Invalid(), 1) is not None


def test_what_is_not_found_is_tried_a_few_times() -> None:
    waits = [try_after(NotFound(), tries) for tries in range(1, NOT_FOUND_TRIES + 1)]
    assert [wait is None for wait in waits] == [False] * (NOT_FOUND_TRIES - 1) + [True]


@pytest.mark.parametrize("error", TRANSIENT)
def test_the_last_visit_comes_right_after_the_last_useful_moment(error: type[ProviderError]) -> None:
    assert try_after(error(), 50, start=DAY, last=0) == 1


@given(st.sampled_from(TRANSIENT), st.integers(0, 50), st.integers(-DAY, DAY), st.integers(0, DAY))
def test_a_next_try_is_never_in_the_past_and_never_long_after_use(
    error: type[ProviderError], tries: int, start: int, length: int
) -> None:
    wait = try_after(error(), tries, start=start, last=start + length)
    assert wait is not None
    assert 0 <= wait <= max(start + length + 1, 0)


def test_the_same_words_of_an_error_decide_nothing() -> None:
    assert try_after(Forbidden("timeout 504 retry later"), 1) is None
    assert try_after(OutcomeUnknown("forbidden"), 1) is not None
