"""The times of a calendar file become moments on clocks that tzdata knows (pure).

Calendars call a zone by its IANA name, by the name Windows has for it, by a path of the program's own, or
describe it themselves (VTIMEZONE). What happens at a reading that a clock skips or shows twice is decided as
everywhere in Relaybeat, by ``docs/time.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from icalendar import Calendar, Component, Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from worker.durations import format_duration
from worker.events.problems import Unusable
from worker.recurrence import ZoneUnknown, fixed_time, zone
from worker.views import local_iso, offset_at

DAY: Final = 86_400
UTC: Final = "UTC"

_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - what a clock shows, in no zone
_SECOND: Final = dt.timedelta(seconds=1)
_HOUR: Final = 3_600
_HALF_MONTH: Final = 15 * DAY
_SAMPLES: Final = 48
"""Two years in half months: as often as a description of a zone is held against tzdata."""


@dataclass(frozen=True, slots=True)
class At:
    """A moment (Unix seconds), as the clock of a zone shows it: ``reading`` counts from its 1970-01-01."""

    zone: str
    reading: int
    at: int


def written(reading: int) -> str:
    """A reading as events files have it: ``2026-12-25T20:00``, with seconds if there are any."""
    return (_EPOCH + reading * _SECOND).isoformat().removesuffix(":00")


def naive(reading: int) -> dt.datetime:
    """A reading as a naive local time."""
    return _EPOCH + reading * _SECOND


def shown(key: str, at: int) -> int:
    """The reading that stands for this instant on the zone's clock.

    Raises ``Unusable`` for the second pass of an hour that is shown twice: a reading means the first.
    """
    reading = at + offset_at(key, at)
    if fixed_time(zone(key), reading).at != at:
        raise Unusable(
            f"it begins at {local_iso(key, at)}, the second time that the clock shows this",
            hint="a local time means the first; give this event the timezone UTC",
        )
    return reading


class Clocks:
    """The zones of one calendar. ``home`` is whose clock it means where it names none; it may be empty."""

    def __init__(self, calendar: Calendar, home: str = "") -> None:
        self._described = {
            str(each["TZID"]): each
            for each in calendar.subcomponents
            if isinstance(each, Timezone) and "TZID" in each
        }
        told = calendar.get("X-WR-TIMEZONE")
        self.home = home or (self._named(str(told)) or "" if told else "")

    def read(self, value: Any, tzid: str | None) -> At:
        """The moment of a DATE-TIME; ``tzid`` is its TZID parameter. Raises ``Unusable``."""
        if not isinstance(value, dt.datetime):
            raise Unusable("it is an all-day entry: it has no time of day", hint="give it a start and an end")
        reading = (value.replace(tzinfo=None) - _EPOCH) // _SECOND
        unnamed = UTC if value.tzinfo is not None else self.home
        key = unnamed if tzid is None else self._key(tzid)
        if not key:
            raise Unusable("its times name no zone", hint="say which with --timezone, such as Asia/Shanghai")
        return At(key, reading, fixed_time(zone(key), reading).at)

    def remarks(self, tzids: Iterable[str], since: int) -> Iterator[str]:
        """What is to be known of these zones, as they were taken; ``since`` is a reading."""
        for tzid in sorted(set(tzids)):
            key = self._key(tzid)
            if key != tzid:
                yield f"its zone {tzid!r} is taken for {key}"
            described = self._described.get(tzid)
            if described is not None:
                yield from _disagreement(described, key, since)

    def _key(self, tzid: str) -> str:
        found = self._named(tzid) or self._by_description(tzid)
        if found:
            return found
        try:
            zone(tzid)
        except ZoneUnknown as error:
            raise Unusable(f"its zone {tzid!r} is not known", hint=error.hint) from None
        return tzid

    def _named(self, tzid: str) -> str | None:
        plain = tzid.strip("/ ")
        parts = plain.split("/")
        names = [plain, WINDOWS_TO_OLSON.get(plain, "")]
        names += ["/".join(parts[n:]) for n in range(1, len(parts) - 1)]
        if tzid in self._described:
            names.append(str(self._described[tzid].get("X-LIC-LOCATION", "")))
        return next(filter(is_known, names), None)

    def _by_description(self, tzid: str) -> str | None:
        """The zone that lies a fixed number of hours from UTC, if the calendar describes one."""
        described = self._described.get(tzid)
        rules = described.subcomponents if described is not None else []
        told: list[Any] = [rule["TZOFFSETTO"] for rule in rules if "TZOFFSETTO" in rule]
        offsets = {_seconds(offset.td) for offset in told}
        if len(offsets) != 1:
            return None
        hours, rest = divmod(offsets.pop(), _HOUR)
        # The signs of Etc are those of POSIX: west of Greenwich is plus.
        name = f"Etc/GMT{-hours:+d}" if hours else UTC
        return name if not rest and is_known(name) else None


def is_known(name: str) -> bool:
    """Whether tzdata has a zone of this name."""
    try:
        return bool(name and zone(name))
    except ZoneUnknown:
        return False


def _seconds(delta: dt.timedelta) -> int:
    return delta // _SECOND


def _disagreement(described: Component, key: str, since: int) -> Iterator[str]:
    """Where the calendar's own description of a zone differs from tzdata first, if it does."""
    if not all(_yearly(rule) for rule in described.subcomponents):
        return  # no program writes such; to follow it could take for ever
    try:
        clock = described.to_tz(lookup_tzid=False)  # type: ignore[attr-defined]
        for n in range(_SAMPLES):
            reading = naive(since + n * _HALF_MONTH)
            theirs, ours = clock.utcoffset(reading), fixed_time(zone(key), since + n * _HALF_MONTH)
            if theirs is not None and ours.reading - ours.at != _seconds(theirs):
                gap = format_duration(abs(ours.reading - ours.at - _seconds(theirs)))
                yield f"the calendar describes {key} {gap} off on {reading:%Y-%m-%d}; tzdata is taken"
                return
    except (ValueError, KeyError, TypeError, AttributeError):
        yield f"the calendar's description of {key} cannot be read; tzdata is taken"


def _yearly(rule: Component) -> bool:
    found = rule.get("RRULE", {"FREQ": ["YEARLY"]})
    return isinstance(found, dict) and found.get("FREQ") == ["YEARLY"]
