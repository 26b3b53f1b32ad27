"""CSV files of every make: encodings, delimiters, quotes, and several of them in one file."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.sheets import csv_of
from worker.events.problems import Unusable
from worker.imports.sheets.grid import Sheet
from worker.imports.sheets.headers import known
from worker.imports.sheets.text import read_text

UNMATCHED = "its quotes do not match (open the file in Excel and save it again)"
HEAD = ("节目名称", "日期", "开始时间", "结束时间")
ROWS = [HEAD, ("晚间新闻", "2026-11-24", "20:00", "22:00"), ("体育，直播", "2026-11-24", "22:00", "24:00")]
HAN = st.text(st.sampled_from("晚间新闻体育直播目模块电影频道一二三四"), min_size=1, max_size=8)
CELLS = st.text(st.characters(codec="gb18030", exclude_categories=["Cc", "Cs"]), max_size=8).map(str.strip)


def _is_utf8(content: bytes) -> bool:
    """A few Chinese characters are Cyrillic ones in UTF-8; where nothing gives them away, they stay so."""
    return content.decode("utf-8", errors="ignore").encode() == content


def read(content: bytes) -> Sheet:
    return read_text(content, known)


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [tuple(map(str, line.cells)) for line in read(content).lines]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_whatever_program_saved_it(encoding: str, delimiter: str) -> None:
    assert cells(csv_of(*ROWS, delimiter=delimiter).encode(encoding)) == ROWS


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_rows_may_end_as_on_any_system(end: str) -> None:
    assert cells(csv_of(*ROWS, end=end).encode()) == ROWS


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=8))
def test_what_is_written_is_what_is_read(rows: list[tuple[str, ...]]) -> None:
    table = [HEAD, *rows]
    assert cells(csv_of(*table).encode("utf-8-sig")) == table


@given(st.lists(st.tuples(HAN, st.booleans()), min_size=1, max_size=12))
def test_lines_of_two_encodings_are_read_each_in_its_own(lines: list[tuple[str, bool]]) -> None:
    content = ",".join(HEAD).encode() + b"\n"
    content += b"".join(f"{text},1,2,3\n".encode("gbk" if gbk else "utf-8") for text, gbk in lines)
    assume(not _is_utf8(content) or not any(gbk for _, gbk in lines))
    assert [row[0] for row in cells(content)[1:]] == [text for text, _ in lines]


def test_a_file_of_two_encodings_is_told_of() -> None:
    content = csv_of(*ROWS[:2]).encode() + csv_of(ROWS[2]).encode("gbk")
    assert read(content).remarks == (
        "the file is not UTF-8 throughout: lines that are not plain ASCII were read one by one, 2 as UTF-8"
        " and 1 as GBK",
    )


def test_a_line_that_can_be_read_in_two_ways_is_told_of() -> None:
    content = csv_of(HEAD).encode("gbk") + "目,2026-11-24,20:00,22:00\n".encode("gbk")
    line = read(content).lines[1]
    assert (line.cells[0], line.remark) == (
        "目",
        "its 目 was read as GBK; in UTF-8 it would be Ŀ",
    )


def test_a_line_in_no_encoding_is_broken_and_the_others_are_read() -> None:
    content = csv_of(*ROWS[:2]).encode() + b"\xff\xfe\xff,1,2,3\r\n" + csv_of(ROWS[2]).encode()
    found = read(content).lines
    assert [bool(line.broken) for line in found] == [False, False, True, False]


def test_line_breaks_in_quotes_belong_to_the_cell_and_rows_count_as_in_excel() -> None:
    found = read(csv_of(HEAD, ("晚间\r\n新闻", "a", "b", "c"), ("体育", "a", "b", "c")).encode()).lines
    assert [(line.number, line.cells[0]) for line in found] == [
        (1, "节目名称"),
        (2, "晚间\n新闻"),
        (3, "体育"),
    ]


def test_a_quote_that_is_never_closed_costs_its_line_alone() -> None:
    found = read((csv_of(HEAD) + '"晚间新闻,a,b,c\n' + csv_of(*ROWS[1:])).encode()).lines
    assert [(line.number, line.broken) for line in found if line.broken] == [(2, UNMATCHED)]
    assert [tuple(line.cells) for line in found[2:]] == ROWS[1:]


def test_the_first_line_of_excel_that_tells_the_delimiter_is_no_row() -> None:
    found = read(("sep=;\r\n" + csv_of(*ROWS, delimiter=";")).encode()).lines
    assert [(line.number, tuple(line.cells)) for line in found] == list(enumerate(ROWS, 1))


def test_a_title_above_does_not_hide_the_delimiter() -> None:
    assert cells(("十一月, 第四周, 播出单\n" + csv_of(*ROWS, delimiter=";")).encode())[1:] == ROWS


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"%PDF-1.7\x01\x02", bytes(range(256))]
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(Unusable, match="neither CSV nor XLSX"):
        read(content)


@given(st.binary(max_size=200))
def test_whatever_the_file_holds_no_line_of_it_is_lost(content: bytes) -> None:
    try:
        found = read(content).lines
    except Unusable:
        return
    assert all(one.number + 1 == other.number for one, other in pairwise(found))
