"""``history``: who changed what, when and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Final

import click

from worker.accounts import about, entry_view, timeline
from worker.cli.output import lang_option, output_option, print_document, print_json, print_table
from worker.errors import Refused
from worker.language import phrase
from worker.ledger import Ledger
from worker.ledger.revisions import Revision, Spoken
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.views import local_start

_SHOWN: Final = 20
_NAMED: Final = 5
"""Events that a line names."""
_HOW: Final = {
    "added": "new",
    "changed": "changed",
    "left": "left the file, kept",
    "removed": "left the file, called off",
    "back": "back in the file",
}


@click.command()
@click.argument("revision", type=click.IntRange(1), required=False)
@click.option("--limit", type=click.IntRange(1), default=_SHOWN, show_default=True, help="The newest N.")
@click.option("--event", metavar="ID", help="Only what was done to this event.")
@click.option("--timezone", metavar="ZONE", help="Whose clock times are told on.  [default: the events']")
@output_option("table", "json")
@lang_option
def history(revision: int | None, limit: int, event: str | None, timezone: str | None, output: str) -> None:
    """Show who changed what, when and why, newest first: applies, and what people said.

    With REVISION, that apply alone, with the events it touched. The last 500 applies are kept, and the last
    1,000 words of people; a window's own history is in `relaybeat show`.
    """
    ledger = Runtime(load_settings()).ledger
    if revision is not None:
        told = _revision(ledger, revision)
        _show(told, timezone or _clock(ledger, [told]), output)
        return
    entries = (each for each in timeline(ledger) if event is None or event in about(each))
    shown = list(islice(entries, limit))
    if output == "json":
        print_document({"history": map(entry_view, shown)})
    else:
        clock = timezone or _clock(ledger, shown)
        when = f"{phrase('when')} ({clock})"
        print_table(("", when, "who", "what", "why"), (_row(each, clock) for each in shown))


def _revision(ledger: Ledger, number: int) -> Revision:
    for each in ledger.revisions.all():
        if each.number == number:
            return each
    raise Refused(f"there is no revision {number}, or no longer", hint="relaybeat history lists them")


def _clock(ledger: Ledger, told: Sequence[Revision | Spoken]) -> str:
    """The zone of most events that are told of; UTC if none of them is there any more."""
    ids = {event for each in told for event in about(each)}
    zones = Counter(record.event.timezone for record in ledger.plans.events(sorted(ids)))
    return zones.most_common(1)[0][0] if zones else "UTC"


def _row(each: Revision | Spoken, zone: str) -> tuple[str, ...]:
    when = local_start(zone, int(each.at))
    if isinstance(each, Spoken):
        did = each.action.partition(".")[2]
        return "", when, each.by, f"{did}: {each.about}", each.why.removeprefix(f"{did}: ")
    return str(each.number), when, each.by, f"{_windows(each)}; {_events(each)}", each.reason


def _windows(revision: Revision) -> str:
    counts = {"added": revision.added, "changed": revision.changed, "removed": revision.removed}
    return phrase("windows: {added} added, {changed} changed, {removed} removed", **counts)


def _events(revision: Revision) -> str:
    names = [touched.id for touched in revision.events[:_NAMED]]
    rest = len(revision.events) - len(names) + revision.more
    return ", ".join(names) + (f" and {rest} more" if rest else "")


def _show(revision: Revision, zone: str, output: str) -> None:
    if output == "json":
        print_json(entry_view(revision))
        return
    lines = (
        f"revision {revision.number}, {local_start(zone, int(revision.at))} {zone}, by {revision.by}",
        f"why: {revision.reason}" if revision.reason else "",
        f"file: {revision.file} (sha256 {revision.sha256})",
        _windows(revision),
    )
    click.echo("\n".join(filter(None, lines)))
    rows = (
        (each.id, _HOW[each.how], *(str(n or "") for n in (each.added, each.changed, each.removed)))
        for each in revision.events
    )
    print_table(("event", "", "added", "changed", "removed"), rows)
    if revision.more:
        click.echo(f"and {revision.more} more")
