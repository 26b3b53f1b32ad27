"""``docs/cli.md`` says what the commands say of themselves."""

from __future__ import annotations

import click
import pytest

from tests.house.cli_reference import DOCUMENT, rendered
from worker.cli import VERBS, relaybeat


def test_the_reference_is_what_the_commands_print() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == rendered(text), "run: python -m tests.house.cli_reference"


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_described_and_so_is_each_of_its_options(verb: str) -> None:
    command = relaybeat.get_command(click.Context(relaybeat), verb)
    assert command.help
    assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == []


@pytest.mark.parametrize("verb", VERBS)
def test_a_verbs_line_in_the_list_fits_a_terminal(verb: str) -> None:
    assert VERBS[verb][1].endswith(".")
    assert len(VERBS[verb][1]) < 70
