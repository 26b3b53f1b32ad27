"""``plan`` and ``apply``: what a file would change, and changing it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

from worker.advice import Neighbours
from worker.almanac import SOON, unknown_years
from worker.applying import Plan, Source, apply_plan, beside, check, plan_file
from worker.cli import CHANGES_FOUND
from worker.cli.differences import (
    change_view,
    counts,
    print_plan,
    say_done,
    say_left,
)
from worker.cli.edition import say_edition
from worker.cli.output import (
    lang_option,
    output_option,
    print_document,
    print_json,
    progress,
    say,
    say_warnings,
)
from worker.cli.people import ONE_LINE, by_option, whoever
from worker.cli.standing import say_standing, standing_views
from worker.errors import Refused
from worker.events.load import Loaded, load_events
from worker.events.problems import Problem
from worker.language import phrase
from worker.runtime import Runtime
from worker.settings import load_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Also show what goes with events that are no longer in FILE.")
@click.option("--show-secrets", is_flag=True, help="Show source addresses whole.")
@output_option("table", "json")
@lang_option
@click.pass_context
def plan(ctx: click.Context, file: Path, *, prune: bool, show_secrets: bool, output: str) -> None:
    """Show what `apply` would change in the ledger, window by window. Exits with 3 if anything.

    Below it stands what people said of windows and events, which holds over the file, with the entries by
    which the file would say the same.
    """
    desk = _Desk(Runtime(load_settings()), load_events(file), prune)
    now = desk.now()
    found = desk.look(now)
    warnings = desk.warnings(found, now)
    say_edition(desk.runtime.planner)
    if output == "json":
        print_document(
            {
                "changes": (change_view(found, d, show_secrets=show_secrets) for d in found.differences),
                "left": (event.id for event in found.left),
                "overrides": standing_views(found.overruled, show_secrets=show_secrets),
                "warnings": map(asdict, warnings),
            }
        )
    else:
        print_plan(found)
        say_standing(found.overruled, show_secrets=show_secrets)
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
@click.option("--reason", type=ONE_LINE, help="Why; `relaybeat history` tells it.")
@by_option
@output_option("table", "json")
@lang_option
def apply(
    file: Path,
    *,
    prune: bool,
    max_delete: int | None,
    force: bool,
    yes: bool,
    reason: str | None,
    by: str | None,
    output: str,
) -> None:
    """Make the ledger follow FILE. Doing it twice changes nothing.

    What is done is what was shown: if that is no longer the same when you say yes, you are asked again.
    """
    desk = _Desk(Runtime(load_settings()), load_events(file), prune)
    now = desk.now()
    found = desk.look(now)
    check(found, most=max_delete, force=force)
    warnings = desk.warnings(found, now)
    say_edition(desk.runtime.planner)
    if output != "json":
        say_warnings(warnings)
    if not (yes or found.empty):
        found, now = _confirmed(desk, found, now, lambda plan: check(plan, most=max_delete, force=force))
    source = Source(str(file), desk.loaded.sha256, by or whoever(), reason or "")
    number = _do(desk, found, source, now)
    if output == "json":
        events = {"events": len(desk.loaded.events), "changed": len(found.changed), **counts(found)}
        left = [event.id for event in found.left]
        print_json({"revision": number, **events, "left": left, "warnings": [asdict(w) for w in warnings]})
    else:
        say_done(found, f"revision {number}" if number else "")
        say_left(found)
        say_standing([each for each in found.overruled if each.event.id in found.programmes])


def _do(desk: _Desk, found: Plan, source: Source, now: int) -> int | None:
    """The number of the revision, if anything is to be done."""
    if found.empty:
        return None
    with progress("planning", len(found.changed)) as watch:
        return apply_plan(desk.runtime.planner, found, source, now=now, watch=watch).number


@dataclass(frozen=True, slots=True)
class _Desk:
    """Somebody with a file, before a ledger."""

    runtime: Runtime
    loaded: Loaded
    prune: bool

    def now(self) -> int:
        """Whole Unix seconds by the ledger's clock."""
        return int(self.runtime.ledger.now())

    def look(self, now: int, later: int = 0) -> Plan:
        """What the file would change; ``later`` is how long after the first look, which saw as far."""
        planner = self.runtime.planner
        planner = replace(planner, horizon=planner.horizon - later)
        return plan_file(planner, self.loaded.events, now=now, prune=self.prune)

    def warnings(self, found: Plan, now: int) -> list[Problem]:
        """What the windows that change do to others on their slots, and others to them, and which years
        that come soon no calendar knows; in order of line.
        """
        changing = {d.after.id for d in found.differences if d.after}
        settle = self.runtime.settings.settle
        neighbours = Neighbours(self.loaded, settle, lambda window: window.id in changing)
        told = [w for each in beside(self.runtime.planner, found, settle) for w in neighbours.about(each)]
        ahead = max(SOON, self.runtime.planner.horizon)
        told += unknown_years(self.loaded, self.loaded.events, now, now + ahead)
        return sorted(told, key=lambda warning: warning.line)


def _confirmed(desk: _Desk, found: Plan, since: int, check: Callable[[Plan], None]) -> tuple[Plan, int]:
    """What a person said yes to, and when; a script must have said --yes if anything goes."""
    if not sys.stdin.isatty():
        if found.count("remove"):
            raise Refused(f"{found.count('remove')} windows would be removed", hint="a script says --yes")
        return found, since
    while True:
        print_plan(found)
        if not click.confirm("Apply this?", err=True):
            raise Refused("not applied, and nothing was changed")
        if load_events(Path(desk.loaded.file)).sha256 != desk.loaded.sha256:
            raise Refused(
                f"{desk.loaded.file} was changed meanwhile, and nothing was applied", hint="say it again"
            )
        now = desk.now()
        again = desk.look(now, now - since)
        if again == found:
            return again, now
        say(phrase("meanwhile this has changed; now it would be:"))
        check(again)
        found = again
