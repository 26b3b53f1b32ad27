"""The sheet of a day: what comes, what went wrong, and nothing that was mended in time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.build import NOW, window
from worker.alerts.notes import notes
from worker.alerts.sheet import DAY, MOST, sheet
from worker.alerts.wording import Lang
from worker.conditions import Kind, Level, of_window
from worker.ledger.alerts import Message, What
from worker.ledger.records import WindowRecord
from worker.lifecycle import State

HOUR = 3_600


def record(start: int, state: State = State.PLACED, placed: float = 0.0, **changes: Any) -> WindowRecord:
    shown = window(NOW + start, HOUR, **changes)
    return WindowRecord(window=shown, state=state, revision=1, placed_at=placed or shown.start - HOUR)


def heard(of: WindowRecord, kind: Kind, what: What = "began") -> Message:
    condition = of_window(of.window, kind, Level.PAGE, "air:x")
    return Message(id="1-0", what=what, at=NOW - 60.0, since=NOW - 60.0, condition=condition)


def told(*records: WindowRecord, messages: tuple[Message, ...] = (), lang: Lang = "en") -> list[str]:
    """What people read: the title, and each line."""
    condition = sheet(date(2026, 11, 23), "Asia/Shanghai", records, messages, NOW)
    (note,) = notes([Message(id="1-0", what="told", at=NOW, since=NOW, condition=condition)], lang)
    return [note.title, *note.text.splitlines()]


def test_on_a_good_day_it_says_so_and_lists_what_comes() -> None:
    title, heading, line = told(record(HOUR, title="Late film"))
    assert title.endswith("Asia/Shanghai: 1 to air in the next 24 hours, all was well in the last")
    assert (heading, line.endswith(" Late film")) == ("What comes:", True)


@pytest.mark.parametrize(("state", "words"), [(State.FAILED, "refused"), (State.MISSED, "missed")])
def test_what_failed_or_was_missed_is_named(state: State, words: str) -> None:
    title, heading, line = told(record(-2 * HOUR, state))
    assert "1 went wrong" in title
    assert heading == "What went wrong:"
    assert f"News: {words}" in line


def test_what_was_dark_is_named_though_the_ledger_knows_of_nothing() -> None:
    dark = record(-2 * HOUR, State.REMOVED)
    assert "dark, nothing is on air" in told(dark, messages=(heard(dark, Kind.DARK),))[2]


def test_what_was_placed_late_is_named_with_how_late() -> None:
    late = record(-2 * HOUR, State.REMOVED, placed=NOW - 2 * HOUR + 90)
    assert told(late)[2].endswith("News: 1m30s late")


def test_what_followed_right_behind_another_and_was_placed_at_its_turn_was_not_late() -> None:
    turned = record(-2 * HOUR, State.REMOVED, placed=NOW - 2 * HOUR + 2)
    assert "all was well" in told(turned)[0]


def test_what_was_mended_before_air_is_no_trouble() -> None:
    mended = record(-2 * HOUR, State.REMOVED)
    assert "all was well" in told(mended, messages=(heard(mended, Kind.UNPLACED),))[0]


@pytest.mark.parametrize("state", [State.CANCELLED, State.DISPLACED])
def test_what_was_called_off_neither_comes_nor_went_wrong(state: State) -> None:
    assert told(record(HOUR, state), record(-2 * HOUR, state)) == told()


def test_what_lies_further_off_than_a_day_is_left_out() -> None:
    assert told(record(DAY), record(-DAY - 1, State.FAILED)) == told()


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    lines = told(*(record(HOUR + n, event=f"news-{n}") for n in range(MOST + 5)))
    assert len(lines) == 1 + 1 + MOST + 1
    assert lines[-1] == "- and 5 more"


def test_it_is_chinese_where_people_read_chinese() -> None:
    title, heading, *_ = told(record(HOUR), lang="zh")
    assert title.startswith("[每日简报] 周")
    assert heading == "即将播出："
