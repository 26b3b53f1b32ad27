"""``preview``: the windows an events file means, before anything is planned. Needs no Redis."""

from __future__ import annotations

import difflib
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from worker.advice import Neighbours, pointless
from worker.almanac import days_left_out, in_words, unknown_years
from worker.cli.formats import write_csv, write_ics, write_jsonl, write_table
from worker.cli.output import (
    TIMES,
    Range,
    lang_option,
    output_option,
    print_document,
    progress,
    range_options,
    say,
    say_warnings,
)
from worker.errors import UnknownEvent
from worker.events.load import load_events
from worker.events.model import Event
from worker.events.problems import Problem
from worker.language import phrase, spoken
from worker.lineup import lineup, running_into
from worker.neighbours import Noted, note_neighbours
from worker.settings import load_settings
from worker.views import NOTES, WindowView, local_start, window_view
from worker.windows import Window, places

_SCREENFUL: Final = 50
_CARE: Final = {"dst-gap-shifted", "dst-fold"}
"""Notes of a window alone that are warnings too, once an event."""


@click.command(epilog=TIMES)
@click.argument("file", type=click.Path(path_type=Path))
@range_options
@click.option("--event", metavar="ID", help="Only windows of this event.")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="At most N windows; a table stops at 50.")
@click.option("--show-secrets", is_flag=True, help="Show source addresses whole.")
@output_option("table", "json", "jsonl", "csv", "ics")
@lang_option
def preview(
    file: Path, wanted: Range, event: str | None, limit: int | None, show_secrets: bool, output: str
) -> None:
    """Show the windows to come of an events FILE, in order of start.

    Works offline: nothing is planned, and neither Redis nor the provider is asked. CSV is UTF-8 with a
    byte order mark, for Excel. A calendar has no source addresses, and leaves permanent windows out.
    """
    loaded = load_events(file)
    events = _chosen(loaded.events, event)
    warnings = [
        warning for each in events for warning in pointless(loaded, each, wanted.on(each.timezone)[0])
    ]
    warnings += unknown_years(loaded, events, *wanted.on("UTC"))
    without = list(days_left_out(events, wanted.on, spoken()))
    neighbours = Neighbours(loaded, load_settings().settle, _asked_for(events, wanted))
    rivals = _with_rivals(loaded.events, events)
    line = lineup(rivals, running_into(rivals, wanted.on))
    windows = _watched(note_neighbours(line, neighbours.settle), neighbours, warnings)
    if not sys.stdout.isatty():
        windows = _with_bar(windows, wanted)
    views = (window_view(window, show_secrets=show_secrets) for window in windows)
    if output == "json":
        shown = itertools.islice(views, limit)
        aside = {"left_out": map(asdict, without)} if without else {}
        print_document({"windows": shown, "warnings": (asdict(warning) for warning in warnings), **aside})
        return
    if output == "table" and limit is None:
        _first_screen(views)
    else:
        _WRITERS[output](itertools.islice(views, limit))
    for told in itertools.islice(in_words(without), _SCREENFUL):
        say(told)
    say_warnings(warnings)


def _chosen(events: Sequence[Event], wanted: str | None) -> Sequence[Event]:
    chosen = [event for event in events if wanted in (None, event.id)]
    if wanted is not None and not chosen:
        near = difflib.get_close_matches(wanted, [event.id for event in events])
        raise UnknownEvent(
            f"the file has no event {wanted!r}", hint=f"did you mean {' or '.join(near)}?" if near else ""
        )
    return chosen


def _asked_for(events: Sequence[Event], wanted: Range) -> Callable[[Window], bool]:
    """Whether a window is of these events, and not one that only runs into the time asked for."""
    since = {event.id: wanted.on(event.timezone)[0] for event in events}

    def asked_for(window: Window) -> bool:
        return window.event in since and (window.permanent or window.start >= since[window.event])

    return asked_for


def _with_rivals(events: Sequence[Event], chosen: Sequence[Event]) -> Sequence[Event]:
    """The chosen events, and those that may want one of their slots."""
    if len(chosen) == len(events):
        return events
    wanted = {place for event in chosen for place in places(event)}
    return [event for event in events if event in chosen or wanted & places(event)]


def _watched(line: Iterable[Noted], neighbours: Neighbours, warnings: list[Problem]) -> Iterator[Window]:
    """The windows that were asked for, as they pass; what asks for care is added to the warnings."""
    told: set[tuple[str, str]] = set()
    for window, met in line:
        if not neighbours.told_of(window):
            continue
        warnings += neighbours.about((window, met)) if met else ()
        for note in window.notes:
            if note in _CARE and (window.event, note) not in told:
                told.add((window.event, note))
                message = f"on {local_start(window.timezone, window.start)}: {phrase(NOTES[note])}"
                warnings.append(neighbours.loaded.warning(window.event, (), message))
        yield window


def _with_bar(windows: Iterable[Window], wanted: Range) -> Iterator[Window]:
    """The windows as they pass, with a bar that shows how far along the range they are."""
    at, until = wanted.on("UTC")
    with progress("windows", until - at) as passed:
        for window in windows:
            yield window
            if window.start > at:
                passed(window.start - at)
                at = window.start


def _first_screen(views: Iterator[WindowView]) -> None:
    first = next(views, None)
    if first is None:
        say(phrase("No window starts in that time: --days N looks further, --from T elsewhere."))
        return
    write_table(itertools.chain([first], itertools.islice(views, _SCREENFUL - 1)))
    if next(views, None):
        say(phrase("More windows follow: --limit N shows N of them, --output jsonl all."))


_WRITERS: Final[dict[str, Callable[[Iterable[WindowView]], None]]] = {
    "table": write_table,
    "jsonl": write_jsonl,
    "csv": write_csv,
    "ics": lambda views: write_ics(views, datetime.now(UTC)),
}
