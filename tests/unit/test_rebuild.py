"""From the lines of a journal to what a slot may hold, and what is in doubt there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, SLOT, SOURCES
from worker.decide import Doubt, Verb
from worker.journal import Entry
from worker.ledger.client import name_of
from worker.ledger.recalls import Memory
from worker.rebuild import CLEARED, DELETED, memories
from worker.relay import PERMANENT, Relay, Slot, Span

HOUR = 3_600


def relay(end: int = NOW + HOUR, slot: Slot = SLOT) -> Relay:
    return Relay(slot, SOURCES, Span(end - HOUR, end))


FIRST, SECOND = relay(), relay(NOW + 2 * HOUR)
RADIO = Relay(SLOT, SOURCES, PERMANENT)


def entry(verb: Verb, of: Relay | None = None, at: float = NOW - 60.0, window: str = "news@1") -> Entry:
    return Entry(at, window, of.slot if of else SLOT, verb, of, 7)


def known(*entries: Entry) -> list[Memory]:
    return list(memories(entries, now=NOW, timeout=10.0, settling=5.0))


def left(*entries: Entry) -> list[Relay]:
    return [relay for memory in known(*entries) for relay in memory.relays]


def test_the_last_write_of_a_slot_is_in_doubt_until_it_cannot_be_under_way_any_more() -> None:
    (memory,) = known(entry("create", FIRST, NOW - 90.0), entry("update", SECOND, NOW - 60.0, "talk@1"))
    assert memory.doubt == Doubt("update", SECOND, NOW - 50.0)
    assert (memory.at, memory.look_from, memory.window) == (NOW - 60.0, NOW - 45.0, "talk@1")


def test_each_slot_is_judged_by_itself() -> None:
    other = relay(slot=Slot("pull.example.com", "live", "other"))
    assert [memory.relays for memory in known(entry("create", FIRST), entry("create", other))] == [
        (FIRST,),
        (other,),
    ]


def test_what_an_update_replaced_may_still_be_there() -> None:
    assert left(entry("create", FIRST), entry("update", SECOND)) == [FIRST, SECOND]


def test_what_a_delete_was_sent_for_may_still_be_there() -> None:
    assert left(entry("create", FIRST), entry("delete"), entry("delete")) == [FIRST]


def test_a_create_is_sent_to_an_empty_slot() -> None:
    assert left(entry("create", FIRST), entry("delete"), entry("create", SECOND)) == [SECOND]


def test_a_delete_that_nothing_followed_was_done_after_a_while() -> None:
    assert left(entry("create", FIRST), entry("delete", at=NOW - DELETED + 1.0)) == [FIRST]
    assert known(entry("create", FIRST), entry("delete", at=NOW - DELETED - 1.0)) == []


def test_an_ended_relay_may_be_listed_for_a_while_whatever_was_sent_since() -> None:
    ended, long_ago = relay(NOW - CLEARED + 1), relay(NOW - CLEARED - 1)
    assert left(entry("create", ended, NOW - 2.0 * CLEARED)) == [ended]
    assert left(entry("create", ended, NOW - 2.0 * CLEARED), entry("update", FIRST)) == [ended, FIRST]
    assert known(entry("create", long_ago, NOW - 2.0 * CLEARED)) == []


def test_one_that_has_ended_and_that_a_delete_was_sent_for_may_still_be_listed() -> None:
    ended = relay(NOW - 60)
    assert left(entry("create", ended, NOW - 3_600.0), entry("delete", at=NOW - 30.0)) == [ended]


def test_a_permanent_relay_never_ends() -> None:
    assert left(entry("create", RADIO, NOW - 30.0 * CLEARED)) == [RADIO]


RELAYS = st.integers(NOW - 2 * CLEARED, NOW + CLEARED).map(relay) | st.just(RADIO)
WRITES = st.lists(
    st.one_of(
        st.just(("delete", None)),
        st.tuples(st.sampled_from(["create", "update"]), RELAYS),
    ),
    max_size=8,
)


@given(WRITES)
def test_nothing_that_a_slot_can_hold_is_overlooked(writes: list[tuple[Verb, Relay | None]]) -> None:
    """Each write may have taken effect or not, but a create is only ever sent to an empty slot."""
    held: set[Relay | None] = {None}
    for verb, of in writes:
        held = {of, None} if verb == "create" else {*held, of}
    recent = [entry(verb, of) for verb, of in writes]
    possible = {each for each in held if each and (each.times is PERMANENT or each.times.end > NOW)}
    assert possible <= set(left(*recent))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("redis://127.0.0.1:6380/2", "127.0.0.1:6380/2"),
        ("redis://ann:secret@redis", "redis:6379/0"),
        ("rediss://:secret@redis:6379/0?db=3", "redis:6379/3"),
        ("unix:///run/redis.sock?db=1", "/run/redis.sock/1"),
        ("sentinel://ann:secret@a:1,b:2/mymaster?db=4", "a:1,b:2/mymaster/4"),
    ],
)
def test_a_ledger_is_called_by_its_place_and_never_by_its_password(url: str, name: str) -> None:
    assert name_of(url) == name
