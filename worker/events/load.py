"""Reads an events file: every problem at once, each with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from worker.events.build import build
from worker.events.document import MOST_BYTES, Listed, Mapped, Tree, Unreadable, compose, decode, locate
from worker.events.model import Event
from worker.events.problems import MOST_PROBLEMS, EventsError, Fault, Problem, Way, wide
from worker.events.references import read_calendars
from worker.events.schema import MOST_EVENTS, Defaults, Header
from worker.events.validate import validate
from worker.redact import mask_text

_NEEDED: Final = {"version": "write version: 1", "events": "write events: and below it one - id: for each"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """An events file as far as it could be read: the events that are right, and what is wrong.

    ``sha256`` is that of the file's bytes. ``problems`` are in order of line, :data:`MOST_PROBLEMS` at
    most; ``left_out`` counts the rest.
    """

    file: str
    sha256: str
    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: int = 0
    _root: Tree = field(default="", repr=False, compare=False)
    _places: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)

    def warning(self, event: str, way: Way, message: str, hint: str = "") -> Problem:
        """A remark on what stands at ``way`` inside the event with this id, with its line."""
        fault = Fault(("events", self._places[event], *way), message, hint)
        return _problem(self.file, self._root, fault, "warning")

    def remark(self, way: Way, message: str, hint: str = "") -> Problem:
        """A remark on what stands at ``way`` from the top of the file, with its line."""
        return _problem(self.file, self._root, Fault(way, message, hint), "warning")

    @property
    def calendars(self) -> tuple[str, ...]:
        """The names of the file's calendars, as they are written."""
        written = self._root.get("calendars") if isinstance(self._root, Mapped) else None
        return tuple(written) if isinstance(written, Mapped) else ()


def load_events(path: Path) -> Loaded:
    """The file's events. Raises :class:`EventsError`, which tells everything that is wrong with it."""
    loaded = read_events(path)
    if loaded.problems:
        raise EventsError(loaded.problems, loaded.left_out)
    return loaded


def read_events(path: Path) -> Loaded:
    """The file's events and problems, whatever it holds; a file that cannot be opened is a problem too."""
    try:
        with path.open("rb") as file:
            return parse_events(file.read(MOST_BYTES + 1), str(path))
    except (OSError, ValueError) as error:  # ValueError: the name holds a NUL
        what = getattr(error, "strerror", None) or str(error)
        return Loaded(str(path), "", problems=(Problem(str(path), 0, 0, what, hint="check the path"),))


def parse_events(content: bytes, file: str) -> Loaded:
    """The events and problems of these bytes; ``file`` is what problems call them. Raises nothing."""
    digest = hashlib.sha256(content).hexdigest()
    try:
        root, faults = compose(decode(content))
    except Unreadable as error:
        line, column = error.mark
        return Loaded(
            file, digest, problems=(Problem(file, line, column, mask_text(str(error)), hint=error.hint),)
        )
    events, found = _read(root)
    problems = sorted(
        (_problem(file, root, fault, "error") for fault in (*faults, *found)),
        key=lambda p: (p.line, p.column),
    )
    places = dict(reversed(list(_ids(root))))
    kept = tuple(problems[:MOST_PROBLEMS])
    return Loaded(file, digest, events, kept, len(problems) - len(kept), root, places)


def _read(root: Tree) -> tuple[tuple[Event, ...], list[Fault]]:
    if not isinstance(root, Mapped):
        return (), [Fault((), "an events file is a mapping", "begin with version: 1 and events:")]
    _, faults = validate(Header, root, ())
    faults += [Fault((key,), "this is missing", hint) for key, hint in _NEEDED.items() if key not in root]
    written = root.get("defaults", Mapped((1, 1)))
    named, wrong = validate(Defaults, written, ("defaults",))
    faults += wrong
    calendars, wrong = read_calendars(root.get("calendars"))
    faults += wrong
    defaults, wrong = calendars.resolve(named, ("defaults",))
    faults += wrong
    inherited = frozenset(written) if isinstance(written, Mapped) else frozenset()
    events = []
    for n, entry in _entries(root):
        event, wrong = build(entry, defaults, inherited, calendars, ("events", n))
        faults += wrong
        events += [event] if event else []
    return tuple(events), faults + list(_repeated(root))


def _entries(root: Tree) -> Iterator[tuple[int, Tree]]:
    entries = root.get("events") if isinstance(root, Mapped) else None
    if isinstance(entries, Listed) and len(entries) <= MOST_EVENTS:
        yield from enumerate(entries)


def _ids(root: Tree) -> Iterator[tuple[str, int]]:
    """The ids as they are written, each with its event's position."""
    for n, entry in _entries(root):
        name = entry.get("id") if isinstance(entry, Mapped) else None
        if isinstance(name, str) and name:
            yield name, n


def _repeated(root: Tree) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for name, n in _ids(root):
        if seen.setdefault(name, n) != n:
            (line, _), _ = locate(root, ("events", seen[name], "id"))
            yield Fault(
                ("events", n, "id"), f"the event on line {line} has this id", "every event needs its own"
            )


def _problem(file: str, root: Tree, fault: Fault, severity: Literal["error", "warning"]) -> Problem:
    mark, way = locate(root, fault.way)
    line, column = fault.mark or mark
    event, inner = _event(root, way)
    hint = fault.hint if severity == "warning" else wide(fault.message) or fault.hint
    return Problem(file, line, column, mask_text(fault.message), event, _spell(inner), hint, severity)


def _event(root: Tree, way: Way) -> tuple[str, Way]:
    """What the event on this way is called, and the way inside it."""
    entries = root.get("events") if isinstance(root, Mapped) else None
    match way:
        case ("events", int(n), *inner) if isinstance(entries, Listed):
            entry = entries[n]
            name = entry.get("id") if isinstance(entry, Mapped) else None
            return mask_text(name) if isinstance(name, str) and name else f"#{n + 1}", tuple(inner)
    return "", way


def _spell(way: Way) -> str:
    """``exceptions[0].on``; a key that is no word may hold anything, and is quoted and masked."""
    steps = (
        f"[{s}]" if isinstance(s, int) else f".{s if s.isidentifier() else mask_text(repr(s))}" for s in way
    )
    return "".join(steps).removeprefix(".")
