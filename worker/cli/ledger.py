"""``events``, ``windows`` and ``show``: look into the ledger."""

from __future__ import annotations

import itertools
from typing import Any

import click

from worker.cli.output import (
    MOMENT,
    TIMES,
    Moment,
    output_option,
    print_document,
    print_json,
    print_table,
    to_json,
)
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.reports import event_view, on_air, record_view
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.views import local_end, local_start, note_words

DAY = 86_400


def _runtime() -> Runtime:
    return Runtime(load_settings())


def _described(record: WindowRecord, now: float) -> str:
    """The state, and what follows from it and the time."""
    window, state = record.window, record.state
    if state is State.PLACED and window.end <= now:
        return "placed, ended"
    if on_air(record, now):
        late = not window.permanent and record.placed_at > window.start
        return "on air, late" if late else "on air"
    return state


@click.command()
@output_option("table", "json")
def events(output: str) -> None:
    """List the events of the ledger, each with its next window."""
    ledger = _runtime().ledger
    now = ledger.now()
    found = (
        event_view(record, ledger.reading.windows([record.event.id], now - 8 * DAY, float("inf")), now=now)
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
@click.option("--state", type=click.Choice([*(state.value for state in State), "on_air"]), help="Only windows in this state.")
@click.option("--event", help="Only windows of this event.")
@click.option("--from", "since", type=MOMENT, help="Only windows that start at T or later.")
@click.option("--to", "until", type=MOMENT, help="Only windows that start before T.")
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@click.option("--show-secrets", is_flag=True, help="Show source addresses whole.")
@output_option("table", "json", "jsonl")
def windows(
    state: str | None, event: str | None, since: Moment | None, until: Moment | None, limit: int | None,
    show_secrets: bool, output: str,
) -> None:  # fmt: skip
    """List the windows of the ledger, in order of start."""
    ledger = _runtime().ledger
    now = ledger.now()
    found = []
    for record in ledger.plans.events([ledger.plans.event(event).event.id] if event else None):
        zone = record.event.timezone
        ends = (since.unix(zone) if since else float("-inf"), until.unix(zone) if until else float("inf"))
        found += list(ledger.reading.windows([record.event.id], *ends))
    chosen = [r for r in found if state is None or state == r.state or (state == "on_air" and on_air(r, now))]
    chosen.sort(key=lambda r: (r.window.start, r.window.id))
    shown = itertools.islice(chosen, limit)
    if output == "table":
        print_table(
            ("starts", "ends", "zone", "event", "state", "notes"), (_row(record, now) for record in shown)
        )
        return
    views = (
        record_view(r, now=now, log=ledger.reading.log(r.window.id), show_secrets=show_secrets) for r in shown
    )
    if output == "jsonl":
        for view in views:
            click.echo(to_json(view))
    else:
        print_document({"windows": views, "warnings": []})


def _row(record: WindowRecord, now: float) -> tuple[str, ...]:
    window = record.window
    words = "; ".join(filter(None, (note_words(list(window.notes)), record.reason or window.reason)))
    if window.permanent:
        return ("permanent", "-", window.timezone, window.event, _described(record, now), words)
    start = local_start(window.timezone, window.start)
    end = local_end(window.timezone, window.start, window.end)
    return (start, end, window.timezone, window.event, _described(record, now), words)


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
        "state": _described(record, now),
        "reason": view["reason"],
        "notes": note_words(view["notes"]),
        "task id": view["task_id"],
    }
    print_table(("", ""), [(name, value) for name, value in told.items() if value])
    click.echo()
    print_table(("when", "what", "outcome", "details"), [_line(line, zone) for line in log])


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
