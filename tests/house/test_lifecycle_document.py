"""docs/lifecycle.md and docs/ledger.md say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from worker.ledger import keys
from worker.lifecycle import EDGES, OPEN, State

DOCS = Path(__file__).parents[2] / "docs"
LIFECYCLE = (DOCS / "lifecycle.md").read_text(encoding="utf-8")
LEDGER = (DOCS / "ledger.md").read_text(encoding="utf-8")


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return lines[1:]


def test_the_table_of_changes_is_that_of_the_code() -> None:
    written = [
        [before, after, ", ".join(sorted(movers)), when] for (before, after), (movers, when) in EDGES.items()
    ]
    assert rows(LIFECYCLE, "What can happen") == written


def test_every_state_is_explained() -> None:
    assert [row[0] for row in rows(LIFECYCLE, "What the states mean")] == list(State)


def test_the_open_states_are_named() -> None:
    named = re.search(r"\n\n((?:`\w+`[, and]*)+) are \*open\*", LIFECYCLE)
    assert named
    assert set(re.findall(r"`(\w+)`", named[1])) == OPEN


KEYS = re.findall(
    r"^ {6}([a-z]\S*)\s+(?:hash|string|list|zset|set|number)\b", keys.__doc__ or "", re.MULTILINE
)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_explained(key: str) -> None:
    assert f"`{key}`" in LEDGER
