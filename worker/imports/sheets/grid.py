"""What a spreadsheet is to the rest: sheets of rows of cells, whatever file they came from (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

MOST_BYTES: Final = 20_000_000
MOST_ROWS: Final = 50_000
"""Of one file, blank ones among them."""
MOST_COLUMNS: Final = 200


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell that holds nothing that can be read, and why."""

    why: str


Cell = str | int | float | datetime | timedelta | Broken | None
"""Dates are datetimes. Times of day and lengths, which Excel keeps alike, are timedeltas: 25:30 too."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row. ``number`` is the one that the spreadsheet program shows beside it.

    ``merged`` tells which cells (by column, from 0) have their value from a merged one, and its name, such
    as ``A14``. ``broken`` says why the row cannot be read at all; ``remark`` what to know of how it was.
    """

    number: int
    cells: tuple[Cell, ...]
    merged: Mapping[int, str] = field(default_factory=dict)
    hidden: bool = False
    broken: str = ""
    remark: str = ""

    def cell(self, column: int) -> Cell:
        """What stands in a column, counted from 0; ``None`` for blank."""
        return self.cells[column] if column < len(self.cells) else None

    @property
    def blank(self) -> bool:
        """Whether there is nothing in it but space."""
        return not self.broken and not any(map(filled, self.cells))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; CSV has one, without a name. ``repeats``: a blank cell may stand for the one above it.

    ``hidden`` sheets have no lines here, only their number. ``day_zero`` is where Excel's numbers for dates
    begin to count, as of March 1900: it believes in a 29 February 1900.
    """

    name: str
    lines: tuple[Line, ...]
    remarks: tuple[str, ...] = ()
    repeats: bool = False
    hidden: int = 0
    day_zero: date = date(1899, 12, 30)


def filled(cell: Cell) -> bool:
    """Whether there is anything in the cell but space."""
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def letters(column: int) -> str:
    """What spreadsheet programs call a column counted from 0: ``A``, ``Z``, ``AA``."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
