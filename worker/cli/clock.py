"""Times as somebody on call types them: a date and a time, or the time alone on the night in question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import click

from worker.cli.output import MOMENT, Moment
from worker.events.values import wall_time
from worker.recurrence import fixed_time, zone

_SOON: Final = 43_200
"""Seconds: an end that seems to lie before its start is of the day after, or else a slip."""

CLOCK_TIMES: Final = (
    "T is a time of day such as 21:00, or 25:30 for 01:30 the day after, on the date for which the window was"
    " planned; or ISO 8601. Without an offset it is read on the event's own clock."
)
"""What help says about them."""


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


def read(typed: Clock | None, zone_key: str, day: date) -> int | None:
    """What was typed as an instant (Unix seconds), if anything was; times alone are of that day."""
    if isinstance(typed, TimeOfDay):
        return typed.unix(zone_key, day)
    return None if typed is None else typed.unix(zone_key)


class _ClockTime(click.ParamType[Clock]):
    name = "T"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Clock:
        try:
            return TimeOfDay(wall_time(str(value)).seconds)
        except ValueError:
            return MOMENT.convert(value, param, ctx)


CLOCK_TIME: Final = _ClockTime()
