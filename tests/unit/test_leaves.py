"""Where windows stand, leaf by leaf."""

from __future__ import annotations

import re
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, window
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.web.leaves import CURSOR, Place, _stretches

DAY = 86_400.0
moments = st.one_of(st.floats(NOW - 400 * DAY, NOW + 4_000 * DAY), st.sampled_from([-inf, inf]))


@pytest.mark.parametrize("permanent", [False, True])
def test_a_cursor_leads_back_to_its_place(permanent: bool) -> None:
    place = Place.of(WindowRecord(window=window(permanent=permanent), state=State.PLANNED, revision=1))
    assert re.search(CURSOR, str(place))
    assert Place.parse(str(place)) == place


def test_permanent_windows_come_first() -> None:
    always, once = window(event="z", permanent=True), window(event="a")
    found = [Place.of(WindowRecord(window=each, state=State.PLANNED, revision=1)) for each in (once, always)]
    assert sorted(found) == found[::-1]


@given(cursor=st.from_regex(CURSOR, fullmatch=True))
def test_whatever_looks_like_a_cursor_is_a_place(cursor: str) -> None:
    assert Place.parse(cursor.rstrip("\n")).start >= -1


@given(since=moments, until=moments)
def test_no_moment_is_left_out_and_none_is_looked_through_twice(since: float, until: float) -> None:
    found = list(_stretches(since, until, float(NOW)))
    assert len(found) < 20
    if since >= until:
        assert found == []
        return
    ends = [since, *(last for _, last in found)]
    assert [first for first, _ in found] == ends[:-1]
    assert ends[-1] == until
    assert ends == sorted(set(ends))
