"""What the API is asked: filters in the query, and in a body what somebody says, named as the command line's
options.
"""

from __future__ import annotations

from math import inf
from typing import Annotated, Any, Final

from fastapi import Header, Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from worker.ledger.revisions import REVISIONS_KEPT, WORDS_KEPT
from worker.reports import WORDS
from worker.web.access import LONGEST_NAME, named
from worker.web.api.written import Length, MaybeClockTime, MaybeInstant, MaybeLength, WrittenMoment
from worker.web.desk import Choice
from worker.web.leaves import CURSOR
from worker.web.planning import LONGEST_REASON, one_line

MOST: Final = 1_000
_LONGEST: Final = 200
_SOURCES: Final = 10


def _word(text: str) -> str:
    if text not in WORDS:
        raise ValueError(f"it is none of {', '.join(WORDS)}")
    return text


_Word = Annotated[str, AfterValidator(_word), WithJsonSchema({"type": "string", "enum": [*WORDS]})]
_Name = Annotated[str, Field(max_length=_LONGEST)]
_Text = Annotated[
    str, Field(max_length=LONGEST_REASON, pattern=r"[^\s\x00-\x1f\x7f-\x9f]"), AfterValidator(one_line)
]
_By = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(named)]
_Sources = Annotated[
    list[Annotated[str, Field(max_length=2_000)]],
    Field(min_length=1, max_length=_SOURCES, description="Where to pull from, the best first."),
]
_Stream = Annotated[
    str,
    Field(min_length=1, max_length=_LONGEST, description="On this stream of the same domain and App."),
]

WindowId = Annotated[
    str,
    Path(description="Of a window.", examples=["nightly-news@20261123T120000Z"], max_length=_LONGEST),
]
EventId = Annotated[str, Path(description="Of an event.", examples=["nightly-news"], max_length=_LONGEST)]


def written_headers(
    if_match: Annotated[
        str | None, Header(description="The `ETag` by which you saw it: it is done to that, or not at all.")
    ] = None,
    relaybeat_by: Annotated[
        str | None, Header(description="Who says so; the first 64 characters count.", max_length=_LONGEST)
    ] = None,
) -> None:
    """For the document: others read them."""


def _one_of(*names: str) -> Any:
    return [{"required": [name]} for name in names]


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=MOST, description="As many at most.")


class WindowsWanted(_Query):
    """Which windows, in the query. All that is given must be true of a window."""

    state: list[_Word] = Field([], max_length=len(WORDS), description="In this state; again for another.")
    event: _Name = Field("", description="Of this event; `unknown-event` if there is none.")
    stream: _Name = Field("", description="On this stream.")
    domain: _Name = Field("", description="At this pull domain.")
    q: _Name = Field("", description="With this in id, title or stream, whatever its case.")
    since: MaybeInstant = Field(
        None, alias="from", description="That start then or later; permanent ones always."
    )
    until: MaybeInstant = Field(None, alias="to", description="That start before then.")
    cursor: str = Field("", pattern=f"{CURSOR}|^$", description="`next` of the page before.")

    def choice(self, since: float = -inf, until: float = inf) -> Choice:
        """The same as the desk has it, from ``since`` and to ``until`` where nothing else is asked for."""
        return Choice(
            since=since if self.since is None else self.since,
            until=until if self.until is None else self.until,
            states=frozenset(self.state),
            event=self.event,
            stream=self.stream,
            domain=self.domain,
            text=self.q,
        )


class EventsWanted(_Query):
    """Which events, in the query."""

    cursor: _Name = Field("", description="`next` of the page before.")


class EntriesWanted(BaseModel):
    """Which entries of the history, in the query."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(
        100,
        ge=1,
        le=REVISIONS_KEPT + WORDS_KEPT,
        description="The newest so many; at most all that are kept.",
    )
    event: _Name = Field("", description="Only what was done to this event.")


class Speech(BaseModel):
    """What may be said with any word."""

    model_config = ConfigDict(extra="forbid")

    by: _By = Field("", description="Who says so; else the header `Relaybeat-By`, else `api`.")
    reason: _Text | None = Field(None, description="Why; it is in the history.")


class Reasoned(Speech):
    """What has to be said with most of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "strike", "by": "ada"}]})

    reason: _Text = Field(description="Why; it is in the history.")


class Forcing(Reasoned):
    """What has to be said to cut something."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "strike", "force": True}]})

    force: bool = Field(False, description="What is on air may be cut.", strict=True)


class Longer(Speech):
    """How much longer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"duration": "30m", "reason": "penalties"}]})

    duration: Length = Field(description="So much later than its planned end, such as `30m`; or in seconds.")


class Other(Forcing):
    """What is to differ from the plan; the rest stays as it is wanted already."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": _one_of("start", "end", "source", "stream"),
            "examples": [{"end": "25:30", "reason": "extra time"}],
        }
    )

    start: MaybeClockTime = Field(None, description="Unix seconds, ISO 8601, or a time of day: see there.")
    end: MaybeClockTime = Field(None, description="The same.")
    source: _Sources = []
    stream: _Stream = ""

    @model_validator(mode="after")
    def _something(self) -> Other:
        if not (self.source or self.stream or self.start or self.end):
            raise ValueError("say what is to differ: start, end, source or stream")
        return self


class Added(Reasoned):
    """A special beside the times of an event: with its `end`, or its `duration`."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": _one_of("end", "duration"),
            "examples": [{"start": "2026-12-25T20:00", "duration": "90m", "reason": "Christmas special"}],
        }
    )

    start: WrittenMoment = Field(description="Before which the event's pads come.")
    end: MaybeClockTime = Field(None, description="When it ends.")
    duration: MaybeLength = Field(None, description="Or how long it lasts: `90m`.")
    source: _Sources = []
    stream: _Stream = ""

    @model_validator(mode="after")
    def _once(self) -> Added:
        if (self.end is None) is (self.duration is None):
            raise ValueError("say how long it lasts: end or duration, and not both")
        return self
