"""The windows of many events in one line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.build import NOW
from worker.events.model import Event
from worker.lineup import lineup, running_into
from worker.windows import Window, expand

DAY = 86_400
CRONS = st.sampled_from(["0 20 * * *", "*/5 * * * *", "0 0 1 * *", "30 2 * * *", "7 */3 * * 1"])
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Pacific/Apia"])


def event(name: str = "e", cron: str = "0 20 * * *", **changes: Any) -> Event:
    fields: dict[str, Any] = {
        "id": name, "title": name, "domain": "d", "app": "a", "stream": name, "sources": ("https://a/x.flv",),
        "timezone": "Asia/Shanghai", "crons": (cron,), "duration": 60,
    }  # fmt: skip
    return Event(**(fields | changes))


def ids(*events: Event, since: int = NOW, until: int = NOW + 9 * DAY, **how: Any) -> list[str]:
    return [w.id for w in lineup(events, lambda _: (since, until), **how)]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(CRONS, ZONES), max_size=5), st.integers(5, 200), st.integers(0, 4 * DAY))
def test_a_line_is_every_events_windows_in_order_however_it_is_cut(
    kinds: list[tuple[str, str]], at_once: int, seconds: int
) -> None:
    events = [event(f"e{n}", cron, timezone=zone) for n, (cron, zone) in enumerate(kinds)]
    found = [w for e in events for w in expand(e, NOW, NOW + seconds)]
    expected = [w.id for w in sorted(found, key=lambda w: (w.start, w.id))]
    assert ids(*events, until=NOW + seconds, at_once=at_once) == expected


def test_a_range_made_longer_has_all_that_runs_into_it() -> None:
    night, film = event("night"), event("film", "30 17 * * *", duration=DAY)
    wanted = running_into([night, film], lambda _: (NOW, NOW + 1))
    assert wanted("Asia/Shanghai") == (NOW - DAY, NOW + 1)
    assert [w.event for w in lineup([night, film], wanted)] == ["night", "film"]


def test_no_events_have_no_windows() -> None:
    assert ids() == []


@pytest.mark.parametrize("since", [NOW, NOW + 40 * DAY])
def test_a_permanent_window_comes_once_and_first(since: int) -> None:
    radio = event("radio", permanent=True, crons=(), duration=None)
    assert ids(event(), radio, since=since, until=since + 2 * DAY, at_once=1)[0] == "radio@permanent"
    assert ids(event(), radio, since=since, until=since + 9 * DAY, at_once=1).count("radio@permanent") == 1


def test_each_zone_can_have_a_range_of_its_own() -> None:
    ranges = {"Asia/Shanghai": (NOW, NOW + DAY), "Europe/Berlin": (NOW + 5 * DAY, NOW + 6 * DAY)}
    both = [event("here"), event("there", timezone="Europe/Berlin")]
    found = list(lineup(both, ranges.__getitem__))
    assert [w.event for w in found] == ["here", "there"]


def test_windows_are_made_as_they_are_asked_for() -> None:
    first: Window = next(lineup([event(cron="* * * * * *")], lambda _: (NOW, NOW + 3_650 * DAY)))
    assert first.start == NOW
