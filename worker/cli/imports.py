"""``import``: planners' spreadsheets and calendars become an events file, and each row gets a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import click

from worker.cli.output import output_option, print_json, say
from worker.errors import ConfigError
from worker.events.document import MOST_BYTES as MOST_OF_EVENTS
from worker.imports import Imported, Verdict
from worker.imports.draft import checked_head
from worker.imports.files import MADE, import_any, import_view

_MOST_BYTES: Final = 20_000_000
_REMARKS_SAID: Final = 50
_YEARS: Final = click.IntRange(2000, 2037)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--to", type=click.Path(path_type=Path), help="Write the events file here, not to stdout."
)
@click.option("--timezone", metavar="ZONE", help="Whose clock the times mean, such as Asia/Shanghai.")
@click.option("--domain", metavar="D", help="The pull domain of programmes that name none.")
@click.option("--app", metavar="A", help="The App of programmes that name none.")
@click.option(
    "--stream", metavar="S", help="The stream of programmes that name none; '{id}' gives each its own."
)
@click.option(
    "--source", metavar="URL", multiple=True, help="The source of programmes that name none; may be repeated."
)
@click.option("--lead", metavar="L", help="How long before its start a window is placed, such as 24h.")
@click.option(
    "--defaults",
    metavar="EVENTS",
    type=click.Path(path_type=Path),
    help="Take defaults and calendars of this events file.",
)
@click.option("--year", metavar="N", type=_YEARS, help="The year of dates that are written without one.")
@output_option("yaml", "json")
@click.pass_context
def import_(
    ctx: click.Context,
    /,
    file: Path,
    to: Path | None,
    defaults: Path | None,
    year: int | None,
    output: str,
    **options: Any,
) -> None:
    """Make an events file of FILE: a spreadsheet (.csv, .xlsx) or a calendar (.ics).

    Each row is taken or refused, and the report on stderr says why, what to do, and what else to know of it.
    What is taken is written even if other rows are refused. docs/import.md lists the columns that are read.
    Exits with 0 if all rows were taken, with 1 if any was refused.
    """
    _may_write(to)
    options["sources"] = list(options.pop("source"))
    with _blaming(defaults or "the options"):
        written = _content(defaults, MOST_OF_EVENTS) if defaults else b""
        head = checked_head(written, {key: value for key, value in options.items() if value})
    with _blaming(file):
        imported = import_any(_content(file, _MOST_BYTES), head, year)
    text = MADE + imported.text if imported.text else ""
    if to and text:
        to.write_text(text, encoding="utf-8")
    if output == "json":
        print_json(import_view(text, imported))
    else:
        click.echo("" if to else text, nl=False)
        _report(file, imported, to)
    ctx.exit(0 if imported.text and not imported.refused else 1)


@contextmanager
def _blaming(what: Path | str) -> Iterator[None]:
    """Says which file is meant when one cannot be used."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"{what}: {error}", hint=error.hint) from None


def _content(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most + 1)


def _may_write(to: Path | None) -> None:
    """An events file that somebody wrote is not lost to an import."""
    if to is None or not to.exists():
        return
    with to.open("rb") as file:
        if file.read(len(MADE.encode())) != MADE.encode():
            raise ConfigError(f"{to} exists, and no import made it", hint="give another name to --to")


def _report(file: Path, imported: Imported, to: Path | None) -> None:
    for warning in imported.warnings:
        say(f"warning: {warning}")
    for rows, why in _alike((each, each.why) for each in imported.aside):
        say(f"not a programme: {rows}: {why}")
    remarks = ((each, remark) for each in imported.rows for remark in each.remarks)
    told = [f"remark: {rows}: {remark}" for rows, remark in _alike(remarks)]
    for line in told[:_REMARKS_SAID]:
        say(line)
    if len(told) > _REMARKS_SAID:
        say(f"and {len(told) - _REMARKS_SAID} more remarks: --output json lists all")
    for rows, why in _alike((each, each.why) for each in imported.refused):
        say(f"refused: {rows}: {why}")
    say(_sum(file, imported, to))


def _sum(file: Path, imported: Imported, to: Path | None) -> str:
    taken, refused = len(imported.rows) - len(imported.refused), len(imported.refused)
    events = len({each.event for each in imported.rows if each.taken})
    counts = f"{file}: {len(imported.rows)} rows, {taken} taken into {events} events, {refused} refused"
    if not imported.text:
        return f"{counts}; no events file is written"
    where = f" to {to}" if to else ""
    return f"{counts}; " + (f"what was taken is written{where}" if refused else f"written{where}")


def _alike(verdicts: Iterable[tuple[Verdict, str]]) -> Iterator[tuple[str, str]]:
    """The rows of which the same is to be said, as ``sheet Week 2, rows 3-7, 9``; and what that is."""
    found: dict[tuple[str, str], list[int]] = {}
    for verdict, text in verdicts:
        found.setdefault((verdict.sheet, text), []).append(verdict.row)
    for (sheet, text), numbers in found.items():
        rows = f"row{'s' if len(numbers) > 1 else ''} {_ranges(numbers)}"
        yield f"sheet {sheet}, {rows}" if sheet else rows, text


def _ranges(numbers: Sequence[int]) -> str:
    """``3-7, 9``."""
    runs = [[n for _, n in run] for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
