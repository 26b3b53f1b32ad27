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


def gone(state: State, **record: str) -> Case:
    """The window after its event was given other times."""
    return replace(case(state, **record), programme=Programme(nightly(crons=("0 3 * * *",))))


def test_what_the_plan_called_off_and_has_no_more_need_not_be_called_off() -> None:
    assert isinstance(sense.cancel(gone(State.CANCELLED, cancelled_by="plan"), ANN), Nothing)
    assert isinstance(sense.cancel(case(State.CANCELLED, cancelled_by="plan"), ANN), Deed)
    assert isinstance(sense.cancel(gone(State.PLANNED), ANN), Deed)


@pytest.mark.parametrize(("now", "to"), [(NOW, State.PLANNED), (TONIGHT.start + 60, State.PLACED)])
def test_a_change_stays_on_air_where_it_is(now: int, to: State) -> None:
    found = sense.extend(case(State.PLACED, now), ANN, 600)
    assert isinstance(found, Deed)
    assert found.word.change.to is to
    assert bool(found.then) is (to is State.PLACED)
    assert found.word.change.why.startswith("extended by 10m, to ")
    assert found.word.change.why.endswith(": strike")


def test_a_start_that_is_moved_off_the_air_is_planned_anew() -> None:
    now = TONIGHT.start + 60
    found = sense.override(case(State.PLACED, now), replace(ANN, force=True), Wish(start=now + 600))
    assert isinstance(found, Deed)
    assert (found.word.change.to, found.then) == (State.PLANNED, "")


def off(now: float, **changes: int) -> Case:
    """Called off by somebody, after it was overridden."""
    said = told(TONIGHT.id, cancel=True, **changes)
    found = case(State.CANCELLED, now, cancelled_by="person")
    return replace(found, programme=replace(found.programme, overrides={TONIGHT.id: said}))


def test_what_is_taken_back_is_as_it_was_overridden_before_and_no_longer_off() -> None:
    found = sense.retry(off(NOW, end=TONIGHT.end + 600), ANN)
    assert isinstance(found, Deed)
    assert found.word.override
    assert (found.word.override.cancel, found.word.override.end) == (False, TONIGHT.end + 600)
    assert found.word.window.end == TONIGHT.end + 600
    plain = sense.retry(off(NOW), ANN)
    assert isinstance(plain, Deed)
    assert (plain.word.override, plain.word.window) == (None, TONIGHT)


def test_what_is_over_as_it_was_overridden_is_not_taken_back() -> None:
    short = off(TONIGHT.start + 1_200, end=TONIGHT.start + 900)
    with pytest.raises(Refused, match="is over"):
        sense.retry(short, ANN)
    with pytest.raises(Refused, match="too little"):
        sense.retry(off(TONIGHT.end - 60), ANN)
