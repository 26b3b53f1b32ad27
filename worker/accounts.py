"""What the ledger tells of windows, events and all that was done, in the one form that scripts rely on."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, TypedDict

from worker.conditions import Condition
from worker.durations import format_duration
from worker.ledger import Ledger
from worker.ledger.alerts import Message, Snooze, Standing
from worker.ledger.plans import KEPT_AFTER_END
from worker.ledger.records import EventRecord, WindowRecord
from worker.ledger.revisions import Revision, Spoken
from worker.lifecycle import OPEN
from worker.neighbours import Meeting
from worker.overrides import Programme
from worker.reports import EventView, event_view, record_view, with_neighbours
from worker.views import WindowView, local_iso

_DAY: Final = 86_400
_BATCH: Final = 100
"""Events whose windows are held at once."""


class ConditionView(TypedDict):
    """What is wrong: ``subject`` is a window's id, a domain, a slot, or nothing; see the run book."""

    kind: str
    subject: str
    level: str
    cause: str
    facts: dict[str, Any]


class StandingView(ConditionView):
    """A condition that holds, since when (Unix seconds), and whether people were told."""

    since: float
    told: bool


class MessageView(ConditionView):
    """What became of a condition at ``at``, or was ``told``; times are Unix seconds."""

    what: str
    at: float
    since: float


class SnoozeView(TypedDict):
    """Somebody wants to hear nothing of ``target`` until then (Unix seconds)."""

    target: str
    until: float
    by: str
    reason: str


def beside(
    ledger: Ledger, records: Sequence[WindowRecord], settle: int
) -> Iterator[tuple[WindowRecord, tuple[Meeting, ...]]]:
    """The records with the notes on the windows that share their slots, and who these are."""
    slots = {record.window.slot for record in records if record.state in OPEN}
    return with_neighbours(records, ledger.reading.on_slots(slots), ledger.now(), settle)


def window_views(
    ledger: Ledger, records: Sequence[WindowRecord], now: float, *, show_secrets: bool = False
) -> Iterator[WindowView]:
    """The windows with what was tried for each. Raises ``LedgerUnavailable``, as all here do."""
    logs = ledger.reading.logs(record.window.id for record in records)
    for record, log in zip(records, logs, strict=True):
        yield record_view(record, now=now, log=log, show_secrets=show_secrets)


def told_whole(
    record: WindowRecord, log: Sequence[Mapping[str, Any]], now: float, *, show_secrets: bool = False
) -> dict[str, Any]:
    """One window with all that its history (``log``, oldest first) tells: attempts, and changes of state."""
    view = record_view(record, now=now, log=log, show_secrets=show_secrets)
    return {**view, "history": [line for line in log if line["kind"] == "change"]}


def gaps(since: float, until: float, now: float, horizon: int) -> Iterator[str]:
    """Why windows of [since, until) may be missing, for people; Unix seconds, and ``horizon`` in seconds."""
    if until > now + horizon + _DAY:
        yield (
            f"the ledger is planned {format_duration(horizon)} ahead (RELAYBEAT_HORIZON), and what lies"
            " beyond is not here; relaybeat preview FILE looks further"
        )
    if since < now - KEPT_AFTER_END:
        yield f"the ledger forgets a window {format_duration(KEPT_AFTER_END)} after its end"


def event_views(
    ledger: Ledger, records: Sequence[EventRecord], programmes: Sequence[Programme], now: float
) -> Iterator[EventView]:
    """The events, each with its windows to come counted and the next of them."""
    for i in range(0, len(records), _BATCH):
        batch = list(zip(records[i : i + _BATCH], programmes[i : i + _BATCH], strict=True))
        reach = max((programme.longest for _, programme in batch), default=0)
        coming: defaultdict[str, list[WindowRecord]] = defaultdict(list)
        for window in ledger.reading.windows([each.event.id for each, _ in batch], now - reach, math.inf):
            coming[window.window.event].append(window)
        for record, programme in batch:
            yield event_view(record, coming[record.event.id], now=now, pause=programme.pause)


def one_event(ledger: Ledger, event_id: str, now: float) -> EventView:
    """One event as :func:`event_views` tells it. Raises ``UnknownEvent``."""
    record = ledger.plans.event(event_id)
    (view,) = event_views(ledger, [record], list(ledger.overrides.programmes([record.event])), now)
    return view


def timeline(ledger: Ledger) -> Iterator[Revision | Spoken]:
    """What was applied and what people said, newest first."""
    revisions = ledger.revisions
    return heapq.merge(revisions.all(), revisions.words(), key=lambda each: -each.at)


def about(each: Revision | Spoken) -> Collection[str]:
    """The events that it touched."""
    return {each.event} if isinstance(each, Spoken) else {touched.id for touched in each.events}


def entry_view(each: Revision | Spoken) -> dict[str, Any]:
    """One entry: ``kind`` is ``revision`` or ``word``."""
    kind = "revision" if isinstance(each, Revision) else "word"
    return {"kind": kind, "at_utc": local_iso("UTC", int(each.at)), **asdict(each)}


def standing_view(each: Standing) -> StandingView:
    """A condition that holds."""
    return {**_condition_view(each.condition), "since": each.since, "told": each.told}


def message_view(message: Message) -> MessageView:
    """What people were, or are to be, told."""
    told = _condition_view(message.condition)
    return {**told, "what": message.what, "at": message.at, "since": message.since}


def snooze_view(snooze: Snooze) -> SnoozeView:
    """Somebody who wants to hear nothing."""
    return {"target": snooze.target, "until": snooze.until, "by": snooze.by, "reason": snooze.reason}


def _condition_view(condition: Condition) -> ConditionView:
    return {
        "kind": condition.kind,
        "subject": condition.subject,
        "level": condition.level.name.lower(),
        "cause": condition.cause,
        "facts": dict(condition.facts),
    }
