"""A window at the moment when somebody speaks of it, and what then makes no sense (pure).

Every check raises ``Refused``: what, why, and what to do instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from worker.durations import format_duration
from worker.errors import Refused
from worker.events.problems import Unusable
from worker.events.sources import source
from worker.events.values import stream, stream_of
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.overrides import Override, Programme, nominal_start, planned
from worker.relay import LATEST_SECOND, LONGEST_WINDOW, MOST_SOURCES
from worker.reports import described
from worker.slots import last_useful
from worker.views import moment, offset_at
from worker.windows import Window

FARTHEST_MOVE: Final = 86_400
"""Seconds by which a start may be moved; what starts on another day is another show."""

_TO_SAY_SO: Final = 120
_STEP: Final = 300
"""Seconds: what people are told to add is a round number, and still enough when they have typed it."""

_EDIT: Final = "edit the events file, and apply it"


@dataclass(frozen=True, slots=True)
class Case:
    """A window as it stands at ``now``. Plan or ledger knows it, or both.

    From ``planned_until`` on nothing of its event is planned yet. Both are Unix seconds.
    """

    programme: Programme
    window_id: str
    record: WindowRecord | None
    now: float
    planned_until: float = math.inf

    @property
    def plan(self) -> Window | None:
        """What the file has, whatever people said."""
        return planned(self.programme.event, self.window_id)

    @property
    def window(self) -> Window:
        """The window as it is wanted, or was last."""
        window = self.record.window if self.record else self.programme.window(self.window_id)
        assert window is not None
        return window

    @property
    def told(self) -> Override | None:
        """What was said of it before."""
        return self.programme.overrides.get(self.window_id)

    @property
    def state(self) -> State:
        """Its state; what is not in the ledger yet is planned, or called off."""
        if self.record:
            return self.record.state
        return State.CANCELLED if self.programme.off(self.window_id) else State.PLANNED

    @property
    def described(self) -> str:
        """Its state in words."""
        return described(self.record, self.now) if self.record else str(self.state)

    @property
    def on_air(self) -> bool:
        """Whether its relay is being pulled now."""
        return self.record is not None and self.record.on_air(self.now)

    @property
    def off_by_person(self) -> bool:
        """Whether somebody called it off, and not only the plan."""
        by_plan = self.record is not None and self.record.cancelled_by == "plan"
        return self.state is State.CANCELLED and not by_plan

    @property
    def why_off(self) -> str:
        """Why it is off, as it was told."""
        told = self.programme.off(self.window_id)
        return (self.record.reason if self.record else "") or (told.reason if told else "")

    def still_to_run(self) -> None:
        """It is not over."""
        if self.state is State.REMOVED or self.window.end <= self.now:
            raise Refused(f"{self.window_id} is over: it ended at {moment(self.window, self.window.end)}")

    def unpaused(self) -> None:
        """Its event is not paused, or it is on air all the same."""
        event = self.programme.event
        if self.programme.pause and not self.on_air:
            raise Refused(f"{event.id} is {self.programme.pause}", hint=f"relaybeat resume {event.id}")
        if event.paused:
            raise Refused(f"{event.id} is paused in its file", hint=_EDIT)

    def in_plan(self) -> Window:
        """The file has it: as it is there."""
        if self.plan is None:
            raise Refused(f"{self.window_id} is not in the plan any more", hint=_EDIT)
        return self.plan

    def changeable(self) -> Window:
        """It can be given other times or sources: as the file has it."""
        if self.off_by_person:
            hint = f"relaybeat retry {self.window_id} takes that back"
            raise Refused(f"{self.window_id} is called off: {self.why_off}", hint=hint)
        self.unpaused()
        plan = self.in_plan()
        self.still_to_run()
        return plan

    def stream(self, template: str) -> str:
        """The stream's name, if an events file could have it, filled in for this window."""
        event, nominal = self.programme.event, nominal_start(self.window_id)
        try:
            stream_of(stream(template), event.id)
        except Unusable as error:
            raise Refused(str(error), hint=error.hint) from None
        if nominal is None and "{start" in template:
            raise Refused(f"{self.window_id} has no start to fill in", hint="leave {start} out")
        reading = (nominal or 0) + offset_at(event.timezone, nominal or 0)
        return template.format(id=event.id, start=datetime.fromtimestamp(reading, UTC))

    def would_be(self, what: str) -> Refused:
        """It is on air, and nobody said --force."""
        hint = f"if it is meant, say --force; relaybeat stop {self.window_id} ends it for good"
        return Refused(f"{self.window_id} is on air now and would be {what}", hint=hint)

    def worth_placing(self, window: Window) -> None:
        """Enough would be left of it, if it were like this."""
        stays = self.on_air and window.slot == self.window.slot
        if not stays and self.now > last_useful(window):
            least = format_duration(window.min_useful)
            raise Refused(
                f"too little is left of {window.id}: it is placed with {least} or more",
                hint=f"relaybeat extend {window.id} +{self._enough(window)}, if there is more to come",
            )

    def _enough(self, window: Window) -> str:
        """How much longer than planned it must be to be placed, with some minutes to say so."""
        missing = self.now + window.min_useful - self.in_plan().end + _TO_SAY_SO
        return format_duration(math.ceil(missing / _STEP) * _STEP)

    def in_order(self, window: Window) -> None:
        """Its end, were it like this, comes after its start."""
        if window.end <= window.start:
            start, end = moment(window, window.start), moment(window, window.end)
            raise Refused(f"{window.id} would end at {end}, and not after its start at {start}")

    def in_time(self, plan: Window, window: Window) -> None:
        """Its times, were they like this, can be, and can be meant."""
        if window.permanent:
            return
        self.in_order(window)
        what, start, end = self.window_id, moment(window, window.start), moment(window, window.end)
        if window.start != self.window.start and window.start < self.now:
            raise Refused(f"the start of {what} would be in the past: {start}")
        if window.end <= self.now:
            raise Refused(f"the end of {what} would be in the past: {end}")
        if abs(window.start - plan.start) > FARTHEST_MOVE:
            hint = "that is a different show: write it into the events file, under extra"
            raise Refused(f"{what} would start more than a day from {moment(plan, plan.start)}", hint=hint)
        if window.end - window.start > LONGEST_WINDOW or window.end > LATEST_SECOND:
            most = f"at most {format_duration(LONGEST_WINDOW)}, and not beyond 2038-01-19"
            raise Refused(f"{what} would last too long, until {end}", hint=most)


def checked(sources: tuple[str, ...]) -> tuple[str, ...]:
    """The sources, if an events file could have them. What is refused is never quoted."""
    if len(sources) > MOST_SOURCES:
        raise Refused(f"{len(sources)} sources are too many", hint=f"at most {MOST_SOURCES}")
    try:
        return tuple(map(source, sources))
    except Unusable as error:
        raise Refused(str(error), hint=error.hint) from None
