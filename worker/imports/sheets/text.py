"""CSV as spreadsheets save it, and as several hands have put it together (pure).

UTF-8 and UTF-16 with or without a mark, GBK and GB18030, or lines of several of these in one file; commas,
semicolons or tabs; line breaks inside quotes.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from worker.events.problems import Unusable
from worker.imports.sheets.grid import MOST_COLUMNS, MOST_ROWS, Line, Sheet

_DELIMITERS: Final = (",", ";", "\t", "，")
_TOLD: Final = re.compile(r"sep=(.)\n", re.IGNORECASE)
"""Excel's own first line, which it does not show as a row."""
_LOOKED_AT: Final = 30
_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")
_LINE: Final = re.compile(rb"[^\n]*\n|[^\n]+\Z")
_UNMATCHED: Final = "its quotes do not match (open the file in Excel and save it again)"
_UNREADABLE: Final = "\ufffd"
_SAMPLE: Final = 4_000
_MARKED: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(content: bytes, known: Callable[[Sequence[str]], int]) -> Sheet:
    """The rows of a CSV file. ``known`` counts the names of columns among cells: they tell the delimiter.

    Rows are counted as Excel does: what stands in quotes may have several lines. Raises ``Unusable``.
    """
    text, remarks, doubtful = _decoded(content)
    if _NOT_TEXT.search(text):
        raise Unusable("the file is neither CSV nor XLSX", hint="save it as CSV UTF-8 or as .xlsx")
    told = _TOLD.match(text)
    lines = [f"{line}\n" for line in text.split("\n")]
    if lines[-1] == "\n":
        lines.pop()
    skipped = 1 if told else 0
    delimiter = told[1] if told else max(_DELIMITERS, key=lambda mark: _columns(lines, mark, known))
    return Sheet("", tuple(_rows(lines, skipped, delimiter, doubtful)), tuple(remarks), repeats=True)


def _columns(lines: Sequence[str], delimiter: str, known: Callable[[Sequence[str]], int]) -> tuple[int, int]:
    """How much speaks for a delimiter: names of columns in one row, and else the number of cells."""
    found = [cells for _, _, cells in _records(lines[:_LOOKED_AT], 0, delimiter)]
    return max(map(known, found), default=0), max(map(len, found), default=0)


def _rows(lines: Sequence[str], skipped: int, delimiter: str, doubtful: dict[int, str]) -> Iterator[Line]:
    for number, (begun, ended, cells) in enumerate(_records(lines, skipped, delimiter), 1):
        if number > MOST_ROWS:
            raise Unusable(f"the file has more than {MOST_ROWS:,} rows", hint="split it")
        remark = "; ".join(doubtful[n] for n in range(begun, ended) if n in doubtful)
        broken = ""
        if not cells:
            broken = "" if lines[begun] == "\n" else _UNMATCHED
        elif any(_UNREADABLE in cell for cell in cells):
            broken = "it is neither UTF-8 nor GBK (save the file again, as CSV UTF-8)"
        elif len(cells) > MOST_COLUMNS:
            broken = f"it has more than {MOST_COLUMNS} cells (delete what is far right)"
        yield Line(number, tuple(cells), broken=broken, remark=remark)


def _records(lines: Sequence[str], begin: int, delimiter: str) -> Iterator[tuple[int, int, list[str]]]:
    """From which line to which, and the cells; none where the quotes do not match, which costs one line."""
    while begin < len(lines):
        rest = (lines[n] for n in range(begin, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        first = begin
        try:
            for cells in reader:
                yield begin, first + reader.line_num, cells
                begin = first + reader.line_num
        except csv.Error:
            yield begin, begin + 1, []
            begin += 1


def _decoded(content: bytes) -> tuple[str, list[str], dict[int, str]]:
    """The text, what is to be said of its encoding, and the lines (from 0) that can be read in two ways."""
    if content.startswith(_MARKED) or b"\x00" in content[:_SAMPLE]:
        return _utf16(content), [], {}
    try:
        return _plain_breaks(content.decode("utf-8-sig")), [], {}
    except UnicodeDecodeError:
        return _line_by_line(_plain_breaks_of(content.removeprefix(codecs.BOM_UTF8)))


def _utf16(content: bytes) -> str:
    if not content.startswith(_MARKED):
        little = content[1:_SAMPLE:2].count(0) > content[0:_SAMPLE:2].count(0)
        content = (codecs.BOM_UTF16_LE if little else codecs.BOM_UTF16_BE) + content
    try:
        return _plain_breaks(content.decode("utf-16"))
    except UnicodeDecodeError:
        raise Unusable("the file is neither CSV nor XLSX", hint="save it as CSV UTF-8 or as .xlsx") from None


def _line_by_line(content: bytes) -> tuple[str, list[str], dict[int, str]]:
    texts: list[str] = []
    doubtful: dict[int, str] = {}
    counts = {"UTF-8": 0, "GBK": 0}
    for n, line in enumerate(_LINE.findall(content)):
        text, encoding, other = _one_line(line)
        texts.append(text)
        if encoding:
            counts[encoding] += 1
        if other:
            doubtful[n] = f"its {_letters(text)} was read as GBK; in UTF-8 it would be {_letters(other)}"
    told = " and ".join(f"{count} as {name}" for name, count in counts.items() if count)
    mixed = f"the file is not UTF-8 throughout: lines that are not plain ASCII were read one by one, {told}"
    return "".join(texts), [mixed if all(counts.values()) else "the file was read as GBK"], doubtful


def _one_line(line: bytes) -> tuple[str, str, str]:
    """A line's text, the encoding if that matters, and what else it could say.

    Letters of Western languages in UTF-8 are Chinese characters in GBK as well. Lines that hold both kinds
    of Chinese come from stations in China: there they are Chinese.
    """
    if line.isascii():
        return line.decode("ascii"), "", ""
    found = {name: _try(line, codec) for name, codec in (("UTF-8", "utf-8"), ("GBK", "gb18030"))}
    western = found["UTF-8"] is not None and all(char < "\u0800" for char in found["UTF-8"])
    if found["UTF-8"] is not None and not (western and found["GBK"] is not None):
        return found["UTF-8"], "UTF-8", ""
    if found["GBK"] is not None:
        return found["GBK"], "GBK", (found["UTF-8"] or "").strip()
    return line.decode("utf-8", errors="replace"), "", ""


def _letters(text: str) -> str:
    return "".join(char for char in text if not char.isascii())


def _try(line: bytes, codec: str) -> str | None:
    try:
        return line.decode(codec)
    except UnicodeDecodeError:
        return None


def _plain_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _plain_breaks_of(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
