"""``events``, ``windows`` and ``show``: look into the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import click

from worker.cli.output import (
    MOMENT,
    TIMES,
    Moment,
    output_option,
    print_document,
    print_json,
    print_table,
    say,
    to_json,
)
from worker.ledger import Ledger
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.reports import described, event_view, on_air, record_view
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.views import local_end, local_start, note_words

DAY: Final = 86_400
INFINITY: Final = float("inf")
SCREENFUL: Final = 50
NOTES_WIDTH: Final = 56
"""Characters of a window's notes and reason that a table shows."""
_CHOICES: Final = [*(state.value for state in State), "on_air"]

_TINTS: Final = {
    "on air": "bold green",
    "placed": "green",
    "placing": "yellow",
    "retrying": "yellow",
    "failed": "bold red",
    "missed": "bold red",
    "cancelled": "dim",
    "removed": "dim",
}
"""The word says it all; colour only helps the eye find it."""


def _tint(cell: str) -> str:
    return _TINTS.get(cell.partition(",")[0], "")


def _runtime() -> Runtime:
    return Runtime(load_settings())


@click.command()
@output_option("table", "json")
def events(output: str) -> None:
    """List the events of the ledger, each with its next window."""
    ledger = _runtime().ledger
    now = ledger.now()
    found = (
        event_view(record, ledger.reading.windows([record.event.id], now - 8 * DAY, INFINITY), now=now)
        for record in ledger.plans.events()
    )
    if output == "json":
        print_document({"events": found})
        return
    rows = []
    for view in found:
        coming: Any = view["next"]
        when = "permanent" if view["permanent"] else "-"
        if coming and coming["start"]:
            when = f"{local_start(view['timezone'], coming['start'])} {view['timezone']}"
        marks = [
            word
            for word, holds in (("paused", view["paused"]), ("left its file", not view["in_file"]))
            if holds
        ]
        counts = ", ".join(f"{n} {state}" for state, n in view["windows"].items())
        rows.append((view["id"], view["title"], when, counts, ", ".join(marks)))
    print_table(("event", "title", "next", "windows", ""), rows)


@click.command(epilog=TIMES)
@click.option("--state", type=click.Choice(_CHOICES), help="Only windows in this state.")
@click.option("--event", metavar="ID", help="Only windows of this event.")
@click.option("--from", "since", type=MOMENT, help="Only windows that start at T or later.")
@click.option("--to", "until", type=MOMENT, help="Only windows that start before T.")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="At most N windows; a table stops at 50.")
@click.option("--show-secrets", is_flag=True, help="Show source addresses whole.")
@output_option("table", "json", "jsonl")
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
    ledger = _runtime().ledger
    now = ledger.now()
    chosen = [r for r in _between(ledger, event, since, until) if _is(r, state, now)]
    chosen.sort(key=lambda r: (r.window.start, r.window.id))
    if output == "table":
        recent = chosen if state or since else [r for r in chosen if r.window.end > now - DAY / 2]
        _print_windows(recent, limit or SCREENFUL, now)
        return
    shown = chosen[:limit]
    logs = ledger.reading.logs(r.window.id for r in shown)
    views = (
        record_view(record, now=now, log=log, show_secrets=show_secrets)
        for record, log in zip(shown, logs, strict=True)
    )
    if output == "jsonl":
        for view in views:
            click.echo(to_json(view))
    else:
        print_document({"windows": views, "warnings": []})


def _is(record: WindowRecord, state: str | None, now: float) -> bool:
    return state in {None, record.state} or (state == "on_air" and on_air(record, now))


def _between(
    ledger: Ledger, event: str | None, since: Moment | None, until: Moment | None
) -> Iterator[WindowRecord]:
    """Local times are read on each event's own clock, hence event by event."""
    for record in [ledger.plans.event(event)] if event else ledger.plans.events():
        zone = record.event.timezone
        first, last = since.unix(zone) if since else -INFINITY, until.unix(zone) if until else INFINITY
        yield from ledger.reading.windows([record.event.id], first, last)


def _print_windows(records: Sequence[WindowRecord], limit: int, now: float) -> None:
    columns = ("starts", "ends", "zone", "event", "state", "notes")
    print_table(columns, (_row(record, now) for record in records[:limit]), _tint)
    if len(records) > limit:
        say(f"and {len(records) - limit} more: --limit shows more, --output jsonl all")


def _cut(words: str) -> str:
    """A table is for the whole; `show` has the whole story of one window."""
    return words if len(words) <= NOTES_WIDTH else words[: NOTES_WIDTH - 1] + "…"


def _row(record: WindowRecord, now: float) -> tuple[str, ...]:
    window = record.window
    words = _cut("; ".join(filter(None, (note_words(list(window.notes)), record.reason or window.reason))))
    if window.permanent:
        return ("permanent", "-", window.timezone, window.event, described(record, now), words)
    start = local_start(window.timezone, window.start)
    end = local_end(window.timezone, window.start, window.end)
    return (start, end, window.timezone, window.event, described(record, now), words)


@click.command()
@click.argument("window_id", metavar="ID")
@click.option("--show-secrets", is_flag=True, help="Show source addresses whole.")
@output_option("table", "json")
def show(window_id: str, show_secrets: bool, output: str) -> None:
    """Show one window: what is planned, what was tried, what came of it."""
    ledger = _runtime().ledger
    now = ledger.now()
    record = ledger.reading.window(window_id)
    log = ledger.reading.log(window_id)
    view = record_view(record, now=now, log=log, show_secrets=show_secrets)
    if output == "json":
        print_json(view | {"history": [line for line in log if line["kind"] == "change"]})
        return
    zone = record.window.timezone
    told = {
        "window": view["id"],
        "title": view["title"],
        "plays at": str(record.window.slot),
        "starts": f"{view['start_local']} {zone}" if view["start"] else "permanent",
        "ends": f"{view['end_local']} {zone}" if view["end"] else "-",
        "sources": "\n".join(view["sources"]),
        "state": described(record, now),
        "reason": view["reason"],
        "notes": note_words(view["notes"]),
        "task id": view["task_id"],
    }
    print_table(("", ""), [(name, value) for name, value in told.items() if value])
    click.echo()
    print_table(("when", "what", "outcome", "details"), [_line(line, zone) for line in log], _tint)


def _line(line: dict[str, Any], zone: str) -> tuple[str, ...]:
    when = local_start(zone, int(line["at"]))
    if line["kind"] == "change":
        return (when, line["action"], line["to"], " ".join(filter(None, (line["why"], f"by {line['by']}"))))
    details = (
        f"{line['code']}" if line.get("code") else "",
        f"HTTP {line['http_status']}" if line.get("http_status") else "",
        f"request {line['request_id']}" if line.get("request_id") else "",
        line.get("message", ""),
    )
    return (when, line["act"], line["outcome"], " ".join(filter(None, details)))
