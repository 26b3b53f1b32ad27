"""``plan`` and ``apply``: what a file would change, and changing it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from worker.applying import Source, check
from worker.cli import CHANGES_FOUND
from worker.cli.differences import print_plan, say_done, say_left
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
from worker.cli.standing import say_standing
from worker.drafts.differences import done_view, plan_view
from worker.drafts.drafting import Drafting, Proposal
from worker.errors import Refused
from worker.events.load import load_events
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
    runtime = Runtime(load_settings())
    drafting = Drafting(runtime.planner, runtime.settings.settle)
    proposal = drafting.propose(load_events(file), prune=prune)
    warnings = drafting.warnings(proposal)
    say_edition(runtime.planner)
    if output == "json":
        print_document(plan_view(proposal.plan, warnings, show_secrets=show_secrets))
    else:
        print_plan(proposal.plan)
        say_standing(proposal.plan.overruled, show_secrets=show_secrets)
        say_warnings(warnings)
    if not proposal.plan.empty:
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
    runtime = Runtime(load_settings())
    desk = _Desk(Drafting(runtime.planner, runtime.settings.settle), file, max_delete, force)
    proposal = desk.drafting.propose(load_events(file), prune=prune)
    desk.check(proposal)
    warnings = desk.drafting.warnings(proposal)
    say_edition(runtime.planner)
    if output != "json":
        say_warnings(warnings)
    if not (yes or proposal.plan.empty):
        proposal = _confirmed(desk, proposal)
    loaded, found = proposal.loaded, proposal.plan
    source = Source(str(file), loaded.sha256, by or whoever(), reason or "")
    number = _do(desk.drafting, proposal, source)
    if output == "json":
        print_json(done_view(number, len(loaded.events), found, warnings))
    else:
        say_done(found, f"revision {number}" if number else "")
        say_left(found)
        say_standing([each for each in found.overruled if each.event.id in found.programmes])


def _do(drafting: Drafting, proposal: Proposal, source: Source) -> int | None:
    """The number of the revision, if anything is to be done."""
    if proposal.plan.empty:
        return None
    with progress("planning", len(proposal.plan.changed)) as watch:
        return drafting.apply(proposal, source, watch=watch)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Somebody with a file, before a ledger, and what they allow."""

    drafting: Drafting
    file: Path
    most: int | None
    force: bool

    def check(self, proposal: Proposal) -> None:
        """Raises ``Refused`` if it may not be done."""
        check(proposal.plan, most=self.most, force=self.force)


def _confirmed(desk: _Desk, found: Proposal) -> Proposal:
    """What a person said yes to; a script must have said --yes if anything goes."""
    if not sys.stdin.isatty():
        if removed := found.plan.count("remove"):
            raise Refused(f"{removed} windows would be removed", hint="a script says --yes")
        return found
    while True:
        print_plan(found.plan)
        if not click.confirm("Apply this?", err=True):
            raise Refused("not applied, and nothing was changed")
        if load_events(desk.file).sha256 != found.loaded.sha256:
            raise Refused(f"{desk.file} was changed meanwhile, and nothing was applied", hint="say it again")
        again = desk.drafting.propose(found.loaded, prune=found.plan.prune, since=found.at)
        if again.digest == found.digest:
            return again
        say(phrase("meanwhile this has changed; now it would be:"))
        desk.check(again)
        found = again
