"""``preview``: the windows an events file means, before anything is planned. Needs no Redis."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from worker.cli.formats import write_csv, write_ics, write_jsonl, write_table
from worker.cli.output import TIMES, Range, output_option, print_document, range_options, say
from worker.errors import UnknownEvent
from worker.events.load import load_events
from worker.events.model import Event
from worker.lineup import lineup
from worker.views import WindowView, window_view

_SCREENFUL: Final = 50


@click.command(epilog=TIMES)
@click.argument("file", type=click.Path(path_type=Path))
@range_options
@click.option("--event", metavar="ID", help="Only windows of this event.")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="At most N windows; a table stops at 50.")
@click.option("--show-secrets", is_flag=True, help="Show source addresses whole.")
@output_option("table", "json", "jsonl", "csv", "ics")
def preview(
    file: Path, wanted: Range, event: str | None, limit: int | None, show_secrets: bool, output: str
) -> None:
    """Show the windows to come of an events FILE, in order of start.

    Works offline: reads the file and the clock, and nothing else.
    """
    events = _chosen(load_events(file).events, event)
    views = (window_view(window, show_secrets=show_secrets) for window in lineup(events, wanted.on))
    if output == "table" and limit is None:
        _first_screen(views)
    else:
        _WRITERS[output](itertools.islice(views, limit))


def _chosen(events: Sequence[Event], wanted: str | None) -> Sequence[Event]:
    chosen = [event for event in events if wanted in (None, event.id)]
    if wanted is not None and not chosen:
        near = difflib.get_close_matches(wanted, [event.id for event in events])
        raise UnknownEvent(
            f"the file has no event {wanted!r}", hint=f"did you mean {' or '.join(near)}?" if near else ""
        )
    return chosen


def _first_screen(views: Iterator[WindowView]) -> None:
    write_table(itertools.islice(views, _SCREENFUL))
    if next(views, None):
        say("More windows follow: --limit N shows N of them, --output jsonl all.")


_WRITERS: Final[dict[str, Callable[[Iterable[WindowView]], None]]] = {
    "table": write_table,
    "json": lambda views: print_document({"windows": views, "warnings": []}),
    "jsonl": write_jsonl,
    "csv": write_csv,
    "ics": lambda views: write_ics(views, datetime.now(UTC)),
}
