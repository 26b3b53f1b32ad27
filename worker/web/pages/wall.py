"""The wall screen: what is on air, what comes next and what is wrong, to be read from across the room."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.alerts.wording import WORDINGS, Lang
from worker.language import spoken
from worker.lifecycle import State
from worker.recurrence import zone
from worker.web.answers import Kept, answered
from worker.web.desk import Choice, Desk, Need, Shown
from worker.web.month import today
from worker.web.pages.asked import asked, clock_of
from worker.web.paper import filled, rendered
from worker.web.told import Told, told

_ON_AIR, _NEXT, _WRONG = 6, 6, 3
_LOOKED: Final = 200
_ASIDE: Final = frozenset({State.CANCELLED, State.DISPLACED})


def routes(desk: Desk) -> list[Route]:
    """``/wall``."""

    kept = Kept(desk.stamp, time.monotonic)

    def page(request: Request) -> Response:
        return rendered(request, "wall.html", _facts(desk, _clock(desk, request)))

    def live(request: Request) -> Response:
        clock = _clock(desk, request)
        content = kept.get((clock, spoken()), lambda: filled("_wall.html", _facts(desk, clock)))
        return answered(request, content, "text/html")

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
    needs = desk.needs(now)
    return {
        "timezone": clock,
        "today": today(zone(clock), now),
        "playing": [told(s.record, clock, now) for s in playing[:_ON_AIR]],
        "playing_more": max(len(playing) - _ON_AIR, 0),
        "coming": [told(s.record, clock, now) for s in islice(firsts.values(), _NEXT)],
        "wrong": [_wrong(need, clock, now) for need in needs[:_WRONG]],
        "wrong_more": max(len(needs) - _WRONG, 0),
        "wrong_count": len(needs),
    }


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: how much it hurts, in words, with what, and its window if that is one."""

    level: str
    words: str
    where: str
    window: Told | None


def _wrong(need: Need, clock: str, now: float) -> Wrong:
    window = told(need.shown.record, clock, now) if need.shown else None
    level = need.level.name.lower()
    if need.standing is None:
        return Wrong(level, window.state if window else "", window.title if window else "", window)
    condition = need.standing.condition
    where = window.title if window else condition.facts.get("title") or condition.subject
    return Wrong(level, WORDINGS[condition.kind].what.on(_lang()), where, window)


def _lang() -> Lang:
    return "zh" if spoken() == "zh" else "en"
