"""What verbs share in speaking to people and scripts.

JSON goes to stdout alone; everything said about the work goes to stderr. Tables are for people: no colour
and no cut cells when they are piped.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

import click

from worker.language import LANGUAGES, phrase, speaking
from worker.moments import Moment, moment
from worker.settings import language

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_DAYS: Final = 7
_BAR_STEPS: Final = 200
_WARNINGS_SAID: Final = 20
_PIPED_WIDTH: Final = 10_000
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": ")).encode

TIMES: Final = "T is ISO 8601; without an offset it is read on each event's own clock."
"""What help says about times."""


def output_option(*formats: str) -> Callable[[F], F]:
    """``--output``, with these formats; the first is the default. A verb receives it as ``output``."""
    return click.option(
        "--output", type=click.Choice(formats), default=formats[0], show_default=True, help="How to print it."
    )


def lang_option(verb: F) -> F:
    """``--lang``: while the verb prints a table, people are told in that language; all else stays English."""

    @click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        help="The language of tables.  [default: zh in a Chinese locale, else en]",
    )
    @functools.wraps(verb)
    def told(*args: Any, lang: str | None, output: str, **rest: Any) -> None:
        with speaking(lang or language()) if output == "table" else nullcontext():
            verb(*args, output=output, **rest)

    return cast(F, told)


def to_json(value: Any) -> str:
    """One line of JSON, Chinese left readable, keys in the order given."""
    return _ENCODE(value)


def print_json(document: Any) -> None:
    """One whole document on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def print_document(lists: dict[str, Iterable[Any]]) -> None:
    """One JSON object of lists, written as they come, a line an item, so that any length fits in memory."""
    write = sys.stdout.write
    write("{")
    for n, (name, items) in enumerate(lists.items()):
        write(f"{', ' if n else ''}{to_json(name)}: [")
        for m, item in enumerate(items):
            write(f"{',' if m else ''}\n{_ENCODE(item)}")
        write("\n]")
    write("}\n")


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    tint: Callable[[str], str] = lambda _: "",
    *,
    one_line: bool = False,
) -> None:
    """A table for people, as wide as the terminal, or as its content when piped.

    Headings are said in the language spoken. ``tint`` gives the style of a cell, in the words of rich, from
    what it says; a pipe sees no colour. With ``one_line`` the last column is cut where the terminal ends;
    else cells that are too wide are folded.
    """
    from rich.console import Console  # noqa: PLC0415  scripts never see a table, and need not wait for this
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(phrase(column), overflow="fold", no_wrap=one_line and column != columns[-1])
    for row in rows:
        cells = [Text(cell, style=tint(cell)) for cell in row]
        if one_line:
            cells[-1].no_wrap, cells[-1].overflow = True, "ellipsis"
        table.add_row(*cells)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)
    with console.capture() as captured:
        console.print(table)
    click.echo("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()), nl=False)


def say(message: str) -> None:
    """A remark about the work, on stderr."""
    click.echo(message, err=True)


def say_warnings(warnings: Sequence[object]) -> None:
    """The first few, on stderr."""
    for warning in warnings[:_WARNINGS_SAID]:
        say(str(warning))
    if len(warnings) > _WARNINGS_SAID:
        say(phrase("and {n} more: --output json lists all", n=len(warnings) - _WARNINGS_SAID))


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr if a person watches it; what it yields is told how many more are done."""
    hidden, steps = not sys.stderr.isatty(), max(1, total // _BAR_STEPS)
    with click.progressbar(
        label=label, length=total, file=sys.stderr, hidden=hidden, update_min_steps=steps
    ) as bar:
        yield bar.update


@dataclass(frozen=True, slots=True)
class Range:
    """From one moment to another, the second left out."""

    since: Moment
    until: Moment

    def on(self, zone: str) -> tuple[int, int]:
        """Both ends in Unix seconds, local readings read on that zone's clock."""
        return self.since.unix(zone), self.until.unix(zone)


class _MomentType(click.ParamType[Moment]):
    name = "T"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Moment:
        if isinstance(value, Moment):
            return value
        try:
            return moment(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


MOMENT: Final = _MomentType()


def this_second() -> Moment:
    """By the clock of this machine."""
    return Moment(datetime.fromtimestamp(int(time.time()), UTC))


def range_options(verb: Callable[..., None]) -> Callable[..., None]:
    """``--from``, ``--to`` and ``--days``, from now for a week unless given; a verb receives ``wanted``."""

    @click.option("--from", "since", type=MOMENT, help="Windows that start at T or later.  [default: now]")
    @click.option("--to", "until", type=MOMENT, help="Windows that start before T.")
    @click.option(
        "--days",
        metavar="N",
        type=click.IntRange(1, 3_660),
        help="So many days, instead of --to.  [default: 7]",
    )
    @functools.wraps(verb)
    def with_range(
        *args: Any, since: Moment | None, until: Moment | None, days: int | None, **rest: Any
    ) -> None:
        verb(*args, wanted=_range(since or this_second(), until, days), **rest)

    return with_range


def _range(since: Moment, until: Moment | None, days: int | None) -> Range:
    if until and days:
        raise click.UsageError("--to and --days say the same thing; give one of them")
    wanted = Range(since, until or since.later(days or _DAYS))
    first, last = wanted.on("UTC")
    if last <= first:
        raise click.UsageError("--to must be later than --from, which is now unless given")
    return wanted
