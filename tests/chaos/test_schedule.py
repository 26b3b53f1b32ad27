"""A storm can be had again by its seed, and holds what it is said to hold."""

from __future__ import annotations

from tests.chaos.programme import NOTICE, SOON, Programme, windows
from tests.chaos.schedule import Strength, schedule
from tests.chaos.station import FAKETIME

OPENING, CLOSING = 1_800_000_000, 1_800_000_180


def test_the_same_seed_gives_the_same_storm_and_another_one_another() -> None:
    first, again, other = (schedule(seed, 180, Strength()) for seed in (1, 1, 2))
    assert repr(first) == repr(again) != repr(other)


def test_ten_minutes_hold_every_kind_of_fault_and_edits() -> None:
    strikes = schedule(1, 600, Strength())
    kinds = {strike.fault.what for strike in strikes if strike.fault}
    always = {"kill", "freeze", "cut", "hole", "reset", "flush", "truncate", "providerclock"}
    assert kinds == always | ({"workerclock"} if FAKETIME else set())
    assert sum(strike.fault is None for strike in strikes) == 40
    assert all(0 <= strike.after < 600 for strike in strikes)


def test_the_same_seed_gives_the_same_programme_and_edits() -> None:
    def told(seed: int) -> list[object]:
        programme = Programme(seed, OPENING, CLOSING)
        shows = programme.first(90)
        edited, said = programme.edited(shows, OPENING + 30)
        return [windows(shows), windows(edited), said]

    assert told(1) == told(1) != told(2)


def test_nothing_is_asked_for_at_shorter_notice_than_the_promise_allows() -> None:
    programme = Programme(3, OPENING, CLOSING)
    shows = programme.first(90)
    assert min(each["start"] for each in windows(shows) if each["start"]) >= OPENING + SOON
    before = {(each["id"], each["start"]) for each in windows(shows)}
    edited, _ = programme.edited(shows, OPENING + 30)
    new = [each for each in windows(edited) if (each["id"], each["start"]) not in before]
    assert all(each["start"] >= OPENING + 30 + NOTICE for each in new)
