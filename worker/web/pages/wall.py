"""The wall screen: what is on air, what comes next and what is wrong, to be read from across the room."""

from __future__ import annotations

import time
from itertools import islice
from typing import Any, Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.language import spoken
from worker.lifecycle import State
from worker.recurrence import zone
from worker.views import local_end
from worker.web.answers import Content, Kept, answered
from worker.web.desk import Choice, Desk, Shown
from worker.web.items import Trouble, item, troubles
from worker.web.month import today
from worker.web.pages.asked import asked, clock_of
from worker.web.paper import filled, rendered
from worker.web.wishes import wishes_of

_ON_AIR, _NEXT, _WRONG = 6, 6, 3
_LOOKED: Final = 200
_ASIDE: Final = frozenset({State.CANCELLED, State.DISPLACED})


def routes(desk: Desk) -> list[Route]:
    """``/wall``, and ``/wall/live`` for what polls it."""
    kept = Kept(desk.stamp, time.monotonic)

    def content(request: Request) -> Content:
        """The part that changes, made once for all who want it on the same clock in the same language."""
        wishes, wanted = wishes_of(request), asked(request)
        key = (wanted, wishes.zone, wishes.here if wishes.zone == "local" else "", spoken())
        return kept.get(key, lambda: filled("_wall.html", _facts(desk, _clock(desk, request))))

    def page(request: Request) -> Response:
        found = content(request)
        facts = {
            "live": Markup(found.plain.decode()),  # noqa: S704 - a template made it
            "tag": f'"{found.tag}"',
            "wrong": len(_troubles(desk, _clock(desk, request), desk.now())),
        }
        return rendered(request, "wall.html", facts)

    def live(request: Request) -> Response:
        return answered(request, content(request), "text/html")

    return [Route("/wall", page), Route("/wall/live", live)]


def _clock(desk: Desk, request: Request) -> str:
    return clock_of(request, asked(request), list(desk.ledger.plans.events()))


def _facts(desk: Desk, clock: str) -> dict[str, Any]:
    """What hangs there now, on the clock of one zone."""
    now = desk.now()
    playing = [s for s in desk.windows(Choice(since=now, until=now + 1), now) if s.record.on_air(now)]
    # What never ends is no news: it stands last.
    playing.sort(key=lambda s: (s.record.window.permanent, s.record.window.end, s.id))
    coming = [s for s in desk.next_up(now, _LOOKED) if s.record.state not in _ASIDE]
    # Each show once: what plays every few minutes would leave no room for the others.
    firsts: dict[str, Shown] = {}
    for each in coming:
        firsts.setdefault(each.record.window.event, each)
    wrong = _troubles(desk, clock, now)
    shown = [s.record.window for s in playing[:_ON_AIR]]
    return {
        "timezone": clock,
        "today": today(zone(clock), now),
        "playing": [item(each, clock, now) for each in playing[:_ON_AIR]],
        # Whoever reads it there counts the days from today, and not from when it began.
        "until": {each.id: local_end(clock, int(now), each.end) for each in shown if not each.permanent},
        "playing_more": max(len(playing) - _ON_AIR, 0),
        "coming": [item(each, clock, now) for each in islice(firsts.values(), _NEXT)],
        "needs": wrong[:_WRONG],
        "needs_more": max(len(wrong) - _WRONG, 0),
        "wrong": len(wrong),
    }


def _troubles(desk: Desk, clock: str, now: float) -> list[Trouble]:
    return troubles(desk.needs(now), lambda _: clock, now)
