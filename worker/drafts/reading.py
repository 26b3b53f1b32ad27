"""What somebody brought, read as an events file, whatever kind of file it is (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.events.load import Loaded, parse_events
from worker.events.problems import Problem, Unusable
from worker.imports import Imported
from worker.imports.draft import checked_head
from worker.imports.files import MADE, Kind, import_any, kind_of


@dataclass(frozen=True, slots=True)
class Draft:
    """An events file as it would be applied, and what came of reading it.

    ``text`` holds source addresses whole: it is for whoever brought it. It is empty if nothing could be read.
    ``imported`` has a verdict on each row if it was made of a spreadsheet or a calendar.
    """

    kind: Kind
    text: str
    loaded: Loaded
    imported: Imported | None = None

    @property
    def right(self) -> bool:
        """Whether it can be planned: there are no problems. Rows may still have been refused."""
        return not self.loaded.problems


def read_draft(
    content: bytes, name: str, options: Mapping[str, Any] | None = None, year: int | None = None
) -> Draft:
    """The draft that these bytes are; ``name`` is what problems call them, and may tell the kind.

    ``options`` are defaults for a spreadsheet or a calendar, as ``relaybeat import`` takes them: timezone,
    domain, app, stream, sources, lead; ``year`` is that of dates without one. Raises nothing: what is wrong
    is among the problems.
    """
    kind = kind_of(content, name)
    if kind == "events":
        return Draft(kind, content.decode("utf-8-sig", "replace"), parse_events(content, name))
    try:
        head = checked_head(b"", {key: value for key, value in (options or {}).items() if value})
        imported = import_any(content, head, year)
    except Unusable as error:
        return Draft(kind, "", _unread(content, name, str(error), error.hint))
    if not imported.text:
        what = "none of its rows could be taken" if imported.rows else "there is no programme in it"
        return Draft(kind, "", _unread(content, name, what, "see why below each row"), imported)
    text = MADE + imported.text
    return Draft(kind, text, parse_events(text.encode(), name), imported)


def _unread(content: bytes, name: str, what: str, hint: str) -> Loaded:
    problem = Problem(name, 0, 0, what, hint=hint)
    return Loaded(name, hashlib.sha256(content).hexdigest(), problems=(problem,))
