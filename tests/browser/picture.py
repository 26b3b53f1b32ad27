"""Where things are on the first page, by role and name."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page


def needs_you(page: Page) -> Locator:
    """What wants somebody."""
    return page.get_by_role("region", name="Needs you")


def bars(page: Page) -> Locator:
    """Every window in the picture."""
    return page.locator("#picture").get_by_role("listitem").get_by_role("link")


def bar(page: Page, title: str) -> Locator:
    """The window in the picture that is called so, whatever its state."""
    return page.locator("#picture").get_by_role("link", name=re.compile(f"^{title}, "))
