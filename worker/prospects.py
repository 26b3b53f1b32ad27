"""What becomes of a window by itself, in words, as its slot would judge it now (pure)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from worker.language import phrase
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.slots import Outlook, Standing, last_useful, outlook
from worker.views import moment
from worker.windows import Window

_STRIVING: Final = {State.PLANNED, State.PLACING, State.RETRYING, State.DISPLACED}


def prospect(record: WindowRecord, slot: Collection[Standing], now: float, settle: int) -> str:
    """What comes next for this window, or why nothing does; empty where that needs no word.

    ``slot`` are the open windows of its slot, itself among them if it is open. ``now`` is in Unix seconds;
    ``settle``: seconds the provider takes to act on a change.
    """
    window = record.window
    match record.state:
        case State.FAILED:
            return phrase(
                "it is not tried again by itself: mend the cause, then relaybeat retry {window}",
                window=window.id,
            )
        case State.CANCELLED if record.cancelled_by == "person":
            return phrase(
                "it stays off, whatever the file says; relaybeat retry {window} takes that back",
                window=window.id,
            )
        case State.RETRYING if record.next_attempt_at > now:
            again = moment(window, int(record.next_attempt_at))
            if window.permanent:
                return phrase("it is tried again at {time}", time=again)
            words = "it is tried again at {time}, and until {last} if need be"
            return phrase(words, time=again, last=_last(window))
        case state if state in _STRIVING:
            return _turn(record, outlook(slot, now, settle), now)
        case _:
            return ""


def goes_on(slot: Collection[Standing], gone: Window, now: float, settle: int) -> str:
    """The id of the window that keeps the relay on air of one that was called off; empty if none does."""
    wanted = outlook(slot, now, settle).wanted
    if wanted is None or wanted.relay.sources != gone.sources:
        return ""
    playing = (s.window.id for s in slot if s.window.start <= now and s.window.id in wanted.windows)
    return next(playing, "")


def _last(window: Window) -> str:
    return moment(window, last_useful(window))


def _turn(record: WindowRecord, found: Outlook, now: float) -> str:
    """When the slot is its own, or why it is not."""
    window = record.window
    if window.id in found.missed:
        return phrase("it is too late to place it")
    for displaced, winner in found.displaced:
        if displaced == window.id:
            if window.permanent:
                return phrase("it gives way to {winner}: it is placed only if that goes", winner=winner.id)
            words = "it gives way to {winner}: it is placed only if that goes, and that by {last}"
            return phrase(words, winner=winner.id, last=_last(window))
    for waiting, turn in found.waiting:
        if waiting == window.id and turn > now:
            from_then = "it is placed from {time} on"
            behind = "it is placed from {time} on, when what is ahead of it has ended"
            waits = turn > max(window.due_at, now)
            return phrase(behind if waits else from_then, time=moment(window, turn))
    return phrase("a worker places it within seconds")
