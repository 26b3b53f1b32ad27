"""The duty that tries the sources of what is about to begin."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

from worker.conditions import Condition, Kind, Level, moot, of_window
from worker.ledger import Ledger
from worker.ledger.watched import Tried
from worker.lifecycle import OPEN, State
from worker.near import Near
from worker.probes import Probe
from worker.redact import mask_source
from worker.watch import Judged
from worker.windows import Window

CHECKPOINTS: Final = (1_800, 300)
"""Seconds before a start at which its sources are tried."""
_AGAIN: Final = 60.0
"""Seconds after which they are tried again while the first does not answer, until it does or it begins."""
_AT_ONCE: Final = 64
"""Sources that are tried at the same time: nearly all of that is waiting."""
_LOOK: Final = 30.0
"""Seconds within which a look begins its tries; what is left waits for the next look, the latest last."""
SCOPE: Final = "sources"
_MEANT: Final = OPEN - {State.DISPLACED}


@dataclass
class Sources:
    """Tries each address of a window, all at once; ``probe`` tries one, ``clock`` gives Unix seconds."""

    ledger: Ledger
    probe: Callable[[str], Probe]
    clock: Callable[[], float]
    name: str = "sources"
    every: float = 15.0

    def __post_init__(self) -> None:
        self._near = Near(self.ledger)

    def look(self, now: float) -> Judged:
        """The windows that are about to begin and have a source that does not answer."""
        near = [
            record
            for record in self._near.windows(now, behind=0, ahead=CHECKPOINTS[0] + 1)
            if 0 < record.window.start - now <= CHECKPOINTS[0]
        ]
        coming = [record.window for record in near if record.state in _MEANT]
        kept = self.ledger.sightings.of(window.id for window in coming)
        known = {
            window: watched.sources if _are_of(window, watched.sources) else ()
            for window, watched in zip(coming, kept, strict=True)
        }
        due = (window for window in coming if _is_due(window, known[window], now))
        known |= self.try_all(due, until=self.clock() + _LOOK)
        found = [each for window, tried in known.items() for each in _dead(window, tried)]
        for record in near:
            if record.state not in _MEANT:
                found += moot(record.window, [Kind.SOURCE_DEAD], SCOPE)
        return {SCOPE: found}

    def try_all(
        self,
        windows: Iterable[Window],
        until: float = math.inf,
        done: Callable[[int], object] = lambda _: None,
    ) -> dict[Window, tuple[Tried, ...]]:
        """Tries the sources of these, each address once, and writes down what came of it.

        What begins first is tried first. No try is begun after ``until``, by the clock; a window that this
        leaves incomplete is left out. ``done`` is told how many more addresses have been seen to.
        """
        ordered = sorted(windows, key=lambda window: (window.start, window.id))
        urls = dict.fromkeys(url for window in ordered for url in window.sources)
        tried: dict[str, Tried] = {}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                for url, one in zip(urls, pool.map(lambda url: self._try(url, until), urls), strict=True):
                    tried |= {url: one} if one else {}
                    done(1)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
        found = {w: tuple(tried[url] for url in w.sources) for w in ordered if tried.keys() >= {*w.sources}}
        self.ledger.sightings.note_sources(found)
        return found

    def _try(self, url: str, until: float) -> Tried | None:
        if self.clock() > until:
            return None
        found = self.probe(url)
        return Tried(
            source=found.source,
            alive=found.alive,
            at=self.clock(),
            code=found.code,
            words=found.words,
            codecs=found.codecs,
        )


def _are_of(window: Window, tried: Sequence[Tried]) -> bool:
    """Whether these are the window's sources, as somebody may have changed them since."""
    return [each.source for each in tried] == [mask_source(url) for url in window.sources]


def _is_due(window: Window, tried: Sequence[Tried], now: float) -> bool:
    """Whether a checkpoint has passed since they were tried, or it is time to ask the first again."""
    if not tried:
        return True
    last = min(each.at for each in tried)
    passed = [window.start - before for before in CHECKPOINTS if window.start - before <= now]
    return last < passed[-1] or (not tried[0].alive and now - last >= _AGAIN)


def _dead(window: Window, tried: Sequence[Tried]) -> list[Condition]:
    """A page for nobody: a source may begin with the programme. But somebody should ask.

    Once the window begins, what is on air is looked at instead, and this is over without being well.
    """
    dead = [each for each in tried if not each.alive]
    if not dead:
        return []
    used = next((each for each in tried if each.alive), None)
    told = "; ".join(f"{each.source}: {each.words}" for each in dead)
    rest = f"; {used.source} would be used" if used else ""
    level, cause = Level.WARN, "source-unreachable" if used is None else "first-source-dead"
    if tried[0].alive:
        level, cause = Level.INFO, "other-source-dead"
    facts: dict[str, Any] = {
        "why": f"{told}{rest}",
        "dead": [(each.source, each.code) for each in dead],
        "used": used.source if used else "",
    }
    found = of_window(window, Kind.SOURCE_DEAD, level, SCOPE, cause=cause, **facts)
    return [replace(found, until=window.start)]
