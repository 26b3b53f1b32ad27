"""The run book: whoever is woken finds a section, under the word that the alert used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from worker.alerts.wording import CAUSES, WORDINGS
from worker.cli import VERBS
from worker.conditions import Kind

DOCS = Path(__file__).parents[2] / "docs"
BOOK = (DOCS / "run-book.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### ([a-z-]+)\n(.*?)(?=^##|\Z)", BOOK, flags=re.MULTILINE | re.DOTALL))


def test_every_kind_has_a_section_and_no_section_is_of_another_time() -> None:
    assert SECTIONS.keys() == {kind.value for kind in Kind}


@pytest.mark.parametrize("kind", sorted(SECTIONS))
def test_every_section_says_what_to_do(kind: str) -> None:
    words = SECTIONS[kind]
    assert "*You:*" in words or "| what to do |" in words or "Only the provider's console helps" in words


def test_every_kind_names_a_command_that_exists() -> None:
    commands = {each for wording in WORDINGS.values() for each in (wording.command, wording.of_many) if each}
    assert {command.split()[1] for command in commands} <= VERBS.keys()


def test_causes_that_the_book_explains_are_known() -> None:
    explained = set(re.findall(r"^\| `([a-z-]+)` \|", SECTIONS["dark"], flags=re.MULTILINE))
    assert explained <= CAUSES.keys()
