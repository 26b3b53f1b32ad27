"""Durations, as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90", 90), (90, 90), ("45s", 45), ("10m", 600), ("2h", 7_200), ("1h30m", 5_400), ("7d", 604_800),
        ("1d2h3m4s", 93_784), ("90m", 5_400), ("0", 0), (0, 0), (" 10m ", 600),
    ],
)  # fmt: skip
def test_a_duration_is_read_in_seconds(written: str | int, seconds: int) -> None:
    assert parse_duration(written) == seconds


@pytest.mark.parametrize(
    "written",
    ["", " ", "m", "10 m", "1m1h", "1h1h", "-5", "-5m", "+5m", "1.5h", 1.5, "10x", "10M", "5min", "1e3", "١٠",
     "５m", True, False, "1234567890", "1,5h", "\n"],
)  # fmt: skip
def test_anything_else_is_refused(written: str | int) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(written)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0s"), (59, "59s"), (60, "1m"), (5_400, "1h30m"), (604_800, "7d"), (90_061, "1d1h1m1s")],
)
def test_a_duration_is_written_in_its_shortest_exact_form(seconds: int, written: str) -> None:
    assert format_duration(seconds) == written


@given(st.integers(0, 999_999_999))
def test_what_is_written_is_read_back(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.text())
def test_text_is_a_duration_or_a_clear_refusal(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        assert "duration" in str(error)
    else:
        assert seconds >= 0
