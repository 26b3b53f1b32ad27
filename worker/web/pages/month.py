"""The calendar: a month or a week, on the clock of one zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.almanac import years_ahead
from worker.language import phrase
from worker.ledger.records import EventRecord
from worker.recurrence import zone
from worker.web.ahead import look_ahead
from worker.web.desk import Choice, Desk
from worker.web.month import (
    Entry,
    Grid,
    Leaf,
    NoSuchLeaf,
    grid,
    month_of,
    named_month,
    named_week,
    special_days,
    today,
    week_of,
)
from worker.web.pages.asked import Asked, asked, clock_of
from worker.web.paper import rendered
from worker.web.scene import FACES
from worker.web.told import Told, face, told

_MOST: Final = 25_000
"""Windows that are read for a leaf."""
_A_DAY: Final = {"month": 6, "week": 60}
"""Windows that are shown on a day."""
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def routes(desk: Desk) -> list[Route]:
    """``/month`` and ``/week``."""

    def month(request: Request) -> Response:
        return _page(desk, request, "month")

    def week(request: Request) -> Response:
        return _page(desk, request, "week")

    return [Route("/month", month), Route("/week", week)]


def _page(desk: Desk, request: Request, kind: str) -> Response:
    now, wanted, events = desk.now(), asked(request), list(desk.ledger.plans.events())
    clock = clock_of(request, wanted, events)
    current = today(zone(clock), now)
    try:
        leaf = _leaf(kind, request.query_params.get(kind, ""), current)
    except NoSuchLeaf as error:
        raise HTTPException(404, str(error)) from None
    since, until = leaf.instants(clock)
    choice = Choice(since=since, until=until, event=wanted.event, stream=wanted.stream)
    found = look_ahead(desk, choice, now, most=_MOST)
    drawn = _drawn(leaf, found.events, [s.record.window for s in found.shown], clock, now, _A_DAY[kind])
    records = {s.id: s.record for s in found.shown}

    def stands(entry: Entry) -> Told:
        """What many windows of a day are told by: the worst of them, of equals the first."""
        group = (records[window.id] for window in entry.group)
        return told(min(group, key=lambda record: FACES.index(face(record, now))), clock, now)

    facts = {
        "kind": kind,
        "name": _called(leaf),
        "grid": drawn,
        "stands": stands,
        "always": [told(records[window.id], clock, now) for window in drawn.always],
        "whole": found.all,
        "unknown": list(_unknown(found.events, since, until)),
        "asked": wanted,
        "events": events,
    }
    return rendered(request, "month.html", facts | _links(kind, leaf, wanted, current))


def _leaf(kind: str, name: str, current: date) -> Leaf:
    if kind == "month":
        return named_month(name) if name else month_of(current)
    return named_week(name) if name else week_of(current)


def _drawn(
    leaf: Leaf, events: Sequence[EventRecord], windows: Sequence[Any], clock: str, now: float, most: int
) -> Grid:
    calendars = (days for each in events for days in (*each.event.skip, *each.event.also))
    special = special_days(calendars, leaf.first, leaf.first + timedelta(days=leaf.days))
    return grid(leaf, windows, clock, now, specials=special, most=most)


def _unknown(events: Sequence[EventRecord], since: int, until: int) -> Iterator[str]:
    """Years of which no holidays are known yet, and so may look as if they had none."""
    for each in years_ahead((record.event for record in events), since, until):
        told = "nothing is known of {year} yet by {calendar}: its days are neither left out nor added"
        yield phrase(told, year=each.year, calendar=each.calendar)


def _called(leaf: Leaf) -> str:
    if leaf.month:
        return phrase("{month} {year}", month=phrase(_MONTHS[leaf.month.month - 1]), year=leaf.month.year)
    year, number, _ = leaf.first.isocalendar()
    return phrase("Week {number} of {year}", number=number, year=year)


def _links(kind: str, leaf: Leaf, wanted: Asked, current: date) -> dict[str, Any]:
    """Where the leaf leads to: the month or the week of the same days, and the leaves beside it."""
    path = f"/{kind}"
    middle = leaf.month or leaf.first + timedelta(days=3)
    if leaf.first <= current < leaf.first + timedelta(days=leaf.days):
        middle = current
    return {
        "before": leaf.before and wanted.address(path, **{kind: leaf.before}),
        "after": leaf.after and wanted.address(path, **{kind: leaf.after}),
        "current": wanted.address(path),
        "months": wanted.address("/month", month=month_of(middle).name),
        "weeks": wanted.address("/week", week=week_of(middle).name),
        "sheet_of": lambda day: wanted.address("/sheet", day=day.isoformat()),
        "sheet": wanted.address("/sheet", day=middle.isoformat()),
    }
