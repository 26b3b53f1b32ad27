"""Times as somebody on call types them: a date and a time, or the time alone on the night in question."""

from __future__ import annotations

from typing import Any, Final

import click

from worker.moments import Clock, clock_time

CLOCK_TIMES: Final = (
    "T is a time of day such as 21:00, or 25:30 for 01:30 the day after, on the date for which the window was"
    " planned; or ISO 8601. Without an offset it is read on the event's own clock."
)
"""What help says about them."""


class _ClockTime(click.ParamType[Clock]):
    name = "T"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Clock:
        try:
            return clock_time(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


CLOCK_TIME: Final = _ClockTime()
