"""The pictures of the page are there, and a clone stays light."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_first_screen_shows_the_page(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    shown = re.findall(r"docs/images/[\w-]+\.webp", text[: text.index("```")])
    assert shown
    assert all((ROOT / path).exists() for path in shown)


def test_no_picture_weighs_more_than_150_kb() -> None:
    assert all(path.stat().st_size < 150_000 for path in (ROOT / "docs" / "images").iterdir())
