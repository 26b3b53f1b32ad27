"""What an occurrence is called by other rules, and where people's words belong then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.contract.ledgers import HOUR, event
from tests.law import in_force, release
from worker.events.model import Event, Extra
from worker.overrides import Override, Programme, nominal_start
from worker.renaming import after, carried, heirs, reading_of, renamed
from worker.windows import Window, expand

EIGHT = "news@20260601T150000Z"
"""At eight in the evening in Almaty, five hours ahead."""
ZONE = "Asia/Almaty"


def show(**changes: Any) -> Event:
    return event(**({"timezone": ZONE, "crons": ("0 20 * * *",), "duration": HOUR} | changes))


def word(window: str = EIGHT, **changes: Any) -> Override:
    fields: dict[str, Any] = {"cancel": True, "reading": reading_of(EIGHT, "Asia/Tashkent")}
    return Override(window=window, at=1.0, by="ann", reason="strike", **(fields | changes))


def said(*words: Override, **changes: Any) -> Programme:
    return Programme(show(**changes), {told.window: told for told in words})


@pytest.fixture
def an_hour_later(tmp_path: Path) -> Iterator[None]:
    """Almaty is four hours ahead: what was at 15:00 UTC is at 16:00."""
    with in_force(release(tmp_path, "2099.1", Almaty="Asia/Dubai")):
        yield


def test_under_the_same_rules_everything_keeps_its_name() -> None:
    assert renamed(show(), EIGHT, reading_of(EIGHT, ZONE)) == EIGHT
    assert carried(said(word())) == {}


@pytest.mark.parametrize("suffix", ["", "-extra"])
def test_a_night_is_called_after_the_start_that_it_has_now(an_hour_later: None, suffix: str) -> None:
    reading = reading_of(EIGHT, "Asia/Tashkent")
    assert renamed(show(), EIGHT + suffix, reading) == f"news@20260601T160000Z{suffix}"


def test_a_window_of_which_nothing_is_known_keeps_its_name(an_hour_later: None) -> None:
    assert renamed(show(), EIGHT, None) == EIGHT


def test_a_permanent_one_has_no_reading_and_keeps_its_name() -> None:
    assert reading_of("radio@permanent", ZONE) is None
    assert renamed(show(), "radio@permanent", None) == "radio@permanent"


def test_a_word_goes_over_to_the_new_name(an_hour_later: None) -> None:
    told = after(said(word())).overrides
    assert [*told] == ["news@20260601T160000Z"]
    assert told["news@20260601T160000Z"].window == "news@20260601T160000Z"
    assert told["news@20260601T160000Z"].reason == "strike"


def test_times_that_somebody_named_move_with_the_clock(an_hour_later: None) -> None:
    start = nominal_start(EIGHT) or 0
    (told,) = carried(said(word(cancel=False, start=start + 1_800, end=start + HOUR))).values()
    assert (told.start, told.end) == (start + HOUR + 1_800, start + 2 * HOUR)


def test_words_of_two_shows_do_not_meet_though_one_takes_the_name_of_the_other(an_hour_later: None) -> None:
    nine = "news@20260601T160000Z"
    hour_later = (word().reading or 0) + HOUR
    later = word(nine, cancel=False, sources=("rtmp://b.example.com/live/x",), reading=hour_later)
    told = after(said(word(), later, crons=("0 20 * * *", "0 21 * * *"))).overrides
    assert {each: one.cancel for each, one in told.items()} == {nine: True, "news@20260601T170000Z": False}


def test_what_somebody_added_is_found_where_its_clock_is_now(an_hour_later: None) -> None:
    extra = Extra(start=datetime(2026, 6, 1, 20), duration=HOUR, reason="gala")  # noqa: DTZ001
    told = after(said(word(cancel=False, added=extra), crons=("0 3 * * *",), extra=(extra,)))
    assert told.window("news@20260601T160000Z")
    assert [*told.overrides] == ["news@20260601T160000Z"]


def test_a_word_on_a_night_that_is_not_among_the_times_finds_the_nearest(an_hour_later: None) -> None:
    assert [*after(said(word(), crons=("30 20 * * *",))).overrides] == ["news@20260601T163000Z"]


def test_a_word_that_nothing_is_near_to_stays_where_it_is(an_hour_later: None) -> None:
    assert after(said(word(), crons=("0 9 * * *",))).overrides == said(word()).overrides


def windows(of: Event) -> dict[str, Window]:
    day = (nominal_start(EIGHT) or 0) - 6 * HOUR
    return {each.id: each for each in expand(of, day, day + 12 * HOUR)}


def test_a_window_that_goes_is_followed_by_the_nearest_that_is_nobodys() -> None:
    gone, wanted = windows(show()), windows(show(crons=("30 20 * * *", "0 21 * * *")))
    assert heirs(show(), {EIGHT: None}, gone.values(), wanted) == {EIGHT: "news@20260601T153000Z"}


def test_a_window_that_goes_has_no_heir_where_nothing_is_near() -> None:
    gone, wanted = windows(show()), windows(show(crons=("0 16 * * *",)))
    assert heirs(show(), {EIGHT: None}, gone.values(), wanted) == {}


def test_what_is_known_by_its_own_name_is_nobodys_heir() -> None:
    nine = show(crons=("0 21 * * *",))
    known = {EIGHT: None, **dict.fromkeys(windows(nine))}
    assert heirs(show(), known, windows(show()).values(), windows(nine)) == {}
