"""The shape of an events file: one pydantic model, and the JSON Schema that editors use.

``python -m worker.events.schema`` prints the schema; the copy beside this module is held in step by a
test. The rules between the fields of an event, and between defaults and events, are in :mod:`.build`.

Fields without a value of their own say ``None``, and no model but a small one demands a field: what is
wrong with an event can then be told field by field, and the rest of it looked at all the same.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from worker.events import fields as f
from worker.events.problems import Unusable

MOST_EVENTS: Final = 100_000

TWO_LENGTHS: Final = ("duration is given as well", 'write either duration: 2h or end: "22:00"')
_CHANGES: Final = ("start", "duration", "end", "sources", "stream")


def _says(description: str) -> Any:
    return Field(default=None, description=description)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dst(_Model):
    """What becomes of starts that a clock change skips or repeats; unset means the table of docs/time.md."""

    gap: f.GapRule = _says("A start that never comes: moved to the jump (shift), or left out (skip).")
    fold: f.FoldRule = _says("A start that comes twice: aired the first time, or both times.")


class Defaults(_Model):
    """What holds for every event that does not say otherwise."""

    domain: f.Domain = _says("The pull domain of the account.")
    app: f.App = _says("The App part of the playback address: 1 to 30 of A-Z a-z 0-9 _ - .")
    stream: f.Stream = _says(
        "The Stream part: 1 to 100 of A-Z a-z 0-9 _ - . ; may hold {id} and {start:%Y%m%d}, the local start."
    )
    sources: f.Sources = _says(
        "Where to pull from, the best first: 1 to 10 addresses of rtmp, rtmps, http, https or srt."
    )
    timezone: f.Zone = _says(
        "The IANA name of the zone whose clock the event follows, such as Asia/Shanghai."
    )
    dst: Dst = _says("What clock changes do to this event.")
    pad_before: f.Pad = _says("Pull this much earlier than the programme starts; at most 24h. Default 0.")
    pad_after: f.Pad = _says("Pull this much longer than the programme lasts; at most 24h. Default 0.")
    lead: f.Lead = _says("Place a window this long before its start; 10m to 7d. Default 24h.")
    min_useful: f.Least = _says(
        "Place a late window only while at least this much of it is left. Default 10m."
    )
    skip: f.References = _says(
        "Calendars on whose days nothing starts: cn.holidays, or the name of one with dates."
    )
    also: f.References = _says(
        "Calendars on whose days it starts at its times, whatever its lines say of days: cn.workdays."
    )
    priority: f.Whole = _says(
        "Of two events that want one stream at once, the higher has it; of equals, the first. Default 0."
    )


class Calendar(_Model):
    """Days by name: those of a country, or written ones."""

    country: f.Country = _says("Public holidays of this country: two letters, such as CN.")
    subdivision: f.Subdivision = _says("A part of the country with holidays of its own, such as BY.")
    dates: f.Dates = _says(
        "Dates and ranges such as 2027-01-01..2027-01-03; with times, what starts between them."
    )
    reason: f.Reason = _says("Why; people will ask.")


class _Change(_Model):
    """What an exception or an extra may say of its own occurrence."""

    reason: f.Reason = Field(description="Why; people will ask.")
    duration: f.Length = _says("How long it lasts, in elapsed time: 45s, 10m, 2h, 1h30m.")
    end: f.Clock = _says("When it ends on the wall clock; 25:30 is 01:30 of the next day.")
    sources: f.Sources = _says("Where to pull from this once.")
    stream: f.Stream = _says("Where to play this once.")

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if {"duration", "end"} <= self.model_fields_set:
            message, hint = TWO_LENGTHS
            raise Unusable(message, hint=hint, at="end")
        return self


class Exception_(_Change):
    """One occurrence that is cancelled or differs."""

    model_config = ConfigDict(title="Exception")

    on: f.Night = Field(
        description="The date of the occurrence, or date and time if there are several that day."
    )
    cancel: f.Truth = Field(default=False, description="true: it does not take place.")
    start: f.Clock = _says("It starts at this time of the same date instead.")

    @model_validator(mode="after")
    def _cancels_or_changes(self) -> Self:
        changes = [name for name in _CHANGES if name in self.model_fields_set]
        if self.cancel and changes:
            raise Unusable("the occurrence is cancelled", hint="remove this, or cancel: true", at=changes[0])
        if not self.cancel and not changes:
            raise Unusable(
                "nothing is different", hint=f"write cancel: true, or one of {', '.join(_CHANGES)}"
            )
        return self


class Extra(_Change):
    """One occurrence that the cron line does not know."""

    start: f.Moment = Field(description="Local date and time, such as 2026-12-25T20:00.")


class Entry(Defaults):
    """One event."""

    model_config = ConfigDict(title="Event", json_schema_extra={"required": ["id"]})

    id: f.Id = _says("Its name for ever: a-z 0-9 and hyphens; never used again for another show.")
    title: f.Title = _says("Its name for people. Default: the id.")
    cron: f.Crons = _says('When it starts: a cron line such as "0 20 * * *", or a list of them.')
    rrule: f.Rules = _says(
        "When it starts: a rule of RFC 5545 such as FREQ=WEEKLY;INTERVAL=2;BYDAY=MO, or a list of them."
    )
    dtstart: f.Moment = _says("Where rrule begins to count: local date and time, such as 2026-11-02T20:00.")
    duration: f.Length = _says("How long it lasts, in elapsed time: 45s, 10m, 2h, 1h30m; at most 31d.")
    end: f.Clock = _says(
        "When it ends on the wall clock, instead of duration; 25:30 is 01:30 of the next day."
    )
    valid_from: f.Day = _says("The first date on which it may start.")
    valid_until: f.Day = _says("The last date on which it may start.")
    paused: f.Truth = Field(default=False, description="true: nothing of it is placed until this is removed.")
    permanent: f.Truth = Field(
        default=False, description="true: it never ends; it then has no cron, rrule, duration or end."
    )
    exceptions: Annotated[tuple[Exception_, ...], *f.bounded(f.MOST_DATES)] = Field(
        default=(), description="Occurrences that are cancelled or differ."
    )
    extra: Annotated[tuple[Extra, ...], *f.bounded(f.MOST_DATES)] = Field(
        default=(), description="Occurrences beside those of the cron line."
    )


class Header(_Model):
    """The file as a whole, its parts not yet looked at."""

    version: f.Version = _says("The version of this format: 1.")
    defaults: Any = None
    calendars: Any = None
    events: Annotated[tuple[Any, ...], *f.bounded(MOST_EVENTS)] = ()


class EventsFile(Header):
    """Broadcasts that recur, and where each is pulled from and played."""

    model_config = ConfigDict(
        title="Events file of Relaybeat", json_schema_extra={"required": ["version", "events"]}
    )

    defaults: Defaults = _says("What the events need not say one by one.")
    calendars: dict[f.CalendarName, Calendar] = _says("Days by name, for skip and also.")
    events: Annotated[tuple[Entry, ...], *f.bounded(MOST_EVENTS)] = _says("The events.")


class _Plain(GenerateJsonSchema):
    """Without titles made of field names, and without defaults, which editors would fill in."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def generate(
        self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation"
    ) -> JsonSchemaValue:
        return {"$schema": self.schema_dialect, **super().generate(schema, mode)}


def json_schema() -> str:
    """The JSON Schema (draft 2020-12) of an events file, as text that ends in a line feed."""
    return json.dumps(EventsFile.model_json_schema(schema_generator=_Plain), indent=2) + "\n"


if __name__ == "__main__":
    print(json_schema(), end="")  # noqa: T201 - this is what the command is for
