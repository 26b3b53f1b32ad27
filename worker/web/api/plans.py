"""What ``/plan`` and ``/apply`` take and answer, as the OpenAPI document tells it."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from worker.web.api.models import Planned, Remark
from worker.web.planning import Brought, file_name

JSON: Final = "application/json"
KINDS: Final = {
    "application/yaml": "plan.yaml",
    "application/x-yaml": "plan.yaml",
    "text/yaml": "plan.yaml",
    "text/csv": "plan.csv",
    "text/tab-separated-values": "plan.tsv",
    "text/calendar": "plan.ics",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "plan.xlsx",
    "application/octet-stream": "",
}
"""Types of a file that is sent as it is, and the name by which it is known if it comes without one."""
_MOST_CHARACTERS: Final = 8_000_000


class Options(BaseModel):
    """What may be said beside the file: in the query, or in a JSON body, which counts more."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=200, description="The file's name; its ending may tell what it is.")
    prune: bool = Field(False, description="Call off the windows of events that are not in it.")
    timezone: str = Field("", max_length=100, description="Of a spreadsheet or calendar that names none.")
    domain: str = Field("", max_length=300, description="Likewise, the pull domain.")
    app: str = Field("", max_length=300, description="Likewise, the App.")
    stream: str = Field("", max_length=300, description="Likewise, the stream; `{id}` gives each its own.")
    source: list[str] = Field([], max_length=10, description="Likewise, where to pull from, the best first.")
    lead: str = Field(
        "", max_length=20, description="Likewise, how long before its start a window is placed."
    )
    year: int | None = Field(None, ge=2000, le=2037, description="Of dates that are written without one.")

    def brought(self, content: bytes, kind: str = "") -> Brought:
        """The file, with what it does not say itself; ``kind`` is what it is called if it has no name."""
        options: dict[str, Any] = {
            name: getattr(self, name) for name in ("timezone", "domain", "app", "stream", "lead")
        }
        options["sources"] = self.source
        name = file_name(self.name) or kind
        return Brought(content=content, name=name, options=options, year=self.year)


class ToPlan(Options):
    """The options of ``/plan``."""

    days: int = Field(0, ge=0, le=31, description="Also tell the windows of so many days, as the file means.")
    most: int = Field(1_000, ge=0, le=10_000, description="Changes, and windows, that are told one by one.")


class ToApply(Options):
    """The options of ``/apply``."""

    reason: str = Field("", max_length=200, description="Why; `relaybeat history` tells it. Needed.")
    expect: str | None = Field(
        None, max_length=100, description="The `digest` of a plan: what it showed is done, or nothing."
    )
    max_delete: int | None = Field(
        None, ge=0, le=10_000_000, description="Windows that may go at once; else 20 % of those to come."
    )
    force: bool = Field(False, description="Allow cutting or changing a window that is on air.")


_TEXT: Final = Field(
    max_length=_MOST_CHARACTERS, description="An events file, or rows of a spreadsheet as text."
)


class TextToPlan(ToPlan):
    """The body of ``/plan`` as JSON."""

    text: str = _TEXT


class TextToApply(ToApply):
    """The body of ``/apply`` as JSON."""

    text: str = _TEXT


class Difference(BaseModel):
    """One window that differs: `what` names the fields, `why` says why it comes or goes."""

    kind: Literal["add", "change", "remove"]
    id: str
    on_air: bool
    before: Planned | None
    after: Planned | None
    what: list[str]
    why: str


class Word(BaseModel):
    """What somebody said that holds over the file, and the entries by which the file would say it."""

    event: str
    id: str
    kind: Literal["pause", "cancel", "override", "add"]
    by: str
    at: float
    reason: str
    until: float | None
    until_local: str | None = None
    write: list[str]
    remove: list[str]
    why_not: str = ""


class Row(BaseModel):
    """The verdict on a row of a spreadsheet, or on an entry of a calendar."""

    row: int
    sheet: str
    taken: bool
    event: str
    why: str
    remarks: list[str]


class Aside(BaseModel):
    """A row that is no programme."""

    row: int
    sheet: str
    why: str


class Import(BaseModel):
    """What was made of a spreadsheet or a calendar; `file` is the events file, sources as they were sent."""

    file: str
    rows: list[Row]
    taken: int
    refused: int
    not_programmes: list[Aside]
    warnings: list[str]


class PlanAnswer(BaseModel):
    """What applying would do. Counts are of windows, but for `events`, and `changed` events."""

    digest: str = Field(description="Names all that is told here; for `expect`. It holds for a day.")
    base: int = Field(description="The last revision of the ledger, 0 before the first.")
    events: int
    changed: int
    added: int
    changed_windows: int
    removed: int
    lost: int = Field(description="Windows that go without another of their event in their place.")
    may_go: int = Field(description="As many may go without `max_delete`.")
    changes: list[Difference]
    more: int = Field(description="Changes that are not told one by one, see `most`.")
    left: list[str] = Field(description="Events of the ledger that are not in the file.")
    overrides: list[Word]
    warnings: list[Remark]
    windows: list[Planned] = Field(description="Those of the next `days`.")
    imported: Import | None


class ApplyAnswer(BaseModel):
    """What was done. Counts are of windows, but for `events`, and `changed` events."""

    revision: int | None = Field(description="`null` if nothing was to be done.")
    events: int
    changed: int
    added: int
    changed_windows: int
    removed: int
    left: list[str]
    warnings: list[Remark]


def taking(text: type[TextToPlan | TextToApply]) -> dict[str, Any]:
    """The body of an operation, for the OpenAPI document."""
    file = {"schema": {"type": "string", "format": "binary"}}
    content = {JSON: {"schema": text.model_json_schema()}, **dict.fromkeys(KINDS, file)}
    return {"requestBody": {"required": True, "content": content}}
