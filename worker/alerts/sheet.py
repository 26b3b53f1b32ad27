"""The sheet of a day: what comes in the next 24 hours, and what went wrong in the last (pure).

It is written down once, as facts, and said in the language of each channel.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from worker.alerts.wording import LINES, WORDINGS, Lang
from worker.conditions import OF_WINDOWS, Condition, Kind, Level
from worker.coverage import AT_THE_TURN
from worker.durations import format_duration
from worker.ledger.alerts import Message
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.redact import mask_text
from worker.reports import late
from worker.views import local_end, local_start

DAY: Final = 86_400
MOST: Final = 20
"""Windows, and troubles, that are named; the others are counted."""
_OFF: Final = frozenset({State.CANCELLED, State.DISPLACED})
_FAILED: Final = {State.FAILED: Kind.FAILED, State.MISSED: Kind.MISSED}
_BEFORE_AIR: Final = frozenset({Kind.UNPLACED, Kind.WRONG, Kind.SOURCE_DEAD})
"""What was mended in time is no trouble any more."""


def sheet(
    day: date, zone: str, records: Collection[WindowRecord], told: Iterable[Message], now: float
) -> Condition:
    """The sheet of ``day``, for people who live in ``zone``.

    ``records`` are the windows from a day ago to a day ahead, ``told`` what people heard since a day ago.
    """
    planned = [each for each in records if each.state not in _OFF and not each.window.permanent]
    coming = [_place(each) for each in planned if now <= each.window.start < now + DAY]
    began = [each for each in planned if now - DAY <= each.window.start < now]
    troubles = [trouble for trouble in _troubles(began, told, now) if trouble["kinds"] or trouble["late"]]
    facts = {
        "at": int(now),
        "timezone": zone,
        "coming": len(coming),
        "windows": sorted(coming, key=_when)[:MOST],
        "troubles": len(troubles),
        "troubled": sorted(troubles, key=_when)[:MOST],
    }
    return Condition(
        kind=Kind.DAILY_SHEET, level=Level.INFO, scope="sheet", subject=day.isoformat(), facts=facts
    )


def _place(record: WindowRecord) -> dict[str, Any]:
    window = record.window
    kinds = [_FAILED[record.state]] if record.state in _FAILED else []
    return {"title": window.title, "start": window.start, "end": window.end, "kinds": kinds}


def _when(told: Mapping[str, Any]) -> tuple[int, str]:
    return told["start"], told["title"]


def _troubles(began: Iterable[WindowRecord], told: Iterable[Message], now: float) -> Iterator[dict[str, Any]]:
    """What went wrong with each, as the ledger has it and as the watch saw."""
    seen: defaultdict[str, set[Kind]] = defaultdict(set)
    for message in told:
        if message.condition.kind in OF_WINDOWS - _BEFORE_AIR and message.what in {"began", "worse"}:
            seen[message.condition.subject].add(message.condition.kind)
    for record in began:
        place, window = _place(record), record.window
        by = round(record.placed_at - window.start) if late(record, now) and record.placed_at else 0
        # What follows right behind another can only be placed once that one is over, and was not late by it.
        by = by if by > AT_THE_TURN else 0
        yield place | {"kinds": sorted({*place["kinds"], *seen[window.id]}), "late": by}


def headline(facts: Mapping[str, Any], lang: Lang) -> str:
    """The sheet in a line."""
    went = LINES["troubled" if facts["troubles"] else "well"].on(lang).format(n=facts["troubles"])
    coming = LINES["coming"].on(lang).format(n=facts["coming"])
    day = local_start(facts["timezone"], facts["at"]).rpartition(" ")[0]
    told = f"{coming}{LINES['comma'].on(lang)}{went}"
    return f"{day} {facts['timezone']}{LINES['colon'].on(lang)}{told}"


def lines(facts: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    """What went wrong, one window a line, and then what comes."""
    for heading, name, count in (("went", "troubled", "troubles"), ("comes", "windows", "coming")):
        if facts[name]:
            yield LINES[heading].on(lang)
            yield from (f"- {_line(each, facts['timezone'], lang)}" for each in facts[name])
        if facts[count] > len(facts[name]):
            yield f"- {LINES['more'].on(lang).format(n=facts[count] - len(facts[name]))}"


def _line(told: Mapping[str, Any], zone: str, lang: Lang) -> str:
    """One window, on the clock of those who read the sheet."""
    start, end = told["start"], told["end"]
    line = f"{local_start(zone, start)} - {local_end(zone, start, end)} {mask_text(told['title'])}"
    what = [WORDINGS[Kind(kind)].what.on(lang) for kind in told["kinds"]]
    if told.get("late"):
        what.append(LINES["late"].on(lang).format(late=format_duration(told["late"])))
    comma = LINES["comma"].on(lang)
    return f"{line}{LINES['colon'].on(lang)}{comma.join(what)}" if what else line
