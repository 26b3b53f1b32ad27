"""``export``: the run sheet of what is to come, and the as-run log of what was, out of the ledger."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import click

from worker.accounts import beside, gaps
from worker.asrun import ReportView, report_view
from worker.cli.columns import AS_RUN, RUN_SHEET
from worker.cli.formats import write_ics, write_rows
from worker.cli.ledger import INFINITY
from worker.cli.output import MOMENT, TIMES, output_option, print_document, say
from worker.ledger import Ledger
from worker.ledger.records import WindowRecord
from worker.moments import Moment
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.views import offset_at

_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which windows are wanted, by their start. ``now`` is in Unix seconds."""

    as_run: bool
    since: Moment | None
    until: Moment | None
    days: int | None
    now: float

    def on(self, zone: str) -> tuple[int, int]:
        """From when to when, in Unix seconds, days beginning when they do on that zone's clock."""
        days = self.days or _DAYS
        if self.as_run:
            first = self.since or self._today(zone).later(-days)
            last = self.until or (first.later(days) if self.since and self.days else None)
            until = int(self.now) + 1 if last is None else min(last.unix(zone), int(self.now) + 1)
            return first.unix(zone), until
        first = self.since or self._today(zone)
        return first.unix(zone), (self.until or first.later(days)).unix(zone)

    def _today(self, zone: str) -> Moment:
        local = datetime.fromtimestamp(int(self.now) + offset_at(zone, int(self.now)), UTC)
        return Moment(local.replace(hour=0, minute=0, second=0, tzinfo=None))


@click.command(epilog=TIMES)
@click.option("--as-run", is_flag=True, help="What happened, instead of what is planned.")
@click.option("--from", "since", type=MOMENT, help="Windows that start at T or later.  [default: today's]")
@click.option("--to", "until", type=MOMENT, help="Windows that start before T.")
@click.option(
    "--days", metavar="N", type=click.IntRange(1, 3_660), help="So many days, instead of --to.  [default: 7]"
)
@click.option("--event", metavar="ID", help="Only windows of this event.")
@output_option("csv", "json", "ics")
def export(
    as_run: bool,
    since: Moment | None,
    until: Moment | None,
    days: int | None,
    event: str | None,
    output: str,
) -> None:
    """Print the run sheet: the windows of a week from today, as they are planned, and how each stands.

    With --as-run, print what became of those of the last week: when each was placed, with which attempts,
    when it was seen on air first and when off air, when its relay was removed, who changed what and why.
    Days begin at midnight on each event's clock.

    CSV is UTF-8 with a byte order mark, for Excel; docs/formats.md explains its columns. Sources are masked,
    and in a calendar there are none; it leaves permanent windows out, too.
    """
    runtime = Runtime(load_settings())
    ledger, settings = runtime.ledger, runtime.settings
    asked = _Asked(as_run, since, until, days, ledger.now())
    _sensible(asked)
    views = _views(ledger, _records(ledger, event, asked), settings.settle, asked.now)
    since_utc, until_utc = asked.on("UTC")
    warnings = list(
        gaps(since_utc, min(until_utc, asked.now) if as_run else until_utc, asked.now, settings.horizon)
    )
    if output == "json":
        print_document({"windows": views, "warnings": ({"message": each} for each in warnings)})
    elif output == "ics":
        write_ics(views, datetime.fromtimestamp(int(asked.now), UTC))
    else:
        columns = AS_RUN if as_run else RUN_SHEET
        write_rows([c.name for c in columns], ([c.cell(view) for c in columns] for view in views))
    sys.stdout.flush()
    for warning in warnings:
        say(f"warning: {warning}")


def _sensible(asked: _Asked) -> None:
    if asked.until and asked.days:
        raise click.UsageError("--to and --days say the same thing; give one of them")
    first, last = asked.on("UTC")
    if last <= first:
        wanted = "--from must lie in the past" if asked.as_run else "--to must be later than --from"
        raise click.UsageError(f"{wanted}: that is no time at all")


def _records(ledger: Ledger, event: str | None, asked: _Asked) -> list[WindowRecord]:
    """The windows that start in the time asked for, in order of start; permanent ones that reach into it."""
    found: list[WindowRecord] = []
    for each in [ledger.plans.event(event)] if event else ledger.plans.events():
        since, until = asked.on(each.event.timezone)
        if each.event.permanent:
            all_of_it = ledger.reading.windows([each.event.id], -INFINITY, INFINITY)
            found += (r for r in all_of_it if r.window.start < until and since < r.window.end)
        else:
            found += ledger.reading.windows([each.event.id], since, until)
    return sorted(found, key=lambda record: (record.window.start, record.window.id))


def _views(ledger: Ledger, records: list[WindowRecord], settle: int, now: float) -> Iterator[ReportView]:
    logs = ledger.reading.logs(record.window.id for record in records)
    watched = ledger.sightings.of(record.window.id for record in records)
    for (record, _), log, found in zip(beside(ledger, records, settle), logs, watched, strict=True):
        yield report_view(record, log, found.seen, now=now)
