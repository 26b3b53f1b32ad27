"""What pages keep of the ledger is what it holds, whatever changed since they read it."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from tests.contract.desk import DAY, Desk, nightly
from tests.contract.ledgers import HOUR, Clock, clocked
from worker.ledger import Ledger
from worker.lifecycle import State
from worker.near import Near
from worker.web.memory import Round, Slots


@pytest.fixture
def desk(redis_url: str) -> Desk:
    found = Desk(clocked(redis_url, Clock()))
    found.apply(nightly())
    return found


def stamp(ledger: Ledger) -> tuple[int, float]:
    return ledger.revision(), ledger.intents.stamp()


CHANGES: dict[str, Callable[[Desk], object]] = {
    "nothing": lambda desk: None,
    "a window is placed": lambda desk: desk.bring(desk.window(), State.PLACED),
    "a window failed": lambda desk: desk.bring(desk.window(), State.FAILED),
    "a window is moved": lambda desk: desk.say("override", desk.window().id, start=desk.window().start + 600),
    "a window is called off": lambda desk: desk.say("cancel", desk.window().id),
    "a window is added": lambda desk: desk.say(
        "add", "news", start=desk.window().start + 6 * HOUR, seconds=HOUR
    ),
    "the plan is another": lambda desk: desk.apply(nightly(duration=HOUR), digest="2"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_who_shares_a_slot_is_known_as_the_ledger_knows_it(desk: Desk, change: str) -> None:
    slots, ledger, slot = Slots(desk.ledger), desk.ledger, desk.window().slot
    assert slots.read([slot], stamp(ledger)) == list(ledger.reading.on_slots([slot]))
    CHANGES[change](desk)
    assert slots.read([slot], stamp(ledger)) == list(ledger.reading.on_slots([slot]))


@pytest.mark.parametrize("change", CHANGES)
def test_what_plays_round_a_time_is_known_as_the_ledger_knows_it(desk: Desk, change: str) -> None:
    around, ledger, now = Round(Near(desk.ledger)), desk.ledger, desk.ledger.now()
    around.read(now, now + 3 * DAY, stamp(ledger))
    CHANGES[change](desk)
    for since, until in ((now, now + 2 * DAY), (now, now + 5 * DAY), (0.0, math.inf)):
        known = list(Near(ledger).windows(since, behind=0.0, ahead=until - since))
        assert around.read(since, until, stamp(ledger)) == known


def test_what_did_not_change_is_not_read_again(desk: Desk) -> None:
    slots, ledger, slot = Slots(desk.ledger), desk.ledger, desk.window().slot
    (before,) = slots.read([slot], stamp(ledger))
    desk.bring(desk.window(), State.FAILED)
    (after,) = slots.read([slot], stamp(ledger))
    assert [a is b for a, b in zip(before[1:], after, strict=True)] == [True] * len(after)
