"""How ``plan`` and ``apply`` print what changes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from worker.applying import Plan
from worker.cli.output import print_table, say
from worker.drafts.differences import MOST_SHOWN, event_rows, gone, in_all, rows
from worker.language import clauses, phrase

_TINTS: Final = {"+": "green", "~": "yellow", "-": "red"}


def print_plan(found: Plan) -> None:
    """What would change, for people."""
    differences = found.differences
    if len(differences) > MOST_SHOWN:
        print_table(("event", "added", "changed", "removed", "first", ""), _by_event(found))
        say(phrase("that is too much to list window by window; --output json does"))
    elif differences:
        cells = ((r.sign, r.when, r.event, clauses(_on_air(r.on_air), r.told)) for r in rows(found))
        print_table(("", "when", "event", "what"), cells, lambda cell: _TINTS.get(cell, ""))
    say_done(found, "", done=False)
    say_left(found)


def _by_event(found: Plan) -> Iterator[tuple[str, ...]]:
    for row in islice(event_rows(found), MOST_SHOWN):
        numbers = (str(n or "") for n in (row.added, row.changed, row.removed))
        yield row.event, *numbers, row.first, _on_air(row.on_air)
    if (more := len({d.window.event for d in found.differences}) - MOST_SHOWN) > 0:
        yield phrase("and {n} more", n=more), "", "", "", "", ""


def _on_air(on_air: bool) -> str:
    return phrase("on air now") if on_air else ""


def say_done(found: Plan, revision: str, *, done: bool = True) -> None:
    """The sum of it: what was done, as which revision, or would be."""
    told, *rest = in_all(found, done=done)
    say(f"{revision}: {told}" if revision and not found.empty else told)
    for each in rest:
        say(each)


def say_left(found: Plan) -> None:
    """The events that are not in the file, and what becomes of them."""
    names = gone(found)
    if names and found.prune:
        say(phrase("no longer in the file, and dropped: {events}", events=names))
    elif names:
        kept = "no longer in the file, and kept: {events}\nhint: --prune calls their windows off"
        say(phrase(kept, events=names))
