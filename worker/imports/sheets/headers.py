"""The names of columns, in Chinese and English, and the row that has them (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from worker.imports.sheets.grid import Cell, Line, filled, letters

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "id": ("编号", "节目编号", "id", "event", "event id", "programme id"),
    "title": (
        *("节目", "节目名称", "节目名", "名称", "标题", "栏目"),
        *("title", "name", "programme", "program", "show"),
    ),
    "date": ("日期", "播出日期", "首播日期", "date", "air date", "day"),
    "weekdays": (
        *("星期", "周期", "播出日", "周", "播出周期", "星期几", "重复"),
        *("weekdays", "weekday", "days", "days of week", "day of week", "repeat"),
    ),
    "start": (
        *("开始", "开始时间", "播出时间", "时间", "起始时间", "开播时间", "起"),
        *("start", "start time", "starts", "begin", "time", "air time"),
    ),
    "end": ("结束", "结束时间", "终止时间", "止", "end", "end time", "ends", "stop"),
    "duration": ("时长", "长度", "节目时长", "播出时长", "duration", "length"),
    "from": ("起始日期", "开始日期", "生效日期", "from", "valid from", "start date", "first date"),
    "until": ("截止日期", "结束日期", "失效日期", "until", "valid until", "end date", "last date"),
    "cron": ("cron", "cron表达式", "cron line"),
    "stream": ("流", "流名", "流名称", "频道", "stream", "stream name", "channel"),
    "app": ("应用", "应用名", "应用名称", "app", "app name", "application"),
    "domain": ("域名", "拉流域名", "domain"),
    "sources": (
        *("源", "源地址", "源站地址", "拉流地址", "信号源", "主源", "主源地址", "备源", "备源地址", "备用源"),
        *("source", "sources", "source url", "url", "main source", "backup", "backup source"),
    ),
    "timezone": ("时区", "timezone", "time zone", "tz"),
    "priority": ("优先级", "priority"),
    "reason": ("备注", "原因", "说明", "reason", "remark", "remarks", "note", "notes", "comment"),
    "status": ("状态", "播出状态", "status", "state"),
}
"""Kind of a column: what it may be called."""
MEANINGS: Final = {
    "id": "the event's id; capitals, spaces and `_` are mended",
    "title": "what people call it",
    "date": "the night on which it airs",
    "weekdays": "the days on which it recurs",
    "start": "when it starts",
    "end": "when it ends",
    "duration": "how long it lasts; a unit may stand beside the name",
    "from": "the first date of what recurs",
    "until": "the last date of what recurs",
    "cron": "when it recurs, as a cron line",
    "stream": "the Stream part of its slot",
    "app": "the App part of its slot",
    "domain": "the pull domain of its slot",
    "sources": "where to pull from, the best first; several in a cell, or in several columns",
    "timezone": "whose clock it goes by",
    "priority": "who has the stream if two want it",
    "reason": "the reason of what airs on a date",
    "status": "read for what is called off, and for nothing else",
}
"""What each kind is for; ``docs/import.md`` has both tables."""

_KINDS: Final = {name: kind for kind, names in COLUMNS.items() for name in names}
_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "秒", "秒钟"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "分", "分钟"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "时", "小时"), 3_600),
}
_WORDS: Final = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]+|[a-z][a-z .]*")
_COUNTED: Final = re.compile(r"[\s_]*\d+$")
"""``source 2``."""
_ASIDE: Final = re.compile(r"[\[(【].*?[\])】]|[*:]")
_LOOKED_AT: Final = 10
_LEAST: Final = 2
"""Names that make a row the header: one alone may be chance."""


@dataclass(frozen=True, slots=True)
class Header:
    """The row with the names of the columns. ``unit`` is what a bare number counts as a length, in seconds.

    ``columns`` gives the kinds, and where each stands, counted from 0; ``remarks`` tell what is not read.
    """

    line: Line
    columns: dict[str, tuple[int, ...]]
    unit: int
    remarks: tuple[str, ...]

    def name(self, kind: str) -> str:
        """What the file itself calls the column of this kind."""
        return " ".join(str(self.line.cell(self.columns[kind][0])).split())

    def is_repeated_by(self, line: Line) -> bool:
        """Whether a row names its columns again."""
        pairs = [(kind_of(line.cell(n)), kind) for kind, places in self.columns.items() for n in places]
        named = [(found, kind) for found, kind in pairs if found]
        return len(named) >= _LEAST and all(found == kind for found, kind in named)


def kind_of(cell: Cell) -> str:
    """What a column of this name holds; empty if that is not known."""
    return _named(cell)[0]


def known(cells: Sequence[Cell]) -> int:
    """How many kinds of columns these cells name."""
    return len({kind_of(cell) for cell in cells} - {""})


def find_header(lines: Sequence[Line]) -> Header | None:
    """The row among the first few that names most columns."""
    first = [line for line in lines if not line.blank][:_LOOKED_AT]
    best = max(first, key=lambda line: known(line.cells), default=None)
    if best is None or known(best.cells) < _LEAST:
        return None
    columns: dict[str, tuple[int, ...]] = {}
    unit = 0
    for place, cell in enumerate(best.cells):
        kind, unit_here = _named(cell)
        if kind and (kind == "sources" or kind not in columns):
            columns[kind] = (*columns.get(kind, ()), place)
            unit = unit_here if kind == "duration" else unit
    read = {place for places in columns.values() for place in places}
    return Header(best, columns, unit, tuple(_unread(best, read, lines)))


def _unread(header: Line, read: set[int], lines: Sequence[Line]) -> Iterator[str]:
    """What to say of the columns that are not read, if something stands in them below the header."""
    below = [line for line in lines if line.number > header.number]
    for place in range(max((len(line.cells) for line in below), default=0)):
        count = 0 if place in read else sum(filled(line.cell(place)) for line in below)
        name = " ".join(str(header.cell(place) or "").split())
        if count and kind_of(header.cell(place)):
            yield f"column {letters(place)} ({name}) is not read: another column says the same"
        elif count or (name and place not in read):
            called = f"({name}) is not known" if name else "has no name"
            yield f"column {letters(place)} {called} and is not read (cells filled: {count})"


def _named(cell: Cell) -> tuple[str, int]:
    """The kind that a header names, in one language or both, and the unit in it, in seconds."""
    if not isinstance(cell, str) or not cell.strip():
        return "", 0
    text = " ".join(unicodedata.normalize("NFKC", cell).lower().replace("_", " ").split())
    bare = " ".join(_ASIDE.sub(" ", text).split())
    parts = [each.strip(" .") for each in _WORDS.findall(bare)]
    squeezed = bare.replace(" ", "")
    candidates = [text, bare, squeezed, _COUNTED.sub("", bare), *bare.split("/"), *parts]
    kind = next((_KINDS[each.strip()] for each in candidates if each.strip() in _KINDS), "")
    units = [_UNITS[word.strip()] for word in _WORDS.findall(text) if word.strip() in _UNITS]
    return kind, units[-1] if kind == "duration" and units else 0
