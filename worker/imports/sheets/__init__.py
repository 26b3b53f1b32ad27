"""A spreadsheet of a station becomes an events file: one programme a row, in Chinese or English (pure).

:mod:`.text` and :mod:`.workbook` read files into :mod:`.grid`; :mod:`.headers` and :mod:`.table` find the
programmes in it, :mod:`.cells` and :mod:`.rows` read them, :mod:`.nights` doubts those past midnight, and
:mod:`.shows` makes events of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from worker.events.problems import Unusable
from worker.imports import Imported, Verdict
from worker.imports.draft import settled, told
from worker.imports.sheets.grid import MOST_BYTES, Sheet
from worker.imports.sheets.headers import known
from worker.imports.sheets.nights import of_their_night
from worker.imports.sheets.rows import Programme, Row, programme
from worker.imports.sheets.shows import Shows
from worker.imports.sheets.table import Table, read_table
from worker.imports.sheets.text import read_text
from worker.imports.sheets.workbook import read_workbook
from worker.redact import mask_text

_ZIP: Final = b"PK\x03\x04"
_OLD: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
_PAGE: Final = (b"<html", b"<!doctype", b"<?xml", b"<table")


def import_sheets(content: bytes, head: Mapping[str, Any], year: int | None = None) -> Imported:
    """The events of a CSV or XLSX file; what is in it counts, not its name.

    ``head`` is the events file without its events: defaults and calendars. ``year`` is that of dates without
    one, which are refused if it is ``None``. Raises ``Unusable`` for what is no such file, or too large.
    """
    tables = [read_table(sheet) for sheet in _sheets(content)]
    defaults = head.get("defaults", {})
    rows = [row for table in tables for row in table.rows]
    text = settled(head, Shows(of_their_night(_programmes(rows, defaults, year)), defaults))
    warnings = [mask_text(each) for table in tables for each in table.warnings]
    return Imported(text, tuple(map(_verdict, rows)), tuple(_aside(tables)), tuple(warnings))


def _sheets(content: bytes) -> list[Sheet]:
    if len(content) > MOST_BYTES:
        raise Unusable(f"the file is larger than {MOST_BYTES // 1_000_000} MB", hint="split it")
    if not content.strip():
        raise Unusable("the file is empty")
    if content.startswith(_OLD):
        if _LOCKED in content:
            raise Unusable("the workbook is protected by a password", hint="save it without one")
        raise Unusable("the file is an old Excel workbook (.xls)", hint="save it as .xlsx, or as CSV UTF-8")
    if content.lstrip()[:9].lower().startswith(_PAGE):
        raise Unusable("the file is a web page inside", hint="open it in Excel, and save it as .xlsx")
    return read_workbook(content) if content.startswith(_ZIP) else [read_text(content, known)]


def _programmes(rows: list[Row], defaults: Mapping[str, Any], year: int | None) -> Iterator[Programme]:
    for row in rows:
        if not row.why:
            try:
                yield programme(row, defaults, year)
            except Unusable as error:
                row.why = told(error)


def _verdict(row: Row) -> Verdict:
    remarks = tuple(map(mask_text, row.remarks))
    return Verdict(row.number, row.sheet, "" if row.why else row.event, mask_text(row.why), remarks)


def _aside(tables: list[Table]) -> Iterator[Verdict]:
    for table in tables:
        for number, why in table.aside:
            yield Verdict(number, table.name, why=why)
