"""How a plan is told: window by window, or event by event where there are many; to people, and to scripts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from worker.applying import Plan
from worker.changes import moved, what, why_gone, words
from worker.drafts.standing import standing_views
from worker.events.problems import Problem
from worker.language import clauses, phrase
from worker.overrides import OVERRIDDEN
from worker.planner import Difference
from worker.views import local_end, local_start, note_words, window_view
from worker.windows import Window

MOST_SHOWN: Final = 50
"""Windows, or events, that a person is shown one by one; scripts get all."""
_SIGNS: Final = {"add": "+", "change": "~", "remove": "-"}


def counts(found: Plan) -> dict[str, int]:
    """How many windows are added, changed and removed, by the names that scripts rely on."""
    return {
        "added": found.count("add"),
        "changed_windows": found.count("change"),
        "removed": found.count("remove"),
    }


def plan_view(
    found: Plan, warnings: Iterable[Problem], *, show_secrets: bool = False
) -> dict[str, Iterable[Any]]:
    """A plan for scripts: lists that are made as they are read."""
    return {
        "changes": (change_view(found, d, show_secrets=show_secrets) for d in found.differences),
        "left": (event.id for event in found.left),
        "overrides": standing_views(found.overruled, show_secrets=show_secrets),
        "warnings": map(asdict, warnings),
    }


def done_view(number: int | None, events: int, found: Plan, warnings: Iterable[Problem]) -> dict[str, Any]:
    """An apply for scripts: the revision, ``None`` if nothing was to be done, and what it did."""
    numbers = {"events": events, "changed": len(found.changed), **counts(found)}
    left = [event.id for event in found.left]
    return {"revision": number, **numbers, "left": left, "warnings": [asdict(each) for each in warnings]}


def change_view(found: Plan, difference: Difference, *, show_secrets: bool = False) -> dict[str, Any]:
    """One difference for scripts: ``what`` names the fields that differ, ``why`` says why a window goes."""

    def shown(window: Window | None) -> Any:
        return window and window_view(window, show_secrets=show_secrets)

    before, after = difference.before, difference.after
    return {
        "kind": difference.kind,
        "id": difference.window.id,
        "on_air": difference.on_air,
        "before": shown(before),
        "after": shown(after),
        "what": what(before, after) if before and after else [],
        "why": _why(found, difference),
    }


@dataclass(frozen=True, slots=True)
class Row:
    """One window that differs, for people: ``+``, ``~`` or ``-``, when it airs, and what is to be said."""

    sign: str
    when: str
    event: str
    title: str
    told: str
    on_air: bool


@dataclass(frozen=True, slots=True)
class EventRow:
    """How many windows of one event come, change and go, and when the first of them airs."""

    event: str
    added: int
    changed: int
    removed: int
    first: str
    on_air: bool


def rows(found: Plan) -> Iterator[Row]:
    """A row a window; what goes and comes on one date is one show that moves."""
    moves = _moves(found)
    instead = {window.id for window in moves.values()}
    for d in found.differences:
        after = moves.get(d.window.id, d.after)
        if d.window.id not in instead:
            sign = _SIGNS["change" if d.before and after else d.kind]
            told, shown = clauses(*_told(found, d, after)), after or d.window
            yield Row(sign, when(shown), d.window.event, shown.title, told, d.on_air)


def event_rows(found: Plan) -> Iterator[EventRow]:
    """A row an event, in order of its first window that differs."""
    by_event: dict[str, list[Difference]] = defaultdict(list)
    for d in found.differences:
        by_event[d.window.event].append(d)
    for event, own in by_event.items():
        kinds = Counter(d.kind for d in own)
        on_air = any(d.on_air for d in own)
        yield EventRow(event, kinds["add"], kinds["change"], kinds["remove"], when(own[0].window), on_air)


def in_all(found: Plan, *, done: bool) -> Iterator[str]:
    """The sum of it, in sentences: what was done, or would be."""
    if found.empty:
        yield phrase("nothing to change")
        return
    added, changed, removed = counts(found).values()
    would = "windows: {added} would be added, {changed} would be changed, {removed} would be removed"
    was = "windows: {added} added, {changed} changed, {removed} removed"
    told = phrase(was if done else would, added=added, changed=changed, removed=removed)
    if moves := len(_moves(found)):
        told += phrase(" ({n} shows move to another time of their day)", n=moves)
    yield told
    quiet = {e.id for e in (*found.changed, *found.back)} - {d.window.event for d in found.differences}
    if quiet:
        yield phrase("changed, without a window to come that differs: {events}", events=named(sorted(quiet)))


def gone(found: Plan) -> str:
    """The events that are not in the file, by name; empty if there are none."""
    return named([event.id for event in (*found.left, *found.kept)])


def named(ids: Sequence[str]) -> str:
    """The first of these ids, and how many more there are."""
    more = phrase(" and {n} more", n=len(ids) - MOST_SHOWN) if len(ids) > MOST_SHOWN else ""
    return ", ".join(ids[:MOST_SHOWN]) + more


def _moves(found: Plan) -> dict[str, Window]:
    gone = (d.before for d in found.differences if d.before and not d.after)
    return moved(gone, (d.after for d in found.differences if d.after and not d.before))


def _told(found: Plan, difference: Difference, after: Window | None) -> list[str]:
    before = difference.before
    if before and after:
        return [*words(before, after), _stands(after)]
    why = _why(found, difference)
    return [": ".join(filter(None, (note_words(list(after.notes)), why)))] if after else [why]


def _stands(window: Window) -> str:
    """What somebody, or an exception, said of it."""
    return phrase("overridden: {reason}", reason=window.reason) if OVERRIDDEN in window.notes else ""


def _why(found: Plan, difference: Difference) -> str:
    if difference.after:
        return difference.after.reason
    programme = found.programmes.get(difference.window.event)
    if programme is None:
        return phrase("its event left the file")
    return why_gone(difference.window, programme.event, programme.pause)


def when(window: Window) -> str:
    """When it airs, on its own clock, for people."""
    if window.permanent:
        return phrase("permanent")
    zone = window.timezone
    return f"{local_start(zone, window.start)} - {local_end(zone, window.start, window.end)} {zone}"
