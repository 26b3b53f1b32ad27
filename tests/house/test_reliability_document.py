"""The promises that are published, and the tests that hold them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[a-z_/]+\.py)(?:::(test_\w+))?`", DOCUMENT)))
PROMISES = dict(re.findall(r"^### (P\d)\b[^\n]*\n(.*?)(?=^##)", DOCUMENT, flags=re.MULTILINE | re.DOTALL))


def test_every_promise_is_there_and_names_a_test() -> None:
    assert sorted(PROMISES) == [f"P{n}" for n in range(1, 9)]
    assert [name for name, text in PROMISES.items() if "`tests/" not in text] == []


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_the_test_that_is_named_exists(path: str, test: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not test or f"def {test}(" in text


def test_the_gate_that_is_reported_says_its_seeds() -> None:
    report = DOCUMENT.partition("## The gate")[2]
    assert re.search(r"seeds? \d", report)
