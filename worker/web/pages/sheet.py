"""The day sheet: what plays on a day, to be printed and signed."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.recurrence import Zone, zone
from worker.views import local_start
from worker.web.ahead import look_ahead
from worker.web.axis import jumps
from worker.web.desk import Choice, Desk
from worker.web.month import FIRST_YEAR, LAST_YEAR, midnight, month_of, today, week_of
from worker.web.pages.asked import Asked, asked, clock_of
from worker.web.paper import rendered
from worker.web.told import told

_MOST: Final = 2_000
"""Windows of a day."""


def routes(desk: Desk) -> list[Route]:
    """``/sheet``."""

    def page(request: Request) -> Response:
        now, wanted, events = desk.now(), asked(request), list(desk.ledger.plans.events())
        clock = clock_of(request, wanted, events)
        day = _day_of(request.query_params.get("day", ""), zone(clock), now)
        facts = _facts(desk, day, wanted, clock, now)
        return rendered(request, "sheet.html", facts | {"events": events})

    return [Route("/sheet", page)]


def _day_of(name: str, clock: Zone, now: float) -> date:
    """The day of this name (``2026-11-27``), by default today. Raises ``HTTPException`` (404)."""
    if not name:
        return today(clock, now)
    with suppress(ValueError):
        day = date.fromisoformat(name)
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise HTTPException(404, f"there is no day {name!r} between {FIRST_YEAR} and {LAST_YEAR}")


def _facts(desk: Desk, day: date, wanted: Asked, clock: str, now: float) -> dict[str, Any]:
    after = day + timedelta(days=1)
    since, until = midnight(zone(clock), day), midnight(zone(clock), after)
    choice = Choice(since=since, until=until, event=wanted.event, stream=wanted.stream)
    found = look_ahead(desk, choice, now, most=_MOST)
    rows = [told(each.record, clock, now) for each in found.shown]
    return {
        "day": day,
        "timezone": clock,
        "rows": [row for row in rows if row.starts],
        "always": [row for row in rows if not row.starts],
        "whole": found.all,
        "jumps": list(jumps(zone(clock), since, until)),
        "printed": local_start(clock, int(now)),
        "asked": wanted,
        "heading": " ".join(local_start(clock, since).split(" ")[:2]),
        "itself": wanted.address("/sheet", day=day.isoformat()),
        "before": wanted.address("/sheet", day=(day - timedelta(days=1)).isoformat()),
        "after": wanted.address("/sheet", day=after.isoformat()),
        "current": wanted.address("/sheet"),
        "months": wanted.address("/month", month=month_of(day).name),
        "weeks": wanted.address("/week", week=week_of(day).name),
    }
