"""What is written into the ledger is read back, to the last character."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.build import window
from worker.decide import Doubt, Refusal
from worker.ledger.codec import (
    Book,
    dump_book,
    dump_rows,
    dump_window,
    parse_book,
    parse_rows,
    parse_window,
)
from worker.relay import LATEST_SECOND, LONGEST_SPAN, PERMANENT, Relay, Row, Slot, Span
from worker.windows import Window

WORDS = st.text(min_size=1, max_size=12)
SECONDS = st.integers(1, LATEST_SECOND)
MOMENTS = st.floats(0, LATEST_SECOND)
SLOTS = st.builds(Slot, WORDS, WORDS, WORDS)
SOURCES = st.lists(WORDS, min_size=1, max_size=10).map(tuple)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(1, LATEST_SECOND - 1))
    return Span(start, draw(st.integers(start + 1, min(start + LONGEST_SPAN, LATEST_SECOND))))


RELAYS = st.builds(Relay, SLOTS, SOURCES, spans() | st.just(PERMANENT))
TIMES = st.none() | st.integers(0, 10**18)
ROWS = st.lists(st.builds(Row, SLOTS, SOURCES, TIMES, TIMES), max_size=4).map(tuple)
DOUBTS = st.builds(Doubt, st.just("update"), RELAYS, MOMENTS, st.none() | MOMENTS) | st.builds(
    Doubt, st.just("delete"), st.none(), MOMENTS
)
BOOKS = st.builds(
    Book,
    ours=st.lists(RELAYS, max_size=3).map(tuple),
    look_from=MOMENTS,
    believed=st.none() | ROWS,
    intent=st.none() | DOUBTS,
    doubt=st.none() | DOUBTS,
    refusal=st.none() | st.builds(Refusal, st.sampled_from(["create", "update"]), RELAYS, st.text()),
)
WINDOWS = st.builds(
    Window,
    id=WORDS,
    event=WORDS,
    title=st.text(),
    slot=SLOTS,
    sources=SOURCES,
    start=SECONDS,
    end=SECONDS,
    timezone=WORDS,
    lead=SECONDS,
    min_useful=SECONDS,
    priority=st.integers(-100, 100),
    permanent=st.booleans(),
    notes=st.lists(WORDS, max_size=3).map(tuple),
    reason=st.text(),
)


@given(WINDOWS)
def test_a_window_survives(made: Window) -> None:
    assert parse_window(made.id, dump_window(made)) == made


@given(WINDOWS, WINDOWS)
def test_two_windows_are_written_alike_only_if_they_are_equal(one: Window, other: Window) -> None:
    assert (dump_window(one) == dump_window(other)) == (parse_window(one.id, dump_window(other)) == one)


@given(BOOKS)
def test_a_book_survives(book: Book) -> None:
    assert parse_book(dump_book(book)) == book


@given(ROWS)
def test_listed_rows_survive(rows: tuple[Row, ...]) -> None:
    assert parse_rows(dump_rows(rows)) == rows


def test_a_book_that_says_nothing_takes_no_room() -> None:
    assert dump_book(Book()) == ""
    assert parse_book("") == Book()


def test_an_empty_slot_that_is_believed_is_not_a_slot_that_is_not_known() -> None:
    assert parse_book(dump_book(Book(believed=()))).believed == ()
    assert parse_book(dump_book(Book(look_from=1.0))).believed is None


def test_a_permanent_relay_stays_permanent_and_no_other_becomes_it() -> None:
    relay = Relay(Slot("d", "a", "s"), ("rtmp://a/b",), PERMANENT)
    (read,) = parse_book(dump_book(Book(ours=(relay,)))).ours
    assert read.times is PERMANENT


def test_a_plan_is_json_that_people_can_read() -> None:
    plan = json.loads(dump_window(window(title="晚间新闻")))
    assert plan["title"] == "晚间新闻"
    assert plan["slot"] == ["pull.example.com", "live", "news"]
    assert "晚间新闻" in dump_window(window(title="晚间新闻"))
