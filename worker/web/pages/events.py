"""The events: what recurs, and what comes next of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.ledger.records import EventRecord
from worker.views import local_start
from worker.web.catalogue import Listed, catalogue
from worker.web.desk import Desk
from worker.web.paper import rendered
from worker.web.rules import lasts, rules
from worker.web.told import Told, told

_A_PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the list: the event, its rule, and its next window or, if that is far, when it starts."""

    each: Listed
    rules: tuple[tuple[str, str], ...]
    lasts: str
    next: Told | None
    later: str


def routes(desk: Desk) -> list[Route]:
    """``/events``."""

    def page(request: Request) -> Response:
        text = request.query_params.get("q", "").strip()
        return rendered(request, "events.html", _facts(desk, text, _number(request), desk.now()))

    return [Route("/events", page)]


def row(each: Listed, now: float) -> Row:
    """The event in the language spoken, on its own clock."""
    event = each.record.event
    return Row(
        each=each,
        rules=tuple(rules(event)),
        lasts=lasts(event),
        next=told(each.next, event.timezone, now) if each.next else None,
        later=local_start(event.timezone, each.later) if each.later else "",
    )


def _facts(desk: Desk, text: str, number: int, now: float) -> dict[str, Any]:
    found = sorted(
        (record for record in desk.ledger.plans.events() if _holds(record, text.casefold())),
        key=lambda record: record.event.id,
    )
    first, last = (number - 1) * _A_PAGE, number * _A_PAGE
    return {
        "q": text,
        "rows": [row(each, now) for each in catalogue(desk, found[first:last], now)],
        "count": len(found),
        "before": number - 1,
        "after": number + 1 if last < len(found) else 0,
    }


def _holds(record: EventRecord, text: str) -> bool:
    event = record.event
    return any(text in each.casefold() for each in (event.id, event.title, event.stream))


def _number(request: Request) -> int:
    given = request.query_params.get("page", "")
    return max(int(given), 1) if given.isascii() and given.isdigit() and len(given) <= len("99999") else 1
