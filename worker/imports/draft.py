"""An events file in the making: checked as every one is, until what is left of it is right (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from worker.errors import ConfigError
from worker.events.document import compose, decode
from worker.events.load import parse_events
from worker.events.problems import Problem, Unusable
from worker.events.write import write_events
from worker.imports import Entry

OPTIONS: Final = {
    "timezone": "--timezone Asia/Shanghai",
    "domain": "--domain pull.example.com",
    "app": "--app live",
    "stream": "--stream '{id}'",
    "sources": "--source rtmp://…",
}
"""What each event needs, and the option that gives it to all."""
_MISSING: Final = "this is missing"


class Draft(Protocol):
    """Entries that know what they are made of."""

    def entries(self) -> Sequence[Entry]:
        """The events, without what was refused."""

    def refuse(self, event: str, field: str, why: str) -> None:
        """Takes out at least what made this field of the event; ``field`` is such as ``extra[3].end``."""


def settled(head: Mapping[str, Any], draft: Draft) -> str:
    """The text of the events file, once everything in it is right; empty if nothing is left.

    ``head`` is the file without its events. Raises ``Unusable`` for what is wrong with that, or with the file
    as a whole.
    """
    while entries := draft.entries():
        text = write_events({"version": "1", **head, "events": list(entries)})
        problems = parse_events(text.encode(), "").problems
        if not problems:
            return text
        for problem in problems:
            if not problem.event:
                raise _amiss(problem)
            draft.refuse(problem.event, problem.field, _why(problem))
    return ""


def checked_head(defaults: bytes, options: Mapping[str, Any]) -> Entry:
    """The events file without its events: defaults and calendars of another one, and options over them.

    ``defaults`` is that file's content; it may be empty. Raises ``Unusable`` for what is wrong with either.
    """
    root: Any = compose(decode(defaults))[0] if defaults else {}
    if not isinstance(root, dict) or not isinstance(root.get("defaults", {}), dict):
        raise Unusable("this is no events file", hint="check the path")
    head: Entry = {"defaults": root.get("defaults", {}) | options, "calendars": root.get("calendars")}
    head = {key: value for key, value in head.items() if value}
    text = write_events({"version": "1"} | head | {"events": [{"id": "any"}]})
    for problem in parse_events(text.encode(), "").problems:
        if not problem.event:
            raise _amiss(problem)
    return head


def _amiss(problem: Problem) -> Unusable:
    message = f"{problem.field}: {problem.message}" if problem.field else problem.message
    return Unusable(message, hint=problem.hint)


def _why(problem: Problem) -> str:
    if problem.message == _MISSING and problem.field in OPTIONS:
        return advice(f"it has no {problem.field}", f"give {OPTIONS[problem.field]}")
    return advice(f"{problem.field}: {problem.message}", problem.hint)


def told(error: ConfigError) -> str:
    """What is wrong, and what to do."""
    return advice(str(error), error.hint)


def advice(message: str, hint: str) -> str:
    """A message with its hint."""
    return f"{message} ({hint})" if hint else message
