"""What planners look at: weeks and months, the sheet for the studio's wall, and a plan that is only tried."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.browser.chromium import violations
from tests.browser.conftest import Visitors
from tests.browser.newsroom import DAY, HOUR, Clock, Newsroom, show
from tests.browser.picture import bar, bars

WEDNESDAY = datetime(2026, 12, 2, 10, tzinfo=UTC).timestamp()


def test_a_planner_finds_tomorrows_film_by_its_name_and_in_the_week(
    visitors: Visitors, room: Newsroom, clock: Clock
) -> None:
    clock.reads(WEDNESDAY)
    room.plans(show("film", WEDNESDAY + DAY, title="The Long Film"), show("news", WEDNESDAY + HOUR))
    page = visitors.comes("/?view=7d")
    page.get_by_role("searchbox").fill("long film")
    page.get_by_role("searchbox").press("Enter")
    expect(bars(page)).to_have_count(1)
    expect(bar(page, "The Long Film")).to_be_visible()
    page.goto("/week")
    cell = page.get_by_role("cell", name=re.compile("2026-12-03"))
    expect(cell.get_by_role("link", name=re.compile("10:00 The Long Film.*planned"))).to_be_visible()
    assert violations(page) == []


def test_a_month_turns_and_marks_the_day_on_which_the_clock_jumps(
    visitors: Visitors, room: Newsroom, clock: Clock
) -> None:
    clock.reads(datetime(2027, 2, 20, 12, tzinfo=UTC).timestamp())
    room.plans(show("nightly", room.now(), cron="0 20 * * *", timezone="America/New_York"))
    page = visitors.comes("/month")
    page.get_by_role("link", name="Later").click()
    day = page.get_by_role("cell", name=re.compile("2027-03-14"))
    expect(day).to_contain_text("no 02:00–03:00")
    expect(day.get_by_role("link", name=re.compile("Nightly"))).to_be_visible()
    assert violations(page) == []


def test_the_day_sheet_prints_the_day_without_what_is_only_for_screens(
    visitors: Visitors, room: Newsroom
) -> None:
    room.plans(show("news", room.now() + 60, timezone="Asia/Shanghai", cron="0 20 * * *"))
    page = visitors.comes("/sheet")
    expect(page.get_by_role("row", name=re.compile("20:00.*News"))).to_be_visible()
    assert violations(page) == []
    page.emulate_media(media="print")
    expect(page.get_by_role("columnheader", name="Initials")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    assert "streamkey" not in page.content()


def test_the_sheet_of_a_day_on_which_the_clock_changes_says_so_in_one_line(
    visitors: Visitors, room: Newsroom
) -> None:
    room.plans(show("nightly", room.now(), cron="0 20 * * *", timezone="America/New_York"))
    said = visitors.comes("/sheet?day=2027-11-07").get_by_text("01:00–02:00 comes twice").bounding_box()
    below = visitors.comes("/sheet?day=2027-11-07").get_by_role("table").bounding_box()
    assert said and below
    assert said["y"] + said["height"] <= below["y"]


def test_the_wall_says_what_is_wrong_on_air_and_next(visitors: Visitors, room: Newsroom) -> None:
    room.plans(show("live", room.now() - HOUR / 2), show("next", room.now() + HOUR))
    room.works()
    page = visitors.comes("/wall")
    expect(page.get_by_role("region", name="On air")).to_contain_text("Live")
    expect(page.get_by_role("region", name="Next up")).to_contain_text("Next")
    expect(page.get_by_text("Nothing needs you")).to_be_visible()
    assert violations(page) == []
