from __future__ import annotations

from collections.abc import Iterable

from tests.build import window
from worker.web.crowd import NARROW, Crowd, thinned
from worker.web.timeline import Bar, timeline

HOUR, DAY = 3_600, 86_400


def lane(starts: Iterable[int], length: int, until: int = DAY) -> tuple[Bar, ...]:
    """The bars of windows at these instants in a picture that begins at 0."""
    windows = [window(id=f"w@{start}", start=start, end=start + length) for start in starts]
    (row,) = timeline(((each, ()) for each in windows), 0, until, "UTC").rows
    (bars,) = row.lanes
    return bars


def test_many_narrow_bars_of_an_hour_are_one_that_counts_them() -> None:
    (crowd,) = thinned(lane(range(0, HOUR, 600), 300), lambda at: at // HOUR)
    assert isinstance(crowd, Crowd)
    assert len(crowd.bars) == 6
    assert (crowd.left, crowd.left + crowd.width) == (0.0, round(100 * 3_300 / DAY, 4))


def test_each_hour_has_a_crowd_of_its_own() -> None:
    found = list(thinned(lane(range(0, 3 * HOUR, 600), 300), lambda at: at // HOUR))
    assert [len(each.bars) for each in found if isinstance(each, Crowd)] == [6, 6, 6]


def test_bars_that_can_be_told_apart_stay() -> None:
    bars = lane(range(0, 6 * HOUR, 600), 300, until=6 * HOUR)
    assert list(thinned(bars, lambda at: at // HOUR)) == list(bars)


def test_two_are_a_crowd_only_if_one_hides_more_than_half_of_the_other() -> None:
    apart, hidden = lane((0, 1_200), 300), lane((0, 600), 300)
    assert list(thinned(apart, lambda at: at // HOUR)) == list(apart)
    assert [len(each.bars) for each in thinned(hidden, lambda at: at // HOUR)] == [2]


def test_a_wide_bar_is_in_no_crowd_and_all_stay_in_order() -> None:
    bars = (*lane((0, 300, 600), 200), *lane((1_200,), int(DAY * NARROW / 50)), *lane((4_000, 5_400), 200))
    found = list(thinned(bars, lambda at: at // HOUR))
    assert [type(each) for each in found] == [Crowd, Bar, Bar, Bar]
    assert [bar for each in found for bar in (each.bars if isinstance(each, Crowd) else (each,))] == [*bars]
