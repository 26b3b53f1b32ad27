"""``events`` and ``windows``: what the ledger holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import click

from worker.accounts import beside, event_views, window_views
from worker.cli.edition import say_moves
from worker.cli.output import (
    MOMENT,
    TIMES,
    lang_option,
    output_option,
    print_document,
    print_table,
    say,
    to_json,
)
from worker.language import phrase, state_words
from worker.ledger import Ledger
from worker.ledger.records import WindowRecord
from worker.moments import Moment
from worker.overrides import Pause
from worker.reports import WORDS, described, fits, remarks, troubled
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.views import local_end, local_start

DAY: Final = 86_400
INFINITY: Final = float("inf")
SCREENFUL: Final = 50
TROUBLES: Final = 5
"""Windows in trouble that are told of below a table."""
_TINTS: Final = {
    "on air": "bold green",
    "placed": "green",
    "placing": "yellow",
    "retrying": "yellow",
    "failed": "bold red",
    "missed": "bold red",
    "cancelled": "dim",
    "displaced": "dim",
    "ended": "dim",
}
"""The word says it all; colour only helps the eye find it."""


def tint(cell: str) -> str:
    """The style of a cell that says a state, in the language spoken."""
    state, _, more = cell.partition(phrase(", "))
    if more in {phrase("late"), phrase("over")} and state != phrase("on air"):
        return "bold red"
    return next((style for word, style in _TINTS.items() if state == phrase(word)), "")


@click.command()
@output_option("table", "json")
@lang_option
def events(output: str) -> None:
    """List the events of the ledger, each with its next window."""
    ledger = Runtime(load_settings()).ledger
    now = ledger.now()
    records = list(ledger.plans.events())
    programmes = list(ledger.overrides.programmes(record.event for record in records))
    found = event_views(ledger, records, programmes, now)
    if output == "json":
        print_document({"events": found})
        return
    rows = []
    for view in found:
        coming: Any = view["next"]
        when = phrase("permanent") if view["permanent"] else "-"
        if coming and coming["start"]:
            when = f"{local_start(view['timezone'], coming['start'])} {view['timezone']}"
        marks = [
            phrase(word)
            for word, holds in (("paused", view["paused"]), ("left its file", not view["in_file"]))
            if holds
        ]
        counts = (phrase("{n} {state}", n=n, state=phrase(state)) for state, n in view["windows"].items())
        comma = phrase(", ")
        rows.append((view["id"], view["title"], when, comma.join(counts), comma.join(marks)))
    if rows:
        print_table(("event", "title", "next", "windows", ""), rows)
    else:
        say(phrase("no events yet: relaybeat apply FILE brings them"))
    _say_pauses({each.event.id: each.pause for each in programmes if each.pause})
    say_moves(ledger)


def _say_pauses(pauses: Mapping[str, Pause]) -> None:
    """Who paused what, and how it goes on."""
    for event, pause in pauses.items():
        told = "{event} is paused by {by}: {reason} (relaybeat resume {event})"
        say(phrase(told, event=event, by=pause.by, reason=pause.reason))


@click.command(epilog=TIMES)
@click.option("--state", type=click.Choice(WORDS), help="Only windows in this state.")
@click.option("--event", metavar="ID", help="Only windows of this event.")
@click.option("--from", "since", type=MOMENT, help="Only windows that start at T or later.")
@click.option("--to", "until", type=MOMENT, help="Only windows that start before T.")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="At most N windows; a table stops at 50.")
@click.option("--show-secrets", is_flag=True, help="Show source addresses whole.")
@output_option("table", "json", "jsonl")
@lang_option
def windows(
    state: str | None,
    event: str | None,
    since: Moment | None,
    until: Moment | None,
    limit: int | None,
    show_secrets: bool,
    output: str,
) -> None:
    """List the windows of the ledger, in order of start.

    A table without --state and --from leaves out what ended more than twelve hours ago.
    """
    runtime = Runtime(load_settings())
    ledger, settle = runtime.ledger, runtime.settings.settle
    now = ledger.now()
    chosen = [r for r in _between(ledger, event, since, until) if state is None or fits(r, state, now)]
    chosen.sort(key=lambda r: (r.window.start, r.window.id))
    if output == "table":
        recent = chosen if state or since else [r for r in chosen if r.window.end > now - DAY / 2]
        most = limit or SCREENFUL
        _print_windows([record for record, _ in beside(ledger, recent[:most], settle)], recent[most:], now)
        pauses = ledger.overrides.pauses()
        _say_pauses({each: pauses[each] for each in pauses if event in {None, each}})
        return
    shown = [record for record, _ in beside(ledger, chosen[:limit], settle)]
    views = window_views(ledger, shown, now, show_secrets=show_secrets)
    if output == "jsonl":
        for view in views:
            click.echo(to_json(view))
    else:
        print_document({"windows": views, "warnings": []})


def _between(
    ledger: Ledger, event: str | None, since: Moment | None, until: Moment | None
) -> Iterator[WindowRecord]:
    """Local times are read on each event's own clock, hence event by event."""
    for record in [ledger.plans.event(event)] if event else ledger.plans.events():
        zone = record.event.timezone
        first, last = since.unix(zone) if since else -INFINITY, until.unix(zone) if until else INFINITY
        yield from ledger.reading.windows([record.event.id], first, last)


def _print_windows(records: Sequence[WindowRecord], others: Sequence[WindowRecord], now: float) -> None:
    rows = [_row(record, now) for record in records]
    if rows:
        print_table(("starts", "ends", "zone", "event", "state", "notes"), rows, tint, one_line=True)
    else:
        say(phrase("no such windows; relaybeat events tells what is planned"))
    if others:
        say(phrase("and {n} more: --limit shows more, --output jsonl all", n=len(others)))
    _say_troubles([record for record in (*records, *others) if troubled(record, now)], now)


def _say_troubles(records: Sequence[WindowRecord], now: float) -> None:
    """What is wrong, in full, whether or not the table was long enough to show it; what is to come first."""
    urgent = sorted(records, key=lambda r: (r.window.end <= now, r.window.start))
    for record in urgent[:TROUBLES]:
        state, reason = state_words(described(record, now)), record.reason or phrase("nothing was tried yet")
        say(phrase("{window} {state}: {reason}", window=record.window.id, state=state, reason=reason))
    if len(urgent) > TROUBLES:
        more = "and {n} more in trouble: see --state failed, retrying, missed or late"
        say(phrase(more, n=len(urgent) - TROUBLES))
    if urgent:
        say(phrase("hint: relaybeat show {window} tells every try", window=urgent[0].window.id))


def _row(record: WindowRecord, now: float) -> tuple[str, ...]:
    window = record.window
    words = remarks(record)
    state = state_words(described(record, now))
    if window.permanent:
        return (phrase("permanent"), "-", window.timezone, window.event, state, words)
    start = local_start(window.timezone, window.start)
    end = local_end(window.timezone, window.start, window.end)
    return (start, end, window.timezone, window.event, state, words)
