"""``/calendar.ics``: what is planned, for the calendars that people have anyway."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.ics import calendar
from worker.language import spoken
from worker.reports import record_view
from worker.views import WindowView
from worker.web import access
from worker.web.access import Denied
from worker.web.ahead import look_ahead
from worker.web.answers import Content, answered
from worker.web.desk import Choice, Desk

_DAY: Final = 86_400
_BEHIND: Final = 7 * _DAY
_AHEAD: Final = 31 * _DAY
_MOST: Final = 5_000
"""Windows in one calendar; the nearest, if there are more."""
_KEPT: Final = 32
_SHOWN: Final = (
    "id",
    "title",
    "start",
    "end",
    "timezone",
    "domain",
    "app",
    "stream",
    "state",
    "notes",
    "reason",
)


def routes(desk: Desk) -> list[Route]:
    """``/calendar.ics``, for who may read, or has a key; ``/calendar/{key}.ics`` is the same."""
    made = Made(desk)

    def feed(request: Request) -> Response:
        key = request.path_params.get("key") or request.query_params.get("key", "")
        event = request.query_params.get("event", "")
        if key:
            known = desk.ledger.feeds.of(key)
            if known is None or known.event not in {"", event or known.event}:
                raise Denied(404, "no-such-calendar", "there is no such calendar, or no longer")
            event = known.event or event
        else:
            access.need(request, "read")
        answer = answered(request, made.of(event), "text/calendar; charset=utf-8")
        answer.headers["Content-Disposition"] = 'inline; filename="relaybeat.ics"'
        return answer

    return [Route("/calendar.ics", feed), Route("/calendar/{key}.ics", feed)]


@dataclass
class _Entry:
    stamp: Hashable
    told: str
    content: Content


@dataclass
class Made:
    """Calendars as they were made last, by event. Safe in any number of threads.

    One is made anew when what it tells changed, and not when it is asked for: so its entries' DTSTAMP says
    when they were last revised (RFC 5545, 3.8.7.2), and a client that has it gets a 304.
    """

    desk: Desk
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _kept: OrderedDict[Hashable, _Entry] = field(default_factory=OrderedDict, init=False, repr=False)

    def of(self, event: str) -> Content:
        """The calendar of this event, or of all. Raises ``UnknownEvent`` or ``LedgerUnavailable``."""
        with self._lock:
            now, key = self.desk.now(), (event, spoken())
            stamp = (self.desk.stamp(), int(now) // _DAY)
            kept = self._kept.get(key)
            if kept is None or kept.stamp != stamp:
                kept = self._anew(event, kept, stamp, now)
                self._kept[key] = kept
            self._kept.move_to_end(key)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return kept.content

    def _anew(self, event: str, before: _Entry | None, stamp: Hashable, now: float) -> _Entry:
        views = self._views(event, now)
        told = _digest(views)
        if before and before.told == told:
            return _Entry(stamp, told, before.content)
        return _Entry(stamp, told, Content(b"".join(calendar(views, datetime.fromtimestamp(int(now), UTC)))))

    def _views(self, event: str, now: float) -> list[WindowView]:
        if event:
            self.desk.ledger.plans.event(event)
        midnight = int(now) // _DAY * _DAY
        choice = Choice(since=midnight - _BEHIND, until=midnight + _AHEAD, event=event)
        shown = look_ahead(self.desk, choice, now, most=_MOST).shown
        return [record_view(each.record, now=now) for each in shown]


def _digest(views: Sequence[WindowView]) -> str:
    told = [[view.get(name) for name in _SHOWN] for view in views]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
