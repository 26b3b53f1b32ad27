"""How much a client may take, and that counting it takes bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.web.buckets import Buckets, Rate


class Watch:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_burst_is_served_and_then_one_waits() -> None:
    buckets = Buckets(Rate(0.5, 3), Watch())
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 2.0]


def test_after_the_wait_there_is_one_and_no_more() -> None:
    watch = Watch()
    buckets = Buckets(Rate(0.5, 1), watch)
    buckets.take("a")
    watch.at += buckets.wait("a")
    assert [buckets.take("a"), buckets.take("a")] == [0, 2.0]


def test_one_client_takes_nothing_from_another() -> None:
    buckets = Buckets(Rate(1, 1), Watch())
    assert [buckets.take("a"), buckets.take("b")] == [0, 0]


def test_to_ask_for_the_wait_takes_nothing() -> None:
    buckets = Buckets(Rate(1, 1), Watch())
    assert [buckets.wait("a"), buckets.wait("a"), buckets.take("a")] == [0, 0, 0]


def test_only_so_many_clients_are_remembered_the_latest() -> None:
    buckets = Buckets(Rate(1, 1), Watch(), most=2)
    for who in "abc":
        buckets.take(who)
    assert [buckets.wait(who) > 0 for who in "abc"] == [False, True, True]


@given(st.lists(st.floats(0, 5), max_size=60))
def test_no_more_is_served_than_the_rate_and_the_burst_allow(pauses: list[float]) -> None:
    watch = Watch()
    buckets, served = Buckets(Rate(2, 5), watch), 0
    for pause in pauses:
        watch.at += pause
        served += not buckets.take("a")
    assert served <= 5 + 2 * sum(pauses) + 1e-6
