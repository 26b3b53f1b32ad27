"""What somebody looks at on the first page: how far, around when, and which windows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, get_args

from starlette.requests import Request

from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.web.desk import Choice
from worker.web.pages.asked import Asked, asked
from worker.web.timeline import Reach

REACHES: Final[tuple[Reach, ...]] = get_args(Reach)
STATES: Final = ("troubled", "on_air", *(str(state) for state in State))
_LONGEST: Final = 100
"""Characters of what is searched for."""
_LATEST: Final = 2**31


@dataclass(frozen=True, slots=True)
class Look:
    """The query of the first page, read. ``around`` is in Unix seconds, 0 for now."""

    asked: Asked
    reach: Reach = "24h"
    table: bool = False
    around: int = 0
    state: str = ""
    text: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether not every window is wanted."""
        return bool(self.asked.event or self.asked.stream or self.state or self.text)

    def choice(self, since: float, until: float) -> Choice:
        """The windows that are looked at, in [since, until), whatever their state."""
        return Choice(
            since=since, until=until, event=self.asked.event, stream=self.asked.stream, text=self.text
        )

    def takes(self, record: WindowRecord, now: float) -> bool:
        """Whether it is of the state that is looked for."""
        return not self.state or Choice(states=frozenset({self.state})).takes(record, now)

    def at(self, **changes: Any) -> str:
        """The address of the first page with these parts changed; ``event`` and ``stream`` are such too."""
        place = {name: changes.pop(name) for name in ("event", "stream") if name in changes}
        new = replace(self, asked=replace(self.asked, **place), **changes)
        return new.asked.address(
            "/",
            view="" if new.reach == "24h" else new.reach,
            show="table" if new.table else "",
            at=str(new.around or ""),
            state=new.state,
            q=new.text,
        )


def look(request: Request) -> Look:
    """What this request looks at. What makes no sense is passed over."""
    query = request.query_params
    at, view, state = (query.get(name, "") for name in ("at", "view", "state"))
    around = int(at) if at.isascii() and at.isdigit() and len(at) <= len(str(_LATEST)) else 0
    return Look(
        asked=asked(request),
        reach=next((reach for reach in REACHES if reach == view), "24h"),
        table=query.get("show") == "table",
        around=around if around < _LATEST else 0,
        state=state if state in STATES else "",
        text=query.get("q", "").strip()[:_LONGEST],
    )
