"""What must never be sent to the provider cannot even be expressed."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, SLOT, SOURCES
from worker.relay import LATEST_SECOND, LONGEST_SPAN, PERMANENT, Relay, Row, Slot, Span

WEEK = 7 * 86_400


def test_the_longest_span_is_seven_days_to_the_second() -> None:
    assert LONGEST_SPAN == WEEK
    assert Span(NOW, NOW + WEEK).end == NOW + WEEK


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (NOW, NOW),
        (NOW, NOW - 1),
        (NOW, NOW + WEEK + 1),
        (0, 10),
        (-10, 10),
        (LATEST_SECOND, LATEST_SECOND + 1),
        (NOW, 10**18),
        (float(NOW), NOW + 60),
        (NOW, NOW + 0.5),
        (float("nan"), NOW),
        (True, NOW),
        (None, NOW),
        (NOW, None),
        (None, None),
        (str(NOW), str(NOW + 60)),
    ],
)
def test_a_span_that_the_provider_must_never_see_cannot_be_made(start: object, end: object) -> None:
    with pytest.raises(ValueError, match="span"):
        Span(start, end)  # type: ignore[arg-type]


@given(st.integers(-10, 2**33), st.integers(-10, 2**33))
def test_every_span_that_can_be_made_is_forward_and_at_most_seven_days(start: int, end: int) -> None:
    lawful = 0 < start < end <= LATEST_SECOND and end - start <= WEEK
    try:
        Span(start, end)
    except ValueError:
        assert not lawful
    else:
        assert lawful


def test_a_span_cannot_be_stretched_afterwards() -> None:
    with pytest.raises(ValueError, match="at most"):
        dataclasses.replace(Span(NOW, NOW + 60), end=NOW + WEEK + 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Span(NOW, NOW + 60).end = NOW + WEEK + 1  # type: ignore[misc]


def test_a_relay_cannot_be_made_without_saying_when() -> None:
    with pytest.raises(TypeError, match="times"):
        Relay(SLOT, SOURCES)  # type: ignore[call-arg]


@pytest.mark.parametrize("times", [None, (), (NOW, NOW + 60), "permanent", 0])
def test_only_a_span_or_the_word_permanent_says_when(times: object) -> None:
    with pytest.raises(TypeError, match="span"):
        Relay(SLOT, SOURCES, times)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, 11])
def test_a_relay_has_one_to_ten_sources(count: int) -> None:
    with pytest.raises(ValueError, match=f"not {count}"):
        Relay(SLOT, SOURCES * count, PERMANENT)


def test_a_timed_relay_is_listed_with_both_times() -> None:
    assert Relay(SLOT, SOURCES, Span(NOW, NOW + 60)).as_row() == Row(SLOT, SOURCES, NOW, NOW + 60)


def test_a_permanent_relay_is_listed_without_times() -> None:
    assert Relay(SLOT, SOURCES, PERMANENT).as_row() == Row(SLOT, SOURCES, None, None)


@pytest.mark.parametrize(
    "change",
    [
        {"slot": Slot("pull.example.com", "live", "other")},
        {"sources": ("rtmp://b.example.com/live/news",)},
        {"start": NOW + 1},
        {"end": NOW + 61},
        {"start": None, "end": None},
    ],
    ids="+".join,
)
def test_a_row_shows_a_relay_only_if_all_of_it_is_equal(change: dict[str, object]) -> None:
    relay = Relay(SLOT, SOURCES, Span(NOW, NOW + 60))
    row = relay.as_row()
    assert row.shows(relay)
    assert not dataclasses.replace(row, **change).shows(relay)  # type: ignore[arg-type]


def test_the_order_of_sources_is_part_of_a_relay() -> None:
    relay = Relay(SLOT, ("rtmp://a/x", "rtmp://b/x"), PERMANENT)
    assert not Row(SLOT, ("rtmp://b/x", "rtmp://a/x"), None, None).shows(relay)


def test_a_slot_is_written_as_domain_app_and_stream() -> None:
    assert str(SLOT) == "pull.example.com/live/news"
