"""The programme of a station as planners keep it, with the slips of several hands, and what it means.

Windows and slips are worked out here from what was meant, and not from what stands in the cells.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from openpyxl import Workbook

FIRST = date(2026, 11, 23)
DAYS = 21
HEADER = (
    "日期",
    "星期",
    "节目名称",
    "播出时间",
    "结束时间",
    "时长(分钟)",
    "频道",
    "拉流地址",
    "备注",
    "主持人",
)
STREAMS = ("cctv-1", "cctv-2")
TITLES = (
    "晚间新闻",
    "体育直播",
    "电影《流浪地球》",
    "Late Show",
    "天气预报",
    "购物 9点档",
    "动画片",
    "Documentary",
)
BEIJING = timezone(timedelta(hours=8))
FULL_WIDTH = {ord(plain): ord(plain) + 0xFEE0 for plain in "0123456789:"}
SLIPS = {
    "it has no title": {"节目名称": ""},
    "it has no start": {"播出时间": ""},
    "is not a time of day": {"播出时间": "晚八点左右"},
    "they go up to 47:59": {"播出时间": "49:00"},
    "neither when it ends nor how long": {"结束时间": "", "时长(分钟)": ""},
    "several ways": {"日期": "03/04/2026"},
    "no year": {"日期": "12月3日"},
    "there is no date": {"日期": "2026-11-31"},
    "is no length": {"结束时间": "", "时长(分钟)": "一集"},
    "source: ": {"拉流地址": "rtmp://10.1.2.3/live/geheim"},
    "it does not air": {"备注": "取消"},
    "not 7m": {"时长(分钟)": "7", "结束时间": "05:59"},
    "does not name days": {"星期": "周九"},
}
"""What a refusal has to say: what a planner did."""

Cells = dict[str, str]
Airing = tuple[int, int, str, str]
"""Start and end in Unix seconds, stream and title."""


@dataclass
class Plan:
    """Rows as they stand in the file, the airings that are meant, and rows by what is to be said of them."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    airings: list[Airing] = field(default_factory=list)
    slips: dict[int, str] = field(default_factory=dict)
    aside: set[int] = field(default_factory=set)

    def add(self, cells: Cells) -> int:
        """One more row; its number."""
        self.rows.append(tuple(cells.get(name, "") for name in HEADER))
        return len(self.rows)

    def blank(self, *cells: str) -> None:
        """A row that is no programme and does not look like one."""
        self.rows.append(cells)
        self.aside.add(len(self.rows))

    def slip(self, cells: Cells, why: str) -> None:
        """A row that is to be refused."""
        self.slips[self.add(cells)] = why


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def station(seed: int) -> Plan:
    """Three weeks of two streams in more than 500 rows, and some shows that recur."""
    chance = random.Random(seed)
    plan = Plan()
    plan.blank("某某电视台 2026年11-12月 播出计划")
    plan.blank()
    plan.blank(*HEADER)
    for n in range(DAYS):
        _day(plan, FIRST + timedelta(days=n), chance)
        if n % 7 == 6:
            plan.slip({"日期": "本周合计", "播出时间": str(chance.randrange(100))}, "it is a total")
            plan.slip(dict(zip(HEADER, HEADER, strict=True)), "it repeats the header")
        plan.blank()
    plan.slip({"日期": "注：如有变动，以实际播出为准"}, "it is a heading or a note")
    plan.blank()
    _weekly(plan)
    return plan


def _day(plan: Plan, day: date, chance: random.Random) -> None:
    """One broadcast day, from 06:00 to 30:00; what can be merged is written once."""
    missing: set[str] = set()
    for number, stream in enumerate(STREAMS):
        at = 360
        shared = {"日期": f"{day:%Y/%m/%d}", "频道": stream, "拉流地址": _source(stream)}
        missing = set(shared) if number == 0 else {"频道", "拉流地址"} | (missing & {"日期"})
        while at < 1800:
            lasts = min(chance.choice((90, 105, 120, 150)), 1800 - at)
            cells = _shown(day, at, lasts, chance) | {name: shared[name] for name in missing}
            if not missing and chance.random() < 0.12:
                why = chance.choice(sorted(SLIPS))
                plan.slip(cells | SLIPS[why], why)
                missing = SLIPS[why].keys() & shared.keys()
            else:
                plan.add(cells)
                plan.airings.append(airing(day, at, lasts, stream, cells["节目名称"]))
                missing = set()
                if chance.random() < 0.02:
                    plan.slip(cells, "it says the same as row")
            at += lasts


def _shown(day: date, at: int, lasts: int, chance: random.Random) -> Cells:
    """One programme as some planner writes it."""
    end = at + lasts
    ends = chance.choice((clock(end), clock(end % 1440) if end != 1440 else "24:00"))
    told: Cells = {"节目名称": chance.choice(TITLES), "播出时间": clock(at)}
    told |= chance.choice(
        ({"结束时间": ends}, {"时长(分钟)": str(lasts)}, {"结束时间": ends, "时长(分钟)": f"{lasts}m"})
    )
    if chance.random() < 0.2:
        told["播出时间"] = told["播出时间"].translate(FULL_WIDTH)
    if chance.random() < 0.2:
        told |= {
            "备注": "首播",
            "星期": "周" + "一二三四五六日"[day.weekday()],
            "节目名称": f" {told['节目名称']}\u3000",
        }
    return told


def _weekly(plan: Plan) -> None:
    """Shows that recur, in a table below; each is on a stream of its own."""
    for title, days, names, at in (
        ("早间新闻", range(5), "周一至周五", 420),
        ("Weekend", (5, 6), "周六日", 600),
        ("午夜剧场", (4,), "周五", 1530),
    ):
        stream = f"w-{at}"
        cells = {"节目名称": title, "星期": names, "播出时间": clock(at), "时长(分钟)": "60", "频道": stream}
        plan.add(cells | {"拉流地址": _source(stream)})
        for n in range(-1, DAYS + 2):
            if (FIRST + timedelta(days=n)).weekday() in days:
                plan.airings.append(airing(FIRST + timedelta(days=n), at, 60, stream, title))


def _source(stream: str) -> str:
    return f"rtmp://encoder:geheim-1@a.example.com/live/{stream}-geheim-2"


def airing(day: date, at: int, lasts: int, stream: str, title: str) -> Airing:
    """When that is: Beijing has had one offset since 1991."""
    start = int(datetime(day.year, day.month, day.day, tzinfo=BEIJING).timestamp()) + 60 * at
    return start, start + 60 * lasts, stream, title.strip()


def as_csv(plan: Plan, seed: int) -> bytes:
    """The plan as several hands have put it together: some lines GBK, some UTF-8, under one mark."""
    chance = random.Random(seed)
    lines = (",".join(cells) + "\r\n" for cells in plan.rows)
    return b"\xef\xbb\xbf" + b"".join(line.encode(chance.choice(("gbk", "utf-8"))) for line in lines)


def as_book(plan: Plan) -> Workbook:
    """The plan as Excel keeps it: dates and times as such, and merged cells where CSV has blank ones."""
    book = Workbook()
    for number, cells in enumerate(plan.rows, 1):
        for column, (name, text) in enumerate(zip(HEADER, cells, strict=False), 1):
            if text:
                value, layout = _stored(name, text) if number not in plan.slips else (text, "General")
                book.active.cell(number, column, value).number_format = layout
    for name in ("日期", "频道", "拉流地址"):
        _merge(plan, book, HEADER.index(name) + 1)
    return book


def _merge(plan: Plan, book: Workbook, column: int) -> None:
    """Cells that are filled, each with the blank ones below it."""
    filled, last = 0, 0
    for number in [*range(4, len(plan.rows) + 1), 0]:
        cells = plan.rows[number - 1] if number else ()
        if number and cells and not cells[column - 1] and filled:
            last = number
            continue
        if last > filled > 0:
            book.active.merge_cells(start_row=filled, end_row=last, start_column=column, end_column=column)
        filled = number if cells and cells[column - 1] and cells[HEADER.index("节目名称")] else 0


def _stored(name: str, text: str) -> tuple[Any, str]:
    parts = text.replace("/", ":").split(":")
    if name == "日期" and text[0] == "2":
        return date(*map(int, parts)), "yyyy-mm-dd"
    if name in {"播出时间", "结束时间"} and text[0].isascii() and len(parts) == 2:
        return (int(parts[0]) + int(parts[1]) / 60) / 24, "[h]:mm"
    return (int(text), "0") if text.isdigit() and text.isascii() else (text, "General")
