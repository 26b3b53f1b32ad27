"""Cells are read as planners write them, and as Excel stores them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.events.problems import Unusable
from worker.imports.sheets import cells
from worker.imports.sheets.grid import Broken, Cell

ZERO = date(1899, 12, 30)
FULL_WIDTH = {ord(plain): ord(plain) + 0xFEE0 for plain in "0123456789:-/."} | {ord(" "): 0x3000}
DAYS = st.dates(date(2000, 1, 1), date(2037, 12, 31))
TIMES = st.integers(0, 2 * cells.DAY - 1)
LENGTHS = st.integers(1, 99 * 3600)
WEEK = st.sets(st.integers(1, 7), min_size=1).map(frozenset)
HAN = "一二三四五六日"
ENGLISH = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(cell: Cell, year: int | None = None) -> date:
    return cells.day(cell, ZERO, year)


def shapes(one: date) -> list[Cell]:
    """Ways in which a date stands in a cell."""
    return [
        datetime.combine(one, time(13)),
        (one - ZERO).days,
        float((one - ZERO).days),
        str((one - ZERO).days),
        one.isoformat(),
        f"{one:%Y%m%d}",
        int(f"{one:%Y%m%d}"),
        f"{one.year}/{one.month}/{one.day}",
        f"{one.year}.{one.month}.{one.day}",
        f"{one.year}年{one.month}月{one.day}日",
        f" {one.isoformat()}\xa0".translate(FULL_WIDTH),
        f"{one.isoformat()} 00:00:00",
        f"{one.isoformat()} 星期{HAN[one.weekday()]}",
        f"{one.year}年{one.month}月{one.day}日（周{HAN[one.weekday()]}）",
        f"{one.isoformat()} ({ENGLISH[one.weekday()]})",
    ]


@given(DAYS, st.data())
def test_a_date_is_read_however_it_is_written_with_the_year_first(one: date, data: st.DataObject) -> None:
    assert day(data.draw(st.sampled_from(shapes(one)))) == one


@given(DAYS)
def test_numbers_of_dates_count_from_where_the_workbook_says(one: date) -> None:
    assert cells.day((one - date(1904, 1, 1)).days + 0.0, date(1904, 1, 1)) == one


@given(DAYS)
def test_a_date_without_a_year_is_of_the_one_that_is_given(one: date) -> None:
    assert day(f"{one.month}月{one.day}日", one.year) == day(f"{one.month}/{one.day}", one.year) == one


@given(DAYS, st.integers(1, 6))
def test_a_wrong_weekday_beside_a_date_is_a_slip(one: date, days: int) -> None:
    with pytest.raises(Unusable, match="is a "):
        day(f"{one} 周{HAN[(one.weekday() + days) % 7]}")


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("03/04/2026", "several ways"),
        ("22-11-2026", "several ways"),
        ("11月22日", "no year"),
        ("11/22", "no year"),
        ("2026-02-30", "no date"),
        ("2026-11-22 after lunch", "does not name days"),
        ("1999-12-31", "outside the years"),
        ("待定", "not a date"),
        (20, "not a date"),
        (timedelta(hours=20), "not a date"),
        (Broken("the cell A3 shows #REF!"), "#REF!"),
    ],
)
def test_what_is_no_date_is_refused_with_the_reason(cell: Cell, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        day(cell)


def clocks(seconds: int) -> list[Cell]:
    """Ways in which a time of day stands in a cell."""
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    plain = f"{hour}:{minute:02}:{second:02}"
    found: list[Cell] = [
        timedelta(seconds=seconds),
        f"{seconds / cells.DAY + (1e-9 if seconds % cells.DAY == 0 else 0):.9f}",
        plain,
        f"0{plain}"[-8:],
        f"　{plain}".translate(FULL_WIDTH),
        f"{hour}点{minute}分{second}秒",
        f"{hour}时{minute:02}分{second}秒",
    ]
    if hour >= 24:
        found += [f"次日{hour - 24}:{minute:02}:{second:02}", f"{hour - 24}:{minute:02}:{second:02} (+1)"]
    elif hour >= 12:
        found += [
            f"下午{(hour - 1) % 12 + 1}:{minute:02}:{second:02}",
            f"{(hour - 1) % 12 + 1}:{minute:02}:{second:02} PM",
        ]
    else:
        found += [
            f"上午{(hour - 1) % 12 + 1}:{minute:02}:{second:02}",
            f"{(hour - 1) % 12 + 1}:{minute:02}:{second:02}am",
        ]
    return found


@given(TIMES, st.data())
def test_a_time_of_day_is_read_however_it_is_written(seconds: int, data: st.DataObject) -> None:
    assert cells.clock(data.draw(st.sampled_from(clocks(seconds)))) == seconds


@given(TIMES)
def test_a_time_reads_back_as_it_is_shown(seconds: int) -> None:
    assert cells.clock(cells.shown(seconds)) == seconds


@pytest.mark.parametrize(
    "cell",
    ["20", 20, 2000, "20:60", "48:00", "8.30", "晚上", timedelta(hours=48), timedelta(-1), "13:00 PM", ""],
)
def test_what_is_no_time_of_day_is_refused(cell: Cell) -> None:
    with pytest.raises(Unusable, match="not a time of day"):
        cells.clock(cell)


@given(TIMES, TIMES, st.sampled_from(["-", " - ", "—", "～", "至"]))
def test_an_end_may_stand_behind_the_start(start: int, end: int, between: str) -> None:
    text = f"{cells.shown(start)}{between}{cells.shown(end)}"
    assert cells.moment(text, ZERO, None) == (None, start, end)


@given(DAYS, st.integers(0, cells.DAY - 1))
def test_a_date_may_stand_before_the_start(one: date, start: int) -> None:
    stored = datetime.combine(one, time()) + timedelta(seconds=start)
    for cell in (stored, f"{one} {cells.shown(start)}", stored.isoformat()):
        assert cells.moment(cell, ZERO, None) == (one, start, None)


def lengths(seconds: int) -> list[Cell]:
    """Ways in which a length stands in a cell."""
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return [
        timedelta(seconds=seconds),
        f"{hours}:{minutes:02}:{rest:02}",
        f"{hours}h{minutes}m{rest}s",
        f"{hours} h {minutes} min {rest} s",
        f"{hours}小时{minutes}分钟{rest}秒",
        f"{hours}小时{minutes}分{rest}秒".translate(FULL_WIDTH),
        f"{seconds // 60}分{rest}秒",
        f"{seconds}s",
    ]


@given(LENGTHS, st.data())
def test_a_length_is_read_however_it_is_written(seconds: int, data: st.DataObject) -> None:
    assert cells.length(data.draw(st.sampled_from(lengths(seconds)))) == seconds


@given(st.integers(1, 999), st.sampled_from([1, 60, 3600]))
def test_a_bare_number_counts_what_the_column_says(number: int, unit: int) -> None:
    assert cells.length(number, unit) == cells.length(f"{number}.0", unit) == number * unit


@pytest.mark.parametrize(
    ("text", "seconds"), [("1.5小时", 5400), ("1小时半", 5400), ("2 hours", 7200), ("90 MIN", 5400)]
)
def test_lengths_of_people(text: str, seconds: int) -> None:
    assert cells.length(text) == seconds


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (90, "90 of what"),
        ("1:30", "minutes and seconds"),
        ("0m", "no length"),
        ("半", "no length"),
        ("", "no length"),
    ],
)
def test_what_is_no_length_is_refused_with_the_reason(cell: Cell, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        cells.length(cell)


def weeks(days: frozenset[int]) -> list[Cell]:
    """Ways in which days of the week stand in a cell."""
    ordered = sorted(days)
    found: list[Cell] = [
        "、".join(f"周{HAN[n - 1]}" for n in ordered),
        "周" + "".join(HAN[n - 1] for n in ordered),
        "每周" + "、".join(HAN[n - 1] for n in ordered),
        "星期" + "，".join(HAN[n - 1] for n in ordered),
        ",".join(map(str, ordered)),
        ", ".join(ENGLISH[n - 1] for n in ordered),
        "/".join(ENGLISH[n - 1].lower() for n in ordered),
        " ".join(ENGLISH[n - 1] for n in ordered),
    ]
    if len(days) == ordered[-1] - ordered[0] + 1 > 1:
        first, last = ordered[0], ordered[-1]
        found += [f"周{HAN[first - 1]}至周{HAN[last - 1]}", f"{first}-{last}", f"{first}－{last}"]
        found += [f"{ENGLISH[first - 1]} to {ENGLISH[last - 1]}", f"星期{HAN[first - 1]} ～ {HAN[last - 1]}"]
    return found


@given(WEEK, st.data())
def test_weekdays_are_read_however_they_are_written(days: frozenset[int], data: st.DataObject) -> None:
    assert cells.weekdays(data.draw(st.sampled_from(weeks(days)))) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("每天", "1234567"), ("daily", "1234567"), ("周六日", "67"), ("周末", "67"), ("weekends", "67"),
        ("周日至周四", "12347"), ("Fri-Mon", "1567"), ("周一至周五、周日", "123457"), ("周礼拜天", ""),
        ("0", "7"), ("Tuesdays", "2"), ("135", "135"), ("周一和周三", "13"), ("逢周五播出", "5"),
    ],
)  # fmt: skip
def test_weekdays_of_people(text: str, days: str) -> None:
    if days:
        assert cells.weekdays(text) == set(map(int, days))
    else:
        with pytest.raises(Unusable):
            cells.weekdays(text)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("工作日", "days on which China works"),
        (datetime.combine(date(2026, 1, 5), time()), "Excel made the date 2026-01-05 of it"),
        ("隔周", "does not name"), ("单日", "does not name"), ("1-", "does not name"), ("8", "does not name"),
        ("s", "does not name"), ("", "does not name"),
    ],
)  # fmt: skip
def test_what_names_no_weekdays_is_refused_with_the_reason(cell: Cell, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        cells.weekdays(cell)


def test_addresses_stand_apart_by_spaces_breaks_and_commas_before_the_next() -> None:
    first, second = "srt://b.example.com:9000?streamid=#!::r=a,m=request", "rtmp://a.example.com/live/x"
    for mark in (" ", "\n", ",", "；", "、", ", \n"):
        assert cells.addresses(f" {first}{mark}{second} ") == [first, second]


@given(st.text() | st.integers() | st.floats() | st.none() | st.timedeltas() | st.datetimes())
def test_whatever_stands_in_a_cell_is_read_or_refused(cell: Cell) -> None:
    readers = (cells.clock, cells.length, cells.weekdays, day, lambda each: cells.moment(each, ZERO, 2026))
    for reader in readers:
        try:
            assert reader(cell) is not None
        except Unusable as error:
            assert str(error)
