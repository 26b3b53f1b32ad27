"""Rows of a spreadsheet become events, or are refused with a reason that a planner understands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plans import DAYS, as_csv, station
from tests.sheets import BERLIN, DEFAULTS, book_of, csv_of, events, imported, refusals, remarks, saved, spans
from worker.events.model import Event
from worker.events.problems import Unusable
from worker.imports import Imported
from worker.imports.sheets.headers import COLUMNS

BARE = {"timezone": "Asia/Shanghai", "domain": "pull.example.com", "app": "live"}
PLAIN = ("节目名称", "日期", "开始时间", "结束时间")
NIGHT = ("2026-11-24", "20:00", "21:00")
WEEKLY = ("title", "weekdays", "start", "duration")


def plan(header: tuple[str, ...], *rows: tuple[str, ...], **how: Any) -> Imported:
    """An import of a CSV file with this header; the first row below it is row 2."""
    return imported(csv_of(header, *rows), **how)


def event(header: tuple[str, ...], *rows: tuple[str, ...], **how: Any) -> Event:
    """The one event that all of these rows become."""
    result = plan(header, *rows, **how)
    assert not result.refused, refusals(result)
    (only,) = events(result)
    return only


def starts(one: Event) -> list[str]:
    return [f"{extra.start:%Y-%m-%dT%H:%M}" for extra in one.extra]


def why(header: tuple[str, ...], row: tuple[str, ...], **how: Any) -> str:
    """Why this only row is refused."""
    result = plan(header, row, **how)
    assert not result.text
    return refusals(result)[2]


def test_a_row_with_a_date_is_one_airing() -> None:
    one = event(PLAIN, ("晚间新闻", "2026-11-24", "20:00", "22:00"))
    assert (one.title, starts(one), one.duration, one.crons) == ("晚间新闻", ["2026-11-24T20:00"], 7200, ())


@pytest.mark.parametrize(
    ("start", "end", "begins", "lasts"),
    [
        ("25:30", "26:30", "2026-11-25T01:30", 3600),
        ("25:30", "02:30", "2026-11-25T01:30", 3600),
        ("22:00", "24:00", "2026-11-24T22:00", 7200),
        ("22:00", "25:30", "2026-11-24T22:00", 12_600),
        ("22:00", "01:30", "2026-11-24T22:00", 12_600),
        ("24:00", "00:30", "2026-11-25T00:00", 1800),
        ("00:00", "24:00", "2026-11-24T00:00", 86_400),
    ],
)
def test_a_broadcast_day_goes_on_past_midnight(start: str, end: str, begins: str, lasts: int) -> None:
    one = event(PLAIN, ("夜话", "2026-11-24", start, end))
    assert (starts(one), one.duration) == ([begins], lasts)


def test_where_clocks_change_an_end_stays_an_end() -> None:
    one = event(PLAIN, ("Nacht", "2027-03-27", "25:30", "27:30"), defaults=BERLIN)
    assert (starts(one), one.duration, one.end and one.end.seconds) == (["2027-03-28T01:30"], None, 12_600)


def test_a_row_with_weekdays_recurs() -> None:
    one = event(WEEKLY, ("News", "周一至周五", "20:00", "90m"))
    assert (one.id, one.crons, one.duration, one.extra) == ("news", ("0 20 * * 1-5",), 5400, ())


@pytest.mark.parametrize(
    ("days", "start", "cron"),
    [
        ("每天", "20:00", "0 20 * * *"),
        ("周六日", "08:05", "5 8 * * 6,7"),
        ("周日", "25:30", "30 1 * * 1"),
        ("周一至周五", "24:00", "0 0 * * 2-6"),
        ("周五", "20:00:30", "0 20 * * 5 30"),
    ],
)
def test_weekdays_become_a_cron_line(days: str, start: str, cron: str) -> None:
    assert event(WEEKLY, ("News", days, start, "1h")).crons == (cron,)


def test_dates_bound_what_recurs_and_are_the_next_days_past_midnight() -> None:
    one = event((*WEEKLY, "from", "until"), ("Late", "Fri", "25:30", "1h", "2026-11-06", "2026-12-25"))
    assert (str(one.valid_from), str(one.valid_until)) == ("2026-11-07", "2026-12-26")


def test_a_cron_line_may_say_when() -> None:
    assert event(("title", "cron", "duration"), ("News", "0 20 * * 5#2", "1h")).crons == ("0 20 * * 5#2",)


def test_rows_of_one_title_are_one_event() -> None:
    one = event(
        ("title", "date", "weekdays", "start", "duration"),
        ("News", "", "Mon-Fri", "08:00", "1h"),
        ("News", "", "Sat", "10:00", "1h"),
        ("News", "2026-12-25", "", "20:00", "2h"),
    )
    assert (one.crons, starts(one), one.extra[0].duration) == (
        ("0 8 * * 1-5", "0 10 * * 6"), ["2026-12-25T20:00"], 7200,
    )  # fmt: skip


def test_rows_of_one_id_are_one_event_whatever_they_are_called() -> None:
    one = event(
        ("编号", *PLAIN, "流名", "源地址"),
        ("NEWS_1", "新闻", "2026-11-24", "20:00", "21:00", "a", "rtmp://a.example.com/live/x"),
        ("news-1", "新闻特别节目", "2026-11-25", "20:00", "22:00", "b", "rtmp://b.example.com/live/x"),
    )
    assert (one.id, one.title, one.stream) == ("news-1", "新闻", "a")
    assert [(each.stream, each.duration, each.reason) for each in one.extra] == [
        (None, None, "as in the spreadsheet"), ("b", 7200, "新闻特别节目"),
    ]  # fmt: skip


def test_one_show_of_two_lengths_is_two_events_and_that_is_said() -> None:
    result = plan(WEEKLY, ("News", "Mon-Fri", "20:00", "1h"), ("News", "Sat", "20:00", "2h"))
    first, second = events(result)
    assert (first.id, second.id[:5], len(second.id)) == ("news", "news-", 11)
    assert "better give it an id" in remarks(result)[3][0]


def test_ids_stay_when_rows_are_added() -> None:
    rows = [
        ("晚间新闻", "周一", "20:00", "1h"),
        ("News", "周一", "21:00", "1h"),
        ("News", "周二", "21:00", "2h"),
    ]
    before = [each.id for each in events(plan(WEEKLY, *rows))]
    more = [
        ("夜话", "周一", "23:00", "1h"),
        ("News", "周三", "21:00", "3h"),
        ("晚间新闻", "周二", "20:00", "1h"),
    ]
    assert [each.id for each in events(plan(WEEKLY, *rows, *more))][:3] == before


def test_a_title_that_is_not_ascii_is_named_after_its_stream() -> None:
    one = event((*WEEKLY, "stream"), ("晚间新闻", "周一", "20:00", "1h", "CCTV_13"))
    assert one.id.startswith("cctv-13-")


def test_columns_are_found_below_titles_in_any_order_and_in_two_languages_at_once() -> None:
    result = imported(
        csv_of(
            ("十一月播出单",), (), ("制表：总编室", "", "", ""),
            ("时长(分钟) Duration", "开始时间/Start", "节目名称 Title*", "播出\n日期"),
            ("90", "20:00", "新闻", "2026-11-24"),
        )
    )  # fmt: skip
    (one,) = events(result)
    assert (one.title, one.duration, starts(one)) == ("新闻", 5400, ["2026-11-24T20:00"])
    assert [(row.row, row.why) for row in result.aside] == [
        (1, "a title above the header"), (2, "blank"), (3, "a title above the header"), (4, "the header"),
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in COLUMNS for name in COLUMNS[kind]])
def test_a_column_may_be_called_anything_that_is_listed_and_means_one_thing(kind: str, name: str) -> None:
    assert [each for each, names in COLUMNS.items() if name in names] == [kind]


def test_what_is_not_read_is_told() -> None:
    result = imported(
        csv_of((*PLAIN, "主持人", "时间"), ("新闻", "2026-11-24", "20:00", "22:00", "张", "x", "y"))
    )
    assert result.warnings == (
        "column E (主持人) is not known and is not read (cells filled: 1)",
        "column F (时间) is not read: another column says the same",
        "column G has no name and is not read (cells filled: 1)",
    )


def test_blank_cells_of_a_csv_file_have_what_stands_above_and_that_is_told() -> None:
    result = plan(
        ("日期", "节目", "开始", "结束", "频道", "源"),
        ("2026-11-24", "新闻", "20:00", "21:00", "a", "rtmp://a.example.com/live/secret"),
        ("", "夜话", "21:00", "22:00", "", ""),
    )
    _, talk = events(result)
    assert (starts(talk), talk.stream, talk.sources) == (
        ["2026-11-24T21:00"], "a", ("rtmp://a.example.com/live/secret",),
    )  # fmt: skip
    assert remarks(result) == {
        3: tuple(f"{name} is taken from row 2, since the cell is blank" for name in ("日期", "频道", "源"))
    }


def test_titles_and_starts_are_never_taken_from_above() -> None:
    result = plan(
        PLAIN, ("新闻", "2026-11-24", "20:00", "21:00"), ("", "", "21:00", "22:00"), ("夜话", "", "", "23:00")
    )
    assert [each.partition(" (")[0] for each in refusals(result).values()] == [
        "it has no title",
        "it has no start",
    ]


def test_nothing_is_taken_across_a_blank_row() -> None:
    result = plan(PLAIN, ("新闻", "2026-11-24", "20:00", "21:00"), (), ("夜话", "", "21:00", "22:00"))
    assert refusals(result)[4].startswith("it does not say on which days it airs")


def test_a_row_that_heads_a_day_gives_its_date_to_those_below() -> None:
    result = plan(PLAIN, ("", "2026-11-24 星期二", "", ""), ("夜话", "", "21:00", "22:00"))
    assert starts(events(result)[0]) == ["2026-11-24T21:00"]
    assert refusals(result)[2].startswith("it is a heading or a note")


@pytest.mark.parametrize(
    ("weekday", "crons", "dates"),
    [("周二", (), ["2026-11-24T21:00"]), ("周一至周五", ("0 21 * * 1-5",), [])],
)
def test_a_weekday_without_a_date_may_be_that_of_the_date_above(
    weekday: str, crons: tuple[str, ...], dates: list[str]
) -> None:
    result = plan((*PLAIN, "星期"), ("新闻", *NIGHT, "周二"), ("夜话", "", "21:00", "22:00", weekday))
    talk = events(result)[1]
    assert (talk.crons, starts(talk)) == (crons, dates)


def test_a_weekday_that_is_not_that_of_the_date_above_makes_no_weekly_show() -> None:
    result = plan((*PLAIN, "星期"), ("新闻", *NIGHT, "周二"), ("夜话", "", "21:00", "22:00", "周三"))
    assert "of another weekday than the date above: 周三" in refusals(result)[3]


def test_a_workbook_takes_dates_from_merged_cells_and_nowhere_else() -> None:
    book = book_of(
        PLAIN,
        ("新闻", "2026-11-24", "20:00", "21:00"),
        ("夜话", None, "21:00", "22:00"),
        ("电影", None, "22:00", "23:00"),
    )
    book.active.merge_cells("B2:B3")
    result = imported(saved(book))
    assert remarks(result) == {3: ("日期 is taken from the merged cell B2",)}
    assert list(refusals(result)) == [4]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("节目名称", "日期", "开始时间", "结束时间"), "it repeats the header"),
        (("合计", "", "22小时", ""), "it is a total"),
        (("注：节目以实际播出为准", "", "", ""), "it is a heading or a note"),
        (("新闻", "2026-11-24", "", "22:00"), "it has no start"),
        (("新闻", "2026-11-24", "20:00", ""), "it says neither when it ends nor how long"),
        (("新闻", "", "20:00", "22:00"), "it does not say on which days"),
        (("新闻", "2026-11-24", "20:00", "20:00"), "it ends when it starts"),
        (("新闻", "03/04/2026", "20:00", "22:00"), "can be read in several ways"),
        (("新" * 201, "2026-11-24", "20:00", "22:00"), "title: the text has 201 characters"),
        (("新闻", "2026-11-24", "rtmp://u:pass@a.example.com/live/key", "22:00"), "is not a time of day"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_programme_says_why(row: tuple[str, ...], reason: str) -> None:
    told = why(PLAIN, row)
    assert reason in told
    assert told.endswith(")"), "what to do"
    assert "pass" not in told
    assert "key" not in told


@pytest.mark.parametrize(
    ("columns", "cells", "reason"),
    [
        (("状态",), ("取消",), "it says 取消, so it does not air"),
        (("备注",), ("（停播）",), "it does not air"),
        (("星期",), ("周三",), "2026-11-24 is a Tuesday, and the row says 周三"),
        (("时长",), ("30m",), "it ends after 2h, not 30m"),
        (("截止日期",), ("2026-12-24",), "it has one date, and also until"),
        (("cron",), ("0 20 * * *",), "it has a cron line and a start"),
        (("编号",), ("晚间",), "'晚间' is not an id"),
        (("优先级",), ("高",), "priority: '高' is not a whole number"),
        (("时区",), ("北京",), "timezone: "),
        (("源地址",), ("rtmp://192.168.1.5/live/key",), "source: the provider must not pull from"),
        (("源地址",), (" ".join(f"rtmp://a{n}.example.com" for n in range(11)),), "11 sources (at most 10)"),
        (("源地址",), ("主用 rtmp://a.example.com/live/x",), "no address, or not only that"),
        (("流名",), ("新闻",), "stream: Stream holds"),
        (("流名",), ("{start:%Y}" * 99,), "stream: Stream has "),
        (("编号", "流名"), ("n" * 60, "{id}" * 2), "stream: "),
    ],
)  # fmt: skip
def test_a_row_that_contradicts_itself_or_the_rules_says_why(
    columns: tuple[str, ...], cells: tuple[str, ...], reason: str
) -> None:
    assert reason in why((*PLAIN, *columns), ("新闻", "2026-11-24", "20:00", "22:00", *cells))


@pytest.mark.parametrize("kind", ["timezone", "domain", "app", "stream", "sources"])
def test_what_nobody_says_is_asked_for_with_column_and_option(kind: str) -> None:
    others = {key: value for key, value in DEFAULTS.items() if key != kind}
    told = why(PLAIN, ("新闻", "2026-11-24", "20:00", "22:00"), defaults=others)
    assert told.startswith(f"it has no {kind} (fill in a column ")
    assert f"or give --{kind.removesuffix('s')} " in told


@settings(max_examples=4)
@given(st.integers(0, 10_000))
def test_each_row_of_a_station_is_taken_as_it_was_meant_or_refused_for_its_slip(seed: int) -> None:
    meant = station(seed)
    result = imported(as_csv(meant, seed), defaults=BARE)
    since = min(start for start, *_ in meant.airings) + 86_400
    until = since + (DAYS - 1) * 86_400
    assert spans(events(result), since, until) == sorted(
        each[:3] for each in meant.airings if since <= each[0] < until
    )
    assert {row: why for row, why in meant.slips.items() if why not in refusals(result).get(row, "")} == {}
    assert refusals(result).keys() == meant.slips.keys()


def test_past_midnight_in_the_list_of_a_day_is_asked_about() -> None:
    result = plan(
        PLAIN,
        ("新闻", "2026-11-24", "23:00", "00:30"),
        ("夜话", "", "00:30", "01:00"),
        ("电影", "", "01:00", "02:00"),
    )
    assert refusals(result)[3] == (
        "it starts at 00:30 on 2026-11-24, before the row that it follows"
        " (for the night after, write 24:30; else write its date in its own row)"
    )
    assert list(refusals(result)) == [3, 4]


def test_past_midnight_with_a_date_of_its_own_it_is_taken_as_it_stands_and_that_is_told() -> None:
    result = plan(PLAIN, ("新闻", "2026-11-24", "23:00", "00:30"), ("夜话", "2026-11-24", "00:30", "01:00"))
    assert starts(events(result)[1]) == ["2026-11-24T00:30"]
    assert "for the night after, write 24:30" in remarks(result)[3][0]


def test_the_list_of_a_day_may_begin_again_for_another_stream() -> None:
    result = plan(
        (*PLAIN, "流名"), ("新闻", "2026-11-24", "23:00", "24:00", "a"), ("夜话", "", "00:30", "01:00", "b"),
    )  # fmt: skip
    assert not result.refused


def test_what_a_clock_skips_as_a_whole_is_refused() -> None:
    result = plan(
        PLAIN,
        ("Nacht", "2027-03-28", "02:15", "02:45"),
        ("Tag", "2027-03-28", "02:15", "03:15"),
        defaults=BERLIN,
    )
    assert refusals(result) == {
        2: "the clock of Europe/Berlin skips this time on 2027-03-28 (move it that night)"
    }


def test_an_address_in_the_name_of_a_column_is_masked() -> None:
    result = plan(
        (*PLAIN, "rtmp://u:geheim@a.example.com/live/geheim"), ("新闻", "2026-11-24", "20:00", "21:00", "x")
    )
    assert "a.example.com" in result.warnings[0]
    assert "geheim" not in result.warnings[0]


def test_a_note_of_what_recurs_is_not_lost_without_a_word() -> None:
    result = plan((*WEEKLY, "备注"), ("News", "周一", "20:00", "1h", "首播"))
    assert remarks(result) == {2: ("what recurs has no reason in the events file: 首播 is not kept",)}


def test_rows_that_say_the_same_are_refused_as_duplicates() -> None:
    row = ("新闻", "2026-11-24", "20:00", "22:00")
    assert refusals(plan(PLAIN, row, row)) == {3: "it says the same as row 2 (delete one of them)"}


def test_rows_of_one_show_at_one_time_that_differ_are_refused() -> None:
    result = plan(PLAIN, ("新闻", "2026-11-24", "20:00", "22:00"), ("新闻", "2026-11-23", "44:00", "45:00"))
    assert refusals(result)[3].startswith("row 2 has this show at the same time")


@pytest.mark.parametrize(
    ("column", "first", "second"), [("域名", "a.example.com", "b.example.com"), ("时区", "Asia/Tokyo", "UTC")]
)
def test_rows_of_one_id_that_cannot_be_one_event_are_refused(column: str, first: str, second: str) -> None:
    header = ("编号", *PLAIN, column)
    rows = [
        ("news", "新闻", f"2026-11-2{n}", "20:00", "22:00", each) for n, each in enumerate((first, second))
    ]
    assert refusals(plan(header, *rows))[3].startswith("row 2 has this id, and another ")


def test_more_dates_than_an_event_takes_are_refused() -> None:
    rows = [
        ("新闻", f"2026-{1 + n // 28 % 12:02}-{1 + n % 28:02}", f"{n // 336:02}:00", "") for n in range(1001)
    ]
    result = plan(("节目", "日期", "开始", "时长"), *[(*row[:3], "5m") for row in rows])
    assert list(refusals(result)) == [1002]
    assert "1,000 rows already" in refusals(result)[1002]


def test_a_row_whose_lines_are_broken_is_refused_and_its_neighbours_are_not() -> None:
    good = ("新闻", "2026-11-24", "20:00", "22:00")
    result = imported(csv_of(PLAIN, good) + '"夜话,2026-11-24,22:00,23:00\n' + csv_of(("电影", *good[1:])))
    assert refusals(result) == {3: "its quotes do not match (open the file in Excel and save it again)"}
    assert len(events(result)) == 2


def test_hidden_rows_are_refused() -> None:
    book = book_of(PLAIN, ("新闻", "2026-11-24", "20:00", "22:00"))
    book.active.row_dimensions[2].hidden = True
    assert refusals(imported(saved(book)))[2].startswith("it is hidden")


def test_each_sheet_has_its_own_header_and_rows_name_their_sheet() -> None:
    book = book_of(PLAIN, ("新闻", "2026-11-24", "20:00", "22:00"))
    book.create_sheet("说明").append(["先看这里"])
    result = imported(saved(book))
    assert [(row.sheet, row.row, row.taken) for row in result.rows] == [
        ("Sheet", 2, True),
        ("说明", 1, False),
    ]
    assert "names its columns" in result.refused[0].why


def test_a_year_may_be_given_for_dates_without_one() -> None:
    assert starts(event(PLAIN, ("新闻", "11月24日", "20:00", "22:00"), year=2026)) == ["2026-11-24T20:00"]


def test_several_sources_stand_in_one_cell_or_several_columns() -> None:
    one = event(
        (*PLAIN, "源地址", "备源1"),
        (
            "新闻",
            "2026-11-24",
            "20:00",
            "22:00",
            "rtmp://a.example.com/x, rtmp://b.example.com/x",
            "rtmp://c.example.com/x",
        ),
    )
    assert one.sources == ("rtmp://a.example.com/x", "rtmp://b.example.com/x", "rtmp://c.example.com/x")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
        (b"\r\n<html><table>", "web page inside"),
        (b"PK\x03\x04", "damaged"),
        (b"x" * 20_000_001, "larger than 20 MB"),
        (b"a\n" * 50_001, "more than 50,000 rows"),
    ],
)
def test_what_is_no_spreadsheet_or_too_large_says_so(content: bytes, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        imported(content)


def test_bad_defaults_are_nobodys_row() -> None:
    with pytest.raises(Unusable, match=r"defaults\.lead"):
        plan(PLAIN, ("新闻", "2026-11-24", "20:00", "22:00"), defaults=DEFAULTS | {"lead": "1m"})
