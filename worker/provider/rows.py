"""The provider's lists, read as the untrusted input they are (pure).

A row that makes no sense is an error, never dropped: a relay that we fail to see is one that we might
place twice. Every function raises :class:`Malformed`, in words that repeat no value: values hold secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Literal, TypeVar

from worker.provider import DomainInfo, LiveStream, Sample, StreamState
from worker.relay import Row, Slot

Key = Literal["Domain", "Vhost"]
"""The field that names the domain of a slot."""

Item = TypeVar("Item")

_HUGE: Final = 1e15
_SECONDS: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


class Malformed(ValueError):
    """The result does not have the documented form."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list, and how many items the provider says there are on all pages."""

    items: tuple[Item, ...]
    total: int


def relay_page(result: Mapping[str, Any], key: Key) -> Page[Row]:
    """A page of ListRelaySourceV4."""
    pagination = result.get("Pagination")
    if not isinstance(pagination, dict):
        raise Malformed("Pagination is missing")
    return Page(_items(result, "List", lambda row: _relay(row, key)), _count(pagination, "TotalCount"))


def live_page(result: Mapping[str, Any], key: Key) -> Page[LiveStream]:
    """A page of DescribeLiveStreamInfoByPage."""
    items = _items(result, "StreamInfoList", lambda row: _live_stream(row, key))
    return Page(items, _count(result, "RoughCount"))


def domain_page(result: Mapping[str, Any]) -> Page[DomainInfo]:
    """A page of ListDomainDetail."""
    return Page(_items(result, "DomainList", _domain), _count(result, "Total"))


def stream_state(result: Mapping[str, Any]) -> StreamState:
    """DescribeLiveStreamState, whose fields are spelt in lower case."""
    return StreamState(_text(result, "stream_state"), _text(result, "type"))


def samples(result: Mapping[str, Any]) -> tuple[Sample, ...]:
    """DescribeLiveSourceStreamMetrics."""
    return _items(result, "MetricList", _sample)


def _items(
    result: Mapping[str, Any], field: str, read: Callable[[Mapping[str, Any]], Item]
) -> tuple[Item, ...]:
    rows = result.get(field)
    if rows is None:  # Go writes an empty list so
        return ()
    if not isinstance(rows, list):
        raise Malformed(f"{field} is no list")
    items = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise Malformed(f"{field}, row {number}: not an object")
        try:
            items.append(read(row))
        except Malformed as error:
            raise Malformed(f"{field}, row {number}: {error}") from None
    return tuple(items)


def _relay(row: Mapping[str, Any], key: Key) -> Row:
    sources = row.get("SrcAddrS")
    if not isinstance(sources, list):
        raise Malformed("SrcAddrS is no list")
    texts = tuple(_text({"SrcAddrS": source}, "SrcAddrS") for source in sources)
    return Row(_slot(row, key), texts, _seconds(row, "StartTime"), _seconds(row, "EndTime"))


def _live_stream(row: Mapping[str, Any], key: Key) -> LiveStream:
    return LiveStream(_slot(row, key), _text(row, "SourceType"), _moment(row, "SessionStartTime"))


def _domain(row: Mapping[str, Any]) -> DomainInfo:
    return DomainInfo(_text(row, "Domain"), _text(row, "Vhost"), _text(row, "Type"), _count(row, "Status"))


def _sample(row: Mapping[str, Any]) -> Sample:
    return Sample(_moment(row, "TimeStamp"), _number(row, "Framerate"), _number(row, "Bitrate"))


def _slot(row: Mapping[str, Any], key: Key) -> Slot:
    """Older rows have no Vhost, and the newest requests no Domain: either names the slot if alone."""
    other: Key = "Vhost" if key == "Domain" else "Domain"
    name = _text(row, other if row.get(key) in (None, "") else key)
    return Slot(name, _text(row, "App"), _text(row, "Stream"))


def _text(row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value:
        raise Malformed(f"{field} is no text")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise Malformed(f"{field} is no Unicode text")
    return value


def _seconds(row: Mapping[str, Any], field: str) -> int | None:
    """A time as an integer or, as the samples have it, a decimal string; ``None`` for a permanent relay.

    How a permanent relay shows its times is not documented. A strict Go client would read 0 for an absent
    one, so absent, null, 0 and empty are taken to mean the same.
    """
    value = row.get(field)
    if value is None or value == "":
        return None
    if type(value) is int and value >= 0:
        return value or None
    if isinstance(value, str) and _SECONDS.fullmatch(value):
        return int(value) or None
    raise Malformed(f"{field} is no time")


def _count(row: Mapping[str, Any], field: str) -> int:
    value = row.get(field)
    if type(value) is not int or value < 0:
        raise Malformed(f"{field} is no count")
    return value


def _number(row: Mapping[str, Any], field: str) -> float:
    value = row.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _HUGE:
        raise Malformed(f"{field} is no number")
    return float(value)


def _moment(row: Mapping[str, Any], field: str) -> float:
    """Unix seconds of an RFC 3339 time; one without an offset would be a guess."""
    try:
        moment = datetime.fromisoformat(_text(row, field))
    except ValueError:
        raise Malformed(f"{field} is no time") from None
    if moment.tzinfo is None:
        raise Malformed(f"{field} has no offset from UTC")
    return moment.timestamp()
