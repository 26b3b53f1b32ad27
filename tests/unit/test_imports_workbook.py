"""XLSX workbooks as Excel and WPS save them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from openpyxl.worksheet.worksheet import Worksheet

from tests.sheets import book_of, saved
from worker.events.problems import Unusable
from worker.imports.sheets import workbook
from worker.imports.sheets.grid import MOST_COLUMNS, MOST_ROWS, Broken, Cell
from worker.imports.sheets.workbook import read_workbook

EPOCHS = (CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904)


def stored(value: Any, layout: str, epoch: datetime = CALENDAR_WINDOWS_1900) -> Cell:
    """What is read of a cell that holds a value and is shown in a layout."""
    book = Workbook()
    book.epoch = epoch
    cell = book.active.cell(1, 1, value)
    cell.number_format = layout
    ((sheet,),) = (read_workbook(saved(book)),)
    return sheet.lines[0].cells[0]


def rewritten(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The workbook with something exchanged in one of its parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in source.namelist():
            text = source.read(name)
            assert name != part or old in text
            copy.writestr(name, text.replace(old, new) if name == part else text)
    return out.getvalue()


@pytest.mark.parametrize("epoch", EPOCHS)
@pytest.mark.parametrize("layout", ["[h]:mm", "h:mm", "h:mm:ss", '上午/下午h"时"mm"分"'])
@given(seconds=st.integers(0, 30 * 86_400))
def test_times_are_read_to_the_second_past_midnight_too(epoch: datetime, layout: str, seconds: int) -> None:
    assert stored(seconds / 86_400, layout, epoch) == timedelta(seconds=seconds)


@pytest.mark.parametrize("epoch", EPOCHS)
@given(when=st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31)))  # noqa: DTZ001
def test_dates_are_read_to_the_second(epoch: datetime, when: datetime) -> None:
    when = when.replace(microsecond=0)
    assert stored(when, "yyyy-mm-dd hh:mm:ss", epoch) == when


def test_a_date_of_a_mac_in_a_cell_without_a_layout_counts_from_1904() -> None:
    book = book_of([45_000])
    book.epoch = CALENDAR_MAC_1904
    (sheet,) = read_workbook(saved(book))
    assert (sheet.lines[0].cells[0], sheet.day_zero) == (45_000, date(1904, 1, 1))


def test_values_are_what_they_are() -> None:
    book = book_of(["晚间新闻", 90, 1.5, None, True, time(20), date(2026, 11, 24)])
    (sheet,) = read_workbook(saved(book))
    assert sheet.lines[0].cells == (
        "晚间新闻", 90, 1.5, None, "True", timedelta(hours=20), datetime.combine(date(2026, 11, 24), time()),
    )  # fmt: skip


def test_a_merged_cell_fills_its_range_and_nothing_else() -> None:
    book = book_of(["a", "b"], ["x", 1], [None, 2], [None, 3], [None, 4])
    book.active.merge_cells("A2:A4")
    (sheet,) = read_workbook(saved(book))
    assert [line.cells[0] for line in sheet.lines] == ["a", "x", "x", "x", None]
    assert [dict(line.merged) for line in sheet.lines] == [{}, {}, {0: "A2"}, {0: "A2"}, {}]


def test_a_formula_gives_what_excel_computed() -> None:
    content = saved(book_of(["=1+1", "x"]))
    computed = rewritten(content, "xl/worksheets/sheet1.xml", b"<v />", b"<v>2</v>")
    assert read_workbook(computed)[0].lines[0].cells == (2, "x")


def test_a_formula_that_was_never_computed_says_so() -> None:
    ((sheet,),) = (read_workbook(saved(book_of(["=1+1", "x"]))),)
    assert sheet.lines[0].cells == (
        Broken("the formula in A1 was never computed: open the file in Excel, and save it again"), "x",
    )  # fmt: skip


def test_an_error_in_a_cell_says_so() -> None:
    book = book_of(["#REF!"])
    book.active["A1"].data_type = "e"
    assert read_workbook(saved(book))[0].lines[0].cells == (Broken("the cell A1 shows #REF!"),)


def test_hidden_rows_are_marked_and_hidden_columns_told_of() -> None:
    book = book_of(["a", "b"], ["c", "d"])
    book.active.row_dimensions[2].hidden = True
    book.active.column_dimensions["B"].hidden = True
    (sheet,) = read_workbook(saved(book))
    assert [line.hidden for line in sheet.lines] == [False, True]
    assert sheet.remarks == ("hidden columns are read like the others: B",)


def test_hidden_sheets_are_counted_and_not_read() -> None:
    book = book_of(["a"])
    book.create_sheet("Lists").append(["b"])
    book["Lists"].sheet_state = "hidden"
    assert [(sheet.name, len(sheet.lines), sheet.hidden) for sheet in read_workbook(saved(book))] == [
        ("Sheet", 1, 0), ("Lists", 0, 1),
    ]  # fmt: skip


def test_formats_far_below_cost_nothing() -> None:
    book = book_of(["a"])
    book.active.cell(1_000_000, 1).number_format = "yyyy"
    assert len(read_workbook(saved(book))[0].lines) == 1


@pytest.mark.parametrize(("row", "column"), [(MOST_ROWS + 1, 1), (1, MOST_COLUMNS + 1)])
def test_more_rows_or_columns_than_an_import_takes_are_refused(row: int, column: int) -> None:
    book = book_of(["a"])
    book.active.cell(row, column, "b")
    with pytest.raises(Unusable, match="more than 50,000 rows or 200 columns"):
        read_workbook(saved(book))


def test_a_bomb_is_refused_before_it_goes_off(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = rewritten(
        saved(book_of(["a"])), "xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData>" + b" " * 200_000_000
    )
    assert len(bomb) < 1_000_000
    monkeypatch.setattr(workbook, "_load", lambda content: pytest.fail("it was unpacked"))
    with pytest.raises(Unusable, match="more than an import takes"):
        read_workbook(bomb)


SHEET = "xl/worksheets/sheet1.xml"
LONG = b"a" * 2_000_000
TYPE = b"<!DOCTYPE worksheet [<!ENTITY a 'aaaaaaaa'>]><worksheet "


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param(b"<worksheet ", TYPE, "document type", id="entities"),
        pytest.param(b"<worksheet ", b"<!--%b--><worksheet " % LONG, "more than", id="comment"),
        pytest.param(b"<sheetData>", b"<sheetData a='%b'>" % LONG, "more than", id="attribute"),
        *(
            pytest.param(b"</sheetData>", b"</sheetData>" + wide, "more than", id=wide.decode()[1:10])
            for wide in (
                b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
                b'<hyperlinks><hyperlink ref="A:XFD"/></hyperlinks>',
            )
        ),
    ],
)
def test_a_few_bytes_that_become_gigabytes_are_refused(
    monkeypatch: pytest.MonkeyPatch, old: bytes, new: bytes, reason: str
) -> None:
    small = rewritten(saved(book_of(["a"])), SHEET, old, new)
    assert len(small) < 20_000
    monkeypatch.setattr(workbook, "_load", lambda content: pytest.fail("it was unpacked"))
    with pytest.raises(Unusable, match=reason):
        read_workbook(small)


def test_what_it_weighs_does_not_depend_on_what_its_parts_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_MOST_ELEMENTS", 1_000)
    content = io.BytesIO(saved(book_of(["a"])))
    assert read_workbook(content.getvalue())
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("xl/worksheets/sheet.dat", "<a>" + "<b/>" * 1_000 + "</a>")
    with pytest.raises(Unusable, match="more than"):
        read_workbook(content.getvalue())


@pytest.mark.parametrize("encoding", [b"shift_jis", b"no-such", b"hex"])
def test_a_part_in_an_encoding_that_no_program_writes_is_damage(encoding: bytes) -> None:
    begun = b"<?xml version='1.0' encoding='" + encoding + b"'?><worksheet "
    with pytest.raises(Unusable, match="damaged"):
        read_workbook(rewritten(saved(book_of(["a"])), SHEET, b"<worksheet ", begun))


def test_cells_that_nobody_filled_are_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    book = book_of(["a"])
    book.active.cell(MOST_ROWS, 3, "b")
    content = saved(book)
    monkeypatch.setattr(Worksheet, "_get_cell", lambda *place: pytest.fail(f"{place} was made"))
    assert read_workbook(content)[0].lines[-1].cells == (None, None, "b")


def test_the_rows_of_all_sheets_count() -> None:
    book = book_of(["a"])
    for sheet in (book.active, book.create_sheet()):
        sheet.cell(MOST_ROWS // 2 + 1, 1, "b")
    with pytest.raises(Unusable, match="the workbook has more than 50,000 rows"):
        read_workbook(saved(book))


@pytest.mark.parametrize("cut", [10, 200, -30])
def test_a_damaged_workbook_is_refused(cut: int) -> None:
    with pytest.raises(Unusable, match="damaged"):
        read_workbook(saved(book_of(["a"]))[:cut])


def test_another_kind_of_file_in_the_same_wrapping_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(Unusable, match="no Excel workbook"):
        read_workbook(out.getvalue())


def test_broken_xml_inside_is_refused() -> None:
    content = rewritten(saved(book_of(["a"])), "xl/worksheets/sheet1.xml", b"</sheetData>", b"")
    with pytest.raises(Unusable, match="cannot be read"):
        read_workbook(content)
