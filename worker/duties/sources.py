"""The duty that tries the sources of what is about to begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from worker.conditions import Condition, Kind, Level, of_window
from worker.ledger import Ledger
from worker.ledger.records import WindowRecord
from worker.ledger.watched import Tried, Watched
from worker.lifecycle import OPEN, State
from worker.near import Near
from worker.probes import Probe
from worker.redact import mask_source
from worker.watch import Judged
from worker.windows import Window

CHECKPOINTS: Final = (1_800, 300)
"""Seconds before a start at which its sources are tried."""
_AGAIN: Final = 60.0
"""Seconds after which sources of which none answered are tried again, until one does or it begins."""
_AT_ONCE: Final = 8
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
        """The windows that are about to begin and have no source that answers, or not the first one."""
        coming = [
            record
            for record in self._near.windows(now, behind=0, ahead=CHECKPOINTS[0])
            if record.state in _MEANT and record.window.start > now
        ]
        known = self.ledger.sightings.of(record.window.id for record in coming)
        found: list[Condition] = []
        for record, watched in zip(coming, known, strict=True):
            tried = watched.sources
            if _is_due(record, watched, now):
                tried = tuple(self.try_now(record.window))
            found += _dead(record, tried)
        return {SCOPE: found}

    def try_now(self, window: Window) -> Sequence[Tried]:
        """Tries them, and writes down what came of it."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            probes = list(pool.map(self.probe, window.sources))
        at = self.clock()
        tried = [
            Tried(
                source=each.source,
                alive=each.alive,
                at=at,
                code=each.code,
                words=each.words,
                codecs=each.codecs,
            )
            for each in probes
        ]
        self.ledger.sightings.note_sources({window: tried})
        return tried


def _is_due(record: WindowRecord, watched: Watched, now: float) -> bool:
    """Whether a checkpoint has passed since they were tried, they changed, or nothing answered lately."""
    tried = watched.sources
    if [each.source for each in tried] != [mask_source(url) for url in record.window.sources]:
        return True
    last = min(each.at for each in tried)
    passed = [record.window.start - before for before in CHECKPOINTS if record.window.start - before <= now]
    return last < passed[-1] or (not any(each.alive for each in tried) and now - last >= _AGAIN)


def _dead(record: WindowRecord, tried: Sequence[Tried]) -> list[Condition]:
    """A page for nobody: the source may begin with the programme. But somebody should ask."""
    dead = [each for each in tried if not each.alive]
    if not dead:
        return []
    used = next((each for each in tried if each.alive), None)
    told = "; ".join(f"{each.source}: {each.words}" for each in dead)
    rest = f"; {used.source} would be used" if used else ""
    cause = "source-unreachable" if used is None else "first-source-dead"
    level = Level.WARN if used is None or not tried[0].alive else Level.INFO
    return [of_window(record.window, Kind.SOURCE_DEAD, level, SCOPE, cause=cause, why=f"{told}{rest}")]
