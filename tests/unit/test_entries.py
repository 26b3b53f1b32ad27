"""What somebody said of a window, written into the file, means the same window."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from tests.programmes import NIGHTS, Entry, nights, read, recurring
from worker.entries import advise, text
from worker.events.model import Event, Extra
from worker.overrides import Override, overridden
from worker.windows import Window, expand

DAY = 86_400
HOUR = 3_600

GALA = "rtmp://d.example.com/live/gala-key"


def around(of: Event, at: int) -> list[tuple[Any, ...]]:
    windows = expand(of, at - 6 * DAY, at + 6 * DAY)
    return sorted((w.start, w.end, str(w.slot), w.sources) for w in windows)


def windows(of: Event, zone: str) -> list[Window]:
    now = int(NIGHTS[zone].timestamp())
    return list(expand(of, now - DAY, now + 2 * DAY))


def written(entry: Entry, advice: Any) -> Event:
    """The file with the entries as they are told, as text, read again."""
    new = {key: list(entry.get(key, ())) for key in ("exceptions", "extra")}
    for drop in advice.drop:
        key, name = ("extra", "start") if isinstance(drop, Extra) else ("exceptions", "on")
        gone = yaml.load(text(drop), yaml.BaseLoader)
        new[key] = [each for each in new[key] if each[name] != gone[name]]
    for put in advice.put:
        key = "extra" if isinstance(put, Extra) else "exceptions"
        new[key].append(yaml.load(text(put, show_secrets=True), yaml.BaseLoader))
    (found,) = read([{key: value for key, value in (entry | new).items() if value != []}])
    return found


@settings(deadline=None, max_examples=400)
@given(data=st.data(), zone=nights)
def test_the_file_with_the_entries_means_what_was_said_and_nothing_else(data: Any, zone: str) -> None:
    entry = data.draw(recurring("news", zone))
    (of,) = read([entry])
    there = windows(of, zone)
    assume(there)
    window = data.draw(st.sampled_from(there))
    start = data.draw(st.none() | st.integers(-30, 60).map(lambda n: window.start + n * HOUR // 2))
    end = data.draw(st.none() | st.integers(1, 60).map(lambda n: (start or window.start) + n * HOUR // 2))
    told = Override(
        window=window.id,
        at=0.0,
        by="ann",
        reason="a: b #c, 雪",
        start=start,
        end=end,
        cancel=data.draw(st.booleans()),
        sources=data.draw(st.sampled_from([(), (GALA,)])),
    )
    assume(told.cancel or ((start or window.start) < (end or window.end)))
    advice = advise(of, told)
    event(advice.why_not or f"{len(advice.put)} put, {len(advice.drop)} dropped")
    if advice.why_not:
        return
    new = written(entry, advice)
    kept = around(of, window.start)
    kept.remove((window.start, window.end, str(window.slot), window.sources))
    if not told.cancel:
        wanted = overridden(window, told)
        kept.append((wanted.start, wanted.end, str(wanted.slot), wanted.sources))
    assert around(new, window.start) == sorted(kept)
