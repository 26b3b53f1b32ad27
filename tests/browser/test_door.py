"""Signing in and out, and what is refused."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.chromium import violations
from tests.browser.conftest import Visitors
from tests.browser.newsroom import READ_TOKEN, Newsroom, show

REFUSED = r"status of 40[0-9]"


def test_who_signs_in_is_greeted_and_who_signs_out_may_only_look(visitors: Visitors, room: Newsroom) -> None:
    room.plans(show("news", room.now() + 3_600))
    page = visitors.signs_in(f"/windows/{room.window('news').window.id}", name="Ann Li")
    expect(page.get_by_role("banner")).to_contain_text("Ann Li")
    expect(page.get_by_text("Cancel").first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(room.url_of("news"))
    expect(page.get_by_role("button", name=re.compile("Cancel"))).to_have_count(0)


def test_a_wrong_token_is_said_to_be_wrong(visitors: Visitors) -> None:
    page = visitors.comes("/sign-in")
    visitors.expect(REFUSED)
    assert violations(page) == []
    page.get_by_label("Your name").fill("mallory")
    page.get_by_label("Token").fill("guess")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []


def test_who_may_read_is_offered_nothing_to_do(visitors: Visitors, room: Newsroom) -> None:
    room.plans(show("news", room.now() + 3_600))
    page = visitors.signs_in(f"/windows/{room.window('news').window.id}", token=READ_TOKEN)
    expect(page.get_by_role("region", name="Attempts")).to_be_visible()
    expect(page.locator("main form")).to_have_count(0)


def test_a_form_that_is_not_ours_is_refused(visitors: Visitors, room: Newsroom) -> None:
    """As another site would have it sent: with the cookie, without what only our own pages know."""
    room.plans(show("news", room.now() + 3_600))
    page = visitors.signs_in(f"/windows/{room.window('news').window.id}")
    visitors.expect(REFUSED)
    page.evaluate("for (const each of document.getElementsByName('csrf')) each.value = 'guessed'")
    page.get_by_text("Cancel").first.click()
    page.get_by_label("Reason").locator("visible=true").first.fill("mischief")
    page.get_by_role("button", name="Cancel").locator("visible=true").first.click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert room.window("news").state == "planned"


def test_the_page_keeps_its_session_out_of_reach_of_scripts(visitors: Visitors) -> None:
    page = visitors.signs_in()
    (cookie,) = [each for each in page.context.cookies() if each["httpOnly"]]
    assert cookie["sameSite"] in {"Strict", "Lax"}
    assert cookie["value"] not in page.evaluate("document.cookie")
