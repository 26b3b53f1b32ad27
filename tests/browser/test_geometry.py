"""What stands where: as the pure functions have it, to the pixel."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import violations
from tests.browser.conftest import Visitors
from tests.browser.newsroom import HOUR, MINUTE, Clock, Newsroom, show
from tests.browser.picture import bar
from worker.web.timeline import Timeline, timeline

SPRING = datetime(2027, 3, 14, 6, 30, tzinfo=UTC).timestamp()
AUTUMN = datetime(2027, 11, 7, 5, 30, tzinfo=UTC).timestamp()
"""Half an hour before New York's clock jumps, and half an hour before it is set back."""

NARROWEST = 26
"""Pixels: the icon is always seen."""


def range_of(page: Page) -> tuple[int, int]:
    told = page.locator("#picture")
    return tuple(int(told.get_attribute(f"data-{name}") or 0) for name in ("from", "to"))  # type: ignore[return-value]


def drawn(room: Newsroom, page: Page, zone: str = "UTC") -> Timeline:
    """What should be there."""
    ids = room.ledger.plans.ids()
    records = room.ledger.reading.windows(ids, float("-inf"), float("inf"))
    return timeline([(record.window, ()) for record in records], *range_of(page), zone)


def place(of: Locator) -> tuple[float, float]:
    """Its left and right end."""
    box = of.bounding_box()
    assert box
    return box["x"], box["x"] + box["width"]


def test_every_bar_stands_where_its_window_is(visitors: Visitors, room: Newsroom) -> None:
    now = room.now()
    room.plans(
        show("early", now - 4 * HOUR, 2 * HOUR, stream="a"),
        show("on-air", now - 30 * MINUTE, 90 * MINUTE, stream="a"),
        show("late", now + 20 * HOUR, 6 * HOUR, stream="b"),
        show("next", now + 3 * HOUR, 100 * MINUTE, stream="b"),
    )
    page = visitors.comes()
    for row in drawn(room, page).rows:
        track = page.get_by_role("region", name=row.label, exact=True).get_by_role("list")
        left, right = place(track)
        for each in row.lanes[0]:
            start = min(left + (right - left) * each.left / 100, right - NARROWEST)
            width = max((right - left) * each.width / 100, NARROWEST)
            found = place(bar(page, each.window.title))
            assert found == pytest.approx((start, start + width), abs=1)


def test_what_overlaps_stands_in_lanes_one_below_the_other(visitors: Visitors, room: Newsroom) -> None:
    now = room.now()
    room.plans(
        show("film", now + HOUR, 2 * HOUR, stream="a"),
        show("match", now + 2 * HOUR, 2 * HOUR, stream="a", sources=["rtmp://b.example.com/live/x"]),
    )
    page = visitors.comes()
    upper, lower = sorted((bar(page, name).bounding_box() or {})["y"] for name in ("Film", "Match"))
    assert lower - upper >= 16
    assert violations(page) == []


def test_now_stands_between_what_is_over_and_what_is_to_come(
    visitors: Visitors, room: Newsroom, clock: Clock
) -> None:
    now = room.now()
    clock.reads(now - 3 * HOUR)
    room.plans(show("over", now - 2 * HOUR), show("coming", now + HOUR))
    room.works()
    clock.is_right()
    for scripts in (True, False):
        page = visitors.comes(java_script_enabled=scripts)
        line = place(page.locator(".now"))[0]
        assert place(bar(page, "Over"))[1] < line < place(bar(page, "Coming"))[0]


def test_ticks_are_in_order_and_far_enough_from_each_other(visitors: Visitors, room: Newsroom) -> None:
    room.plans(show("news", room.now() + HOUR))
    for view in ("6h", "24h", "7d"):
        page = visitors.comes(f"/?view={view}")
        places = [place(tick)[0] for tick in page.locator(".tick").all()]
        assert all(later - earlier >= 79 for earlier, later in pairwise(places)), view


@pytest.mark.parametrize("at", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_on_days_on_which_the_clock_changes_the_axis_says_so(
    visitors: Visitors, room: Newsroom, clock: Clock, at: float
) -> None:
    spring = at == SPRING
    clock.reads(at)
    room.plans(show("night", at + 2 * HOUR, timezone="America/New_York", cron="0 5 * * *"))
    page = visitors.comes("/?view=6h")
    expect(page.get_by_text("no 02:00–03:00" if spring else "01:00–02:00 comes twice")).to_be_visible()
    ticks = [text.split()[-1] for text in page.locator(".tick").all_inner_texts()]
    assert ("02:30" not in ticks) if spring else ticks.count("01:30") == 2
    (mark,) = drawn(room, page, "America/New_York").marks
    left, right = place(page.locator(".axis .track"))
    found = place(page.locator(".jump"))
    assert found[0] == pytest.approx(left + (right - left) * mark.left / 100, abs=2)
    assert violations(page) == []
