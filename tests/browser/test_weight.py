"""What a page weighs on its way, with as much in view as it is built for. Bytes are no clock."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest

from tests.browser.newsroom import Newsroom, show

STREAMS = 50


@pytest.fixture
def parts(room: Newsroom) -> dict[str, bytes]:
    """The page with 500 windows in view and all it asks for, by path."""
    room.plans(
        *(
            show(f"stream-{n}", room.now(), title=f"晚间节目 Programme {n}", cron=f"{n} */2 * * *")
            for n in range(STREAMS)
        )
    )
    with httpx.Client(base_url=room.address, trust_env=False) as client:
        page = client.get("/").raise_for_status()
        paths = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
        assert page.text.count('<a class="bar ') >= 500
        return {"/": page.content} | {path: client.get(path).raise_for_status().content for path in paths}


def test_a_page_with_500_windows_is_light(parts: dict[str, bytes]) -> None:
    weights = {path: len(gzip.compress(content)) for path, content in parts.items()}
    assert sum(weights.values()) < 100_000, weights
    assert sum(weight for path, weight in weights.items() if ".js" in path) < 15_000, weights


def test_the_script_and_the_style_sheet_are_one_file_each(parts: dict[str, bytes]) -> None:
    kinds = [path.partition("?")[0].rpartition(".")[2] for path in parts]
    assert kinds.count("js") == kinds.count("css") == 1


def test_what_is_sent_is_compressed(room: Newsroom) -> None:
    answer = httpx.get(room.address, headers={"Accept-Encoding": "gzip"}, trust_env=False)
    assert answer.headers["content-encoding"] == "gzip"
