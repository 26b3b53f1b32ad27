"""What a journal knows of a slot, told to a ledger that knows less, as much, or more."""

from __future__ import annotations

from dataclasses import replace

from tests.build import relay_of
from tests.contract.ledgers import HOUR, LATER, ClockedLedger, claimed, plan, window
from worker.decide import Doubt
from worker.ledger.codec import Book, parse_book
from worker.ledger.recalls import Memory

TONIGHT = window()
OURS, OLD = relay_of(TONIGHT), relay_of(window(LATER - 2 * HOUR))


def memory(at: float) -> Memory:
    """The last write of a journal, and one before it that may still be there."""
    return Memory(
        slot=TONIGHT.slot,
        at=at,
        window=TONIGHT.id,
        fence=1,
        doubt=Doubt("create", OURS, at + 10),
        look_from=at + 15,
        relays=(OLD, OURS),
    )


def sent(ledger: ClockedLedger, book: Book) -> None:
    """Somebody claims the slot, notes a write now, and reports on it."""
    plan(ledger, TONIGHT)
    claim = claimed(ledger, TONIGHT)
    assert ledger.slots.note(claim, book, now=ledger.now(), lease=25.0)
    ledger.slots.finish(claim, book, [], now=ledger.now())


def book_of(ledger: ClockedLedger) -> Book:
    return parse_book(ledger.redis.hget(ledger.keys.slot(TONIGHT.slot), "book") or "")


def test_a_write_that_the_ledger_does_not_know_is_in_doubt(ledger: ClockedLedger) -> None:
    assert ledger.recalls.tell([memory(LATER)], now=LATER + 60) == 1
    book = book_of(ledger)
    assert (book.ours, book.doubt) == ((OLD, OURS), Doubt("create", OURS, LATER + 10))
    assert book.look_from == LATER + 15


def test_a_ledger_that_noted_a_newer_write_itself_learns_nothing(ledger: ClockedLedger) -> None:
    sent(ledger, Book(ours=(OURS,)))
    assert ledger.recalls.tell([memory(LATER - 60)], now=LATER + 60) == 0
    assert book_of(ledger) == Book(ours=(OURS,))


def test_what_another_journal_told_is_joined_and_not_replaced(ledger: ClockedLedger) -> None:
    ledger.recalls.tell([memory(LATER)], now=LATER + 60)
    before = book_of(ledger)
    elsewhere = relay_of(window(LATER - 4 * HOUR))
    older = replace(memory(LATER - 60), relays=(elsewhere,))
    assert ledger.recalls.tell([older], now=LATER + 60) == 0
    assert book_of(ledger) == replace(before, ours=(*before.ours, elsewhere))


def test_a_list_that_is_to_be_waited_for_longer_is_waited_for(ledger: ClockedLedger) -> None:
    sent(ledger, Book(ours=(OURS,), look_from=LATER + 100))
    ledger.recalls.tell([memory(LATER + 30)], now=LATER + 60)
    assert book_of(ledger).look_from == LATER + 100
