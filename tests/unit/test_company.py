from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.build import window
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.neighbours import meetings_now
from worker.web.company import companies

SETTLE, HOUR = 300, 3_600
SINCE, UNTIL, NOW = 0, 24 * HOUR, 6 * HOUR


def record(start: int, end: int, n: int = 0, source: str = "a", priority: int = 0) -> WindowRecord:
    made = window(start, end - start, event=f"e{n}", sources=(f"rtmp://{source}/x",), priority=priority)
    return WindowRecord(window=made, state=State.PLANNED, revision=1)


def near(records: list[WindowRecord]) -> list[WindowRecord]:
    return [each for each in records if each.window.end > SINCE and each.window.start < UNTIL]


@st.composite
def slots(draw: st.DrawFn) -> list[WindowRecord]:
    """The windows of a slot, from before the range to after it, close to each other."""
    found = []
    for n in range(draw(st.integers(1, 14))):
        start = draw(st.integers(-40, 250)) * 600
        length = draw(st.integers(1, 40)) * 300
        source = draw(st.sampled_from("ab"))
        found.append(record(start, start + length, n, source, draw(st.integers(0, 2))))
    return found


@given(slots(), st.integers(0, 2**14 - 1))
def test_what_is_known_so_says_the_same_as_the_whole_slot(records: list[WindowRecord], chosen: int) -> None:
    wanted = [each for n, each in enumerate(near(records)) if chosen >> n & 1]
    whole = meetings_now([each.standing for each in records], NOW, SETTLE)
    for known in companies(wanted, near(records), SINCE, UNTIL, SETTLE).values():
        if known is not None:
            told = meetings_now(known, NOW, SETTLE)
            for each in wanted:
                assert told.get(each.window.id, ()) == whole.get(each.window.id, ())


def test_a_show_a_day_needs_no_look_beyond() -> None:
    shows = [record(at, at + HOUR, at) for at in (2 * HOUR, 12 * HOUR, 26 * HOUR)]
    (known,) = companies(shows[:2], near(shows), SINCE, UNTIL, SETTLE).values()
    assert known == [each.standing for each in shows[:2]]


def test_what_goes_on_outside_has_to_be_looked_for() -> None:
    chain = [record(at, at + HOUR, at) for at in range(20 * HOUR, 30 * HOUR, HOUR)]
    (known,) = companies(chain[:1], near(chain), SINCE, UNTIL, SETTLE).values()
    assert known is None


def test_what_goes_on_outside_is_nothing_to_those_apart_from_it() -> None:
    apart, beyond = record(2 * HOUR, 3 * HOUR, 1), record(23 * HOUR, 25 * HOUR, 2)
    (known,) = companies([apart], near([apart, beyond]), SINCE, UNTIL, SETTLE).values()
    assert known == [apart.standing]


def test_what_is_over_for_good_wants_nothing_of_its_slot() -> None:
    off = WindowRecord(window=window(HOUR, HOUR), state=State.CANCELLED, revision=1)
    assert companies([off], [off], SINCE, UNTIL, SETTLE) == {}
