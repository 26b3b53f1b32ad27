"""One browser, one Redis and one page for all tests that follow each other here; an empty ledger for each.

They end with the last of these tests and not with the session: while Playwright's loop runs, no other test
of this process could run one of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Witness, chromium, find_chromium
from tests.browser.newsroom import FAKETIME, TOKEN, Clock, Newsroom, newsroom, page_of
from worker.embedded import EmbeddedError, RedisServer, find_server

PATIENCE = 10_000
"""Milliseconds that are given to whatever is waited for."""


def _need(what: str, *, there: bool) -> None:
    if not there and os.environ.get("CI"):
        raise RuntimeError(f"{what} is not installed; .ci/run installs it")
    if not there:
        pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    path = find_chromium()
    _need("chromium", there=bool(path))
    with chromium(path) as found:
        yield found


@pytest.fixture(scope="package")
def _clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return Clock(tmp_path_factory.mktemp("clock"))


@pytest.fixture
def clock(room: Newsroom) -> Clock:
    """The clock that decides, to be set."""
    _need("libfaketime", there=bool(FAKETIME))
    return room.clock


@pytest.fixture(scope="package")
def _redis(_clock: Clock) -> Iterator[RedisServer]:
    try:
        find_server()
    except EmbeddedError:
        _need("a Redis server", there=False)
    with _clock.redis() as server:
        yield server


@pytest.fixture(scope="package")
def _address(_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with page_of(_redis, tmp_path_factory.mktemp("web")) as address:
        yield address


@pytest.fixture
def room(_address: str, _redis: RedisServer, _clock: Clock, tmp_path: Path) -> Iterator[Newsroom]:
    """An empty newsroom, served."""
    with newsroom(_address, _redis, _clock, tmp_path) as found:
        yield found


def signs_in(page: Page, token: str = TOKEN, name: str = "ann") -> None:
    """Fills in what the door asks for."""
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()


class Visitors:
    """Opens tabs. Those of one visitor share cookies; each visitor has a browser of their own."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser, self.address = browser, address
        self.witnesses: list[Witness] = []

    def comes(self, path: str = "/", **wishes: Any) -> Page:
        """Somebody new, whose browser is as ``wishes`` say, looks at a page of ours."""
        settings: dict[str, Any] = {
            "base_url": self.address,
            "locale": "en-GB",
            "timezone_id": "Europe/Berlin",
            "viewport": {"width": 1280, "height": 800},
            "service_workers": "block",
        }
        context = self._browser.new_context(**(settings | wishes))
        context.set_default_timeout(PATIENCE)
        self.witnesses.append(Witness(context))
        page = context.new_page()
        page.goto(path)
        return page

    def signs_in(self, path: str = "/", *, token: str = TOKEN, name: str = "ann", **wishes: Any) -> Page:
        """Somebody new, who may operate unless the token says otherwise, signs in on the way to a page."""
        page = self.comes(f"/sign-in?next={quote(path)}", **wishes)
        signs_in(page, token, name)
        page.wait_for_url(lambda url: url.removeprefix(self.address) == path)
        return page

    def expect(self, *patterns: str) -> None:
        """What a test brings about is no surprise."""
        for witness in self.witnesses:
            witness.expects(*patterns)

    def leave(self) -> list[str]:
        """Closes everything; what anybody had to complain of."""
        for witness in self.witnesses:
            witness.context.close()
        return [said for witness in self.witnesses for said in witness.verdict()]


@pytest.fixture
def visitors(browser: Browser, room: Newsroom) -> Iterator[Visitors]:
    """People with browsers, who find an empty console and nothing that leaves this machine."""
    found = Visitors(browser, room.address)
    yield found
    assert found.leave() == []
