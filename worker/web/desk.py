"""What is shown to whoever looks, on the page or through the API: read from the ledger alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from worker.conditions import OF_WINDOWS, Level
from worker.health import ALL_ROLES, Sign, patience, signs
from worker.ledger import Ledger
from worker.ledger.alerts import Standing
from worker.ledger.records import WindowRecord
from worker.ledger.watched import Watched
from worker.near import Near
from worker.neighbours import Meeting
from worker.prospects import prospect
from worker.reports import WORDS, fits, troubled, with_neighbours
from worker.runtime import Runtime
from worker.slots import Standing as Place
from worker.verbs import Verbs
from worker.web.company import companies
from worker.web.memory import Round, Slots

_DAY: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which windows somebody wants to see: those that play within [since, until), in Unix seconds.

    What is empty lets everything through. ``states`` are of ``worker.reports.WORDS``. ``text`` is looked for
    in ids, titles and streams, whatever its case.
    """

    since: float = -math.inf
    until: float = math.inf
    states: frozenset[str] = frozenset()
    event: str = ""
    stream: str = ""
    domain: str = ""
    text: str = ""

    def takes(self, record: WindowRecord, now: float) -> bool:
        """Whether this window is one of them, whenever it plays."""
        window = record.window
        return (
            self.event in {"", window.event}
            and self.stream in {"", window.slot.stream}
            and self.domain in {"", window.slot.domain}
            and (not self.states or any(fits(record, word, now) for word in self.states))
            and self._found_in(window.id, window.title, window.slot.stream)
        )

    def _found_in(self, *texts: str) -> bool:
        wanted = self.text.casefold()
        return any(wanted in text.casefold() for text in texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A window with all that is known of it; its notes tell of its neighbours, which ``meetings`` names."""

    record: WindowRecord
    meetings: tuple[Meeting, ...]
    watched: Watched

    @property
    def id(self) -> str:
        """The window's."""
        return self.record.window.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that wants a person: a window in trouble, a condition that stands, or both.

    ``since`` is in Unix seconds, 0 if that is not known.
    """

    shown: Shown | None
    standing: Standing | None
    since: float

    @property
    def level(self) -> Level:
        """How much it hurts."""
        return self.standing.condition.level if self.standing else Level.WARN


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """Who is there: whoever made progress lately. ``missing`` are roles that nobody fills."""

    present: tuple[Sign, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Desk:
    """Reads for many at once; safe in any number of threads. All raise ``LedgerUnavailable``."""

    runtime: Runtime

    @property
    def ledger(self) -> Ledger:
        """Where all of this is read."""
        return self.runtime.ledger

    @property
    def settle(self) -> int:
        """Seconds the provider takes to act on a change."""
        return self.runtime.settings.settle

    @cached_property
    def verbs(self) -> Verbs:
        """What people may do."""
        return Verbs(self.runtime.planner, self.settle)

    @cached_property
    def _slots(self) -> Slots:
        return Slots(self.ledger)

    @cached_property
    def _round(self) -> Round:
        return Round(Near(self.ledger))

    def now(self) -> float:
        """Unix seconds by the clock that decides."""
        return self.ledger.now()

    def stamp(self) -> tuple[int, float]:
        """Other than before if a window, an event or a word of somebody changed; cheap to ask for."""
        return self.ledger.revision(), self.ledger.intents.stamp()

    def windows(self, choice: Choice, now: float) -> list[Shown]:
        """The windows of a choice in order of start. Permanent ones come first."""
        return self.shown([r for r in self._between(choice) if choice.takes(r, now)], now)

    def window(self, window_id: str, now: float) -> Shown:
        """One window; as it will be planned, if it lies beyond the horizon. Raises ``UnknownWindow``."""
        return self.shown([self.verbs.record(window_id)], now)[0]

    def next_up(self, now: float, most: int) -> list[Shown]:
        """What starts next, called off or not: ``most`` of them, within a day."""
        near = self._between(Choice(since=now, until=now + _DAY))
        coming = sorted(
            (r for r in near if r.window.start > now), key=lambda r: (r.window.start, r.window.id)
        )
        return self.shown(coming[:most], now)

    def needs(self, now: float) -> list[Need]:
        """What wants a person, what hurts most and comes first ahead: what people were, or would be, told of.
        Of what hurts alike, what is over already is behind.

        A condition that has only begun is not among it, nor what somebody snoozed.
        """
        told = [each for each in self.ledger.alerts.standing() if each.told]
        standing = {each.condition.key: each for each in told if each.condition.level > Level.INFO}
        of_windows = {s.condition.subject: s for s in standing.values() if s.condition.kind in OF_WINDOWS}
        near = self._between(Choice(since=now - _DAY / 2, until=now + 2 * _DAY))
        named = {each.window.id for each in near}
        wanting = [each for each in near if each.window.id in of_windows or troubled(each, now)]
        found = [
            Need(shown=each, standing=of_windows.get(each.id), since=_since(of_windows.get(each.id)))
            for each in self.shown(wanting, now)
        ]
        found += [
            Need(shown=None, standing=each, since=each.since)
            for each in standing.values()
            if each.condition.subject not in named
        ]
        return sorted(found, key=lambda need: _urgency(need, now))

    def counts(self, now: float) -> dict[str, int]:
        """How many windows that play from a day ago to a day ahead are how, by the words of ``WORDS``."""
        near = self._between(Choice(since=now - _DAY, until=now + _DAY))
        return {word: sum(fits(each, word, now) for each in near) for word in WORDS}

    def events_of(self, *, permanent: bool) -> list[str]:
        """The ids of the events whose windows play always, or of all others."""
        return self._round.events(permanent=permanent)

    def pulse(self) -> Pulse:
        """Who made progress lately, by the rule of ``relaybeat health``."""
        within = patience(self.runtime.settings)
        present = tuple(sign for sign in signs(self.ledger) if sign.age <= within)
        roles = {sign.role for sign in present}
        return Pulse(present=present, missing=tuple(role for role in ALL_ROLES if role not in roles))

    def what_now(self, shown: Shown, now: float) -> str:
        """What becomes of a window by itself, in words."""
        (slot,) = self.ledger.reading.on_slots([shown.record.window.slot])
        return prospect(shown.record, slot, now, self.settle)

    def shown(self, records: Sequence[WindowRecord], now: float) -> list[Shown]:
        """These windows with all that is known of them, in order of start."""
        ordered = sorted(records, key=lambda r: (r.window.start, r.window.id))
        beside = with_neighbours(ordered, self._on_slots(ordered, now), now, self.settle)
        watched = self.ledger.sightings.of(record.window.id for record in ordered)
        return [
            Shown(record=record, meetings=met, watched=seen)
            for (record, met), seen in zip(beside, watched, strict=True)
        ]

    def _on_slots(self, records: Sequence[WindowRecord], now: float) -> list[list[Place]]:
        """Who may have to do with these windows: by what is known of those round now, if that is enough."""
        stamp, since, until = self.stamp(), now - _DAY / 2, now + 2 * _DAY
        near = self._round.read(since, until, stamp)
        known = companies(records, near, since, until, self.settle)
        beyond = [slot for slot, company in known.items() if company is None]
        return [*filter(None, known.values()), *self._slots.read(beyond, stamp)]

    def _between(self, choice: Choice) -> list[WindowRecord]:
        return self._round.read(max(choice.since, 0.0), choice.until, self.stamp())


def _since(standing: Standing | None) -> float:
    return standing.since if standing else 0.0


def _urgency(need: Need, now: float) -> tuple[int, bool, float]:
    window = need.shown.record.window if need.shown else None
    return -need.level, window is not None and window.end <= now, window.start if window else 0
