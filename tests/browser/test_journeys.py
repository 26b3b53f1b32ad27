"""The journeys that the page is for; everything is found by role and name, as people and readers find it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import violations
from tests.browser.conftest import Visitors
from tests.browser.newsroom import HOUR, MINUTE, Newsroom, show
from tests.browser.picture import bar, bars, needs_you

PAGES = ["/", "/?show=table", "/events", "/week", "/month", "/sheet", "/wall", "/draft", "/sign-in"]


@pytest.fixture
def failure(room: Newsroom) -> Newsroom:
    """A room in which the evening news failed, for the provider refused it; it would take it by now."""
    room.plans(show("evening-news", room.now() + HOUR), show("weather", room.now() + 2 * HOUR, lead="1h"))
    room.meets("Create:RequestForbidden:100%")
    room.works()
    room.meets()
    room.shows_signs()
    assert room.window("evening-news").state == "failed"
    return room


def retry(page: Page, why: str) -> None:
    """As the window's page, or its drawer, offers it."""
    page.get_by_role("textbox", name="Reason").locator("visible=true").fill(why)
    page.get_by_role("button", name="Retry now").click()
    expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible()


def tab_to(page: Page, wanted: Locator) -> None:
    """Presses Tab until it has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_on_call_opens_a_failure_reads_its_error_retries_and_sees_the_new_state(
    visitors: Visitors, failure: Newsroom
) -> None:
    page = visitors.signs_in()
    expect(page).to_have_title("(1) Relaybeat")
    expect(bar(page, "Evening news")).to_have_accessible_name(re.compile("failed"))
    needs_you(page).get_by_role("link", name="Retry Evening news").click()
    drawer = page.get_by_role("dialog", name="Evening news")
    expect(drawer.get_by_role("region", name="Attempts")).to_contain_text("RequestForbidden")
    assert violations(page) == []
    retry(page, "the provider knows the stream now")
    page.keyboard.press("Escape")
    expect(bar(page, "Evening news")).to_have_accessible_name(re.compile("planned"))
    failure.works()
    expect(bar(page, "Evening news")).to_have_accessible_name(re.compile("placed"))
    expect(needs_you(page)).to_contain_text("Nothing needs you")
    expect(page).to_have_title("Relaybeat")
    said = next(failure.ledger.revisions.words())
    assert (said.by, said.why) == ("ann", "the provider knows the stream now")


def test_a_worker_takes_up_what_is_retried_on_the_page(visitors: Visitors, room: Newsroom) -> None:
    """With a beat, a worker and a watch at work."""
    room.meets("Create:RequestForbidden:100%")
    room.plans(show("evening-news", room.now() + HOUR))
    room.crew()
    page = visitors.signs_in()
    expect(bar(page, "Evening news")).to_have_accessible_name(re.compile("failed"), timeout=30_000)
    room.meets()
    needs_you(page).get_by_role("link", name="Retry Evening news").click(timeout=30_000)
    retry(page, "the domain is ours now")
    page.keyboard.press("Escape")
    expect(bar(page, "Evening news")).to_have_accessible_name(re.compile("placed"), timeout=30_000)
    for role in ("beat", "worker", "watch"):
        expect(page.get_by_role("group", name="How Relaybeat is")).to_contain_text(f"{role} ok")


def test_by_keyboard_alone_a_failure_is_found_read_and_retried(visitors: Visitors, failure: Newsroom) -> None:
    page = visitors.signs_in()
    page.keyboard.press("f")
    first = needs_you(page).get_by_role("link", name="Evening news", exact=True)
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="Evening news")
    expect(drawer).to_contain_text("RequestForbidden")
    tab_to(page, drawer.get_by_text("Retry", exact=True))
    page.keyboard.press("Enter")
    tab_to(page, drawer.get_by_role("textbox", name="Reason").locator("visible=true"))
    page.keyboard.type("without a mouse")
    page.keyboard.press("Enter")
    expect(drawer.get_by_role("status")).to_be_focused()
    assert failure.window("evening-news").state == "planned"
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(needs_you(page)).to_contain_text("Nothing needs you")


def test_a_drawer_that_is_closed_gives_the_focus_back(visitors: Visitors, failure: Newsroom) -> None:
    page = visitors.comes()
    bar(page, "Weather").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Weather")).to_be_visible()
    expect(page).to_have_url(re.compile("/windows/weather"))
    page.keyboard.press("Escape")
    expect(bar(page, "Weather")).to_be_focused()
    expect(page).to_have_url(f"{failure.address}/")


def test_the_way_back_leads_out_of_a_drawer_that_was_loaded_again(
    visitors: Visitors, failure: Newsroom
) -> None:
    page = visitors.comes("/?view=6h")
    needs_you(page).get_by_role("link", name="Open").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.reload()
    page.go_back()
    expect(page.get_by_role("region", name="Needs you")).to_be_visible()
    assert page.url.endswith("/?view=6h")


def test_what_may_be_cut_is_ticked_within_the_form_that_asks(visitors: Visitors, room: Newsroom) -> None:
    room.plans(show("film", room.now() - MINUTE))
    room.works()
    page = visitors.signs_in(f"/windows/{room.window('film').window.id}?do=override")
    box = page.get_by_role("checkbox", name="Cut or interrupt what is on air").bounding_box()
    form = page.locator("#do-override form").bounding_box()
    assert box and form
    assert form["y"] <= box["y"] <= form["y"] + form["height"] - box["height"]


def test_by_keyboard_alone_a_film_is_found(visitors: Visitors, failure: Newsroom) -> None:
    page = visitors.comes()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("weather")
    page.keyboard.press("Enter")
    expect(bars(page)).to_have_count(1)
    expect(bar(page, "Weather")).to_be_visible()


def test_arrows_go_along_a_stream_and_from_stream_to_stream(visitors: Visitors, room: Newsroom) -> None:
    soon = room.now() + HOUR
    room.plans(
        show("one", soon, stream="a"),
        show("two", soon + 3 * HOUR, stream="a"),
        show("three", soon, stream="b"),
    )
    page = visitors.comes()
    bar(page, "One").focus()
    for key, name in (
        ("ArrowRight", "Two"),
        ("ArrowLeft", "One"),
        ("ArrowDown", "Three"),
        ("ArrowUp", "One"),
    ):
        page.keyboard.press(key)
        expect(bar(page, name)).to_be_focused()


def test_in_chinese_it_is_all_chinese(visitors: Visitors, failure: Newsroom) -> None:
    page = visitors.comes(locale="zh-CN")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("region", name="需要处理")).to_contain_text("失败")
    assert violations(page) == []
    page.get_by_role("link", name="EN", exact=True).click()
    expect(needs_you(page)).to_contain_text("failed")
    page.goto("/week")  # what somebody chose is remembered
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("path", PAGES)
def test_in_the_dark_everything_can_be_read(visitors: Visitors, failure: Newsroom, path: str) -> None:
    page = visitors.comes(path, color_scheme="dark")
    assert violations(page) == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="light")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    assert violations(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_at_320_pixels_nothing_has_to_be_scrolled_sideways(
    visitors: Visitors, failure: Newsroom, path: str
) -> None:
    page = visitors.comes(path, viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page) == []


def test_at_320_pixels_the_timeline_is_a_list(visitors: Visitors, room: Newsroom) -> None:
    room.plans(show("one", room.now() + HOUR, stream="a"), show("two", room.now() + 3 * HOUR, stream="a"))
    page = visitors.comes(viewport={"width": 320, "height": 640})
    first, second = (bar(page, name).bounding_box() for name in ("One", "Two"))
    assert first and second
    assert first["y"] + first["height"] <= second["y"]
    assert first["width"] > 200 < second["width"]
    expect(page.locator(".now")).to_be_hidden()


def test_at_200_percent_all_of_it_is_there_and_fits(visitors: Visitors, failure: Newsroom) -> None:
    page = visitors.comes(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    expect(bar(page, "Evening news")).to_be_visible()
    assert violations(page) == []


def test_without_javascript_a_failure_is_read_and_retried(visitors: Visitors, failure: Newsroom) -> None:
    page = visitors.signs_in(java_script_enabled=False)
    bar(page, "Evening news").click()
    expect(page.get_by_role("region", name="Attempts")).to_contain_text("RequestForbidden")
    page.get_by_text("Retry", exact=True).click()
    retry(page, "by form")
    assert failure.window("evening-news").state == "planned"
    page.goto("/?show=table")
    expect(page.get_by_role("row", name=re.compile("Evening news.*planned"))).to_be_visible()


def test_what_is_done_in_one_tab_is_seen_in_the_other(visitors: Visitors, failure: Newsroom) -> None:
    doing = visitors.signs_in()
    looking = doing.context.new_page()
    looking.goto("/")
    expect(bar(looking, "Evening news")).to_have_accessible_name(re.compile("failed"))
    needs_you(doing).get_by_role("link", name="Retry Evening news").click()
    retry(doing, "once more")
    expect(bar(looking, "Evening news")).to_have_accessible_name(re.compile("planned"))


def test_a_picture_that_is_brought_up_to_date_leaves_the_focus_where_it_was(
    visitors: Visitors, failure: Newsroom
) -> None:
    page = visitors.comes()
    bar(page, "Weather").focus()
    failure.plans(show("bulletin", failure.now() + 3 * HOUR))
    expect(bar(page, "Bulletin")).to_be_visible()
    expect(bar(page, "Weather")).to_be_focused()


def test_when_redis_is_away_the_picture_stays_and_is_called_old_until_it_is_back(
    visitors: Visitors, failure: Newsroom
) -> None:
    page = visitors.comes()
    visitors.expect("status of 503")
    alert = page.get_by_role("alert").filter(has_text="Redis is away")
    expect(alert).to_be_hidden()
    failure.redis.kill()
    try:
        expect(alert).to_be_visible()
        expect(bar(page, "Evening news")).to_be_visible()
        assert violations(page) == []
        other = visitors.comes("/", java_script_enabled=False)
        visitors.expect("status of 503")
        expect(other.get_by_role("alert")).to_contain_text("Redis")
    finally:
        failure.restarts_redis()
    expect(alert).to_be_hidden(timeout=20_000)
    expect(bar(page, "Evening news")).to_be_visible()


def test_who_wants_less_motion_gets_none(visitors: Visitors, failure: Newsroom) -> None:
    page = visitors.comes(reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0
    moving = "el => [...el.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration != '0s')"
    assert page.locator("body").evaluate(f"{moving.removesuffix(')')}).length") == 0


def test_in_forced_colours_every_state_is_still_told(visitors: Visitors, failure: Newsroom) -> None:
    page = visitors.comes(forced_colors="active")
    expect(bar(page, "Evening news")).to_contain_text("✕")
    assert violations(page) == []
