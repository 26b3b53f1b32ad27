"""Time zones as stretches of constant offset (pure).

A *reading* is what a clock in the zone shows, as whole seconds since it would have shown 1970-01-01 00:00:
an instant plus the offset that holds then. Within a stretch the two differ by a constant, so a walk over a
stretch needs no zone arithmetic for each start.

The rules come from the ``tzdata`` package alone. ``zoneinfo`` would prefer the system's copy, which is old
on most machines; importing this module turns that off for the whole process.
"""

from __future__ import annotations

import difflib
import functools
import zoneinfo
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from worker.errors import ConfigError

zoneinfo.reset_tzpath(to=[])
zoneinfo.ZoneInfo.clear_cache()

DAY: Final = 86_400
FIRST: Final = int(datetime(1, 1, 8, tzinfo=UTC).timestamp())
LAST: Final = int(datetime(9999, 12, 24, tzinfo=UTC).timestamp())
"""The instants between which zones are known; ``datetime`` ends within a week of both."""

_MARGIN: Final = 2 * DAY
"""Longer than any repeat (24 hours) and any offset."""
_PROBE: Final = 2 * DAY
"""Shorter than any stretch: the shortest of tzdata 2026f lasts a few minutes less than seven days."""
_CHUNK: Final = 25
"""Changes are looked up and kept in chunks of 2**25 seconds, a little over a year."""


_MEANT: Final = {
    **dict.fromkeys(("beijing", "asia/beijing", "china", "北京", "北京时间", "上海"), "Asia/Shanghai"),
    **dict.fromkeys(("bjt", "+8", "+08:00", "utc+8", "utc+08:00", "gmt+8", "gmt+08:00"), "Asia/Shanghai"),
    "cst": "Asia/Shanghai, or America/Chicago",
}
"""What people write who mean a zone of the database."""


class ZoneUnknown(ConfigError, ValueError):
    """There is no such time zone."""

    code = "zone-unknown"


class Change(NamedTuple):
    """From ``at`` on (Unix seconds) the offset is ``after`` and no longer ``before``."""

    at: int
    before: int
    after: int


class Stretch(NamedTuple):
    """Instants [start, end) that share one ``offset``; ``before`` and ``after`` it, others hold."""

    start: int
    end: int
    offset: int
    before: int
    after: int

    @property
    def landing(self) -> int:
        """The first instant of it at which the clock shows a whole minute."""
        return self.start + -(self.start + self.offset) % 60


class Zone:
    """One zone of the IANA database. Made by :func:`zone`; safe to share between threads."""

    __slots__ = ("_chunks", "_info", "key")

    def __init__(self, key: str) -> None:
        self.key = key
        self._info = zoneinfo.ZoneInfo(key)
        self._chunks: dict[int, tuple[Change, ...]] = {}

    def __repr__(self) -> str:
        return f"Zone({self.key!r})"

    def offset(self, at: int) -> int:
        """Seconds to add to the instant ``at`` for the zone's reading."""
        offset = datetime.fromtimestamp(at, self._info).utcoffset()
        assert offset is not None
        return offset.days * DAY + offset.seconds

    def changes(self, since: int, until: int) -> Iterator[Change]:
        """The changes of offset at instants in [since, until), in order."""
        for chunk in range(since >> _CHUNK, ((until - 1) >> _CHUNK) + 1):
            found = self._chunks.get(chunk)
            if found is None:
                found = self._chunks[chunk] = tuple(self._search(chunk << _CHUNK, (chunk + 1) << _CHUNK))
            for change in found:
                if since <= change.at < until:
                    yield change

    def stretches(self, since: int, until: int) -> Iterator[Stretch]:
        """The stretches that reach into [since, until), in order.

        A bound more than two days outside is cut off there, as if nothing changed beyond it.
        """
        start = since - _MARGIN
        before = offset = self.offset(start)
        for change in self.changes(start + 1, until + _MARGIN):
            yield Stretch(start, change.at, offset, before, change.after)
            start, before, offset = change.at, offset, change.after
        yield Stretch(start, until + _MARGIN, offset, before, offset)

    def showing(self, reading: int) -> Stretch:
        """The first stretch in which the clock shows this reading, or, if none does, has gone past it."""
        around = self.stretches(reading - _MARGIN, reading + _MARGIN)
        return next(stretch for stretch in around if reading < stretch.end + stretch.offset)

    def _search(self, since: int, until: int) -> Iterator[Change]:
        low, end = max(since - 1, FIRST), min(until - 1, LAST)
        before = self.offset(low) if low < end else 0
        while low < end:
            high = min(low + _PROBE, end)
            after = self.offset(high)
            if after != before:
                seconds = range(low, high + 1)
                at = seconds[bisect_left(seconds, True, key=functools.partial(self._differs, before))]
                yield Change(at, before, after)
            low, before = high, after

    def _differs(self, offset: int, at: int) -> bool:
        return self.offset(at) != offset


@functools.cache
def _keys() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


@functools.lru_cache(maxsize=1024)
def zone(key: str) -> Zone:
    """The zone of this IANA name, exactly as the database spells it. Raises ``ZoneUnknown``."""
    # The names are asked first: a file system may ignore case, and some names are folders.
    if key in _keys():
        return Zone(key)
    near = _near(key.strip())
    hint = f"did you mean {near}?" if near else "write an IANA name such as Asia/Shanghai"
    raise ZoneUnknown(f"there is no time zone {key!r}", hint=hint)


def _near(key: str) -> str:
    """The zones that may be meant. Not those of Etc, whose signs are the wrong way round for people."""
    written = key.lower().replace(" ", "_")
    if written in _MEANT:
        return _MEANT[written]
    places = sorted(known for known in _keys() if "/" in known and not known.startswith("Etc/"))
    same = [known for known in _keys() if known.lower() == written]
    cities = [known for known in places if known.lower().endswith(f"/{written}")]
    return " or ".join(same or cities or difflib.get_close_matches(key, places, n=2, cutoff=0.6))
