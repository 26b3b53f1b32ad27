"""What planners ask of a page: which event or stream; and on whose clock it answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from worker.ledger.records import EventRecord
from worker.recurrence import ZoneUnknown, zone
from worker.web.paper import address
from worker.web.wishes import wishes_of

_LONGEST: Final = 200
"""Characters of an id or a stream that are looked at."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The part of a query that stays from page to page; what is empty asks for nothing in particular."""

    event: str = ""
    stream: str = ""

    def address(self, path: str, **more: str) -> str:
        """The page at ``path`` asked for the same, and for this besides."""
        return address(path, event=self.event, stream=self.stream, **more)


def asked(request: Request) -> Asked:
    """What this request asks for."""
    query = request.query_params
    return Asked(*(query.get(name, "").strip()[:_LONGEST] for name in ("event", "stream")))


def clock_of(request: Request, wanted: Asked, events: Collection[EventRecord]) -> str:
    """On whose clock a page tells its times: as the viewer wishes, else that of most events."""
    wishes = wishes_of(request)
    if wishes.zone == "utc":
        return "UTC"
    if wishes.zone == "local" and wishes.here and _known(wishes.here):
        return wishes.here
    chosen = [r for r in events if r.event.id == wanted.event] or events
    zones = Counter(record.event.timezone for record in chosen)
    return zones.most_common(1)[0][0] if zones else "UTC"


def _known(key: str) -> bool:
    try:
        zone(key)
    except ZoneUnknown:
        return False
    return True
