"""The account's sliding second."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.provider.emulator.quota import SlidingSecond

# Eighths of a second are exact in binary, so that two arrivals can lie precisely a second apart.
ARRIVALS = st.lists(st.integers(0, 40), max_size=60).map(
    lambda eighths: [1.8e9 + n / 8 for n in sorted(eighths)]
)


@given(ARRIVALS, st.integers(1, 5))
def test_no_second_holds_more_than_the_limit(arrivals: list[float], limit: int) -> None:
    window = SlidingSecond(limit)
    admitted = [at for at in arrivals if window.admit(at)]
    assert all(sum(end - 1 < at <= end for at in admitted) <= limit for end in admitted)


@given(ARRIVALS, st.integers(1, 5))
def test_a_request_is_refused_only_when_its_second_is_full(arrivals: list[float], limit: int) -> None:
    window = SlidingSecond(limit)
    admitted: list[float] = []
    for at in arrivals:
        full = sum(at - 1 < earlier <= at for earlier in admitted) >= limit
        assert window.admit(at) is not full
        admitted += [] if full else [at]
    assert window.over == len(arrivals) - len(admitted)


@given(ARRIVALS)
def test_the_worst_second_counts_what_was_refused_too(arrivals: list[float]) -> None:
    window = SlidingSecond(1)
    for at in arrivals:
        window.admit(at)
    assert window.worst == max((sum(end - 1 < at <= end for at in arrivals) for end in arrivals), default=0)


def test_requests_a_second_apart_never_meet() -> None:
    window = SlidingSecond(1)
    assert [window.admit(1.8e9 + n) for n in range(3)] == [True, True, True]


def test_a_clock_that_steps_back_grants_nothing() -> None:
    window = SlidingSecond(1)
    assert window.admit(1.8e9)
    assert not window.admit(1.8e9 - 3600)
