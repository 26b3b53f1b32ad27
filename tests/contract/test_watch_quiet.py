"""In a good night nobody hears anything, however much is on air.

``QUIET_EVENTS=200 make test ARGS=tests/contract/test_watch_quiet.py`` takes minutes and a whole station.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import islice

from tests.contract.ledgers import FILM, LATER
from tests.contract.machines import show
from tests.contract.night import Night
from tests.contract.stage import stage
from worker.events.model import Event
from worker.lifecycle import State
from worker.provider.emulator.options import Duplicate

EVENTS = int(os.environ.get("QUIET_EVENTS", "40"))
MINUTE, HOUR, DAY = 60, 3_600, 86_400
ALIKE = ("rtmp://a.example.com/live/news",)


def programme() -> Iterator[Event]:
    """Shows as stations have them: at any minute, at once, back to back, joined, and with short pauses."""
    dice = random.Random(7)
    for n in range(EVENTS):
        start = LATER + 30 * MINUTE + dice.randrange(16 * 60) * MINUTE
        hours, lead = dice.choice([1, 2, 3]), dice.choice([15 * MINUTE, HOUR, DAY])
        yield show(f"e{n}", start, hours=hours, lead=lead)
        if n % 3 == 0:
            begins = start + hours * HOUR + dice.choice([0, 2, 10]) * MINUTE
            yield show(f"f{n}", begins, stream=f"e{n}", sources=dice.choice([FILM, ALIKE]), lead=lead)


def moments(edges: set[int]) -> Iterator[float]:
    """Every five minutes of a day; round each start and end, every twenty seconds."""
    yield from sorted(
        {float(LATER + at) for at in range(0, DAY, 5 * MINUTE)}
        | {edge + seconds for edge in edges for seconds in range(-20, 120, 20)}
        | {edge + 330.0 for edge in edges}
    )


def test_a_good_day_and_night_is_no_news(redis_url: str) -> None:
    events = list(islice(programme(), EVENTS))
    with stage(redis_url, Duplicate.REFUSE, list_lag=3.0, effect_lag=3.0, settle=240.0) as play:
        night = Night(play)
        windows = night.shows(*events)
        for moment in moments({edge for window in windows for edge in (window.start, window.end)}):
            night.live(moment, step=DAY)
        assert {play.state(window) for window in windows} == {State.REMOVED}
        watched = night.play.ledger.sightings.of(window.id for window in windows)
        assert all(each.seen and each.seen.first_seen and each.seen.off_at for each in watched)
        assert (night.heard, night.standing) == ([], [])
