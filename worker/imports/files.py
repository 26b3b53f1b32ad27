"""Whatever a planner keeps a plan in: which kind of file it is, and the events file made of it (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final, Literal

from worker.errors import ConfigError
from worker.imports import Imported

Kind = Literal["events", "sheet", "calendar"]

MADE: Final = "# Made by relaybeat import, which writes it anew: change the plan it was made from.\n"
"""The first line of each events file that an import wrote."""

_MARK: Final = b"\xef\xbb\xbf"
_CALENDAR: Final = b"BEGIN:VCALENDAR"
_BINARY: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How workbooks begin, the old ones too, which an import refuses by name."""
_ENDINGS: Final[dict[str, Kind]] = {
    **dict.fromkeys((".csv", ".tsv", ".xlsx", ".xlsm", ".xls"), "sheet"),
    **dict.fromkeys((".yaml", ".yml", ".json"), "events"),
    ".ics": "calendar",
}
_EVENTS: Final = re.compile(rb"^(version|defaults|calendars|events)\s*(:|\xef\xbc\x9a)", re.MULTILINE)
_LOOKED_AT: Final = 4_000
"""Bytes, in which a table has its header."""


def kind_of(content: bytes, name: str = "") -> Kind:
    """What this is. What cannot be mistaken counts before the name, and the name before what it looks like:
    rows that were copied out of a spreadsheet have no name, and begin with a header.
    """
    if content.removeprefix(_MARK).lstrip()[:15].upper() == _CALENDAR:
        return "calendar"
    if content.startswith(_BINARY):
        return "sheet"
    named = _ENDINGS.get(PurePath(name).suffix.lower())
    if named or _EVENTS.search(content):
        return named or "events"
    return "sheet" if _has_header(content[:_LOOKED_AT]) else "events"


def _has_header(begin: bytes) -> bool:
    from worker.imports.sheets.headers import find_header, known  # noqa: PLC0415  slow to import
    from worker.imports.sheets.text import read_text  # noqa: PLC0415

    try:
        return find_header(read_text(begin, known).lines) is not None
    except ConfigError:
        return False


def import_any(content: bytes, head: Mapping[str, Any], year: int | None = None) -> Imported:
    """The events of a calendar, or else of a spreadsheet; what is in it counts.

    ``head`` is the events file without its events; ``year`` that of dates without one. Raises ``Unusable``.
    """
    if kind_of(content) == "calendar":
        from worker.imports.calendars import import_calendar  # noqa: PLC0415  slow to import

        return import_calendar(content, head)
    from worker.imports.sheets import import_sheets  # noqa: PLC0415

    return import_sheets(content, head, year)


def import_view(text: str, imported: Imported) -> dict[str, Any]:
    """An import for scripts: the events file as it is written, and the verdict on each row."""
    return {
        "file": text,
        "rows": [
            {
                "row": each.row,
                "sheet": each.sheet,
                "taken": each.taken,
                "event": each.event,
                "why": each.why,
                "remarks": list(each.remarks),
            }
            for each in imported.rows
        ],
        "taken": len(imported.rows) - len(imported.refused),
        "refused": len(imported.refused),
        "not_programmes": [
            {"row": each.row, "sheet": each.sheet, "why": each.why} for each in imported.aside
        ],
        "warnings": list(imported.warnings),
    }
