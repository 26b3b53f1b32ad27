"""``check``: everything that is wrong with an events file, and what may surprise."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from worker.advice import advise
from worker.cli.output import output_option, print_json, this_second
from worker.events.load import Loaded, read_events
from worker.events.problems import MOST_PROBLEMS, Problem
from worker.settings import load_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@output_option("text", "json")
@click.pass_context
def check(ctx: click.Context, file: Path, output: str) -> None:
    """Validate an events FILE: every problem at once, with its line and what to do.

    Warnings tell which windows give way to others on their stream, of tight handovers, clock changes,
    exceptions that change nothing, and years that no calendar knows yet. Exits with 1 if there are
    problems, with 0 if there are only warnings.
    """
    loaded = read_events(file)
    warnings = advise(loaded, this_second().unix("UTC"), load_settings().settle)
    _print_json(loaded, warnings) if output == "json" else _print_text(loaded, warnings)
    ctx.exit(1 if loaded.problems else 0)


def _print_json(loaded: Loaded, warnings: list[Problem]) -> None:
    print_json(
        {
            "file": loaded.file,
            "events": len(loaded.events),
            "problems": [asdict(problem) for problem in loaded.problems],
            "left_out": loaded.left_out,
            "warnings": [asdict(warning) for warning in warnings],
        }
    )


def _print_text(loaded: Loaded, warnings: list[Problem]) -> None:
    problems = len(loaded.problems) + loaded.left_out
    for told, count in ((loaded.problems, problems), (warnings[:MOST_PROBLEMS], len(warnings))):
        for problem in told:
            click.echo(str(problem))
        if count > len(told):
            click.echo(f"and {count - len(told)} more")
    counts = ((len(loaded.events), "event"), (problems, "problem"), (len(warnings), "warning"))
    click.echo(
        f"{loaded.file}: " + ", ".join(f"{n or 'no'} {word}{'' if n == 1 else 's'}" for n, word in counts)
    )
