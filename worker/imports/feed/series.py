"""A series of a calendar becomes an event: rule, added and left-out dates, and the nights that differ (pure).

RFC 5545, 3.8.4.4 and 3.8.5. What the events file cannot say exactly is refused with its reason; what clients
do not agree on is remarked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final

from worker.durations import format_duration
from worker.errors import ConfigError
from worker.events.fields import MOST_DATES
from worker.events.problems import Unusable
from worker.events.values import LONGEST_REASON, wall_time
from worker.imports.feed.clocks import DAY, UTC, At, Clocks, naive, shown, written
from worker.imports.feed.items import Item, one_line
from worker.recurrence import Occurrence, Recurrence, fixed_time, rrule_recurrence, wall_clock_end, zone

Entry = dict[str, Any]
"""An event, or a part of one, as the file will have it."""

_IN_CALENDAR: Final = "as in the calendar"
_YEARS: Final = 2 * 366 * DAY
"""Seconds in which the clocks of a zone change, if they do."""
_FUTURE: Final = "THISANDFUTURE"


def series(master: Item, others: Sequence[Item], clocks: Clocks) -> Entry:
    """The event of one UID: its times, and nothing yet of id, title and slot.

    ``others`` are the entries for single occurrences. Those that cannot be taken are refused one by one;
    raises ``Unusable`` if the series as a whole cannot.
    """
    start = master.moment("DTSTART", clocks)
    if master.status == "CANCELLED":
        raise Unusable("it is called off in the calendar")
    if master.values("EXRULE"):
        raise Unusable(
            "it has an EXRULE, which programs read differently", hint="leave out single dates instead"
        )
    made = _Series(master, start, clocks)
    made.add_dates()
    made.leave_out()
    for other in others:
        try:
            other.readable()
            made.change(other)
        except Unusable as error:
            other.refusal = told(error)
    return made.entry()


def told(error: ConfigError) -> str:
    """What is wrong, and what to do."""
    return f"{error} ({error.hint})" if error.hint else str(error)


class _Series:
    """One series, as far as it has been read."""

    def __init__(self, master: Item, start: At, clocks: Clocks) -> None:
        self.master, self.start, self.clocks = master, start, clocks
        self.seconds = master.seconds(start, clocks)
        self.rules = list(dict.fromkeys(rule.to_ical().decode() for rule in master.values("RRULE")))
        self.zone = self._zone()
        self.clock = zone(self.zone)
        self.lines: list[Recurrence] = [
            rrule_recurrence(rule, naive(start.reading), self.zone) for rule in self.rules
        ]
        self.end = self._end() if self.rules else None
        self.extra: dict[int, Entry] = {}
        self.exceptions: dict[str, Entry] = {}

    def _zone(self) -> str:
        """Whose clock the event goes by. A single time in UTC is shown on the calendar's own."""
        home = self.clocks.home
        if self.start.zone != UTC or not home:
            return self.start.zone
        if self.rules:
            if home != UTC:
                self.master.remarks.append(f"its rule goes by UTC, not by the clock of {home}")
            return UTC
        try:
            for at in (self.start, *self._listed("RDATE")):
                shown(home, at.at)
        except Unusable as error:
            self.master.remarks.append(f"{error}: it goes by UTC")
            return UTC
        return home

    def _end(self) -> str | None:
        """The time of day at which it ends, where clocks change and the calendar names one; else ``None``.

        By RFC 5545, 3.8.5.3, a DTEND means the same exact length each time. What calendar programs show, and
        planners rely on, is the same time of day.
        """
        change = next(self.clock.changes(self.start.at, self.start.at + _YEARS), None)
        if change is None or not self.master.values("DTEND"):
            return None
        end = self.start.at + self.seconds
        reading = end + self.clock.offset(end)
        midnight = reading - reading % DAY
        until = reading - self.start.reading
        return _clock(reading - midnight) if 0 < until <= DAY else None

    def entry(self) -> Entry:
        """The event so far. Raises ``Unusable`` if nothing is left of it, or it is more than a file takes."""
        if not self.rules and not self.extra:
            raise Unusable("all of its dates are left out")
        if max(len(self.exceptions), len(self.extra)) > MOST_DATES:
            raise Unusable(f"more than {MOST_DATES:,} dates are added to it, left out or changed")
        entry: Entry = {"timezone": self.zone}
        if self.rules:
            entry |= {"rrule": self.rules, "dtstart": written(self.start.reading)}
        entry |= {"end": self.end} if self.end else {"duration": format_duration(self.seconds)}
        if self.exceptions:
            entry["exceptions"] = [self.exceptions[on] for on in sorted(self.exceptions)]
        if self.extra:
            entry["extra"] = [self.extra[at] for at in sorted(self.extra)]
        return entry

    def add_dates(self) -> None:
        """DTSTART, which counts whatever the rule says (3.8.5.3), and RDATE."""
        if not self.at(self.start.at):
            if self.rules:
                self.master.remarks.append(
                    "its first date does not follow its rule, and is taken all the same"
                )
            self._add(self.start.at, self.seconds, _IN_CALENDAR)
        for value in self.master.values("RDATE"):
            for each in value.dts:
                start, seconds = self._added(each.dt, value.params.get("TZID"))
                if not self.at(start.at):
                    self._add(start.at, seconds, "a date of its own in the calendar")

    def _added(self, value: Any, tzid: str | None) -> tuple[At, int]:
        if not isinstance(value, tuple):
            return self.clocks.read(value, tzid), self.seconds
        start = self.clocks.read(value[0], tzid)
        if isinstance(value[1], dt.timedelta):
            return start, value[1] // dt.timedelta(seconds=1)
        return start, self.clocks.read(value[1], tzid).at - start.at

    def leave_out(self) -> None:
        """EXDATE. Some programs give a date where the series has times: it means that whole date."""
        for value in self.master.values("EXDATE"):
            for each in value.dts:
                found = list(self._meant(each.dt, value.params.get("TZID")))
                if not found:
                    self.master.remarks.append(f"it leaves out {each.dt}, when nothing of it starts")
                for at in found:
                    self._cancel(at, "left out in the calendar")

    def change(self, other: Item) -> None:
        """An occurrence that was changed by hand. Raises ``Unusable``."""
        meant = other.values("RECURRENCE-ID")[0]
        if meant.params.get("RANGE", "").upper() == _FUTURE:
            raise Unusable(
                "it changes this and all later ones, and they stay as they were",
                hint="end the series there in the calendar, and begin another",
            )
        found = list(self._meant(meant.dt, meant.params.get("TZID")))
        if len(found) > 1:
            raise Unusable("it changes several at once: its RECURRENCE-ID has no time of day")
        reason = other.title if other.title not in {"", self.master.title} else _IN_CALENDAR
        if other.status == "CANCELLED":
            for at in found:
                self._cancel(at, one_line(other.text("COMMENT")) or "called off in the calendar")
            return
        start = other.moment("DTSTART", self.clocks)
        seconds = other.seconds(start, self.clocks)
        if not found:
            other.remarks.append("the series has no such date: it is taken as one more")
            self._add(start.at, seconds, reason)
        elif found[0] in self.extra:
            del self.extra[found[0]]
            self._add(start.at, seconds, reason)
        else:
            self._move(other, found[0], start, seconds, reason)

    def _move(self, other: Item, was: int, start: At, seconds: int, reason: str) -> None:
        nominal = self._occurrence(was)
        midnight = nominal.reading - nominal.reading % DAY
        reading = shown(self.zone, start.at)
        changes: Entry = {}
        if start.at != was:
            changes["start"] = _clock(reading - midnight)
        if seconds != self._usual(nominal) or (self.end and changes):
            changes["duration"] = format_duration(seconds)
        if not midnight <= reading < midnight + 2 * DAY:
            other.remarks.append("it moves to another date: one is cancelled, and another added")
            self._cancel(was, f"moved to {written(reading)}")
            self._add(start.at, seconds, reason)
        elif changes:
            self._except(nominal, changes, reason)
        else:
            other.remarks.append("it airs as the series does: only what is said of it differs")

    def _usual(self, nominal: Occurrence) -> int:
        """How long an occurrence lasts that nobody changed."""
        if self.end is None:
            return self.seconds
        midnight = nominal.reading - nominal.reading % DAY
        end = wall_clock_end(self.clock, nominal, midnight + wall_time(self.end).seconds)
        return end - nominal.at if end else 0

    def at(self, at: int) -> bool:
        """Whether the rule has an occurrence then."""
        return any(line.starts(at, at + 1) for line in self.lines)

    def _occurrence(self, at: int) -> Occurrence:
        return next(each for line in self.lines for each in line.occurrences(at, at + 1))

    def _listed(self, name: str) -> Iterator[At]:
        for value in self.master.values(name):
            for each in value.dts:
                start = each.dt[0] if isinstance(each.dt, tuple) else each.dt
                yield self.clocks.read(start, value.params.get("TZID"))

    def _meant(self, value: Any, tzid: str | None) -> Iterator[int]:
        """The occurrences that a date, or a moment, means."""
        if isinstance(value, dt.datetime):
            since = self.clocks.read(value, tzid).at
            until = since + 1
        else:
            midnight = (value - dt.date(1970, 1, 1)).days * DAY
            since, until = (fixed_time(self.clock, each).at for each in (midnight, midnight + DAY))
        found = {at for line in self.lines for at in line.starts(since, until)}
        yield from sorted(found | {at for at in self.extra if since <= at < until})

    def _add(self, at: int, seconds: int, reason: str) -> None:
        entry: Entry = {"start": written(shown(self.zone, at))}
        if seconds != self.seconds or self.end:
            entry["duration"] = format_duration(seconds)
        self.extra[at] = entry | {"reason": reason[:LONGEST_REASON]}

    def _cancel(self, at: int, reason: str) -> None:
        if self.extra.pop(at, None) is None:
            self._except(self._occurrence(at), {"cancel": "true"}, reason)

    def _except(self, nominal: Occurrence, changes: Entry, reason: str) -> None:
        on = written(nominal.reading)
        if on in self.exceptions:
            raise Unusable(f"the occurrence of {on} is changed twice", hint="keep one of the two")
        self.exceptions[on] = {"on": on} | changes | {"reason": reason[:LONGEST_REASON]}


def _clock(seconds: int) -> str:
    """``25:30`` for half past one of the next day."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}".removesuffix(":00")
