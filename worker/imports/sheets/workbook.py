"""XLSX workbooks through openpyxl: values as people see them, and what is merged or hidden (pure).

A formula gives what Excel last computed for it. Everything is bounded before it is unpacked.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from xml.parsers import expat

from worker.events.problems import Unusable
from worker.imports.sheets.grid import MOST_COLUMNS, MOST_ROWS, Broken, Cell, Line, Sheet

_MOST_UNPACKED: Final = 100_000_000
_MOST_ELEMENTS: Final = 3_000_000
"""Of all the XML; a cell with a value takes two, and about 350 bytes of memory."""
_LONGEST_MARK: Final = 1 << 20
"""Characters of one tag or comment: expat before 2.6 takes time by the square of them."""
_OF_A_CELL: Final = 2
_WIDEST: Final = 1 << 14
_TALLEST: Final = 1 << 20
_SPANNING: Final = frozenset({"mergeCell", "hyperlink"})
"""Elements for which openpyxl makes each cell of a range, however far that reaches."""
_DAMAGES: Final = (
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError),
    *(LookupError, ValueError),  # of encodings that expat does not know
)
_DAY: Final = timedelta(days=1)
_HOURS: Final = 31 * _DAY
"""A date that lies so near to the first one that Excel knows is a number of hours, such as 25:30."""
_FIRST_YEAR: Final = 1900

Places = dict[tuple[int, int], str]
"""Cells by row from 1 and column from 0, and the name of the merged cell that they belong to."""


def read_workbook(content: bytes) -> list[Sheet]:
    """All sheets, the hidden ones without their rows. Raises ``Unusable`` for what is no workbook."""
    _measure(content)
    book = _load(content)
    formulas = {sheet.title: set(_formulas(sheet)) for sheet in book.worksheets}
    if any(formulas.values()):
        del book  # one at a time: a book takes about 350 bytes a cell
        book = _load(content, data_only=True)
    if sum(_extent(sheet)[0] for sheet in book.worksheets if sheet.sheet_state == "visible") > MOST_ROWS:
        raise Unusable(f"the workbook has more than {MOST_ROWS:,} rows", hint="split it")
    return [_sheet(sheet, book.epoch, formulas[sheet.title]) for sheet in book.worksheets]


def _measure(content: bytes) -> None:
    """Refuses what would not fit into memory, and what is another kind of file in the same wrapping."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _measure_parts(archive)
    except Unusable:
        raise
    except _DAMAGES:
        raise Unusable("the workbook is damaged", hint="open it in Excel and save it again") from None


def _measure_parts(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if "xl/workbook.xml" not in names:
        raise Unusable("the file is no Excel workbook (.xlsx)", hint="save it as .xlsx, or as CSV UTF-8")
    if sum(each.file_size for each in archive.infolist()) > _MOST_UNPACKED:
        raise _too_large()
    scales = _Scales()
    for name in names:
        scales.weigh(archive.read(name))


class _Scales:
    """What a workbook's parts would come to in memory, whatever they are called. Raises ``Unusable``.

    A document type could multiply a few bytes to gigabytes, and the standard allows none (ECMA-376-2, 8.1.4).
    """

    def __init__(self) -> None:
        self._elements = 0

    def weigh(self, part: bytes) -> None:
        """Adds this part; one that is no XML, such as a picture, weighs nothing."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._element
        parser.CommentHandler = self._mark
        parser.ProcessingInstructionHandler = self._mark
        parser.StartDoctypeDeclHandler = self._typed
        with suppress(expat.ExpatError):
            parser.Parse(part, True)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        self._mark(name, *attributes, *attributes.values())
        self._elements += 1
        if name.rpartition(":")[2] in _SPANNING:
            self._elements += _OF_A_CELL * _spanned(attributes.get("ref", ""))
        if self._elements > _MOST_ELEMENTS:
            raise _too_large()

    def _mark(self, *texts: str) -> None:
        if sum(map(len, texts)) > _LONGEST_MARK:
            raise _too_large()

    def _typed(self, *_: object) -> None:
        raise Unusable("the workbook is damaged: it has a document type", hint="save it again in Excel")


def _spanned(reference: str) -> int:
    """How many cells a range has, such as ``A1:C3`` or ``A:C``; 0 if it is none."""
    from openpyxl.utils.cell import range_boundaries  # type: ignore[import-untyped]  # noqa: PLC0415

    try:
        left, top, right, bottom = range_boundaries(reference.rpartition("!")[2])
    except (ValueError, TypeError):
        return 0
    return max(0, (right or _WIDEST) - (left or 1) + 1) * max(0, (bottom or _TALLEST) - (top or 1) + 1)


def _too_large() -> Unusable:
    return Unusable("the workbook holds more than an import takes", hint="split it, or delete sheets")


def _load(content: bytes, *, data_only: bool = False) -> Any:
    import openpyxl  # type: ignore[import-untyped]  # noqa: PLC0415  slow to import, and CSV does without

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl does not keep, such as lists to choose from
            return openpyxl.load_workbook(io.BytesIO(content), data_only=data_only)
    except Exception as error:  # whatever a file that no program wrote makes of the parser
        raise Unusable(
            f"the workbook cannot be read: {type(error).__name__}", hint="open it in Excel and save it again"
        ) from None


def _formulas(sheet: Any) -> Iterator[tuple[int, int]]:
    return ((row, column - 1) for (row, column), cell in sheet._cells.items() if cell.data_type == "f")


def _extent(sheet: Any) -> tuple[int, int]:
    """How many rows and columns there are as far as there are values; formats may reach a million further.

    openpyxl's own ``max_row`` counts formats.
    """
    places = [place for place, cell in sheet._cells.items() if cell.value is not None]
    rows, columns = (max(numbers) for numbers in zip(*places, strict=True)) if places else (0, 0)
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        most = f"{MOST_ROWS:,} rows or {MOST_COLUMNS} columns"
        raise Unusable(
            f"sheet {sheet.title} has more than {most}", hint="split it, or delete what is far out"
        )
    return rows, columns


def _rows(sheet: Any) -> Iterator[list[Any]]:
    """Each row's cells, ``None`` where there is none: openpyxl's ``iter_rows`` would make it."""
    rows, columns = _extent(sheet)
    for row in range(1, rows + 1):
        yield [sheet._cells.get((row, column)) for column in range(1, columns + 1)]


def _sheet(sheet: Any, epoch: datetime, formulas: set[tuple[int, int]]) -> Sheet:
    if sheet.sheet_state != "visible":
        filled = {row for (row, _), cell in sheet._cells.items() if cell.value is not None}
        return Sheet(sheet.title, (), hidden=len(filled))
    merged, hidden = _merged(sheet), _hidden_rows(sheet)
    lines = []
    for number, row in enumerate(_rows(sheet), 1):
        cells = [None if cell is None else _value(cell, epoch, formulas) for cell in row]
        here = {column: merged[number, column] for column in range(len(cells)) if (number, column) in merged}
        for column, (top, left) in here.items():
            cells[column] = _value(sheet.cell(top, left), epoch, formulas)
        names = {column: sheet.cell(*origin).coordinate for column, origin in here.items()}
        lines.append(Line(number, tuple(cells), names, hidden=number in hidden))
    day_zero = epoch.date()
    return Sheet(sheet.title, tuple(lines), tuple(_hidden_columns(sheet)), day_zero=day_zero)


def _merged(sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """The cells that a merged one covers, but for its first, as (row, column from 0): the first one."""
    found = {}
    for area in sheet.merged_cells.ranges:
        first = (area.min_row, area.min_col)
        for row in range(area.min_row, min(area.max_row, MOST_ROWS) + 1):
            for column in range(area.min_col, min(area.max_col, MOST_COLUMNS) + 1):
                if (row, column) != first:
                    found[row, column - 1] = first
    return found


def _hidden_rows(sheet: Any) -> set[int]:
    return {number for number, row in sheet.row_dimensions.items() if row.hidden}


def _hidden_columns(sheet: Any) -> Iterator[str]:
    """What to say of hidden columns, which are read: planners hide ids and addresses."""
    names = [name for name, column in sheet.column_dimensions.items() if column.hidden]
    if names:
        yield f"hidden columns are read like the others: {', '.join(names)}"


def _value(cell: Any, epoch: datetime, formulas: set[tuple[int, int]]) -> Cell:
    value = cell.value
    if cell.data_type == "e":
        return Broken(f"the cell {cell.coordinate} shows {value}")
    if value is None and (cell.row, cell.column - 1) in formulas:
        return Broken(
            f"the formula in {cell.coordinate} was never computed: open the file in Excel, and save it again"
        )
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime | date | time | timedelta):
        return _moment(value, epoch)
    return value if isinstance(value, int | float) or value is None else str(value)


def _moment(value: datetime | date | time | timedelta, epoch: datetime) -> Cell:
    """To the second, since Excel keeps times as parts of a day; 24 hours and more may look like a date."""
    if isinstance(value, timedelta):
        hours = value
    elif isinstance(value, time):
        hours = datetime.combine(epoch, value) - epoch
    else:
        hours = datetime.combine(value, value.time() if isinstance(value, datetime) else time()) - epoch
        if epoch.year < _FIRST_YEAR and _DAY <= hours <= _HOURS:
            hours -= _DAY  # openpyxl spares the days before March 1900 Excel's 29 February
    rounded = timedelta(seconds=round(hours.total_seconds()))
    return rounded if rounded < _HOURS or isinstance(value, timedelta) else epoch + rounded
