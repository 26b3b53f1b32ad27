"""Planners' formats become an events file, with a verdict on every row.

A spreadsheet (:mod:`.sheets`) or a calendar (:mod:`.feed`) gives entries as an events file would hold them;
:mod:`.draft` has them checked as every events file is, and what is refused goes back to its row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Entry = dict[str, Any]
"""An event, or a part of one, as the file will have it: texts, lists of them, and mappings."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one row: taken into ``event``, or refused, and ``why`` and what to do.

    ``row`` is counted as the program shows it: rows of a spreadsheet from 1, titles and blanks among them;
    entries of a calendar from 1. ``remarks`` tell what a planner might not expect.
    """

    row: int
    sheet: str = ""
    event: str = ""
    why: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def taken(self) -> bool:
        """Whether it is in the events file."""
        return not self.why


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import gives.

    ``text`` is the events file of all rows that are taken; it is empty if there are none. ``rows`` are all
    rows that say, or seem to say, what airs: taken and refused. ``aside`` are those that never did, such as
    blank ones and headers; their ``why`` says what they are. ``warnings`` are about the file as a whole.
    """

    text: str
    rows: tuple[Verdict, ...]
    aside: tuple[Verdict, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """The rows that are not in the events file."""
        return tuple(row for row in self.rows if not row.taken)
