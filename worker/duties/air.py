"""The duty that looks whether what should be on air is, and whether what is over has ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from worker import air, telemetry, vitals
from worker.air import Air, Figures, Seen
from worker.conditions import Condition, Kind, Level
from worker.coverage import covers
from worker.duties.domains import ask_each, listing
from worker.errors import ProviderError
from worker.ledger import Ledger
from worker.ledger.records import WindowRecord
from worker.ledger.watched import Tried
from worker.lifecycle import OPEN, State
from worker.near import Near
from worker.provider import Provider
from worker.relay import Row, Slot
from worker.turns import Lane, Turn
from worker.watch import Judged
from worker.windows import Window

_MEASURED_EVERY: Final = 120.0
"""Seconds between two looks at the figures of one stream: each costs a request."""
_MEASURED, _LAG = 240, 60
"""Seconds of figures that are asked for, and how far they lag: what is newer may look dark and is not."""
_ONE_BY_ONE: Final = 20
"""Streams of a domain that are asked for by name in a look, and as many that are measured. Where more are
dark it is for one reason, and the quota is needed to mend it."""
_TO_TRY: Final = 15.0
"""Seconds within which the sources of what went dark are tried; people wait for that."""
_LISTED_JUST_NOW, _LISTED_LATELY = 20.0, 60.0
"""Seconds for which a list says what is there, and for which it says that we may ask for it."""
_DEEMED: Final = frozenset({State.PLACED, State.REMOVED})
_MEANT: Final = OPEN - {State.DISPLACED}

Try = Callable[[Collection[Window], float], Mapping[Window, Sequence[Tried]]]
"""Tries the sources of these windows now, beginning none after some seconds."""


@dataclass
class OnAir:
    """One bulk request a domain and look, one more for each stream that seems dark, and figures now and then.

    ``settle``: seconds the provider takes to act. ``try_sources`` is asked when streams go dark.
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
        for record in self._near.windows(now, behind=air.LOOKED_BACK + self.settle, ahead=self.settle + 1):
            by_domain[record.window.slot.domain].append(record)
        judged: dict[str, Collection[Condition]] = {}
        for gone in self._domains - by_domain.keys():
            judged |= {air.scope_of(gone): [], _refusals(gone): []}
        found = ask_each(by_domain, lambda domain: self._of_domain(domain, by_domain[domain], now))
        for domain, answer in found.items():
            if isinstance(answer, ProviderError):
                telemetry.warn("watch.blind", errand=self.name, domain=domain, why=answer)
                judged[_refusals(domain)] = self._refusal(domain, answer, now)
            else:
                judged |= {air.scope_of(domain): answer, _refusals(domain): []}
        self._domains = set(by_domain)
        self._measured = {key: at for key, at in self._measured.items() if now - at < air.LOOKED_BACK}
        return judged

    def _refusal(self, domain: str, error: ProviderError, now: float) -> list[Condition]:
        """That the keys may list and not look; all else that can be refused is told by who lists."""
        kept, refusal = self.ledger.looks.whole(domain), vitals.of_refusal(error, domain)
        if not (kept and kept.at >= now - _LISTED_LATELY and refusal.kind is Kind.CREDENTIALS_REFUSED):
            return []
        scope, patience = _refusals(domain), int(_LISTED_LATELY)
        return [replace(refusal, scope=scope, subject=domain, level=Level.WARN, patience=patience)]

    def _of_domain(self, domain: str, records: list[WindowRecord], now: float) -> list[Condition]:
        begun = [record for record in records if has_begun(record, now)]
        seen = self.see(domain, begun, now) if begun else {}
        on_slot: defaultdict[Slot, list[Window]] = defaultdict(list)
        for record in records:
            if record.state in _MEANT | {State.REMOVED}:
                on_slot[record.window.slot].append(record.window)
        found: list[Condition] = []
        for record in records:
            window = record.window
            if record.state in _MEANT:
                found += air.conditions(window, seen.get(window), judged_from(record, self.settle), now)
            else:
                found += air.called_off(window)
            if window in seen:
                others = on_slot[window.slot]
                found += air.still_there(window, seen[window], others, self.settle, now)
        return found

    def see(self, domain: str, begun: Sequence[WindowRecord], now: float) -> dict[Window, Seen]:
        """How these windows of a domain, which have begun, are now; it is written down as well.

        Raises ``ProviderError``.
        """
        turn = Turn(Lane.BACKGROUND, now)
        online = {each.slot: each.since for each in self.provider.live_streams(domain, turn=turn)}
        kept = self.ledger.sightings.of(record.window.id for record in begun)
        before = {record.window: each.seen for record, each in zip(begun, kept, strict=True)}
        words = self._words(before, online, now)
        playing = {w: online[w.slot] for w in before if w.slot in online and now < w.end}
        figures = self._figures(playing, now)
        seen: dict[Window, Seen] = {}
        for record in begun:
            window, start = record.window, judged_from(record, self.settle)
            samples = figures.get(window, ())
            seen[window] = air.see(window, words[window], samples, before[window], now, start)
        dark = {window: each for window, each in seen.items() if each.state is Air.DARK}
        seen |= self._with_causes(domain, dark, now)
        self.ledger.sightings.note_air(seen)
        return seen

    def _words(
        self, before: Mapping[Window, Seen | None], online: Collection[Slot], now: float
    ) -> dict[Window, str]:
        """The provider's word on each. What the bulk does not show is asked for by name, a few at a time.

        A slot that plays another window by now does not play the one before any more.
        """
        playing = {window.slot for window in before if now < window.end}
        forbidden = {w.slot for w, was in before.items() if was and was.state is Air.FORBIDDEN}
        unsure = sorted(
            {w.slot for w in before if w.slot not in online and w.start + self.settle <= now < w.end},
            key=lambda slot: (slot not in forbidden, slot),
        )
        words = dict.fromkeys(online, "online")
        for slot in unsure[:_ONE_BY_ONE]:
            words[slot] = self.provider.stream_state(slot, turn=Turn(Lane.BACKGROUND, now)).state
        return {
            window: "offline" if window.end <= now and window.slot in playing else words.get(window.slot, "")
            for window in before
        }

    def _figures(self, playing: Mapping[Window, float], now: float) -> dict[Window, Sequence[Figures]]:
        """The newest figures of those that were measured longest ago; none more once that is refused.

        ``playing``: since when each is on air, for what was counted before that says nothing.
        """
        until = int(now) - _LAG
        since = {
            window: max(int(began), until - _MEASURED, 0 if window.permanent else window.start)
            for window, began in playing.items()
        }
        due = [
            window
            for window in playing
            if now - self._measured.get(window.id, 0.0) >= _MEASURED_EVERY and until - since[window] >= _LAG
        ]
        found: dict[Window, Sequence[Figures]] = {}
        for window in sorted(due, key=lambda w: (self._measured.get(w.id, 0.0), w.id))[:_ONE_BY_ONE]:
            self._measured[window.id] = now
            turn = Turn(Lane.BACKGROUND, now)
            try:
                samples = self.provider.metrics(window.slot, since[window], until, turn=turn)
            except ProviderError as error:  # whether it is on air is known all the same
                telemetry.warn("air.unmeasured", slot=window.slot, why=error)
                return found
            found[window] = [Figures(sample.framerate, sample.bitrate) for sample in samples]
        return found

    def _with_causes(self, domain: str, dark: Mapping[Window, Seen], now: float) -> dict[Window, Seen]:
        """The same with the likely cause. Sources are tried when a window goes dark, and not again."""
        rows = self._rows(domain, dark.values(), now) if dark else None
        listed = {w: rows is None or any(covers(row, w, now) for row in rows) for w in dark}
        new = [w for w, seen in dark.items() if listed[w] and seen.cause in {"", "config-missing"}]
        new = sorted(new, key=lambda window: (window.start, window.id))[:_ONE_BY_ONE]
        tried = self.try_sources(new, _TO_TRY) if new else {}
        well = not new or self._is_well(domain, now)
        causes = {w: seen.cause if listed[w] else "config-missing" for w, seen in dark.items()}
        for window in new:
            alive = [each.alive for each in tried.get(window, ())]
            causes[window] = air.why_dark(listed=True, sources_alive=alive, domain_well=well)
        return {w: replace(seen, cause=causes[w]) for w, seen in dark.items()}

    def _rows(self, domain: str, dark: Collection[Seen], now: float) -> Collection[Row] | None:
        """What is listed: lately, and since these went dark, for a list from before may lack their relay."""
        oldest = max(now - _LISTED_JUST_NOW, *(each.since for each in dark))
        try:
            return listing(self.ledger, self.provider, domain, oldest).rows
        except ProviderError:
            return None

    def _is_well(self, domain: str, now: float) -> bool:
        """Whether the account has the domain and it is switched on, as far as may be asked."""
        try:
            known = self.provider.domains(turn=Turn(Lane.BACKGROUND, now))
        except ProviderError:
            return True
        return any(domain in (each.domain, each.vhost) and each.status == 0 for each in known)


def has_begun(record: WindowRecord, now: float) -> bool:
    """Whether it should be, or was, on air as far as the ledger knows."""
    return record.state in _DEEMED and (record.window.permanent or record.window.start <= now)


def judged_from(record: WindowRecord, settle: int) -> float:
    """When the provider has had the time to begin with it (Unix seconds)."""
    return max(record.window.start, record.placed_at) + settle


def _refusals(domain: str) -> str:
    return f"{air.scope_of(domain)}:refused"
