from __future__ import annotations

import pytest
from starlette.requests import Request

from worker.web.wishes import Wishes, wishes_of


def wishes(query: str = "", **headers: str) -> Wishes:
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": told}
    return wishes_of(Request(scope))


def test_who_wishes_nothing_reads_english_on_the_clocks_of_events() -> None:
    assert wishes() == Wishes(lang="en", theme="auto", zone="event", here="")


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de,zh;q=0.2", "zh"),
        ("de,fr", "en"),
        ("zh;q=0,en;q=0.1", "en"),
        ("zh;q=rubbish", "en"),
        ("," * 10_000, "en"),
    ],
)
def test_the_browser_says_which_language_is_preferred(accepted: str, lang: str) -> None:
    assert wishes(accept_language=accepted).lang == lang


def test_an_address_counts_before_a_cookie_and_a_cookie_before_the_browser() -> None:
    assert wishes("lang=en", cookie="lang=zh", accept_language="zh").lang == "en"
    assert wishes(cookie="lang=zh", accept_language="en").lang == "zh"


def test_what_nobody_knows_is_passed_over() -> None:
    assert wishes("lang=xx&theme=pink&zone=mars", cookie="lang=<script>") == wishes()


def test_the_viewers_zone_is_what_their_browser_told() -> None:
    assert wishes("zone=local", cookie="tz=Europe%2FBerlin").here == "Europe/Berlin"
    assert len(wishes(cookie=f"tz={'x' * 1_000}").here) <= 64
