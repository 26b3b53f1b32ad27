"""Windows as text: a table for people, CSV for spreadsheets, JSON for scripts, iCalendar for calendars.

Every writer takes views one at a time and writes them as they come.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from worker.cli.output import print_table, to_json
from worker.language import clauses, phrase
from worker.views import PLAN_FIELDS, WindowView, length, local_end, local_start, note_words

_BOM: Final = "\ufeff"
_MISREAD: Final = re.compile(r"[=+\-@\t\r＝＋－＠].*|0\d+|\d{16,}|\d+(?:\.\d+)?[Ee][+-]?\d+", re.DOTALL)
"""Texts that a spreadsheet runs as a formula, in full width too where input methods write so, and those that
it takes for numbers and rounds: request ids of digits with one E among them do occur."""
_LINES_AT_ONCE: Final = 1_000


def write_table(views: Iterable[WindowView]) -> None:
    """One line a window: when, on whose clock, for how long, what, where, and what is special about it."""
    print_table(("Start", "End", "Zone", "Length", "Event", "Title", "Slot", "Notes"), map(_row, views))


def write_jsonl(views: Iterable[WindowView]) -> None:
    """One JSON object a line."""
    lines: list[str] = []
    for view in views:
        lines.append(to_json(view))
        if len(lines) == _LINES_AT_ONCE:
            _write_lines(lines)
            lines.clear()
    _write_lines(lines)


def write_csv(views: Iterable[WindowView]) -> None:
    """A header and a row a window; see :func:`write_rows`."""
    write_rows(PLAN_FIELDS, ([view.get(name) for name in PLAN_FIELDS] for view in views))


def write_rows(header: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """A table as CSV, lists separated by spaces (RFC 4180, UTF-8).

    It begins with a byte order mark, without which Excel reads Chinese titles as something else; scripts
    have JSON. A text that a spreadsheet would run as a formula, or round, gets an apostrophe in front.
    """
    sys.stdout.write(_BOM)
    writer = csv.writer(sys.stdout)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell(value) for value in row])


def write_ics(views: Iterable[WindowView], now: datetime) -> None:
    """A calendar; see :mod:`worker.ics`."""
    from worker.ics import calendar  # noqa: PLC0415  slow to import, and rarely asked for

    for piece in calendar(views, now):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _write_lines(lines: list[str]) -> None:
    if lines:
        sys.stdout.write("\n".join(lines) + "\n")


def _row(view: WindowView) -> tuple[str, ...]:
    start, end, zone = view["start"], view["end"], view["timezone"]
    times: tuple[str, ...] = (phrase("always"), "", zone, "")
    if start is not None and end is not None:
        times = (local_start(zone, start), local_end(zone, start, end), zone, length(start, end))
    slot = f"{view['domain']}/{view['app']}/{view['stream']}"
    notes = clauses(note_words(view["notes"]), view["reason"])
    return (*times, view["event"], view["title"], slot, notes)


def _cell(value: object) -> object:
    text = " ".join(value) if isinstance(value, list) else value
    return f"'{text}" if isinstance(text, str) and _MISREAD.fullmatch(text) else text
