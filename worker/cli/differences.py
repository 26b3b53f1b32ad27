"""How ``plan`` and ``apply`` tell what changes: window by window, or event by event where there are many."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from worker.applying import Plan
from worker.changes import moved, what, why_gone, words
from worker.cli.output import print_table, say
from worker.language import clauses, phrase
from worker.overrides import OVERRIDDEN
from worker.planner import Difference
from worker.views import local_end, local_start, note_words, window_view
from worker.windows import Window

MOST_SHOWN: Final = 50
"""Windows, or events, that a person is shown one by one; scripts get all."""
_SIGNS: Final = {"add": "+", "change": "~", "remove": "-"}
_TINTS: Final = {"+": "green", "~": "yellow", "-": "red"}


def counts(found: Plan) -> dict[str, int]:
    """How many windows are added, changed and removed, by the names that scripts rely on."""
    return {
        "added": found.count("add"),
        "changed_windows": found.count("change"),
        "removed": found.count("remove"),
    }


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


def print_plan(found: Plan) -> None:
    """What would change, for people."""
    differences = found.differences
    if len(differences) > MOST_SHOWN:
        print_table(("event", "added", "changed", "removed", "first", ""), _by_event(differences))
        say(phrase("that is too much to list window by window; --output json does"))
    elif differences:
        print_table(("", "when", "event", "what"), _rows(found), lambda cell: _TINTS.get(cell, ""))
    say_done(found, "", done=False)
    say_left(found)


def _rows(found: Plan) -> Iterator[tuple[str, ...]]:
    """A row a window; what goes and comes on one date is one show that moves."""
    moves = _moves(found)
    instead = {window.id for window in moves.values()}
    for d in found.differences:
        after = moves.get(d.window.id, d.after)
        if d.window.id not in instead:
            sign = _SIGNS["change" if d.before and after else d.kind]
            told = [phrase("on air now") if d.on_air else "", *_told(found, d, after)]
            yield sign, _when(after or d.window), d.window.event, clauses(*told)


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


def _when(window: Window) -> str:
    if window.permanent:
        return phrase("permanent")
    zone = window.timezone
    return f"{local_start(zone, window.start)} - {local_end(zone, window.start, window.end)} {zone}"


def _by_event(differences: Iterable[Difference]) -> Iterator[tuple[str, ...]]:
    """A line an event, in order of its first window that differs."""
    by_event: dict[str, list[Difference]] = defaultdict(list)
    for d in differences:
        by_event[d.window.event].append(d)
    for event, own in list(by_event.items())[:MOST_SHOWN]:
        kinds = Counter(d.kind for d in own)
        on_air = phrase("on air now") if any(d.on_air for d in own) else ""
        numbers = (str(kinds[kind] or "") for kind in ("add", "change", "remove"))
        yield event, *numbers, _when(own[0].window), on_air
    if len(by_event) > MOST_SHOWN:
        yield phrase("and {n} more", n=len(by_event) - MOST_SHOWN), "", "", "", "", ""


def say_done(found: Plan, revision: str, *, done: bool = True) -> None:
    """The sum of it: what was done, as which revision, or would be."""
    if found.empty:
        say(phrase("nothing to change"))
        return
    added, changed, removed = counts(found).values()
    would = "windows: {added} would be added, {changed} would be changed, {removed} would be removed"
    was = "windows: {added} added, {changed} changed, {removed} removed"
    told = phrase(was if done else would, added=added, changed=changed, removed=removed)
    if moves := len(_moves(found)):
        told += phrase(" ({n} shows move to another time of their day)", n=moves)
    say(f"{revision}: {told}" if revision else told)
    quiet = {e.id for e in (*found.changed, *found.back)} - {d.window.event for d in found.differences}
    if quiet:
        say(phrase("changed, without a window to come that differs: {events}", events=_named(sorted(quiet))))


def say_left(found: Plan) -> None:
    """The events that are not in the file, and what becomes of them."""
    names = _named([event.id for event in (*found.left, *found.kept)])
    if names and found.prune:
        say(phrase("no longer in the file, and dropped: {events}", events=names))
    elif names:
        kept = "no longer in the file, and kept: {events}\nhint: --prune calls their windows off"
        say(phrase(kept, events=names))


def _named(ids: list[str]) -> str:
    more = f" and {len(ids) - MOST_SHOWN} more" if len(ids) > MOST_SHOWN else ""
    return ", ".join(ids[:MOST_SHOWN]) + more
