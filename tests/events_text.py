"""How tests write events files: the text around the few lines at hand."""

from __future__ import annotations

from worker.events.load import parse_events
from worker.events.model import Event
from worker.events.problems import Problem

DEFAULTS = (
    "{timezone: Asia/Shanghai, domain: pull.example.com, app: live, sources: [rtmp://a.example.com/live/x]}"
)
HEAD = f"version: 1\ndefaults: {DEFAULTS}\nevents:\n"
SHOW = {"id": "show", "cron": '"0 20 * * *"', "duration": "2h", "stream": "show"}


def show(**changes: str | None) -> str:
    """A file of one good event on line 4, its fields changed or, with ``None``, left out; values are YAML."""
    fields = {key: value for key, value in (SHOW | changes).items() if value is not None}
    return HEAD + "  - " + "\n    ".join(f"{key}: {value}" for key, value in fields.items()) + "\n"


def problems(text: str | bytes) -> tuple[Problem, ...]:
    """Everything that is wrong with a file of this text."""
    return parse_events(text if isinstance(text, bytes) else text.encode(), "events.yaml").problems


def problem(text: str | bytes) -> Problem:
    """The one thing that is wrong with it."""
    (only,) = problems(text)
    return only


def refusal(**changes: str | None) -> tuple[str, str]:
    """The field and the message of the one thing that is wrong with a show changed like this."""
    only = problem(show(**changes))
    return only.field, only.message


def event(**changes: str | None) -> Event:
    """The event that a show changed like this becomes."""
    loaded = parse_events(show(**changes).encode(), "events.yaml")
    assert not loaded.problems, "\n".join(map(str, loaded.problems))
    return loaded.events[0]
