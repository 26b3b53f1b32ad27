"""In a good night nobody hears anything but the daily sheet, however much is on air."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import time

from tests.contract.ledgers import FILM, LATER
from tests.contract.machines import show
from tests.contract.night import Night
from tests.contract.stage import stage
from worker.alerts.daily import DailySheet
from worker.events.model import Event
from worker.lifecycle import State
from worker.provider.emulator.options import Duplicate

EVENTS = 200
MINUTE, HOUR, DAY = 60, 3_600, 86_400
ALIKE = ("rtmp://a.example.com/live/news",)


def programme() -> Iterator[Event]:
    """Shows as stations have them: many at once, back to back, joined, and with short pauses."""
    dice = random.Random(7)
    for n in range(0, EVENTS, 2):
        start = LATER + HOUR + dice.randrange(32) * 30 * MINUTE
        hours, lead = dice.choice([1, 2, 4]), dice.choice([15 * MINUTE, HOUR, DAY])
        yield show(f"e{n}", start, hours=hours, lead=lead)
        if n % 3 == 0:
            stream, begins = f"e{n}", start + hours * HOUR + dice.choice([0, 2, 10]) * MINUTE
        else:
            stream, begins = f"e{n + 1}", start
        yield show(f"e{n + 1}", begins, stream=stream, sources=dice.choice([FILM, ALIKE]), lead=lead)


def moments(edges: set[int]) -> Iterator[float]:
    """Every ten minutes of a day; round each start and end, every twenty seconds."""
    yield from sorted(
        {float(LATER + at) for at in range(0, DAY, 10 * MINUTE)}
        | {edge + seconds for edge in edges for seconds in range(-20, 120, 20)}
        | {edge + 330.0 for edge in edges}
    )


def test_a_good_day_and_night_is_no_news_but_the_daily_sheet(redis_url: str) -> None:
    events = list(programme())
    with stage(redis_url, Duplicate.REFUSE, list_lag=3.0, effect_lag=3.0, settle=240.0) as play:
        night, daily = Night(play), DailySheet(play.ledger, time(9), "UTC")
        windows = night.shows(*events)
        for moment in moments({edge for window in windows for edge in (window.start, window.end)}):
            night.live(moment, step=DAY)
            daily.step()
        assert {play.state(window) for window in windows} == {State.REMOVED}
        watched = night.play.ledger.sightings.of(window.id for window in windows)
        assert all(each.seen and each.seen.first_seen and each.seen.off_at for each in watched)
        assert (night.heard, night.standing) == ([("told", "daily-sheet")], [])
        (sheet,) = night.told
        begun = sum(window.start < sheet.facts["at"] for window in windows)
        assert (begun + sheet.facts["coming"], sheet.facts["troubles"]) == (EVENTS, 0)
