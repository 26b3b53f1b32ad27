"""The first page: what wants somebody, what comes next, and the picture."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.conditions import Kind
from worker.language import spoken
from worker.ledger.records import EventRecord
from worker.web.answers import Content, Kept, answered
from worker.web.desk import Desk, Need
from worker.web.items import Item, ZoneOf, iso, item, troubles
from worker.web.pages.asked import clock_of
from worker.web.pages.look import REACHES, STATES, Look, look
from worker.web.paper import filled, rendered
from worker.web.scene import MOST, counts, scene
from worker.web.timeline import moment_of, range_of
from worker.web.wishes import wishes_of

_NEXT: Final = 6
_NEEDS: Final = 12
_HINTS: Final = 200
"""Events whose names a field suggests."""
_NOW_LINE: Final = "<!--now-->"
"""Where the line goes that tells the time. It moves all the while, so it stands in no answer that is kept:
that would be another one each second."""
_OF_PROVIDER: Final = {
    Kind.PROVIDER_UNREACHABLE,
    Kind.CREDENTIALS_REFUSED,
    Kind.BILLING,
    Kind.QUOTA_EXHAUSTED,
}


def routes(desk: Desk) -> list[Route]:
    """``/``, and ``/live``, which is the part of it that changes."""
    front = _Front(desk, Kept(desk.stamp, time.monotonic))

    def page(request: Request) -> Response:
        wanted, content = look(request), front.live(request)
        live = content.plain.decode().replace(_NOW_LINE, front.now_line(request, wanted))
        facts = {
            "look": wanted,
            "tag": f'"{content.tag}"',
            "live": Markup(live),  # noqa: S704 - a template made it
            "hints": sorted((r.event for r in front.events()), key=lambda e: e.id)[:_HINTS],
            "streams": sorted({r.event.stream for r in front.events()})[:_HINTS],
            "states": STATES,
            "wrong": _wrong(live),
        }
        return rendered(request, "home.html", facts)

    def live(request: Request) -> Response:
        return answered(request, front.live(request), "text/html")

    return [Route("/", page), Route("/live", live)]


@dataclass
class _Front:
    """Makes the live part once for all who look at the same thing."""

    desk: Desk
    kept: Kept
    _events: tuple[float, Sequence[EventRecord]] = field(default=(-1.0, ()), init=False)

    def live(self, request: Request) -> Content:
        """The part that changes, as this request wants it."""
        wanted, wishes = look(request), wishes_of(request)
        clock = clock_of(request, wanted.asked, self.events())
        zone_of = _zone_of(wishes.zone == "event", clock)
        key = (wanted, spoken(), wishes.zone == "event", clock)
        return self.kept.get(key, lambda: filled("_live.html", self._facts(wanted, clock, zone_of)))

    def now_line(self, request: Request, wanted: Look) -> str:
        """The line at this moment, for who has no script to move it."""
        now = self.desk.now()
        since, until = _range(wanted, clock_of(request, wanted.asked, self.events()), now)
        if not since <= now < until:
            return ""
        return filled("_now.html", {"left": round(100 * (now - since) / (until - since), 2)})

    def events(self) -> Sequence[EventRecord]:
        """The events, read again only when people changed them."""
        stamp = self.desk.ledger.intents.stamp()
        if stamp != self._events[0]:
            self._events = stamp, tuple(self.desk.ledger.plans.events())
        return self._events[1]

    def _facts(self, wanted: Look, clock: str, zone_of: ZoneOf) -> dict[str, Any]:
        now = self.desk.now()
        needs = self.desk.needs(now)
        wrong = troubles(needs, zone_of, now)
        return {
            "look": wanted,
            "clock": clock,
            "reaches": REACHES,
            "needs": wrong[:_NEEDS],
            "needs_more": max(len(wrong) - _NEEDS, 0),
            "next_up": self._next_up(zone_of, now),
            **self._picture(wanted, clock, zone_of, now),
            "wrong": len(wrong),
            **self._standing(needs),
        }

    def _next_up(self, zone_of: ZoneOf, now: float) -> list[Item]:
        coming = self.desk.next_up(now, 4 * _NEXT)
        wanted = [each for each in coming if each.record.state not in {"cancelled", "displaced"}]
        return [item(each, zone_of(each.record.window), now) for each in wanted[:_NEXT]]

    def _picture(self, wanted: Look, clock: str, zone_of: ZoneOf, now: float) -> dict[str, Any]:
        since, until = _range(wanted, clock, now)
        shown = self.desk.windows(wanted.choice(since, until), now)
        items = {each.id: item(each, zone_of(each.record.window), now) for each in shown}
        chosen = [each for each in shown if wanted.takes(each.record, now)]
        return {
            "since": since,
            "until": until,
            "before": wanted.at(around=moment_of(wanted.reach, since) - (until - since)),
            "after": wanted.at(around=moment_of(wanted.reach, since) + (until - since)),
            "counts": counts(items.values()),
            "rows": [items[each.id] for each in chosen[:MOST]] if wanted.table else (),
            "rows_more": max(len(chosen) - MOST, 0) if wanted.table else 0,
            "scene": None if wanted.table else scene(chosen, items, since, until, clock, wanted.reach),
            "iso": iso,
        }

    def _standing(self, needs: Sequence[Need]) -> Mapping[str, Any]:
        wrong = {need.standing.condition.kind for need in needs if need.standing}
        host = urlsplit(self.desk.runtime.settings.provider_url).hostname or ""
        return {
            "missing": self.desk.pulse().missing,
            "provider": "emulator" if host in {"127.0.0.1", "localhost", "::1"} else host,
            "provider_well": wrong.isdisjoint(_OF_PROVIDER),
        }


def _wrong(live: str) -> int:
    """How many things want somebody, as it stands in what was kept."""
    found = re.search(r'data-wrong="(\d+)"', live)
    return int(found[1]) if found else 0


def _range(wanted: Look, clock: str, now: float) -> tuple[int, int]:
    return range_of(wanted.reach, wanted.around or now, clock)


def _zone_of(own: bool, clock: str) -> ZoneOf:
    return lambda window: window.timezone if own else clock
