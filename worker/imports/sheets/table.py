"""One sheet as a table: which of its rows may be programmes, and what the others are (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from worker.events.problems import Unusable
from worker.imports.sheets import cells
from worker.imports.sheets.grid import Broken, Cell, Line, Sheet, filled
from worker.imports.sheets.headers import Header, find_header
from worker.imports.sheets.rows import Row

_CARRIED: Final = ("date", "stream", "domain", "app", "sources", "timezone")
"""What a blank cell has from the row above, in a file that has lost its merged cells."""
_TOTAL: Final = re.compile(r"\W*(?:\w{0,3}[合总小共]计(?!划)|总时长|(?:sub)?total\b|sum\b).*", re.DOTALL)
_NO_HEADER: Final = (
    "no row at the top of the sheet names its columns (write above them 节目, 日期, 开始时间 and 结束时间, or"
    " title, date, start and end)"
)

_ANY_YEAR: Final = 2000

Above = dict[str, tuple[tuple[Cell, ...], int]]
"""What stands above a blank cell, by kind of column, and the row where it does."""


@dataclass(slots=True)
class Table:
    """What a sheet holds: rows that should be programmes, and, with their numbers, those that never were."""

    name: str
    rows: list[Row] = field(default_factory=list)
    aside: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_table(sheet: Sheet) -> Table:
    """The rows of a sheet, in order."""
    table = Table(sheet.name, warnings=[_of(sheet, remark) for remark in sheet.remarks])
    if sheet.hidden:
        table.warnings.append(_of(sheet, f"it is hidden, and its {sheet.hidden} rows are not read"))
    header = find_header(sheet.lines)
    lines = list(_without_end(sheet.lines))
    if header is None:
        for line in lines:
            _without_header(table, sheet, line)
        return table
    table.warnings += [_of(sheet, remark) for remark in header.remarks]
    above: Above = {}
    for line in lines:
        if line.blank:
            table.aside.append((line.number, "blank"))
            above = {}
        elif line.number < header.line.number:
            table.aside.append((line.number, "a title above the header"))
        elif line.number == header.line.number:
            table.aside.append((line.number, "the header"))
        else:
            table.rows.append(_row(sheet, header, line, above))
    return table


def _without_end(lines: tuple[Line, ...]) -> Iterator[Line]:
    """Without the blank rows below the last one."""
    last = max((line.number for line in lines if not line.blank), default=0)
    return (line for line in lines if line.number <= last)


def _without_header(table: Table, sheet: Sheet, line: Line) -> None:
    if line.blank:
        table.aside.append((line.number, "blank"))
    else:
        table.rows.append(Row(sheet.name, line.number, sheet.day_zero, {}, why=_NO_HEADER))


def _row(sheet: Sheet, header: Header, line: Line, above: Above) -> Row:
    """One row below the header; ``above`` is what rows above have for blank cells, and is kept up."""
    said = {kind: tuple(map(line.cell, places)) for kind, places in header.columns.items()}
    row = Row(sheet.name, line.number, sheet.day_zero, said, header.unit)
    row.why = line.broken or _no_programme(header, line, row)
    if line.remark:
        row.remarks.append(line.remark)
    for kind, places in header.columns.items():
        origin = next((line.merged[n] for n in places if n in line.merged), "")
        if origin:
            row.inherited.add(kind)
            row.remarks.append(f"{header.name(kind)} is taken from the merged cell {origin}")
    if sheet.repeats and not line.broken:
        _carry(row, header, above)
    return row


def _carry(row: Row, header: Header, above: Above) -> None:
    for kind in _CARRIED:
        if row.has(kind):
            if not row.why or (kind == "date" and _dates(row.cells["date"], row)):
                above[kind] = row.cells[kind], row.number
        elif kind in above and not row.why and (kind != "date" or _is_of(row, above["date"][0])):
            row.cells[kind], number = above[kind]
            row.inherited.add(kind)
            row.remarks.append(f"{header.name(kind)} is taken from row {number}, since the cell is blank")


def _is_of(row: Row, dated: tuple[Cell, ...]) -> bool:
    """Whether a row without a date is of the one above it. What recurs is not.

    A single weekday only confirms the date. Another one is a slip, which must not become a weekly show.
    """
    if row.has("cron"):
        return False
    if not row.has("weekdays"):
        return True
    try:
        said = cells.weekdays(row.cell("weekdays"))
    except Unusable:
        return False  # told when the row is read
    if len(said) == 1 and said != _dates(dated, row):
        row.why = (
            f"it has no date, and is of another weekday than the date above: {row.text('weekdays')}"
            " (fill in its date; above what recurs every week, leave a row blank)"
        )
    return len(said) == 1 and not row.why


def _dates(dated: tuple[Cell, ...], row: Row) -> set[int]:
    """The weekday of a date; none if it is no date."""
    try:
        return {cells.day(dated[0], row.zero, _ANY_YEAR).isoweekday()}
    except Unusable:
        return set()


def _no_programme(header: Header, line: Line, row: Row) -> str:
    """Why a row is no programme at first sight; empty if it may be one."""
    if line.hidden:
        return "it is hidden (show it if it is to air; delete it if not)"
    if header.is_repeated_by(line):
        return "it repeats the header, and is no programme (delete the row)"
    texts = [_shown(cell) for n, cell in enumerate(line.cells) if filled(cell) and n not in line.merged]
    if texts and _TOTAL.fullmatch(texts[0].lower()):
        return f"it is a total, and no programme: {texts[0]} (delete the row)"
    if len(set(texts)) <= 1 and not row.has("start") and not row.has("cron"):
        told = texts[0] if texts else "nothing but what is merged from above"
        return f"it is a heading or a note, and no programme: {told[:60]} (if it is, fill it in)"
    return ""


def _shown(cell: Cell) -> str:
    return cell.why if isinstance(cell, Broken) else cells.plain(cell)


def _of(sheet: Sheet, remark: str) -> str:
    return f"sheet {sheet.name}: {remark}" if sheet.name else remark
