"""A checker for iCalendar streams by the grammar of RFC 5545, which shares no code with what writes them.

It knows VEVENT alone among the components, and of the types those that a feed of ours can hold. Each remark
names the section that is broken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

TEXT = {"SUMMARY", "DESCRIPTION", "LOCATION", "UID", "PRODID", "VERSION", "NAME", "TRANSP", "STATUS"}
MOMENTS = {"DTSTART", "DTEND", "DTSTAMP"}
CALENDAR = {"PRODID", "VERSION", "NAME", "REFRESH-INTERVAL"}
EVENT = (TEXT - {"PRODID", "VERSION", "NAME"}) | MOMENTS
STATUS = {"TENTATIVE", "CONFIRMED", "CANCELLED"}

Property = tuple[str, str, str]
"""Name, parameters, value."""

_LINE = re.compile(
    r"(?P<name>[A-Za-z0-9-]+)"
    r'(?P<params>(?:;[A-Za-z0-9-]+=(?:"[^"\x00-\x1f]*"|[^\x00-\x08\x0a-\x1f";:,]*)'
    r'(?:,(?:"[^"\x00-\x1f]*"|[^\x00-\x08\x0a-\x1f";:,]*))*)*)'
    r":(?P<value>[^\x00-\x08\x0a-\x1f\x7f]*)"
)
_TEXT = re.compile(r"(?:[^\\;,\x00-\x08\x0a-\x1f\x7f]|\\[\\;,Nn])*")  # 3.3.11
_UTC = re.compile(r"\d{8}T\d{6}Z", re.ASCII)  # 3.3.5, form 2
_DURATION = re.compile(r"[+-]?P(?:\d+W|(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)(?<![PT])", re.ASCII)


def faults(stream: bytes) -> list[str]:
    """Everything that is wrong with it."""
    return list(_faults(stream))


def _faults(stream: bytes) -> Iterator[str]:
    if (
        not stream.endswith(b"\r\n")
        or b"\n" in stream.replace(b"\r\n", b"")
        or b"\r" in stream.replace(b"\r\n", b"")
    ):
        yield "3.1: lines end with CRLF and nothing else"
    physical = stream.removesuffix(b"\r\n").split(b"\r\n")
    yield from (f"3.1: a line of {len(line)} octets" for line in physical if len(line) > 75)
    for line in physical:
        try:
            line.decode()
        except UnicodeDecodeError:
            yield "3.1: a fold inside a character"  # allowed, and read wrongly by clients that decode first
    lines = stream.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")
    yield from _body(lines)


def _body(lines: list[str]) -> Iterator[str]:
    if lines[0] != "BEGIN:VCALENDAR" or lines[-1] != "END:VCALENDAR":
        yield "3.4: a stream is one VCALENDAR"
    inside = lines[1:-1]
    yield from (f"3.1: no content line: {line[:60]!r}" for line in inside if not _LINE.fullmatch(line))
    found = [match.group("name", "params", "value") for line in inside if (match := _LINE.fullmatch(line))]
    marks = [n for n, (name, _, _) in enumerate(found) if name in {"BEGIN", "END"}]
    starts, ends = marks[::2], marks[1::2]
    if [found[n][::2] for n in marks] != [("BEGIN", "VEVENT"), ("END", "VEVENT")] * (len(marks) // 2):
        yield "3.6: components that do not begin and end in turn"
    events = [found[start + 1 : end] for start, end in zip(starts, ends, strict=False)]
    inner = {n for start, end in zip(starts, ends, strict=False) for n in range(start, end + 1)}
    yield from _components([each for n, each in enumerate(found) if n not in inner], events)


def _components(head: list[Property], events: list[list[Property]]) -> Iterator[str]:
    yield from _properties(head, CALENDAR, {"PRODID", "VERSION"})
    for event in events:
        yield from _properties(event, EVENT, {"UID", "DTSTAMP", "DTSTART"})
        yield from _event({name: value for name, _, value in event})
    uids = Counter(value for event in events for name, _, value in event if name == "UID")
    yield from (f"3.8.4.7: {n} events are called {uid}" for uid, n in uids.items() if n > 1)


def _properties(found: list[Property], known: set[str], needed: set[str]) -> Iterator[str]:
    counts = Counter(name for name, _, _ in found)
    yield from (f"3.6: {name} is missing" for name in needed if not counts[name])
    yield from (f"3.6: {name} is there {n} times" for name, n in counts.items() if n > 1)
    yield from (f"3.8.8: {name} is unknown" for name in counts if name not in known and name[:2] != "X-")
    for name, params, value in found:
        if (name in TEXT or name.startswith("X-")) and not _TEXT.fullmatch(value):
            yield f"3.3.11: {name} is no text: {value[:60]!r}"
        if name in MOMENTS and not _is_moment(value):
            yield f"3.3.5: {name} is no date-time in UTC: {value!r}"
        if name in MOMENTS and "TZID" in params:
            yield f"3.2.19: {name} has a TZID and is UTC"
        if name == "REFRESH-INTERVAL" and (params != ";VALUE=DURATION" or not _DURATION.fullmatch(value)):
            yield f"RFC 7986, 5.7: {name}{params}:{value}"


def _event(event: dict[str, str]) -> Iterator[str]:
    if event.get("DTEND", "Z") <= event.get("DTSTART", ""):
        yield "3.8.2.2: it ends before it begins"
    if event.get("STATUS", "CONFIRMED") not in STATUS:
        yield f"3.8.1.11: the status {event['STATUS']}"
    if event.get("TRANSP", "OPAQUE") not in {"OPAQUE", "TRANSPARENT"}:
        yield f"3.8.2.7: {event['TRANSP']}"


def _is_moment(value: str) -> bool:
    try:
        return bool(_UTC.fullmatch(value) and datetime.strptime(value, "%Y%m%dT%H%M%SZ"))  # noqa: DTZ007
    except ValueError:
        return False
