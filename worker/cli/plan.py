"""``plan`` and ``apply``: what a file would change, and changing it."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from worker.advice import Neighbours
from worker.applying import Plan, Source, apply_plan, beside, check, plan_file
from worker.cli import CHANGES_FOUND
from worker.cli.output import (
    output_option,
    print_document,
    print_json,
    print_table,
    progress,
    say,
    say_warnings,
)
from worker.errors import Refused
from worker.events.load import Loaded, load_events
from worker.events.problems import Problem
from worker.overrides import OVERRIDDEN, Programme
from worker.planner import Difference
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.views import local_end, local_start, window_view
from worker.windows import Window

MOST_SHOWN: Final = 50
"""Changes that a person is shown; scripts get all."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Also show what goes with events that are no longer in FILE.")
@output_option("table", "json")
@click.pass_context
def plan(ctx: click.Context, file: Path, *, prune: bool, output: str) -> None:
    """Show what `apply` would change in the ledger, window by window. Exits with 3 if anything."""
    runtime = Runtime(load_settings())
    loaded = load_events(file)
    found = plan_file(runtime.planner, loaded.events, now=runtime.ledger.now(), prune=prune)
    warnings = _warnings(runtime, loaded, found)
    if output == "json":
        changes, left = map(_view, found.differences), (event.id for event in found.left)
        print_document({"changes": changes, "left": left, "warnings": map(asdict, warnings)})
    else:
        _print(found)
        say_warnings(warnings)
    if not found.empty:
        ctx.exit(CHANGES_FOUND)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Call off the windows of events that are no longer in FILE.")
@click.option(
    "--max-delete",
    type=click.IntRange(0),
    metavar="N",
    help="Windows that may go at once.  [default: 20 % of those to come]",
)
@click.option("--force", is_flag=True, help="Allow cutting or changing a window that is on air.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option("table", "json")
def apply(file: Path, *, prune: bool, max_delete: int | None, force: bool, yes: bool, output: str) -> None:
    """Make the ledger follow FILE. Doing it twice changes nothing."""
    runtime = Runtime(load_settings())
    loaded = load_events(file)
    events = loaded.events
    now = runtime.ledger.now()
    found = plan_file(runtime.planner, events, now=now, prune=prune)
    check(found, most=max_delete, force=force)
    warnings = _warnings(runtime, loaded, found)
    if output != "json":
        say_warnings(warnings)
    if not (yes or found.empty):
        _confirm(found)
    source = Source(str(file), loaded.sha256, f"{getpass.getuser()}, apply")
    with progress("planning", len(found.changed)) as watch:
        apply_plan(runtime.planner, found, source, now=now, watch=watch)
    if output == "json":
        left = [event.id for event in found.left]
        told = {"left": left, "warnings": [asdict(warning) for warning in warnings]}
        print_json({"events": len(events), "changed": len(found.changed), **_counts(found), **told})
    else:
        _say_done(found)


def _warnings(runtime: Runtime, loaded: Loaded, found: Plan) -> list[Problem]:
    """What the windows that change do to others on their slots, and others to them; in order of line."""
    changing = {d.after.id for d in found.differences if d.after}
    settle = runtime.settings.settle
    neighbours = Neighbours(loaded, settle, lambda window: window.id in changing)
    told = (w for each in beside(runtime.planner, found, settle) for w in neighbours.about(each))
    return sorted(told, key=lambda warning: warning.line)


def _confirm(found: Plan) -> None:
    """A person is asked; a script must have said --yes if anything goes."""
    if sys.stdin.isatty():
        _print(found)
        if not click.confirm("Apply this?", err=True):
            raise Refused("not applied, and nothing was changed")
    elif found.count("remove"):
        raise Refused(f"{found.count('remove')} windows would be removed", hint="a script says --yes")


def _counts(found: Plan) -> dict[str, int]:
    return {
        "added": found.count("add"),
        "changed_windows": found.count("change"),
        "removed": found.count("remove"),
    }


def _view(difference: Difference) -> dict[str, Any]:
    def shown(window: Window | None) -> Any:
        return window and window_view(window)

    return {
        "kind": difference.kind,
        "id": difference.window.id,
        "on_air": difference.on_air,
        "before": shown(difference.before),
        "after": shown(difference.after),
    }


def _print(found: Plan) -> None:
    if found.differences:
        print_table(("", "event", "before", "after", ""), _rows(found.differences[:MOST_SHOWN]))
    if len(found.differences) > MOST_SHOWN:
        click.echo(f"... and {len(found.differences) - MOST_SHOWN} more (--output json shows all)")
    _say_done(found, done=False)


def _rows(differences: Iterable[Difference]) -> Iterator[tuple[str, ...]]:
    signs = {"add": "+", "change": "~", "remove": "-"}
    for d in differences:
        yield (
            signs[d.kind],
            d.window.event,
            _when(d.before),
            _when(d.after),
            "; ".join(filter(None, ("on air now" if d.on_air else "", _overridden(d)))),
        )


def _overridden(difference: Difference) -> str:
    """What somebody said of the window, and goes on to hold."""
    window = difference.after
    return f"overridden: {window.reason}" if window and OVERRIDDEN in window.notes else ""


def _say_overruled(programme: Programme) -> None:
    """What stays as people said, whatever the file says."""
    event, told = programme.event.id, programme.overrides
    if programme.pause:
        say(f"{event} stays {programme.pause} (relaybeat resume {event})")
    for each in list(told)[:MOST_SHOWN]:
        how = "called off" if told[each].cancel else "overridden"
        say(f"{each} stays {how} by {told[each].by}: {told[each].reason}")


def _when(window: Window | None) -> str:
    if window is None:
        return ""
    if window.permanent:
        return "permanent"
    zone = window.timezone
    return f"{local_start(zone, window.start)} - {local_end(zone, window.start, window.end)} {zone}"


def _say_done(found: Plan, *, done: bool = True) -> None:
    added, changed, removed = _counts(found).values()
    would = "" if done else "would be "
    say(
        "nothing to change"
        if found.empty
        else f"windows: {added} {would}added, {changed} {would}changed, {removed} {would}removed"
    )
    for each in found.overruled:
        _say_overruled(each)
    if found.left and not found.prune:
        names = ", ".join(event.id for event in found.left)
        say(f"no longer in the file, and kept: {names}\nhint: --prune calls their windows off")
