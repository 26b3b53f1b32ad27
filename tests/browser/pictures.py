"""Takes the pictures of the README: ``make pictures``. Needs Chromium, libfaketime and a Chinese font.

They show ``examples/events.yaml`` on a Saturday evening: seven hours of it are played to a real ledger and an
emulated provider, which fails now and then, and then the page is looked at.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium, find_chromium
from tests.browser.conftest import signs_in
from tests.browser.newsroom import FAKETIME, HOUR, MINUTE, Clock, Newsroom, newsroom, page_of
from tests.browser.picture import needs_you
from tests.integration.station import ROOT
from worker.sense import Speaker, Wish

MOMENT = datetime(2026, 11, 28, 19, 47, 20, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
PLAYED = 7 * HOUR
PHONE = {"width": 390, "height": 780}
HEAVIEST = 150_000
ANN = Speaker("ann", "studio C has the news tonight")
TARGET = ROOT / "docs" / "images"
OTHERS = ("rtmp://studio-c.example.com/live/news",)
"""Where somebody says, shortly before the news, that they come from: and the provider takes it for a slip."""


def main() -> None:
    path = find_chromium()
    if not (path and FAKETIME):
        sys.exit("pictures need Chromium and libfaketime; .ci/run says what to install")
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _evening(Path(folder)) as room, chromium(path) as browser:
        with _looking(browser, room) as page:
            _keep(page, "page-light")
        with _looking(browser, room, color_scheme="dark") as page:
            _keep(page, "page-dark")
        with _looking(browser, room, locale="zh-CN") as page:
            _keep(page, "page-zh")
        with _looking(browser, room, "/sign-in?next=/") as page:
            signs_in(page)
            needs_you(page).get_by_role("link", name="Retry 晚间新闻").click()
            page.get_by_role("dialog").wait_for()
            _keep(page, "drawer")
        with _looking(browser, room, "/month?month=2026-12", device_scale_factor=1) as page:
            _keep(page, "month")
        with _looking(browser, room, viewport=PHONE, device_scale_factor=2) as page:
            _keep(page, "phone")


@contextmanager
def _evening(folder: Path) -> Iterator[Newsroom]:
    clock = Clock(folder)
    with (
        clock.redis() as redis,
        page_of(redis, folder, RELAYBEAT_PROVIDER_URL="http://127.0.0.1:8123") as address,
        newsroom(address, redis, clock, folder) as room,
    ):
        clock.reads(MOMENT - PLAYED)
        room.plans_text((ROOT / "examples" / "events.yaml").read_text(encoding="utf-8"))
        for left in range(PLAYED, -1, -MINUTE // 2):
            clock.reads(MOMENT - left)
            slip = left == 8 * MINUTE
            if slip:
                room.verbs.override("nightly-news@20261128T120000Z", ANN, Wish(sources=OTHERS))
            room.meets(*["Update:InvalidParam:100%"] * slip)
            room.works()
        room.shows_signs()
        yield room


def _keep(page: Page, name: str) -> None:
    picture = page.screenshot(type="webp", quality=80, animations="disabled")
    if len(picture) > HEAVIEST:
        sys.exit(f"{name} weighs {len(picture)} bytes")
    (TARGET / f"{name}.webp").write_bytes(picture)
    sys.stdout.write(f"{name}.webp: {len(picture) // 1000} kB\n")


@contextmanager
def _looking(browser: Browser, room: Newsroom, path: str = "/", **wishes: Any) -> Iterator[Page]:
    settings: dict[str, Any] = {
        "base_url": room.address,
        "locale": "en-GB",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1200, "height": 840},
        "device_scale_factor": 1.5,
    }
    with browser.new_context(**(settings | wishes)) as context:
        page = context.new_page()
        page.clock.install(time=room.now())
        answer = page.goto(path)
        if not (answer and answer.ok):
            sys.exit(f"{path} is answered {answer.status if answer else 'by nobody'}")
        yield page


if __name__ == "__main__":
    main()
