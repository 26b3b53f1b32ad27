"""Times as people write them: an instant, a reading of a local clock, or a time of day alone (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from worker.events.values import wall_time
from worker.recurrence import fixed_time, zone

_FIRST_YEAR: Final = 1971
_LAST_YEAR: Final = 2037
_SOON: Final = 43_200
"""Seconds: an end that seems to lie before its start is of the day after, or else a slip."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a person wrote it: an instant if it came with an offset, else a reading of a local clock."""

    typed: datetime

    def later(self, days: int) -> Moment:
        """As many days on: on the clock face for a local reading, of 24 hours for an instant."""
        return Moment(self.typed + timedelta(days=days))

    def unix(self, zone_key: str) -> int:
        """Unix seconds, rounded up; ``zone_key`` is whose clock a local reading is read on."""
        if self.typed.tzinfo:
            return math.ceil(self.typed.timestamp())
        reading = math.ceil(self.typed.replace(tzinfo=UTC).timestamp())
        return fixed_time(zone(zone_key), reading).at

    def on(self, zone_key: str) -> date:
        """The date that the zone's clock shows then."""
        at = self.unix(zone_key)
        return datetime.fromtimestamp(at + zone(zone_key).offset(at), UTC).date()


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A reading of a clock, in seconds after midnight; 24:00 and later are of the day after."""

    seconds: int

    def unix(self, zone_key: str, day: date) -> int:
        """The instant at which that zone's clock shows it (Unix seconds), ``day`` being the date meant."""
        midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        return fixed_time(zone(zone_key), midnight + self.seconds).at

    def after(self, start: int, zone_key: str, day: date) -> int:
        """The same as an end: of the day after, if only then it comes after the start, and soon after it."""
        end, later = self.unix(zone_key, day), self.unix(zone_key, day + timedelta(days=1))
        return later if end <= start < later <= start + _SOON else end


Clock = TimeOfDay | Moment


def moment(text: str) -> Moment:
    """What ISO 8601 says. Raises ``ValueError``, which says how to write it."""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        told = f"{text!r} is not a time; write 2026-12-24T20:00+08:00, or 2026-12-24T20:00"
        raise ValueError(told) from None
    if not _FIRST_YEAR <= typed.year <= _LAST_YEAR:
        raise ValueError(f"{text!r} lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return Moment(typed)


def clock_time(text: str) -> Clock:
    """A time of day such as ``21:00``, or else a moment. Raises ``ValueError``."""
    try:
        return TimeOfDay(wall_time(text).seconds)
    except ValueError:
        return moment(text)


def read(written: Clock | None, zone_key: str, day: date) -> int | None:
    """What was written as an instant (Unix seconds), if anything was; times alone are of that day."""
    if isinstance(written, TimeOfDay):
        return written.unix(zone_key, day)
    return None if written is None else written.unix(zone_key)


def read_end(written: Clock | None, start: int, zone_key: str, day: date) -> int | None:
    """The same of an end: a time alone comes after the start (Unix seconds) if it can, see there."""
    if isinstance(written, TimeOfDay):
        return written.after(start, zone_key, day)
    return read(written, zone_key, day)
