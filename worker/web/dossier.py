"""Everything that is known of one window, as its page tells it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from worker.errors import UnknownWindow
from worker.language import clauses, phrase, state_words
from worker.language.retold import retold
from worker.ledger.watched import Tried
from worker.lifecycle import State
from worker.redact import mask_text
from worker.views import AIR, NOTES, local_iso, local_start
from worker.web.desk import Desk, Shown
from worker.web.items import Item, item

_MOST: Final = 60
"""Lines of each part of a history, the newest first."""
_SECONDS: Final = len("2026-11-23T20:00:00")
_VERBS: Final = ("retry", "extend", "override", "clear", "stop", "cancel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call for the window. ``facts`` are the provider's code, the HTTP status, the id of the request."""

    iso: str
    clock: str
    act: str
    outcome: str
    took: str
    facts: tuple[str, ...]
    message: str

    @property
    def well(self) -> bool:
        """Whether it did what it should."""
        return self.outcome == "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One change of the window: what was done to it, how it stood then, by whom and why."""

    iso: str
    clock: str
    action: str
    to: str
    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another window on the slot, and what this one has to do with it."""

    note: str
    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One address, masked, and how it answered if it was tried."""

    address: str
    tried: Tried | None
    when: str


def dossier(desk: Desk, window_id: str, zone: str, now: float) -> dict[str, Any]:
    """All of it on the clock of ``zone``, empty for the window's own. Raises ``UnknownWindow``."""
    shown = desk.window(window_id, now)
    window = shown.record.window
    zone = zone or window.timezone
    log = desk.ledger.reading.log(window_id)
    (programme,) = desk.ledger.overrides.programmes([desk.ledger.plans.event(window.event).event])
    told = programme.overrides.get(window_id)
    return {
        "w": item(shown, zone, now),
        "record": shown.record,
        "window": window,
        "zone": zone,
        "utc": [local_start("UTC", at) for at in (window.start, window.end)],
        "iso": [local_iso("UTC", at) for at in (window.start, window.end)],
        "then": desk.what_now(shown, now),
        "notes": [phrase(NOTES.get(code, code)) for code in dict.fromkeys(window.notes)],
        "sources": list(_sources(shown, zone)),
        "air": _air(shown, zone),
        "drift": list(_drift(desk, shown)),
        "neighbours": sorted(_neighbours(desk, shown, zone, now), key=lambda each: each.item.told.start),
        "attempts": list(_newest(log, "attempt", lambda line: _attempt(line, zone))),
        "turns": list(_newest(log, "change", lambda line: _turn(line, zone))),
        "again": _clock(zone, shown.record.next_attempt_at) if shown.record.state == "retrying" else "",
        "placed": _clock(zone, shown.record.placed_at),
        "verbs": _verbs(shown, now, overridden=bool(told and told.changes)),
        "on_air": shown.record.on_air(now),
    }


def _verbs(shown: Shown, now: float, *, overridden: bool) -> list[str]:
    """What may make sense as it stands. Whether it does is for :mod:`worker.sense` to say."""
    record = shown.record
    if record.state is State.REMOVED or record.window.end <= now:
        return []
    if record.state is State.CANCELLED:
        return ["retry"] if record.cancelled_by != "plan" else []
    wanted = {"override", *(["clear"] if overridden else [])}
    if record.state in {State.FAILED, State.MISSED, State.RETRYING}:
        wanted.add("retry")
    if not record.window.permanent:
        wanted.add("extend")
    if record.state is not State.MISSED:
        wanted.add("stop" if record.on_air(now) else "cancel")
    return [verb for verb in _VERBS if verb in wanted]


def _sources(shown: Shown, zone: str) -> Iterator[Source]:
    tried = {each.source: each for each in shown.watched.sources}
    for address in item(shown, zone, 0.0).told.sources:
        found = tried.get(address)
        yield Source(address=address, tried=found, when=_clock(zone, found.at) if found else "")


def _air(shown: Shown, zone: str) -> str:
    seen = shown.watched.seen
    if seen is None:
        return ""
    figures = f" · {seen.framerate:.0f} frames/s, {seen.bitrate:.0f} kbit/s" if seen.bitrate else ""
    return f"{phrase(AIR[seen.state])} · {phrase('since')} {_clock(zone, seen.since)}{figures}"


def _drift(desk: Desk, shown: Shown) -> Iterator[str]:
    """What the last look found wrong with it, or in its way."""
    for each in desk.ledger.drifts.remembered(shown.record.window.slot.domain).values():
        if shown.id in each.windows:
            yield mask_text(f"{each.kind}: {each.why}")


def _neighbours(desk: Desk, shown: Shown, zone: str, now: float) -> Iterator[Neighbour]:
    notes: defaultdict[str, list[str]] = defaultdict(list)
    for met in shown.meetings:
        notes[met.other.id].append(phrase(NOTES.get(met.note, met.note)))
    for other in notes.keys() - {shown.id}:
        with suppress(UnknownWindow):  # it left the plan a moment ago
            told = item(desk.window(other, now), zone, now)
            yield Neighbour(note=clauses(*notes[other]), item=told)


def _newest(log: Sequence[Mapping[str, Any]], kind: str, told: Any) -> Iterator[Any]:
    wanted: Iterable[Mapping[str, Any]] = (line for line in reversed(log) if line["kind"] == kind)
    yield from map(told, islice(wanted, _MOST))


def _attempt(line: Mapping[str, Any], zone: str) -> Attempt:
    facts = (
        str(line.get("code", "")),
        f"HTTP {line['http_status']}" if line.get("http_status") else "",
        str(line.get("request_id", "")),
    )
    message = mask_text(str(line.get("message", "")))
    return Attempt(
        iso=local_iso(zone, int(line["at"])),
        clock=_clock(zone, line["at"]),
        act=str(line["act"]),
        outcome=str(line["outcome"]),
        took=f"{line.get('seconds', 0.0):.2f}\N{NO-BREAK SPACE}s",
        facts=tuple(fact for fact in facts if fact and fact not in message),
        message=retold(message),
    )


def _turn(line: Mapping[str, Any], zone: str) -> Turn:
    _, _, action = str(line["action"]).partition(".")
    return Turn(
        iso=local_iso(zone, int(line["at"])),
        clock=_clock(zone, line["at"]),
        action=phrase(action),
        to=state_words(str(line["to"])),
        by=str(line["by"]),
        why=retold(mask_text(str(line["why"]))),
    )


def _clock(zone: str, at: float) -> str:
    """Date and time to the second, without the offset; empty for no time."""
    return local_iso(zone, int(at))[:_SECONDS].replace("T", " ") if at else ""
