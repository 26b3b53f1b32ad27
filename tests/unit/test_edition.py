"""Editions of the rules: which is older, and what differs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.edition import Edition, installed, parse_edition


def edition(rules: str = "1", tzdata: str = "2026.6", holidays: str = "0.109") -> Edition:
    return Edition((("rules", rules), ("tzdata", tzdata), ("holidays", holidays)))


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (edition(tzdata="2026.6"), edition(tzdata="2026.7")),
        (edition(tzdata="2026.9"), edition(tzdata="2026.10")),
        (edition(tzdata="2026.6"), edition(tzdata="2026.6.post1")),
        (edition(tzdata="2026.7", holidays="0.99"), edition(tzdata="2026.7", holidays="0.109")),
        (edition(rules="1", tzdata="2027.1"), edition(rules="2", tzdata="2026.6")),
        (edition(tzdata="2026.6", holidays="0.110"), edition(tzdata="2026.7", holidays="0.109")),
    ],
)
def test_the_newer_is_the_one_with_the_weightier_newer_part(older: Edition, newer: Edition) -> None:
    assert older.older_than(newer)
    assert not newer.older_than(older)


def test_an_edition_is_not_older_than_itself() -> None:
    assert not edition().older_than(edition())


VERSIONS = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,2}(a|rc1|\.post0)?", fullmatch=True)
EDITIONS = st.builds(edition, VERSIONS, VERSIONS, VERSIONS)


@given(one=EDITIONS, other=EDITIONS)
def test_of_any_two_that_differ_exactly_one_is_older(one: Edition, other: Edition) -> None:
    assert one.older_than(other) + other.older_than(one) == (one != other)


@given(EDITIONS)
def test_what_is_written_is_read_again(one: Edition) -> None:
    assert parse_edition(str(one)) == one


def test_only_what_differs_is_named() -> None:
    assert edition().change_to(edition(tzdata="2026.7")) == "tzdata 2026.6 -> 2026.7"


def test_a_part_that_one_of_them_does_not_know_is_named_too() -> None:
    assert edition().change_to(parse_edition(f"{edition()}, tides 3")) == "tides none -> 3"


def test_the_edition_of_this_process_names_what_is_installed() -> None:
    names = [name for name, _ in installed().parts]
    assert names == ["rules", "tzdata", "holidays", "croniter", "python-dateutil"]
    assert all(version[0].isdigit() for _, version in installed().parts)
