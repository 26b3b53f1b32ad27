"""Cron lines in time zones become instants (pure). The rules are written down in ``docs/time.md``.

A line is parsed once (:mod:`.cron`) into the readings of a clock it admits (:mod:`.pattern`). A zone is cut
into stretches of constant offset (:mod:`.zones`). :mod:`.walk` goes along the stretches and decides what
becomes of a reading that never comes, or comes twice.
"""

from worker.recurrence.cron import CronRefused
from worker.recurrence.walk import (
    Note,
    Occurrence,
    Recurrence,
    fixed_time,
    recurrence,
    starts,
    wall_clock_end,
)
from worker.recurrence.zones import Zone, ZoneUnknown, zone

__all__ = [
    "CronRefused",
    "Note",
    "Occurrence",
    "Recurrence",
    "Zone",
    "ZoneUnknown",
    "fixed_time",
    "recurrence",
    "starts",
    "wall_clock_end",
    "zone",
]
