"""YAML becomes plain mappings, lists and texts that know their lines (pure).

Every scalar stays the text that was written. YAML 1.1 would turn ``on:`` into true, ``20:00`` into 72000
and ``2026-11-01`` into a date; here the field decides what its text means. PyYAML only parses: its events
are put together here, so that depth, number and repeated use of values are bounded while they are read.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any, Final, Union

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from worker.events.problems import Fault, Mark, Unusable, Way, wide

MOST_BYTES: Final = 8_000_000
MOST_VALUES: Final = 1_000_000
"""Keys and values; what an alias stands for counts each time it is used."""
DEEPEST: Final = 16
MOST_KEYS: Final = 100
"""Of one mapping; the largest that makes sense has two dozen."""
LONGEST_VALUE: Final = 4_000
"""Characters: twice the longest source."""

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE: Final = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MEANS_MORE: Final = {
    "\t": "indent with spaces; YAML takes no tabs there",
    "*": 'put the value in quotes: "* * * * *"',
    "@": 'put the value in quotes: "@daily"',
    "%": "put the value in quotes",
    "`": "put the value in quotes",
}
_IN_WORDS: Final = {
    "did not find expected '-' indicator": "this line is indented unlike the items of its list",
    "did not find expected key": "this line is indented unlike the lines that it belongs to",
    "mapping values are not allowed in this context": "there is a colon too many, or a wrong indentation",
    "could not find expected ':'": "there is no colon with a space behind it",
    "found unexpected end of stream": "the quote that is opened here is never closed",
    "did not find expected ',' or ']'": "a comma or the closing ] is missing",
    "did not find expected ',' or '}'": "a comma or the closing } is missing",
}
"""What YAML's parser says, for people who have not met it."""
_BEGUN: Final = ("while scanning", "while parsing a flow")
"""Contexts that are to blame themselves; the parser only finds out later."""
_WIDE: Final = re.compile(r"[a-z]：|，(?=\s*[a-z_]+\s*[:：])|^[ -]*[\u3000\xa0]|(?<=: )[［｛]")
"""Where a full-width character stands for one that YAML needs; in a title it may be meant."""


class Mapped(dict[str, "Tree"]):
    """A mapping that knows where it starts, and where each of its keys stands."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self.marks: dict[str, Mark] = {}


class Listed(list["Tree"]):
    """A list that knows where it starts, and where each of its items stands."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self.marks: list[Mark] = []


Tree = Union[str, Mapped, Listed]  # noqa: UP007 - the classes above name it before it exists


def locate(root: Tree, way: Way) -> tuple[Mark, Way]:
    """Where the value at ``way`` stands, and the part of the way that can be told to people.

    A key that is missing is told, and stands where its mapping does; a way into a plain value ends there.
    """
    mark, here = (1, 1), root
    for n, step in enumerate(way):
        if isinstance(here, str):
            return mark, way[:n]
        if isinstance(here, Mapped) and step in here:
            mark, here = here.marks[str(step)], here[str(step)]
        elif isinstance(here, Listed) and isinstance(step, int) and step < len(here):
            mark, here = here.marks[step], here[step]
        else:
            return mark, way[: n + 1]
    return mark, way


def decode(content: bytes) -> str:
    """The file's text, with or without a byte order mark. Raises ``Unreadable``."""
    if len(content) > MOST_BYTES:
        raise Unreadable(
            f"the file is larger than {MOST_BYTES // 1_000_000} MB", "split it into several files"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable("this is not UTF-8 text", "save the file as UTF-8", (line, 1)) from None
    strange = _UNPRINTABLE.search(text)
    if strange:
        start = strange.start()
        mark = (text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
        what = f"the control character U+{ord(strange.group()):04X} has no place in a text file"
        raise Unreadable(what, "is this an events file?", mark)
    return text


def compose(text: str) -> tuple[Tree, list[Fault]]:
    """The document's tree, and the keys that are written twice. Raises ``Unreadable``."""
    composer = _Composer()
    try:
        with contextlib.closing(yaml.parse(text, Loader=_LOADER)) as events:  # type: ignore[type-var]
            for event in events:
                composer.take(event)
    except yaml.MarkedYAMLError as error:
        raise _broken(error, text) from None
    if composer.root is None:
        raise Unreadable("the file is empty", "begin with version: 1 and events:")
    return composer.root, composer.faults


class Unreadable(Unusable):
    """The file cannot be read as YAML that we accept; nothing more can be said about it."""

    def __init__(self, message: str, hint: str, mark: Mark = (0, 0)) -> None:
        super().__init__(message, hint=hint)
        self.mark = mark


def _broken(error: yaml.MarkedYAMLError, text: str) -> Unreadable:
    what = f"this is not YAML: {_IN_WORDS.get(str(error.problem), error.problem)}"
    hint = "look at the indentation, colons and quotes on this line and the one before"
    found = error.problem_mark or error.context_mark
    if found is None:
        return Unreadable(what, hint)
    begun = error.context_mark if str(error.context).startswith(_BEGUN) else None
    lines, line, column = text.splitlines(), found.line, found.column
    near = lines[line][max(0, column - 1) : column + 1] if line < len(lines) else ""
    for char in reversed(near):
        if char in _MEANS_MORE:
            return Unreadable(what, _MEANS_MORE[char], (line + 1, column + 1))
    for n in range(max(0, (begun or found).line - 1), line + 1):
        typed = _WIDE.search(lines[n]) if n < len(lines) else None
        if typed:
            return Unreadable(what, wide(typed.group()), (n + 1, typed.start() + 1))
    mark = begun or found
    return Unreadable(what, hint, (mark.line + 1, mark.column + 1))


class _Frame:
    """A collection that is still open."""

    __slots__ = ("anchor", "before", "dropping", "into", "key")

    def __init__(self, into: Mapped | Listed, anchor: str | None, before: int) -> None:
        self.into = into
        self.anchor = anchor
        self.before = before
        self.key: str | None = None
        self.dropping = False


class _Composer:
    """Puts the tree together, one parser event after the other."""

    def __init__(self) -> None:
        self.root: Tree | None = None
        self.faults: list[Fault] = []
        self._open: list[_Frame] = []
        self._anchors: dict[str, tuple[Tree, int]] = {}
        self._values = 0

    def take(self, event: yaml.Event) -> None:
        """One more event. Raises ``Unreadable``."""
        start = event.start_mark
        mark = (start.line + 1, start.column + 1) if start else (1, 1)
        if isinstance(event, ScalarEvent):
            self._scalar(event, mark)
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._begin(event, mark)
        elif isinstance(event, CollectionEndEvent):
            self._finish()
        elif isinstance(event, AliasEvent):
            self._alias(event, mark)
        elif isinstance(event, DocumentStartEvent) and self.root is not None:
            raise Unreadable(
                "a second document begins here", "one file holds one document; remove the ---", mark
            )

    def _scalar(self, event: ScalarEvent, mark: Mark) -> None:
        self._no_tag(event.tag, mark)
        self._count(1, mark)
        if len(event.value) > LONGEST_VALUE:
            raise Unreadable(
                f"this value has {len(event.value):,} characters", f"at most {LONGEST_VALUE:,}", mark
            )
        if event.anchor:
            self._anchors[event.anchor] = (event.value, 1)
        self._add(event.value, mark)

    def _alias(self, event: AliasEvent, mark: Mark) -> None:
        if event.anchor not in self._anchors:
            raise Unreadable(f"nothing above is marked &{event.anchor}", "put text with a * in quotes", mark)
        value, size = self._anchors[event.anchor]
        self._count(size, mark)
        self._add(value, mark)

    def _begin(self, event: MappingStartEvent | SequenceStartEvent, mark: Mark) -> None:
        self._no_tag(event.tag, mark)
        if len(self._open) == DEEPEST:
            raise Unreadable("values are nested too deeply", "an events file needs six levels at most", mark)
        top = self._open[-1] if self._open else None
        if top and isinstance(top.into, Mapped) and top.key is None:
            raise Unreadable("a key must be plain text", "put values that begin with { or [ in quotes", mark)
        into = Mapped(mark) if isinstance(event, MappingStartEvent) else Listed(mark)
        self._open.append(_Frame(into, event.anchor, self._values))
        self._count(1, mark)

    def _finish(self) -> None:
        frame = self._open.pop()
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.into, self._values - frame.before)
        self._add(frame.into, frame.into.mark)

    def _add(self, value: Tree, mark: Mark) -> None:
        if not self._open:
            self.root = value
            return
        top = self._open[-1]
        if isinstance(top.into, Listed):
            top.into.append(value)
            top.into.marks.append(mark)
        elif top.key is None:
            self._key(top, value, mark)
        else:
            if not top.dropping:
                top.into[top.key] = value
            top.key = None

    def _key(self, top: _Frame, key: Tree, mark: Mark) -> None:
        if not isinstance(key, str):
            raise Unreadable("a key must be plain text", "an alias is a value, not a key", mark)
        assert isinstance(top.into, Mapped)
        top.key, top.dropping = key, key in top.into or key == "<<"
        if key == "<<":
            self.faults.append(Fault(self._way(), "merging with << is not supported", "use defaults:", mark))
        elif top.dropping:
            first = top.into.marks[key][0]
            self.faults.append(
                Fault(
                    self._way(), f"{key!r} is written twice, first on line {first}", "keep one of them", mark
                )
            )
        elif len(top.into) == MOST_KEYS:
            raise Unreadable(
                f"this mapping has more than {MOST_KEYS} keys", "events: is a list, with -", mark
            )
        else:
            top.into.marks[key] = mark

    def _way(self) -> Way:
        return tuple(
            len(frame.into) if isinstance(frame.into, Listed) else frame.key or "" for frame in self._open
        )

    def _count(self, values: int, mark: Mark) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            raise Unreadable(
                f"the file holds more than {MOST_VALUES:,} values", "split it; aliases count each time", mark
            )

    def _no_tag(self, tag: str | None, mark: Mark) -> None:
        if tag is not None:
            raise Unreadable(
                f"the tag {tag} is not supported", "remove the !, or put the value in quotes", mark
            )
