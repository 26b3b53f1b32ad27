"""``doctor``: is everything there that tonight needs?"""

from __future__ import annotations

import click

from worker.cli.output import lang_option, output_option, print_json, print_table
from worker.diagnosis import LOOKS, examine
from worker.runtime import Runtime
from worker.settings import load_settings

MARKS = {"ok": "✓ ok", "warn": "! warn", "fail": "✕ fail"}


@click.command()
@click.option("--only", type=click.Choice([*LOOKS]), multiple=True, help="Look at this alone.")
@output_option("table", "json")
@lang_option
@click.pass_context
def doctor(ctx: click.Context, only: tuple[str, ...], output: str) -> None:
    """Check settings, Redis, clocks, credentials, provider, domains, beat and workers.

    Exits with 1 if one of them fails.
    """
    findings = list(examine(Runtime(load_settings()), only))
    if output == "json":
        print_json({"findings": [finding.view() for finding in findings]})
    else:
        print_table(
            ("", "what", "finding", "what to do"),
            [(MARKS[f.verdict], f.what, f.words, f.hint) for f in findings],
        )
    if any(finding.verdict == "fail" for finding in findings):
        ctx.exit(1)
