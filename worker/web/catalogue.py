"""The events with what comes next of each, for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from worker.ledger.records import EventRecord, WindowRecord
from worker.overrides import Programme
from worker.reports import troubled, upcoming
from worker.web.desk import Desk
from worker.windows import next_start

_DAY: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An event. ``next`` is what is on air or comes next of it and is not called off.

    ``later`` is when its next window starts (Unix seconds) if the ledger has none yet: it comes beyond the
    horizon. ``troubled`` counts its windows until tomorrow that somebody should look at.
    """

    record: EventRecord
    programme: Programme
    next: WindowRecord | None
    later: int | None
    troubled: int

    @property
    def paused(self) -> bool:
        """Whether nothing new of it is planned, by its file or by somebody."""
        return self.record.event.paused or self.programme.pause is not None


def catalogue(desk: Desk, records: Sequence[EventRecord], now: float) -> Iterator[Listed]:
    """These events at ``now`` (Unix seconds), in their order. Raises ``LedgerUnavailable``."""
    programmes = list(desk.ledger.overrides.programmes(record.event for record in records))
    coming = _coming(desk, programmes, now)
    for record, programme in zip(records, programmes, strict=True):
        windows = coming.get(record.event.id, [])
        following = upcoming(windows, now)
        yield Listed(
            record=record,
            programme=programme,
            next=following,
            later=None if following else _later(record, programme, now),
            troubled=sum(troubled(each, now) for each in windows),
        )


def _coming(desk: Desk, programmes: Sequence[Programme], now: float) -> dict[str, list[WindowRecord]]:
    """What is left of their windows, until tomorrow or, where nothing is, as far as the ledger knows."""
    found: defaultdict[str, list[WindowRecord]] = defaultdict(list)
    reach = max((each.longest for each in programmes if not each.event.permanent), default=0)
    ids = [each.event.id for each in programmes]
    for record in desk.ledger.reading.windows(ids, now - reach, now + _DAY):
        if record.window.end > now:
            found[record.window.event].append(record)
    quiet = [each for each in ids if upcoming(found.get(each, ()), now) is None]
    for record in desk.ledger.reading.windows(quiet, now + _DAY, inf):
        found[record.window.event].append(record)
    return found


def _later(record: EventRecord, programme: Programme, now: float) -> int | None:
    if programme.pause or not record.in_file or record.event.permanent:
        return None
    after = max(int(now), record.planned_until - 1)
    return next_start(programme.event, after)
