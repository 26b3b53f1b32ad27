"""Cron lines and recurrence rules in time zones become instants (pure); ``docs/time.md`` says which.

A line is parsed once (:mod:`.cron`) into the readings of a clock it admits (:mod:`.pattern`), and so is a
rule of RFC 5545 (:mod:`.rrule`, :mod:`.rule`, :mod:`.dates`). A zone is cut
into stretches of constant offset (:mod:`.zones`). :mod:`.walk` goes along the stretches and decides what
becomes of a reading that never comes, or comes twice.
"""

from worker.recurrence.cron import CronRefused
from worker.recurrence.pattern import Readings
from worker.recurrence.rrule import RuleRefused, first_start, parse_rule, surprises
from worker.recurrence.walk import (
    Note,
    Occurrence,
    Recurrence,
    fixed_time,
    recurrence,
    rrule_recurrence,
    starts,
    wall_clock_end,
)
from worker.recurrence.zones import Zone, ZoneUnknown, zone

__all__ = [
    "CronRefused",
    "Note",
    "Occurrence",
    "Readings",
    "Recurrence",
    "RuleRefused",
    "Zone",
    "ZoneUnknown",
    "first_start",
    "fixed_time",
    "parse_rule",
    "recurrence",
    "rrule_recurrence",
    "starts",
    "surprises",
    "wall_clock_end",
    "zone",
]
