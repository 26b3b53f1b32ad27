"""An events file in the making: checked as every one is, until what is left of it is right (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from worker.errors import ConfigError
from worker.events.load import parse_events
from worker.events.problems import Unusable
from worker.events.write import write_events
from worker.imports import Entry


class Draft(Protocol):
    """Entries that know what they are made of."""

    def entries(self) -> Sequence[Entry]:
        """The events, without what was refused."""

    def refuse(self, event: str, field: str, why: str) -> None:
        """Takes out at least what made this field of the event; ``field`` is such as ``extra[3].end``."""


def settled(head: Entry, draft: Draft) -> str:
    """The text of the events file, once everything in it is right; empty if nothing is left.

    ``head`` is the file without its events. Raises ``Unusable`` for what is wrong with that, or with the file
    as a whole.
    """
    while entries := draft.entries():
        text = write_events({"version": "1"} | head | {"events": list(entries)})
        problems = parse_events(text.encode(), "").problems
        if not problems:
            return text
        for problem in problems:
            if not problem.event:
                message = f"{problem.field}: {problem.message}" if problem.field else problem.message
                raise Unusable(message, hint=problem.hint)
            draft.refuse(problem.event, problem.field, advice(problem.message, problem.hint))
    return ""


def told(error: ConfigError) -> str:
    """What is wrong, and what to do."""
    return advice(str(error), error.hint)


def advice(message: str, hint: str) -> str:
    """A message with its hint."""
    return f"{message} ({hint})" if hint else message
