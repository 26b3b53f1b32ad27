"""The columns of run sheets and as-run logs as planners get them in a spreadsheet.

``docs/formats.md`` shows the same table, and a test holds the two together. Names never change: people
build sheets on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from worker.asrun import ReportView
from worker.views import length, local_iso, local_start, note_words

_DATE: Final = slice(0, 10)
_CLOCK: Final = slice(11, 19)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it means, and what stands there for a window."""

    name: str
    meaning: str
    cell: Callable[[ReportView], object]


def _field(name: str, meaning: str) -> Column:
    return Column(name, meaning, lambda view: view.get(name))


def _date(moment: str | None) -> str:
    return moment[_DATE] if moment else ""


def _clock(moment: str | None) -> str:
    """``20:00``, or ``20:00:30``: what a spreadsheet takes for a time of day."""
    return moment[_CLOCK].removesuffix(":00") if moment else ""


def _weekday(view: ReportView) -> str:
    start = view["start"]
    return "" if start is None else local_start(view["timezone"], start).partition(" ")[0]


def _length(view: ReportView) -> str:
    start, end = view["start"], view["end"]
    return "permanent" if start is None or end is None else length(start, end)


def _remarks(view: ReportView) -> str:
    return "; ".join(filter(None, (note_words(view["notes"]), view["reason"])))


def _local(view: ReportView, moment: float | None) -> str:
    """``2026-11-27 19:00:05`` on the event's clock."""
    if moment is None:
        return ""
    local = local_iso(view["timezone"], int(moment))
    return f"{local[_DATE]} {local[_CLOCK]}"


def _each(view: ReportView, name: str) -> list[Any]:
    """What the attempts tell under this name, each thing once, in order."""
    return list(dict.fromkeys(attempt[name] for attempt in view["attempts"] if attempt[name]))


def _decisions(view: ReportView) -> str:
    said = (
        f"{_local(view, each['at'])} {each['action'].partition('.')[2]} by {each['by']}"
        + (f": {each['why']}" if each["why"] else "")
        for each in view["decisions"]
    )
    return "; ".join(said)


_WHEN: Final = (
    Column("date", "the day on which it starts", lambda view: _date(view["start_local"])),
    Column("weekday", "of that day", _weekday),
    Column(
        "starts", "time of day; like all here, on the clock of `timezone`", lambda v: _clock(v["start_local"])
    ),
    Column("ends", "time of day", lambda view: _clock(view["end_local"])),
    Column("ends_on", "the day on which it ends", lambda view: _date(view["end_local"])),
    _field("timezone", "whose clock that is"),
    Column("length", "elapsed time, such as `1h30m`; `permanent` for what has no end", _length),
    _field("title", "the name of the show"),
    _field("status", "how it stands, in words: the state, with `on air`, `late` and `ended`"),
    Column("remarks", "what is special about it, and why", _remarks),
)
_WHAT: Final = (
    Column("slot", "where it plays: domain/app/stream", lambda v: f"{v['domain']}/{v['app']}/{v['stream']}"),
    _field("sources", "where it is pulled from, masked, separated by spaces"),
    _field("id", "the window's id"),
    _field("event", "the event's id"),
    _field("start", "Unix seconds, as sent to the provider"),
    _field("end", "Unix seconds"),
    _field("start_local", "ISO 8601 with offset: exact on the night of a clock change, too"),
    _field("end_local", "ISO 8601 with offset"),
    _field("state", "the state's code, see [lifecycle](lifecycle.md)"),
    _field("notes", "codes of what is special, separated by spaces"),
)
_RAN: Final = (
    Column("placed", "when its relay was placed at the provider", lambda v: _local(v, v.get("placed_at"))),
    _field("late_by", "how many seconds after its start that was; 0 for in time, empty if it was not placed"),
    Column("on_air", "when the watch first saw it on air", lambda view: _local(view, view["first_seen_at"])),
    Column("off_air", "when the watch first saw it gone after its end", lambda v: _local(v, v["off_air_at"])),
    Column("removed", "when its relay was removed again", lambda view: _local(view, view["removed_at"])),
    Column("attempts", "how many calls were made for it", lambda view: len(view["attempts"])),
    Column("codes", "what the provider refused them with, each code once", lambda view: _each(view, "code")),
    Column("request_ids", "the provider's names for the calls", lambda view: _each(view, "request_id")),
    _field("task_id", "the provider's name for the relay"),
    Column("decisions", "who changed it, when, and why", _decisions),
)

RUN_SHEET: Final = (*_WHEN, *_WHAT)
AS_RUN: Final = (*_WHEN, *_RAN, *_WHAT)
