"""What can be read through the API. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from math import isfinite
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from worker import __version__
from worker.accounts import (
    about,
    entry_view,
    event_views,
    gaps,
    message_view,
    snooze_view,
    standing_view,
    timeline,
    window_views,
)
from worker.asrun import report_view
from worker.views import local_iso
from worker.web.api import models
from worker.web.api.asking import EntriesWanted, EventId, EventsWanted, WindowId, WindowsWanted
from worker.web.api.entities import the_event, the_window
from worker.web.api.telling import content_of, told
from worker.web.desk import Choice, Desk, Shown
from worker.web.leaves import Place, leaf

_WEEK: Final = 7 * 86_400
_MESSAGES: Final = 20
Views = Callable[[Desk, Sequence[Shown], float], Iterable[Any]]


def router(desk: Desk) -> APIRouter:
    """All of it."""
    made = APIRouter()
    for rooms, tag in ((_windows, "windows"), (_events, "events"), (_operations, "operations")):
        made.include_router(rooms(desk), tags=[tag])
    return made


def _windows(desk: Desk) -> APIRouter:
    made = APIRouter()

    @made.get("/windows", summary="Windows", response_model=models.Windows)
    def windows(request: Request, wanted: Annotated[WindowsWanted, Query()]) -> Response:
        """Windows in an order that holds, a page at a time: permanent ones first, then all by their start.

        The ledger knows them as far ahead as it is planned, and for two weeks after their end.
        """
        return _page(request, desk, wanted, wanted.choice(), _as_windows)

    @made.get("/windows/{window_id}", summary="A window", response_model=models.WholeWindow)
    def window(request: Request, window_id: WindowId) -> Response:
        """One window with its history; one that lies beyond what is planned yet, as it will be planned."""
        return told(request, content_of(the_window(desk, window_id)))

    @made.get("/report", summary="The as-run log", response_model=models.Reports)
    def report(request: Request, wanted: Annotated[WindowsWanted, Query()]) -> Response:
        """What became of windows: of those that started within the last week, unless asked otherwise."""
        now = desk.now()
        return _page(request, desk, wanted, wanted.choice(now - _WEEK, now), _as_reports)

    return made


def _page(request: Request, desk: Desk, wanted: WindowsWanted, choice: Choice, views: Views) -> Response:
    if choice.event:
        desk.ledger.plans.event(choice.event)
    now = desk.now()
    place = Place.parse(wanted.cursor) if wanted.cursor else None
    found = leaf(desk, choice, place, wanted.limit, now)
    since, until = (at if isfinite(at) else now for at in (choice.since, choice.until))
    windows = list(views(desk, found.shown, now))
    warnings = [{"message": each} for each in gaps(since, until, now, desk.runtime.planner.horizon)]
    after = str(found.last) if found.last else ""
    content = content_of({"windows": windows, "warnings": warnings, "next": after or None})
    return told(request, content, after=after)


def _as_windows(desk: Desk, shown: Sequence[Shown], now: float) -> Iterable[Any]:
    return window_views(desk.ledger, [each.record for each in shown], now)


def _as_reports(desk: Desk, shown: Sequence[Shown], now: float) -> Iterable[Any]:
    logs = desk.ledger.reading.logs(each.id for each in shown)
    for each, log in zip(shown, logs, strict=True):
        yield report_view(each.record, log, each.watched.seen, now=now)


def _events(desk: Desk) -> APIRouter:
    made = APIRouter()

    @made.get("/events", summary="Events", response_model=models.Events)
    def events(request: Request, wanted: Annotated[EventsWanted, Query()]) -> Response:
        """Events by their ids, a page at a time, each with what comes next of it."""
        ledger = desk.ledger
        ids = [each for each in ledger.plans.ids() if each > wanted.cursor]
        after = ids[wanted.limit - 1] if len(ids) > wanted.limit else ""
        records = list(ledger.plans.events(ids[: wanted.limit]))
        programmes = list(ledger.overrides.programmes(each.event for each in records))
        found = list(event_views(ledger, records, programmes, desk.now()))
        return told(request, content_of({"events": found, "next": after or None}), after=after)

    @made.get("/events/{event_id}", summary="An event", response_model=models.Event)
    def event(request: Request, event_id: EventId) -> Response:
        """One event, and what comes next of it."""
        return told(request, content_of(the_event(desk, event_id)))

    return made


def _operations(desk: Desk) -> APIRouter:
    made = APIRouter()

    @made.get("/status", summary="How things stand", response_model=models.Status)
    def status(request: Request) -> Response:
        """The time, who is there, how many windows are how, and what is wrong.

        Its `ETag` is weak: that a second passed, or a process gave another sign of life, does not change it.
        """
        found = _status(desk)
        return told(request, content_of(found, _gist(found)))

    @made.get("/alerts", summary="What is wrong", response_model=models.Alerts)
    def alerts(request: Request) -> Response:
        """What is wrong now, the last twenty messages, and what is snoozed."""
        found = desk.ledger.alerts
        document = {
            "standing": list(map(standing_view, found.standing())),
            "messages": list(map(message_view, found.latest(_MESSAGES))),
            "snoozes": list(map(snooze_view, found.snoozes(desk.now()))),
        }
        return told(request, content_of(document))

    @made.get("/history", summary="Who did what", response_model=models.History)
    def history(request: Request, wanted: Annotated[EntriesWanted, Query()]) -> Response:
        """What was applied and what people said, newest first. 500 applies and 1,000 words are kept."""
        entries = (each for each in timeline(desk.ledger) if wanted.event in {"", *about(each)})
        found = list(map(entry_view, islice(entries, wanted.limit)))
        return told(request, content_of({"history": found}))

    return made


def _status(desk: Desk) -> dict[str, Any]:
    now = desk.now()
    pulse = desk.pulse()
    return {
        "now": int(now),
        "now_utc": local_iso("UTC", int(now)),
        "version": __version__,
        "revision": desk.ledger.revisions.newest(),
        "counts": desk.counts(now),
        "pulse": {
            "present": [{"role": s.role, "name": s.name, "at": int(now - s.age)} for s in pulse.present],
            "missing": list(pulse.missing),
        },
        "conditions": list(map(standing_view, desk.ledger.alerts.standing())),
    }


def _gist(status: dict[str, Any]) -> dict[str, Any]:
    """What is left of it without what changes every few seconds though nothing happens."""
    pulse = status["pulse"]
    present = [[each["role"], each["name"]] for each in pulse["present"]]
    return status | {"now": 0, "now_utc": "", "pulse": [present, pulse["missing"]]}
