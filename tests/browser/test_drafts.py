"""A plan is pasted, looked at and applied, on the page alone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.chromium import violations
from tests.browser.conftest import Visitors
from tests.browser.newsroom import Newsroom

PLAN = """\
version: 1
defaults: {timezone: Asia/Shanghai, domain: pull.example.com, app: live}
events:
  - {id: news, title: 晚间新闻, cron: "0 20 * * *", duration: 1h, stream: news, sources: [rtmp://a.example.com/live/k]}
"""


def test_a_draft_is_pasted_seen_and_applied(visitors: Visitors, room: Newsroom) -> None:
    page = visitors.signs_in("/draft")
    page.get_by_label("Events file", exact=False).first.fill(PLAN)
    page.get_by_role("button", name="See what it would do").click()
    changes = page.get_by_role("region", name="What would change")
    expect(changes.get_by_role("row", name=re.compile("comes.*晚间新闻")).first).to_be_visible()
    assert violations(page) == []
    assert room.ledger.plans.ids() == []
    page.get_by_label("Reason").fill("the spring season")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("status").filter(has_text="Applied: revision 1")).to_be_visible()
    assert room.ledger.plans.ids() == ["news"]
    assert violations(page) == []


def test_a_slip_in_a_draft_is_told_with_its_line(visitors: Visitors, room: Newsroom) -> None:
    page = visitors.comes("/draft")
    page.get_by_label("Events file", exact=False).first.fill(PLAN.replace("cron:", "corn:"))
    page.get_by_role("button", name="See what it would do").click()
    problems = page.get_by_role("alert")
    expect(problems).to_contain_text("corn")
    problems.get_by_role("link", name="line 4").first.click()
    expect(page.locator("#L4")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)
    assert violations(page) == []
