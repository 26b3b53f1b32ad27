"""What the API answers, as the OpenAPI document tells it: the same names as the command line's JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from worker.web.api.samples import EVENT, PROBLEM, WINDOW

_TO_COME = "Windows that are not over, by state."


class Planned(BaseModel):
    """A window as its plan tells it; times are Unix seconds, and sources are masked."""

    id: str = Field(description="The event, and the nominal start in UTC; `@permanent` for a permanent one.")
    event: str
    title: str
    domain: str
    app: str
    stream: str
    start: int | None = Field(description="`null` for a permanent window, as `end`.")
    end: int | None
    start_local: str | None = Field(description="ISO 8601 with the offset of `timezone`.")
    end_local: str | None
    timezone: str
    sources: list[str] = Field(description="The best first; what could be a secret is masked.")
    state: str = Field(description="docs/lifecycle.md has all of them.")
    notes: list[str] = Field(description="Codes such as `dst-fold`, `joined`, `conflict`.")
    reason: str


class Attempt(BaseModel):
    """One call to the provider. What is not known is empty, or 0."""

    at: float
    act: str
    outcome: str
    code: str
    http_status: int
    request_id: str
    seconds: float
    message: str


class Window(Planned):
    """A window, and what the ledger knows of it."""

    due_at: float = Field(description="When it is to be placed.")
    placed_at: float | None
    task_id: str = Field(description="The provider's, empty before it is placed.")
    attempts: list[Attempt] = Field(description="Oldest first.")
    next_attempt_at: float | None
    on_air: bool


class Change(BaseModel):
    """One change of state. `action` is a stable word, such as `window.placed`."""

    kind: Literal["change"]
    at: float
    action: str
    to: str
    by: str
    why: str


class WholeWindow(Window):
    """A window with its history, oldest first."""

    model_config = {"json_schema_extra": {"examples": [WINDOW]}}

    history: list[Change]


class Warned(BaseModel):
    """Why something may be missing."""

    message: str


class Windows(BaseModel):
    """A page of windows: permanent ones by id, then all others by their start."""

    windows: list[Window]
    warnings: list[Warned]
    next: str | None = Field(description="`cursor` of the next page; `null` on the last.")


class Pause(BaseModel):
    """Who paused an event, when and why."""

    at: float
    by: str
    reason: str


class Event(BaseModel):
    """An event, and what comes next of it."""

    model_config = {"json_schema_extra": {"examples": [EVENT]}}

    id: str
    title: str
    timezone: str
    cron: list[str]
    rrule: list[str]
    permanent: bool
    paused: bool = Field(description="By its file, or by somebody.")
    pause: Pause | None = Field(description="If somebody paused it.")
    in_file: bool = Field(description="False once it left the file that brought it.")
    file: str
    windows: dict[str, int] = Field(description=_TO_COME)
    next: Planned | None = Field(description="On air, or next, and not called off.")


class Events(BaseModel):
    """A page of events, by id."""

    events: list[Event]
    next: str | None = Field(description="`cursor` of the next page; `null` on the last.")


class Decision(BaseModel):
    """Who changed a window, when, what by (`window.cancelled`), and why."""

    at: float
    action: str
    by: str
    why: str


class Report(Window):
    """A window with what became of it."""

    status: str = Field(description="The state in words.")
    late_by: int | None = Field(description="Seconds after its start at which it was placed, 0 if in time.")
    removed_at: float | None
    air: str | None = Field(description="How it was seen last; `null` where nobody looked, as below.")
    first_seen_at: float | None
    last_seen_at: float | None
    off_air_at: float | None
    decisions: list[Decision]


class Reports(BaseModel):
    """A page of the as-run log, in the order of windows."""

    windows: list[Report]
    warnings: list[Warned]
    next: str | None = Field(description="`cursor` of the next page; `null` on the last.")


class _Condition(BaseModel):
    kind: str = Field(description="docs/run-book.md has a section for each.")
    subject: str = Field(description="A window's id, a domain, a slot, or empty.")
    level: Literal["info", "warn", "page"]
    cause: str
    facts: dict[str, Any]


class Standing(_Condition):
    """Something that is wrong, since when, and whether people were told."""

    since: float
    told: bool


class Message(_Condition):
    """What people were told, or are about to be, of something that is or was wrong."""

    what: Literal["began", "worse", "still", "recovered", "over", "told"]
    at: float
    since: float


class Snooze(BaseModel):
    """Somebody wants to hear nothing of `target` until then."""

    target: str
    until: float
    by: str
    reason: str


class Alerts(BaseModel):
    """What is wrong, the longest first; what people were told, newest first; and what is snoozed."""

    standing: list[Standing]
    messages: list[Message]
    snoozes: list[Snooze]


class Touched(BaseModel):
    """One event of a revision, and how many of its windows came, changed and went."""

    id: str
    how: Literal["added", "changed", "left", "removed", "back"]
    added: int
    changed: int
    removed: int


class Revision(BaseModel):
    """One apply. Counts are of windows; `more` counts events that are not listed."""

    kind: Literal["revision"]
    at_utc: str
    number: int
    at: float
    by: str
    file: str
    sha256: str
    reason: str
    added: int
    changed: int
    removed: int
    events: list[Touched]
    more: int


class Spoken(BaseModel):
    """What somebody said of a window or an event."""

    kind: Literal["word"]
    at_utc: str
    about: str
    at: float
    action: str
    by: str
    why: str


class History(BaseModel):
    """What was applied and what people said, newest first."""

    history: list[Annotated[Revision | Spoken, Field(discriminator="kind")]]


class Sign(BaseModel):
    """A process that made progress lately, and when it did last."""

    role: Literal["beat", "worker", "watch"]
    name: str
    at: int


class Pulse(BaseModel):
    """Who is there, and which roles nobody fills."""

    present: list[Sign]
    missing: list[Literal["beat", "worker", "watch"]]


class Status(BaseModel):
    """How things stand. `now` is by the clock that decides."""

    now: int
    now_utc: str
    version: str
    revision: int = Field(description="The last revision, 0 before the first.")
    counts: dict[str, int] = Field(
        description="Windows that play from a day ago to a day ahead, by every word that `state` takes."
    )
    pulse: Pulse
    conditions: list[Standing]


class Said(BaseModel):
    """What came of a word: what was done, and what happens next, in words."""

    about: str = Field(description="A window's id, or an event's.")
    changed: bool = Field(description="False if it was so already.")
    did: str
    then: str
    yields: list[tuple[str, str]] = Field(
        description="Pairs of windows that want the slot at the same time: the first gives way."
    )


class SaidOfWindow(BaseModel):
    """What came of it, and the window as it is now."""

    said: Said
    window: WholeWindow


class SaidOfEvent(BaseModel):
    """What came of it, and the event as it is now."""

    said: Said
    event: Event


class Wrong(BaseModel):
    """One thing that is wrong with a request: at `pointer` of its body (RFC 6901), or at the part `name`."""

    model_config = {"populate_by_name": True}

    within: Literal["body", "path", "query", "header", "cookie"] = Field(alias="in")
    pointer: str | None = None
    name: str | None = None
    message: str


class Problem(BaseModel):
    """What is answered when a request fails (RFC 9457). `code` is stable, and its texts are for people."""

    model_config = {"json_schema_extra": {"examples": [PROBLEM]}}

    type: Literal["about:blank"]
    title: str
    status: int
    code: str
    detail: str
    hint: str = Field("", description="What to do; left out if nobody knows.")
    errors: list[Wrong] = Field([], description="With `malformed`: all that is wrong.")


class Remark(BaseModel):
    """Something to mend, or to know. `line` counts from 1, and is 0 where the file as a whole is meant."""

    file: str
    line: int
    column: int
    message: str
    event: str
    field: str
    hint: str
    severity: Literal["error", "warning"]


class ProblemOfPlan(Problem):
    """The same of a plan."""

    problems: list[Remark] = Field([], description="With `events`: what is wrong with the file.")
    left_out: int = Field(0, description="Of them, those that are not told.")
