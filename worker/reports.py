"""What the ledger knows, in the one form that users and scripts see (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, TypedDict

from worker.language import clauses
from worker.language.retold import retold
from worker.ledger.records import EventRecord, WindowRecord
from worker.lifecycle import OPEN, State
from worker.neighbours import Meeting, meetings_now, noted
from worker.overrides import Pause
from worker.slots import Standing
from worker.views import PlannedView, WindowView, note_words, window_view

_STRIVING: Final = OPEN - {State.PLACED, State.DISPLACED}
"""States of a window that should get a relay and has none yet."""

_ATTEMPT: Final = {
    "at": 0.0,
    "act": "",
    "outcome": "",
    "code": "",
    "http_status": 0,
    "request_id": "",
    "seconds": 0.0,
}


class PauseView(TypedDict):
    """Who paused an event, when (Unix seconds) and why."""

    at: float
    by: str
    reason: str


class EventView(TypedDict):
    """An event, under names that scripts rely on. ``windows`` counts those that are not over, by state.

    ``next`` is the one of them that is on air or comes next and is not called off.
    """

    id: str
    title: str
    timezone: str
    cron: list[str]
    rrule: list[str]
    permanent: bool
    paused: bool
    pause: PauseView | None
    in_file: bool
    file: str
    windows: dict[str, int]
    next: PlannedView | None


def with_neighbours(
    records: Iterable[WindowRecord], on_slots: Iterable[Collection[Standing]], now: float, settle: int
) -> Iterator[tuple[WindowRecord, tuple[Meeting, ...]]]:
    """The records with the notes on their neighbours, and who these are.

    ``on_slots`` are the open windows of each of their slots. ``now`` is in Unix seconds; ``settle``: seconds.
    """
    met = {each: found for slot in on_slots for each, found in meetings_now(slot, now, settle).items()}
    for record in records:
        found = met.get(record.window.id, ())
        yield (replace(record, window=noted(record.window, found)) if found else record), found


def ended(record: WindowRecord, now: float) -> bool:
    """Whether it had a relay and is over."""
    return record.state is State.REMOVED or (record.state is State.PLACED and record.window.end <= now)


def late(record: WindowRecord, now: float) -> bool:
    """Whether its start came before its relay did: it has none yet, or got it too late.

    One that gives way to another is not late: it is not meant to be there.
    """
    window = record.window
    if window.permanent or record.state in {State.PLACED, State.REMOVED}:
        return not window.permanent and record.placed_at > window.start
    return record.state in _STRIVING and window.start <= now


def troubled(record: WindowRecord, now: float) -> bool:
    """Whether somebody should look: it failed, was missed, is tried again, or is late without a relay."""
    if record.state in {State.FAILED, State.MISSED, State.RETRYING}:
        return True
    return record.state in _STRIVING and late(record, now)


FOLLOWING: Final[Mapping[str, Callable[[WindowRecord, float], bool]]] = {
    "on_air": WindowRecord.on_air,
    "late": late,
    "ended": ended,
    "troubled": troubled,
}
"""Words for what follows from a state and the time."""
WORDS: Final = (*(state.value for state in State), *FOLLOWING)
"""By which windows can be chosen."""


def fits(record: WindowRecord, word: str, now: float) -> bool:
    """Whether one of ``WORDS`` is true of the window."""
    return record.state == word or (word in FOLLOWING and FOLLOWING[word](record, now))


def described(record: WindowRecord, now: float) -> str:
    """The state in words, with what follows from it and the time."""
    if ended(record, now):
        return "ended" if record.state is State.REMOVED else "ended, still placed"
    words = "on air" if record.on_air(now) else str(record.state)
    if not late(record, now):
        return words
    return f"{words}, late" if now < record.window.end else f"{words}, over"


def remarks(record: WindowRecord) -> str:
    """What is special about a window and why, in words. What went well needs none."""
    window = record.window
    well = record.state in {State.PLACED, State.REMOVED}
    why = window.reason if well else record.reason or window.reason
    notes = [] if record.state is State.DISPLACED else list(window.notes)  # its reason says it all
    return clauses(note_words(notes), retold(why))


def record_view(
    record: WindowRecord, *, now: float, log: Iterable[Mapping[str, Any]] = (), show_secrets: bool = False
) -> WindowView:
    """A window with all that the ledger adds; ``log`` as read from it, for the attempts."""
    view = window_view(record.window, state=record.state, show_secrets=show_secrets)
    view["due_at"] = max(record.window.due_at, 0)
    view["placed_at"] = record.placed_at or None
    view["task_id"] = record.task_id
    view["next_attempt_at"] = record.next_attempt_at or None
    view["on_air"] = record.on_air(now)
    view["reason"] = record.reason or record.window.reason
    view["attempts"] = [
        {name: line.get(name, default) for name, default in (_ATTEMPT | {"message": ""}).items()}
        for line in log
        if line["kind"] == "attempt"
    ]
    return view


def upcoming(windows: Iterable[WindowRecord], now: float) -> WindowRecord | None:
    """Of an event's windows, in order, the one that is on air or comes next and is not called off."""
    wanted = (each for each in windows if each.window.end > now and each.state is not State.CANCELLED)
    return next(wanted, None)


def event_view(
    record: EventRecord, windows: Iterable[WindowRecord], *, now: float, pause: Pause | None = None
) -> EventView:
    """An event with what comes next of it; ``pause`` if somebody paused it, whatever its file says."""
    event = record.event
    coming = [w for w in windows if w.window.end > now]
    following = upcoming(coming, now)
    states: dict[str, int] = {}
    for each in coming:
        states[each.state] = states.get(each.state, 0) + 1
    return {
        "id": event.id,
        "title": event.title,
        "timezone": event.timezone,
        "cron": list(event.crons),
        "rrule": list(event.rrules),
        "permanent": event.permanent,
        "paused": event.paused or pause is not None,
        "pause": {"at": pause.at, "by": pause.by, "reason": pause.reason} if pause else None,
        "in_file": record.in_file,
        "file": record.file,
        "windows": states,
        "next": window_view(following.window, state=following.state) if following else None,
    }
