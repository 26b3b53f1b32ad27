"""``drift`` and ``reconcile``: what differs between plan, ledger and provider, and setting it right."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import click

from worker.cli import CHANGES_FOUND
from worker.cli.output import lang_option, output_option, print_json, print_table, progress, say
from worker.drift import Finding
from worker.errors import ProviderError
from worker.language import phrase
from worker.overrides import Programme
from worker.reconciler import Errand, Reconciler, event_of
from worker.relay import Row, Slot
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.views import local_end, local_start

PATIENCE: Final = 60.0
"""Seconds to wait for what was set going: an absence is looked at twice before it is believed."""
MOST_SHOWN: Final = 50
"""Findings that a person is shown; scripts get all."""
_STEP: Final = 0.5
_HINTS: Final = 5


@dataclass
class Look:
    """What a look at everything came to. ``failed``: domains that could not be listed.

    ``zones``: on whose clock the times of an event, or of a domain, are told.
    """

    findings: list[Finding] = field(default_factory=list)
    silent: set[Slot] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    zones: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """The exit code that says it."""
        return 1 if self.failed else CHANGES_FOUND if self.findings else 0


@click.command()
@output_option("table", "json")
@lang_option
@click.pass_context
def drift(ctx: click.Context, output: str) -> None:
    """Show where plan, ledger and provider differ. Exits with 3 if anything does.

    What is ours is mended by the next look of a beat, or by `relaybeat reconcile`; the rest is only shown.
    """
    look = _look(Runtime(load_settings()).reconciler)
    if output == "json":
        print_json({"findings": [f.view() for f in look.findings], **_unsaid(look)})
    else:
        _print(look)
        _say_silent(look.silent)
        _say_agreed(look)
    ctx.exit(look.code)


@click.command()
@click.option(
    "--dry-run", is_flag=True, help="Only say what would be mended; exits with 3 if anything differs."
)
@click.option(
    "--wait/--no-wait", default=True, help="Wait until it is done, a minute at most.  [default: wait]"
)
@output_option("table", "json")
@lang_option
@click.pass_context
def reconcile(ctx: click.Context, *, dry_run: bool, wait: bool, output: str) -> None:
    """Have what is ours mended wherever plan, ledger and provider differ.

    The workers do it, each slot under its lease; what is not ours is shown and left alone. Exits with 3 if
    something is not mended within a minute; it is tried again all the same.
    """
    reconciler = Runtime(load_settings()).reconciler
    look = _look(reconciler)
    mine = [finding for finding in look.findings if finding.ours]
    left: list[Finding] = []
    done = "would be mended"
    if not dry_run:
        errand, done = reconciler.mend(mine), "mended" if wait else "set going"
        left = _left(reconciler, mine, errand) if wait and mine else []
    if output == "json":
        told = {"findings": look.findings, "left": left}
        views = {name: [finding.view() for finding in found] for name, found in told.items()}
        print_json(views | _unsaid(look))
    else:
        _print(look)
        _say_silent(look.silent)
        _say_done(look, left, done)
    ctx.exit(look.code if dry_run or look.failed else CHANGES_FOUND if left else 0)


def _look(reconciler: Reconciler) -> Look:
    """Everything there is to compare; a domain that cannot be listed is told of and passed over."""
    look = Look(list(reconciler.unplanned()))
    programmes, since = reconciler.programmes(), reconciler.ledger.now()
    look.zones = _zones(programmes)
    domains = sorted({*programmes, *reconciler.domains()})
    with progress("looking", len(domains)) as watch:
        for domain in domains:
            try:
                view = reconciler.view(domain, since, programmes.get(domain, ()))
            except ProviderError as error:
                say(f"error: {domain} could not be listed: {error}")
                look.failed.append(domain)
            else:
                look.findings += view.findings
                look.silent |= view.silent
            watch(1)
    return look


def _zones(programmes: Mapping[str, Sequence[Programme]]) -> dict[str, str]:
    """Each event's, and each domain's where all its events have the same."""
    events = [programme.event for own in programmes.values() for programme in own]
    zones = {event.id: event.timezone for event in events}
    for domain, own in programmes.items():
        if len(there := {programme.event.timezone for programme in own}) == 1:
            zones[domain] = there.pop()
    return zones


def _unsaid(look: Look) -> dict[str, list[str]]:
    """What was not looked at, for scripts."""
    return {"silent": sorted(map(str, look.silent)), "failed": look.failed}


def _left(reconciler: Reconciler, mine: Sequence[Finding], errand: Errand) -> list[Finding]:
    """What is still wrong of this when the ledger says that it is done, or when patience ends."""
    end, rest = time.monotonic() + PATIENCE, errand
    with progress("mending", len(errand)) as watch:
        while len(rest := reconciler.under_way(before := rest)) and time.monotonic() < end:
            watch(len(before) - len(rest))
            time.sleep(_STEP)
    still = {finding.key for finding in _look(reconciler).findings}
    return [finding for finding in mine if finding.key in still or rest.sees_to(finding)]


def _print(look: Look) -> None:
    findings = look.findings
    if findings:
        rows = (_row(finding, _zone(finding, look.zones)) for finding in findings[:MOST_SHOWN])
        print_table(("", "", "slot", "listed", "held", "what is wrong"), rows)
    if len(findings) > MOST_SHOWN:
        say(phrase("and {n} more: --output json shows all", n=len(findings) - MOST_SHOWN))


def _zone(finding: Finding, zones: Mapping[str, str]) -> str:
    """Whose clock the planner has in mind: the event's that is concerned, else the domain's, else none."""
    events = map(event_of, finding.windows)
    return next((zones[each] for each in (*events, finding.slot.domain) if each in zones), "UTC")


def _row(finding: Finding, zone: str) -> tuple[str, ...]:
    held = finding.relay.as_row() if finding.relay else None
    whose = phrase("ours" if finding.ours else "not ours")
    what = finding.why if finding.row else f"{finding.why}: {', '.join(finding.windows)}"
    return (finding.kind, whose, str(finding.slot), _when(finding.row, zone), _when(held, zone), what)


def _when(row: Row | None, zone: str) -> str:
    if row is None:
        return "-"
    if row.start is None or row.end is None:
        return phrase("for ever")
    return f"{local_start(zone, row.start)} - {local_end(zone, row.start, row.end)} {zone}"


def _say_silent(silent: Collection[Slot]) -> None:
    if silent:
        named = ", ".join(sorted(map(str, silent))[:_HINTS])
        more = phrase(" and {n} more", n=len(silent) - _HINTS) if len(silent) > _HINTS else ""
        told = "nothing can be said yet of {slots}: an attempt is at work there, or was a moment ago"
        say(phrase(told, slots=named + more))


def _say_agreed(look: Look) -> None:
    if not look.findings:
        unsaid = look.failed or look.silent
        say(phrase("everything else agrees" if unsaid else "plan, ledger and provider agree"))


def _say_done(look: Look, left: Sequence[Finding], done: str) -> None:
    if not look.findings:
        _say_agreed(look)
        return
    mine = sum(finding.ours for finding in look.findings)
    others = len(look.findings) - mine
    told = [f"{mine - len(left)} {done}"] if mine else []
    told += [f"{others} not ours and left alone"] if others else []
    say(", ".join(told))
    if left:
        say(f"{len(left)} not mended yet, and tried again: is `relaybeat worker` running?")
    for window in sorted({window for finding in left for window in finding.windows[:1]})[:_HINTS]:
        say(f"hint: relaybeat show {window}")
