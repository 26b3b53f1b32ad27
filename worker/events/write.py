"""Writes an events file, as a person who knows YAML well would (pure).

Events are blocks; small mappings and lists stand on one line. Times of day and cron lines are quoted, for
those who read the file with YAML 1.1, to which ``20:00`` is 72000. Chinese stays readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

WIDEST: Final = 110
"""Columns. What does not fit on a line of these is written as a block."""

_ORDER: Final = (
    *("version", "defaults", "calendars", "events"),
    *("id", "title", "on", "cancel", "cron", "rrule", "dtstart", "start", "duration", "end"),
    *("timezone", "domain", "app", "stream", "sources", "dst", "valid_from", "valid_until"),
    *("pad_before", "pad_after", "lead", "min_useful", "priority", "paused", "permanent", "skip", "also"),
    *("exceptions", "extra", "gap", "fold", "country", "subdivision", "dates", "reason"),
)
"""Keys as ``docs/events.md`` has them; others follow in the order given."""
_PLACE: Final = {key: n for n, key in enumerate(_ORDER)}
_BARE: Final = frozenset({"version", "priority", "cancel", "paused", "permanent"})
"""Numbers and truths: to editors, a quoted one would be a text."""

_TEXT: Final = re.compile(r"[^\W\d_](?:[\w./+@%=;~()-]|:(?=[\w/])| (?=[\w./+@%=~(]))*")
_FIGURES: Final = re.compile(
    r"(?:\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?(?:\.\.(?=\d)|$))+|(?:\d+[dhms])+", re.ASCII
)
"""Dates and durations."""
_WORDS: Final = re.compile(r"y|yes|n|no|on|off|true|false|null", re.IGNORECASE)
_ESCAPED: Final = re.compile(r'["\\\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]')
"""What a quoted text cannot hold as it is; a non-breaking space is only easier to see so."""


def write_events(document: Mapping[str, Any]) -> str:
    """The file's text. Values are texts, lists and mappings of them, as :mod:`.document` reads them back.

    Any text comes back as it was, but for lone surrogates, which no file can hold.
    """
    return "".join(f"{line}\n" for line in _block(document))


def _block(mapping: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(mapping, key=lambda key: _PLACE.get(key, len(_ORDER))):
        value, name = mapping[key], _scalar(key)
        line = f"{name}: {_flow(value, key)}"
        if key in {"events", "exceptions", "extra"} and value:
            yield f"{name}:"
            yield from _items(value, key)
        elif isinstance(value, str) or not value or len(line) < WIDEST:
            yield line
        else:
            yield f"{name}:"
            yield from _items(value, key) if isinstance(value, list) else _indented(value)


def _items(values: list[Any], key: str) -> Iterator[str]:
    for value in values:
        line = f"  - {_flow(value)}"
        if not isinstance(value, Mapping) or not value or (key != "events" and len(line) < WIDEST):
            yield line
        else:
            first, *rest = _block(value)
            yield f"  - {first}"
            yield from (f"    {each}" for each in rest)


def _indented(mapping: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"  {line}" for line in _block(mapping))


def _flow(value: Any, key: str = "") -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, Mapping):
        ordered = sorted(value.items(), key=lambda item: _PLACE.get(item[0], len(_ORDER)))
        return f"{{{', '.join(f'{_scalar(name)}: {_flow(each, name)}' for name, each in ordered)}}}"
    return str(value) if key in _BARE and _bare(value) else _scalar(value)


def _bare(text: str) -> bool:
    return bool(re.fullmatch(r"true|false|-?\d{1,9}", text, re.ASCII))


def _scalar(text: str) -> str:
    """The text, in quotes unless everybody reads it as a text or a date without them; keys, too."""
    if text == "on" or (_TEXT.fullmatch(text) and not _WORDS.fullmatch(text)) or _FIGURES.fullmatch(text):
        return text
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return f"\\{char}" if char in '"\\' else f"\\u{ord(char):04x}"
