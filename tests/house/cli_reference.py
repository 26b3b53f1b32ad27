"""Writes the generated parts of ``docs/cli.md``: ``python -m tests.house.cli_reference``."""

from __future__ import annotations

import re
from pathlib import Path

import click

from worker.cli import VERBS, relaybeat
from worker.views import NOTES

DOCUMENT = Path(__file__).parents[2] / "docs" / "cli.md"
_WIDTH = 100


def notes() -> str:
    """The table of note codes."""
    return "\n".join(
        ["| note | meaning |", "|---|---|", *(f"| `{c}` | {words} |" for c, words in NOTES.items())]
    )


def verbs() -> str:
    """Each verb with its help, as the command prints it."""
    root = click.Context(relaybeat, info_name="relaybeat")
    return "\n\n".join(f"### relaybeat {verb}\n\n```text\n{_help(root, verb)}\n```" for verb in VERBS)


def rendered(text: str) -> str:
    """The document with its generated parts as they should be."""
    for name, content in (("notes", notes()), ("verbs", verbs())):
        marks = re.compile(rf"(<!-- {name}: generated -->\n).*?(<!-- {name}: end -->)", re.DOTALL)
        text = marks.sub(lambda found, new=content: f"{found[1]}{new}\n{found[2]}", text)
    return text


def _help(root: click.Context, verb: str) -> str:
    command = relaybeat.get_command(root, verb)
    context = click.Context(
        command, info_name=verb, parent=root, terminal_width=_WIDTH, max_content_width=_WIDTH,
        help_option_names=["-h", "--help"],
    )  # fmt: skip
    return command.get_help(context).rstrip()


if __name__ == "__main__":
    DOCUMENT.write_text(rendered(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
