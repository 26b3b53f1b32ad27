"""Specials that people put beside the rule of an event, at the desk and not in its file (pure).

Every check raises ``Refused``: what, why, and what to do instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from worker.cases import checked
from worker.errors import Refused
from worker.events.model import Event, Extra
from worker.events.problems import Unusable
from worker.events.values import stream, stream_of
from worker.overrides import Override, Programme, planned, with_added
from worker.recurrence import fixed_time, zone
from worker.views import local_iso, offset_at
from worker.windows import SpanRefused, expand


@dataclass(frozen=True, slots=True)
class Special:
    """What is asked for: a start (Unix seconds) and a length in seconds, without the pads of the event.

    What is empty is as the event has it.
    """

    start: int
    seconds: int
    sources: tuple[str, ...] = ()
    stream: str = ""


def checked_special(event: Event, special: Special, reason: str) -> Extra:
    """The special as an entry of the events file, if the file could have it."""
    if event.permanent:
        raise Refused(f"{event.id} is permanent: there is no time beside it")
    if special.seconds <= 0:
        raise Refused("it would end before it starts", hint="say --end, or --duration")
    try:
        name = special.stream and stream_of(stream(special.stream), event.id) and special.stream
    except Unusable as error:
        raise Refused(str(error), hint=error.hint) from None
    reading = special.start + offset_at(event.timezone, special.start)
    if fixed_time(zone(event.timezone), reading).at != special.start:
        told = f"the clock of {event.id} shows {local_iso(event.timezone, special.start)} twice"
        raise Refused(told, hint="only its first time can be meant")
    return Extra(
        start=datetime.fromtimestamp(reading, UTC).replace(tzinfo=None),
        duration=special.seconds,
        sources=checked(special.sources) or None,
        stream=name or None,
        reason=reason,
    )


def joined(programme: Programme, extra: Extra) -> tuple[str, Programme]:
    """The id of the window that the entry makes, and the programme with it.

    If somebody added the same before, that is the one; nothing else may start then.
    """
    if already := next((each for each, told in programme.overrides.items() if told.added == extra), None):
        return already, programme
    new = Override(window="", at=0.0, by="", reason="", added=extra)
    event = with_added(programme.event, [new])
    at = fixed_time(zone(event.timezone), int(extra.start.replace(tzinfo=UTC).timestamp())).at
    try:
        window = next(expand(event, at - event.pad_before, at - event.pad_before + 1))
    except SpanRefused as error:
        raise Refused(str(error), hint=error.hint) from None
    if planned(programme.event, window.id):
        hint = f"relaybeat override {window.id} changes that one"
        raise Refused(f"{window.id} starts then already", hint=hint)
    return window.id, replace(programme, event=event)
