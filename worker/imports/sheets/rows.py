"""One row says when one programme airs (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from worker.durations import format_duration
from worker.events import values
from worker.events.problems import Unusable
from worker.events.sources import domain, source
from worker.imports.draft import OPTIONS
from worker.imports.sheets import cells
from worker.imports.sheets.cells import DAY
from worker.imports.sheets.grid import Cell, filled
from worker.recurrence import zone
from worker.relay import LONGEST_WINDOW, MOST_SOURCES

Length = tuple[str, str]
"""``("duration", "2h")`` or ``("end", "22:00")``."""

_COLUMNS: Final = {"timezone": "时区", "domain": "域名", "app": "应用", "stream": "流名", "sources": "源地址"}
"""What each programme needs, unless the defaults have it."""
_NOT_TO_AIR: Final = re.compile(
    r"(?:已)?取消(?:播出)?|停播|撤播|不播|待定|未定|cancell?ed|cancel|off|tb[ac]|tbd", re.IGNORECASE
)
_MOST_DAYS: Final = 31
_SINCE, _UNTIL = 1_735_689_600, 2_145_916_800
"""2025 to 2037, in which the clocks of a zone change or do not."""


@dataclass(slots=True, eq=False)
class Row:
    """A row below the header. ``why`` is empty while it is not refused; ``event`` is where it went.

    ``cells`` are by kind of column, those of sources in order. ``zero`` is where its sheet's numbers for
    dates begin; ``inherited`` are the kinds that it has from a row above.
    """

    sheet: str
    number: int
    zero: date
    cells: dict[str, tuple[Cell, ...]]
    unit: int = 0
    inherited: set[str] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)
    why: str = ""
    event: str = ""

    def has(self, kind: str) -> bool:
        """Whether something stands in a column of this kind."""
        return any(map(filled, self.cells.get(kind, ())))

    def cell(self, kind: str) -> Cell:
        """What stands there; ``None`` for nothing."""
        return self.cells[kind][0] if self.has(kind) else None

    def text(self, kind: str) -> str:
        """The same as a text, full-width letters made plain; may be empty."""
        return cells.plain(self.cell(kind))


@dataclass(frozen=True, slots=True)
class Programme:
    """What a row says, checked. It airs ``on`` a local date and time, of the broadcast ``day`` that it is
    written for, or by a ``cron`` line.

    What it does not say itself are the defaults. ``since`` and ``until`` bound a cron line, if given.
    """

    row: Row
    id: str
    title: str
    place: tuple[str, ...]
    """Domain, app, timezone and priority."""
    stream: str
    sources: tuple[str, ...]
    length: Length
    on: datetime | None = None
    day: date | None = None
    cron: str = ""
    since: str = ""
    until: str = ""
    reason: str = ""


def programme(row: Row, defaults: Mapping[str, Any], year: int | None) -> Programme:
    """What the row says. Raises ``Unusable``, also for a row that says that it does not air."""
    for kind in ("status", "reason"):
        if _NOT_TO_AIR.fullmatch(row.text(kind).strip(" .!。！()")):
            hint = "delete the row; to call off one night of a weekly show, use exceptions in the events file"
            raise Unusable(f"it says {row.text(kind)}, so it does not air", hint=hint)
    title = _read("title", values.words(values.LONGEST_TITLE), cells.words(row.cell("title")))
    name = _id(row)
    if not title and not name:
        raise Unusable("it has no title", hint="fill in the column 节目 or title")
    where = {key: _one(row, key, defaults) for key in _COLUMNS if key != "sources"}
    on, start, length = _when(row, year, where["timezone"])
    at = datetime.combine(on, datetime.min.time()) + timedelta(seconds=start) if on else None
    recurs = {} if on else _recurring(row, start, year)
    if recurs and row.has("reason"):
        row.remarks.append(f"what recurs has no reason in the events file: {row.text('reason')} is not kept")
    return Programme(
        row,
        name,
        title or name,
        (where["domain"], where["app"], where["timezone"], _priority(row, defaults)),
        where["stream"],
        _sources(row, defaults),
        length,
        on=at,
        day=on,
        reason=_read("reason", values.words(values.LONGEST_REASON), cells.words(row.cell("reason"))),
        **recurs,
    )


def _read(kind: str, check: Any, text: str) -> str:
    """The text, if the events file may hold it there."""
    try:
        if text:
            check(text)
    except ValueError as error:
        hint = getattr(error, "hint", "")
        raise Unusable(f"{kind}: {error}", hint=hint) from None
    return text


def _id(row: Row) -> str:
    written = row.text("id")
    name = re.sub(r"[\s_.]+", "-", written.lower())
    try:
        return name and values.event_id(name)
    except Unusable:
        hint = "leave it empty, or use a-z, 0-9 and hyphens in between, such as nightly-news"
        raise Unusable(f"{written!r} is not an id", hint=hint) from None


_CHECKS: Final = {
    "timezone": values.timezone,
    "domain": domain,
    "app": values.app,
    "stream": values.stream,
}


def _one(row: Row, kind: str, defaults: Mapping[str, Any]) -> str:
    text = row.text(kind) or str(defaults.get(kind, ""))
    if not text:
        raise _missing(kind)
    return _read(kind, _CHECKS[kind], text)


def _missing(kind: str) -> Unusable:
    hint = f"fill in a column {_COLUMNS[kind]} or {kind}, or give {OPTIONS[kind]}"
    return Unusable(f"it has no {kind}", hint=hint)


def _sources(row: Row, defaults: Mapping[str, Any]) -> tuple[str, ...]:
    found = [each for cell in row.cells.get("sources", ()) for each in cells.addresses(cell)]
    if not found:
        found = list(defaults.get("sources", ()))
    if not found:
        raise _missing("sources")
    for each in found:
        if "://" not in each:
            hint = (
                "leave addresses alone in the cell, apart by spaces, each with rtmp:// or the like in front"
            )
            raise Unusable("what stands under its sources is no address, or not only that", hint=hint)
        _read("source", source, each)
    different = tuple(dict.fromkeys(found))
    if len(different) > MOST_SOURCES:
        raise Unusable(f"it has {len(different)} sources", hint=f"at most {MOST_SOURCES}")
    return different


def _priority(row: Row, defaults: Mapping[str, Any]) -> str:
    return _read("priority", values.whole, row.text("priority")) or str(defaults.get("priority", ""))


def _when(row: Row, year: int | None, timezone: str) -> tuple[date | None, int, Length]:
    """The date if it has one, the start in seconds after its midnight, and the length."""
    if row.has("cron"):
        for kind in ("start", "date", "weekdays"):
            if row.has(kind):
                raise Unusable(f"it has a cron line and a {kind}", hint="leave one of the two empty")
        return None, 0, _length_by_cron(row)
    if not row.has("start"):
        raise Unusable("it has no start", hint="fill in the column 开始时间 or start, such as 20:00 or 25:30")
    beside, start, end = cells.moment(row.cell("start"), row.zero, year)
    on = cells.day(row.cell("date"), row.zero, year) if row.has("date") else beside
    if on and beside and beside != on:
        raise Unusable(f"its date is {on}, and its start says {beside}", hint="which of the two is right?")
    if on:
        _agrees(row, on)
    return on, start, _length(row, (on, start, end), timezone)


def _agrees(row: Row, on: date) -> None:
    """What stands beside a date must not say anything else."""
    if row.has("weekdays"):
        said = cells.weekdays(row.cell("weekdays"))
        if said != {on.isoweekday()}:
            told = row.text("weekdays")
            raise Unusable(f"{on} is a {on:%A}, and the row says {told}", hint="which of the two is right?")
    for kind in ("from", "until"):
        if row.has(kind):
            raise Unusable(f"it has one date, and also {kind}", hint="leave one of the two empty")


def _length_by_cron(row: Row) -> Length:
    if row.has("end") == row.has("duration"):
        raise Unusable("with a cron line it needs either a duration or an end", hint="fill in one of the two")
    if row.has("end"):
        return "end", cells.shown(cells.clock(row.cell("end")))
    return "duration", format_duration(cells.length(row.cell("duration"), row.unit))


def _length(row: Row, begins: tuple[date | None, int, int | None], timezone: str) -> Length:
    """How long it lasts. An end is kept as one where clocks change: only there it is no duration."""
    on, start, told = begins
    lasts = cells.length(row.cell("duration"), row.unit) if row.has("duration") else None
    end = _end(row, on, told)
    if end is None and lasts is None:
        raise Unusable(
            "it says neither when it ends nor how long it lasts",
            hint="fill in 结束时间 or 时长 (end, duration)",
        )
    if end is not None:
        end = _after(end, start)
        if lasts not in {None, end - start}:
            both = f"it ends after {format_duration(end - start)}, not {format_duration(lasts or 0)}"
            raise Unusable(both, hint="correct one of the two, or leave it empty")
    seconds = lasts if end is None else end - start
    assert seconds is not None
    if seconds > LONGEST_WINDOW:
        raise Unusable(f"it lasts {format_duration(seconds)}", hint="at most 31 days")
    if seconds > DAY:
        row.remarks.append(f"it lasts {format_duration(seconds)}")
    if end is None or not _clock_changes(timezone):
        return "duration", format_duration(seconds)
    return "end", cells.shown(_within_two_days(end - start + start % DAY))


def _end(row: Row, on: date | None, told: int | None) -> int | None:
    """The end in seconds after the midnight before the start; ``None`` if there is none."""
    if not row.has("end"):
        return told
    if told is not None:
        raise Unusable(
            "its start has an end behind it, and there is an end", hint="leave one of the two empty"
        )
    date_of_end, clock, _ = cells.moment(row.cell("end"), row.zero, None)
    if date_of_end is None:
        return clock
    if on is None:
        raise Unusable("its end has a date, and its start has none", hint="write the time alone")
    days = (date_of_end - on).days
    if not 0 <= days <= _MOST_DAYS:
        raise Unusable(f"it starts on {on} and ends on {date_of_end}", hint="which of the two is right?")
    return days * DAY + clock


def _after(end: int, start: int) -> int:
    """An end that is not after the start is the next day's."""
    if end == start:
        raise Unusable("it ends when it starts", hint="for a whole day, write 24h under 时长 or duration")
    while end < start:
        end += DAY
    return end


def _within_two_days(end: int) -> int:
    if end >= 2 * DAY:
        raise Unusable(
            "it ends two days after it starts", hint="give its length under 时长 or duration instead"
        )
    return end


@lru_cache
def _clock_changes(timezone: str) -> bool:
    return next(zone(timezone).changes(_SINCE, _UNTIL), None) is not None


def _recurring(row: Row, start: int, year: int | None) -> dict[str, str]:
    """The cron line, and the dates that bound it. A start of 24:00 or later is the next day's."""
    later = timedelta(days=start // DAY)
    bounds = {}
    for name, kind in (("since", "from"), ("until", "until")):
        if row.has(kind):
            bounds[name] = (cells.day(row.cell(kind), row.zero, year) + later).isoformat()
    if row.has("cron"):
        return {"cron": _read("cron", values.cron, row.text("cron"))} | bounds
    if not row.has("weekdays"):
        raise Unusable(
            "it does not say on which days it airs",
            hint="fill in 日期 (date) for one night, or 星期 (weekdays) for what recurs",
        )
    days = {(each - 1 + later.days) % 7 + 1 for each in cells.weekdays(row.cell("weekdays"))}
    return {"cron": _cron(days, start % DAY)} | bounds


def _cron(days: Collection[int], start: int) -> str:
    minutes, second = divmod(start, 60)
    line = f"{minutes % 60} {minutes // 60} * * {_days(sorted(days))}"
    return f"{line} {second}" if second else line


def _days(days: Sequence[int]) -> str:
    """Days of the week as cron has them: ``*``, ``1-5``, ``1,3,6,7``."""
    if len(days) == 7:  # noqa: PLR2004 - the days of a week
        return "*"
    is_run = len(days) > 2 and days[-1] - days[0] == len(days) - 1  # noqa: PLR2004 - two are no run
    return f"{days[0]}-{days[-1]}" if is_run else ",".join(map(str, days))
