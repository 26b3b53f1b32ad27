"""What a person's word does to a window, whatever the word and the window."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.build import NOW
from tests.unit.test_overrides import OTHER, nightly, told, week
from worker import sense
from worker.cases import FARTHEST_MOVE, Case
from worker.errors import Refused
from worker.ledger.records import WindowRecord
from worker.lifecycle import EDGES, Mover, State
from worker.overrides import Pause, Programme
from worker.relay import LONGEST_WINDOW
from worker.sense import Deed, Nothing, Speaker, Wish

ANN = Speaker("ann", "strike")
TONIGHT = week(nightly())[0]
OFFSETS = st.integers(-3 * 86_400, 40 * 86_400)


def case(state: State = State.PLANNED, now: float = NOW, **record: str) -> Case:
    found = WindowRecord(window=TONIGHT, state=state, revision=1, **record)  # type: ignore[arg-type]
    return Case(Programme(nightly()), TONIGHT.id, found, now)


@given(
    start=st.none() | OFFSETS,
    end=st.none() | OFFSETS,
    sources=st.sampled_from([(), OTHER]),
    state=st.sampled_from(State),
    now=st.integers(NOW, TONIGHT.end + 3_600),
)
def test_no_wish_that_is_granted_breaks_a_window(
    start: int | None, end: int | None, sources: tuple[str, ...], state: State, now: int
) -> None:
    wish = Wish(
        start=None if start is None else TONIGHT.start + start,
        end=None if end is None else TONIGHT.end + end,
        sources=sources,
    )
    of = case(state, now, cancelled_by="plan")
    try:
        found = sense.override(of, ANN, wish)
    except Refused as refused:
        assert TONIGHT.id in str(refused)
        return
    assume(isinstance(found, Deed))
    assert isinstance(found, Deed)
    window = found.word.window
    assert now < window.end
    assert window.start < window.end <= window.start + LONGEST_WINDOW
    assert abs(window.start - TONIGHT.start) <= FARTHEST_MOVE
    assert window.start in {TONIGHT.start} or window.start >= now
    assert not of.on_air or (window.sources == TONIGHT.sources and window.start <= now)


@given(verb=st.sampled_from([sense.cancel, sense.stop, sense.retry]), state=st.sampled_from(State))
def test_a_word_moves_a_window_only_along_an_edge_that_people_have(verb: object, state: State) -> None:
    of = case(state, TONIGHT.start + 60.0, cancelled_by="person")
    try:
        found = verb(of, Speaker("ann", "strike", force=True))  # type: ignore[operator]
    except Refused:
        return
    if isinstance(found, Deed) and found.word.to != "hurried":
        assert Mover.PERSON in EDGES[(state, found.word.change.to)][0]


def test_a_window_that_nobody_planned_yet_can_be_called_off() -> None:
    found = sense.cancel(Case(Programme(nightly()), TONIGHT.id, None, NOW), ANN)
    assert isinstance(found, Deed)
    assert (found.word.window, found.word.override) == (TONIGHT, told(TONIGHT.id, cancel=True))


@pytest.mark.parametrize("state", [State.FAILED, State.MISSED])
def test_too_little_is_not_tried_again(state: State) -> None:
    late = TONIGHT.end - TONIGHT.min_useful + 1
    with pytest.raises(Refused, match="too little") as refused:
        sense.retry(case(state, late), ANN)
    assert f"relaybeat extend {TONIGHT.id} +5m," in refused.value.hint
    assert isinstance(sense.extend(case(state, late), ANN, 300), Deed)


def test_what_was_made_too_short_is_told_how_much_longer_it_must_be() -> None:
    late = TONIGHT.end - 60
    with pytest.raises(Refused, match="too little") as refused:
        sense.extend(case(State.MISSED, late), ANN, 60)
    assert "+15m," in refused.value.hint
    assert isinstance(sense.extend(case(State.MISSED, late + 120 - 61), ANN, 900), Deed)


def test_what_is_tried_again_already_is_left_alone() -> None:
    waiting = case(State.RETRYING)
    assert waiting.record
    hurried = replace(waiting, record=replace(waiting.record, next_attempt_at=NOW))
    assert isinstance(sense.retry(hurried, ANN), Nothing)


def test_what_the_plan_called_off_is_brought_back_by_the_plan() -> None:
    off = case(State.CANCELLED, cancelled_by="plan")
    with pytest.raises(Refused) as refused:
        sense.retry(off, ANN)
    assert "events file" in refused.value.hint
    paused = replace(off, programme=replace(off.programme, pause=Pause(at=NOW, by="bob", reason="x")))
    with pytest.raises(Refused, match="paused by bob: x"):
        sense.retry(paused, ANN)
