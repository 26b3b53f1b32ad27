"""The arithmetic of the quota: when a permit is free again, and who comes first."""

from __future__ import annotations

import heapq

from hypothesis import given
from hypothesis import strategies as st

from tests.fleet import over
from worker.ledger.turnstile import LATEST, MARGIN, SLACK, free_again, score
from worker.turns import Lane, Turn

DELAYS = st.floats(0, LATEST - MARGIN)
TURNS = st.builds(Turn, st.sampled_from(Lane), st.integers(2, 2**31).map(float))


@given(st.integers(1, 8), st.lists(st.tuples(DELAYS, st.floats(0, 0.3)), max_size=60))
def test_no_second_ever_holds_more_arrivals_than_there_are_permits(
    quota: int, requests: list[tuple[float, float]]
) -> None:
    permits, now, arrivals = [0.0] * quota, 0.0, []
    for delay, pause in requests:
        now = max(now + pause, permits[0])
        heapq.heapreplace(permits, free_again(now, delay))
        arrivals.append(now + delay)
    assert over(sorted(arrivals), quota) == 0


@given(st.floats(0, SLACK - MARGIN))
def test_a_delay_of_up_to_17_milliseconds_costs_nothing(delay: float) -> None:
    assert free_again(100.0, delay) == free_again(100.0, 0.0)


@given(st.floats(1, 1e6))
def test_a_request_that_hangs_is_not_waited_for(delay: float) -> None:
    assert free_again(100.0, delay) == 101.0 + LATEST


@given(TURNS, TURNS)
def test_scores_order_turns_as_turns_order_themselves(one: Turn, other: Turn) -> None:
    assert (score(one) < score(other)) == (one < other)
