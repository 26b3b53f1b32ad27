"""How tests make spreadsheets, and read what an import makes of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

from worker.events.load import parse_events
from worker.events.model import Event
from worker.imports import Imported
from worker.imports.sheets import import_sheets
from worker.windows import expand

DEFAULTS: dict[str, Any] = {
    "timezone": "Asia/Shanghai",
    "domain": "pull.example.com",
    "app": "live",
    "stream": "{id}",
    "sources": ["rtmp://a.example.com/live/x"],
}
BERLIN = DEFAULTS | {"timezone": "Europe/Berlin"}


def csv_of(*rows: Sequence[str], delimiter: str = ",", end: str = "\r\n") -> str:
    """A CSV file of these rows."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


def saved(book: Workbook) -> bytes:
    """A workbook as a file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(*rows: Sequence[Any]) -> Workbook:
    """A workbook of one sheet."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    return book


def imported(
    content: str | bytes, defaults: dict[str, Any] | None = None, year: int | None = None
) -> Imported:
    """What an import gives, with defaults for all that a row needs unless others are given."""
    head = {"defaults": DEFAULTS if defaults is None else defaults}
    return import_sheets(content.encode() if isinstance(content, str) else content, head, year)


def events(result: Imported) -> tuple[Event, ...]:
    """What the events file of an import means."""
    if not result.text:
        return ()
    loaded = parse_events(result.text.encode(), "events.yaml")
    assert not loaded.problems, "\n".join(map(str, loaded.problems))
    return loaded.events


def spans(found: Iterable[Event], since: int, until: int) -> list[tuple[int, int, str]]:
    """The windows of events: start, end and stream."""
    return sorted((w.start, w.end, w.slot.stream) for event in found for w in expand(event, since, until))


def refusals(result: Imported) -> dict[int, str]:
    """The rows that are refused, and why."""
    return {row.row: row.why for row in result.refused}


def remarks(result: Imported) -> dict[int, tuple[str, ...]]:
    """The rows that are taken with remarks."""
    return {row.row: row.remarks for row in result.rows if row.remarks}
