"""The duty that looks whether what should be on air is, and whether what is over has ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from worker import air
from worker.air import Air, Figures, Seen
from worker.conditions import Condition
from worker.coverage import covers
from worker.errors import ProviderError
from worker.ledger import Ledger
from worker.ledger.records import WindowRecord
from worker.ledger.watched import Tried
from worker.lifecycle import State
from worker.near import Near
from worker.provider import Provider
from worker.relay import Slot
from worker.turns import Lane, Turn
from worker.watch import Judged
from worker.windows import Window

_MEASURED_EVERY: Final = 120.0
"""Seconds between two looks at the figures of one stream: each costs a request, and they lag by a minute."""
_MEASURED: Final = 240
"""Seconds of figures that are asked for: eight samples, of which the newest may be missing."""
_ASKED_ONE_BY_ONE: Final = 20
"""Streams of a domain: where more are dark, it is for one reason, and the quota is needed to mend it."""
_DEEMED: Final = frozenset({State.PLACED, State.REMOVED})

Try = Callable[[Window], Sequence[Tried]]
"""Tries the sources of a window now."""


@dataclass
class OnAir:
    """One bulk request a domain and look, one more for each stream that seems dark, and figures now and then.

    ``settle``: seconds the provider takes to act. ``try_sources`` is asked when a stream goes dark.
    """

    ledger: Ledger
    provider: Provider
    settle: int
    try_sources: Try
    name: str = "air"
    every: float = 20.0
    _domains: set[str] = field(default_factory=set, init=False)
    _measured: dict[str, float] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._near = Near(self.ledger)

    def look(self, now: float) -> Judged:
        """What is dark, poor, forbidden, or still there, by domain; one that cannot be asked is left out."""
        by_domain: defaultdict[str, list[WindowRecord]] = defaultdict(list)
        for record in self._near.windows(now, behind=air.LOOKED_BACK + self.settle, ahead=1):
            by_domain[record.window.slot.domain].append(record)
        judged: dict[str, Collection[Condition]] = {air.scope_of(gone): [] for gone in self._domains}
        trouble: ProviderError | None = None
        for domain, records in by_domain.items():
            try:
                judged[air.scope_of(domain)] = self._of_domain(domain, records, now)
            except ProviderError as error:
                judged.pop(air.scope_of(domain), None)
                trouble = error
        self._domains = set(by_domain)
        self._measured = {key: at for key, at in self._measured.items() if now - at < air.LOOKED_BACK}
        if trouble and not judged:
            raise trouble
        return judged

    def _of_domain(self, domain: str, records: list[WindowRecord], now: float) -> list[Condition]:
        begun = [record for record in records if has_begun(record, now)]
        return self._wrong(begun, self.see(domain, begun, now), now) if begun else []

    def see(self, domain: str, begun: Sequence[WindowRecord], now: float) -> dict[Window, Seen]:
        """How these windows of a domain, which have begun, are now; it is written down as well.

        Raises ``ProviderError``.
        """
        turn = Turn(Lane.BACKGROUND, now)
        online = {stream.slot for stream in self.provider.live_streams(domain, turn=turn)}
        before = [watched.seen for watched in self.ledger.sightings.of(r.window.id for r in begun)]
        states = self._states([r.window for r in begun], online, now)
        seen = {
            record.window: self._see(record, state, was, now)
            for record, state, was in zip(begun, states, before, strict=True)
        }
        self.ledger.sightings.note_air(seen)
        return seen

    def _states(self, windows: Sequence[Window], online: Collection[Slot], now: float) -> list[str]:
        """The provider's word on each. What the bulk does not show is asked for by name, a few at a time."""
        due = [w for w in windows if w.slot not in online and w.start + self.settle <= now < w.end]
        asked = {
            window.slot: self.provider.stream_state(window.slot, turn=Turn(Lane.BACKGROUND, now)).state
            for window in due[:_ASKED_ONE_BY_ONE]
        }
        return ["online" if w.slot in online else asked.get(w.slot, "offline") for w in windows]

    def _see(self, record: WindowRecord, state: str, was: Seen | None, now: float) -> Seen:
        window = record.window
        figures = self._figures(window, now) if state == "online" and now < window.end else ()
        seen = air.see(window, state, figures, was, now)
        return replace(seen, cause=self._cause(record, seen, was)) if seen.state is Air.DARK else seen

    def _figures(self, window: Window, now: float) -> Sequence[Figures]:
        if now - self._measured.get(window.id, 0.0) < _MEASURED_EVERY:
            return ()
        self._measured[window.id] = now
        since = int(now) - _MEASURED if window.permanent else max(window.start, int(now) - _MEASURED)
        samples = self.provider.metrics(window.slot, since, int(now), turn=Turn(Lane.BACKGROUND, now))
        return [Figures(sample.framerate, sample.bitrate) for sample in samples]

    def _cause(self, record: WindowRecord, seen: Seen, was: Seen | None) -> str:
        """Why it is dark. Sources are tried when it goes dark, and not again while it is."""
        window = record.window
        kept = self.ledger.looks.whole(window.slot.domain)
        listed = kept is None or any(covers(row, window, seen.at) for row in kept.rows)
        if was and was.state is Air.DARK and was.cause and listed == (was.cause != "config-missing"):
            return was.cause
        tried = self.try_sources(window) if listed else ()
        return air.why_dark(listed=listed, sources_alive=[each.alive for each in tried])

    def _wrong(self, begun: Sequence[WindowRecord], seen: dict[Window, Seen], now: float) -> list[Condition]:
        on_slot: defaultdict[Slot, list[Window]] = defaultdict(list)
        for record in begun:
            on_slot[record.window.slot].append(record.window)
        found: list[Condition] = []
        for record in begun:
            window = record.window
            if record.state is State.PLACED:
                judged_from = max(window.start, record.placed_at) + self.settle
                found += air.conditions(window, seen[window], judged_from, now)
            found += air.still_there(window, seen[window], on_slot[window.slot], self.settle, now)
        return found


def has_begun(record: WindowRecord, now: float) -> bool:
    """Whether it should be, or was, on air as far as the ledger knows."""
    return record.state in _DEEMED and (record.window.permanent or record.window.start <= now)
