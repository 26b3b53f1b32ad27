"""Whether the provider lists what the plan will need, early enough to mend it (pure).

The plan is held against the provider's list and against nothing that an attempt recorded: what is believed
to be placed and is not there is what nobody else would notice. A window is asked for at its checkpoints
before air, but never before its turn has come: until then its slot belongs to the window ahead of it, or
its lead has not begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from worker.conditions import Condition, Kind, Level, moot, of_window
from worker.ledger.records import WindowRecord
from worker.lifecycle import OPEN, State
from worker.redact import mask_source
from worker.relay import LONGEST_SPAN, Row
from worker.slots import Standing, Stretch, line_up_now, turns
from worker.windows import Window

CHECKPOINTS: Final = ((86_400, Level.WARN), (3_600, Level.WARN), (900, Level.PAGE), (300, Level.PAGE))
"""Seconds before a start from which on its relay is asked for, and how much it hurts when it is not there."""
LOOKED_AHEAD: Final = CHECKPOINTS[0][0]
SOON: Final = CHECKPOINTS[-1][0]
"""Seconds before its start from which on a window counts as about to be on air."""

TO_PLACE: Final = 120
"""Seconds that placing may take, once it may begin, before anybody is told: a few tries, and a quiet look."""
AT_THE_TURN: Final = 40
"""The same where the window is on air, or about to be: the time of a tick, a look and a try."""
CARRIED_ON: Final = CHECKPOINTS[1][0]
"""Seconds before its end at which a relay must have been carried on, if its window goes on."""
_OF_WINDOW: Final = frozenset({Kind.UNPLACED, Kind.WRONG, Kind.MISSED, Kind.FAILED})
"""Of these there is one at a time."""


def scope_of(domain: str) -> str:
    """The scope of what is found out about a domain by its list."""
    return f"coverage:{domain}"


def uncovered(
    records: Iterable[WindowRecord], rows: Iterable[Row], now: float, settle: int
) -> Iterator[Condition]:
    """What is wrong on one slot: its ``records`` to come against the ``rows`` that are listed there.

    ``now`` is when the list was asked for (Unix seconds), ``settle`` what the provider takes to act.
    """
    listed = list(rows)
    by_id = {record.window.id: record for record in records}
    standings = [Standing(r.window, r.state) for r in by_id.values() if r.state in OPEN]
    lined = line_up_now(standings, now, settle)
    for stretch, turn in zip(lined.stretches, turns(lined.stretches), strict=True):
        if turn <= now:
            for window in stretch.windows:
                yield from _of_window(by_id[window.id], window, stretch, listed, now)
    for record in by_id.values():
        if record.state not in OPEN or record.window.id in lined.displaced:
            yield from _of_state(record, now)


def _of_state(record: WindowRecord, now: float) -> Iterator[Condition]:
    """What the ledger itself has given up, or people have; whatever was told of it before is over."""
    window, scope = record.window, scope_of(record.window.slot.domain)
    level = Level.PAGE if window.start - now <= CHECKPOINTS[1][0] else Level.WARN
    kind = {State.MISSED: Kind.MISSED, State.FAILED: Kind.FAILED}.get(record.state)
    if kind and now < window.end:
        found = of_window(window, kind, level, scope, why=record.reason)
        yield replace(found, instead_of=_OF_WINDOW - {kind})
    else:
        yield from moot(window, _OF_WINDOW, scope)


def _of_window(
    record: WindowRecord, window: Window, stretch: Stretch, rows: list[Row], now: float
) -> Iterator[Condition]:
    """``window`` is the record's as it is lined up: it ends where one begins that it gives way to."""
    level = _asked_for(window, now)
    if level is None or now >= window.end or any(covers(row, window, now) for row in rows):
        return
    patience = AT_THE_TURN if now >= window.start - SOON else TO_PLACE
    kind, facts = _what_is_there(window, stretch, rows)
    cause = f"other-{facts['differs']}" if facts else str(record.state)
    # The reason of one that is placed says how it came to be, and nothing of why it is gone.
    why = "" if record.state is State.PLACED else record.reason
    told = {"why": why, "tries": record.tries} | facts
    scope = scope_of(window.slot.domain)
    found = of_window(record.window, kind, level, scope, cause=cause, patience=patience, **told)
    yield replace(found, instead_of=_OF_WINDOW - {kind})


def _asked_for(window: Window, now: float) -> Level | None:
    """How much it would hurt if it were not there; ``None`` while it is too early to ask."""
    if window.permanent:
        return Level.PAGE
    passed = [level for before, level in CHECKPOINTS if now >= window.start - before]
    return passed[-1] if passed else None


def covers(row: Row, window: Window, now: float) -> bool:
    """Whether this relay plays the window from now or its start on, and to its end.

    One that is as long as a relay may be, and shorter than the window, will do until it has to be carried on.
    """
    if row.slot != window.slot or row.sources != window.sources:
        return False
    if row.start is None or row.end is None:
        return window.permanent and row.start is None and row.end is None
    if window.permanent or not row.start <= max(window.start, now) < row.end:
        return False
    longest = row.end - row.start >= LONGEST_SPAN
    return row.end >= window.end or (longest and now < row.end - CARRIED_ON)


def _what_is_there(window: Window, stretch: Stretch, rows: list[Row]) -> tuple[Kind, dict[str, Any]]:
    """Whether something else is there instead, and what."""
    near = [row for row in rows if row.start is None or row.start < stretch.end]
    alike = [row for row in near if row.sources == window.sources]
    found = next(iter(alike or near), None)
    if found is None:
        return Kind.UNPLACED, {}
    differs = "times" if alike else "sources"
    return Kind.WRONG, {
        "differs": differs,
        "listed_start": found.start,
        "listed_end": found.end,
        "listed_source": mask_source(found.sources[0]),
    }
