"""What the provider holds, and what each change does to it (pure).

A slot's past is kept as versions: from when on it held which configs. Everything else is read off them,
so that the delays of the real thing need no timers: what is listed is what was held ``list_lag`` ago,
what is pulled is what was held ``settle`` ago.
"""

from __future__ import annotations

import bisect
import enum
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from worker.provider.emulator.options import Duplicate
from worker.provider.emulator.refusals import Refusal

REMEMBERED: Final = 2 * 86_400
"""Seconds: how long a slot's past is kept, which is more than any question may reach back."""

FIRST_TASK: Final = 7_400_000_000_000_000_001
"""TaskIds are digits in the documents' sample; these count up from here."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What a config is unique by. Domains of one vhost share their slots."""

    vhost: str
    app: str
    stream: str


@dataclass(frozen=True, slots=True)
class Config:
    """One relay held; both times ``None`` is permanent. ``creates`` counts the creates that made it so."""

    task_id: int
    domain: str
    sources: tuple[str, ...] = field(repr=False)
    start: int | None
    end: int | None
    foreign: bool = False
    creates: int = 1

    @property
    def times(self) -> tuple[int | None, int | None]:
        """Start and end, Unix seconds, or nothing twice."""
        return self.start, self.end

    def covers(self, at: float) -> bool:
        """Whether it is wanted on air then."""
        return self.start is None or self.end is None or self.start <= at < self.end

    def has_ended(self, at: float) -> bool:
        """Whether its time is over; a permanent one never ends."""
        return self.end is not None and self.end <= at


class Op(enum.StrEnum):
    """What can be done to a slot."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One act on a slot, already checked for everything that does not depend on what the slot holds.

    Only a create has a ``task_id``: it is given out with the answer, which may come before the effect.
    """

    op: Op
    key: Key
    domain: str
    sources: tuple[str, ...] = field(default=(), repr=False)
    start: int | None = None
    end: int | None = None
    foreign: bool = False
    task_id: int = 0

    @property
    def makes_permanent(self) -> bool:
        """Whether it would have the provider pull for ever."""
        return self.op is not Op.DELETE and self.start is None


@dataclass(frozen=True, slots=True)
class Late:
    """A change that takes effect at ``due``, whatever its answer said."""

    due: float
    request_id: str
    change: Change


@dataclass(frozen=True, slots=True)
class Version:
    """What a slot held from ``at`` (Unix seconds) on."""

    at: float
    configs: tuple[Config, ...]


class World:
    """The account's configs. Every method takes the time; times passed to it may not go backwards."""

    def __init__(self, duplicate: Duplicate = Duplicate.REFUSE, *, expire: bool = False) -> None:
        self.duplicate = Duplicate(duplicate)
        self.expire = expire
        self.next_task = FIRST_TASK
        self.past: dict[Key, list[Version]] = {}
        self.late: list[Late] = []
        self.play_triggered: dict[tuple[str, str], dict[str, Any]] = {}
        self.deaths: dict[str, list[tuple[float, bool]]] = {}
        self.forbidden: set[Key] = set()

    def held(self, key: Key, at: float) -> tuple[Config, ...]:
        """The slot's configs at that moment, oldest first."""
        versions = self.past.get(key, [])
        index = bisect.bisect_right(versions, at, key=lambda version: version.at) - 1
        configs = versions[index].configs if index >= 0 else ()
        return tuple(config for config in configs if not (self.expire and config.has_ended(at)))

    def rows(self, at: float) -> list[tuple[Key, Config]]:
        """Every config held at that moment, in the order of their making."""
        found = [(key, config) for key in self.past for config in self.held(key, at)]
        return sorted(found, key=lambda row: row[1].task_id)

    def alive(self, source: str, at: float) -> bool:
        """Whether media could be had from that address then."""
        states = [alive for since, alive in self.deaths.get(source, []) if since <= at]
        return states[-1] if states else True

    def duplicates(self, at: float) -> int:
        """How many configs are one too many: same slot, same times."""
        counts = Counter((key, config.times) for key, config in self.rows(at))
        return sum(count - 1 for count in counts.values())

    def repeats(self, change: Change, at: float) -> bool:
        """Whether it is a create of what its slot holds already, sources aside."""
        times = (change.start, change.end)
        return change.op is Op.CREATE and any(config.times == times for config in self.held(change.key, at))

    def check(self, change: Change, at: float) -> None:
        """Raises a ``Refusal`` if the change cannot be made to what is held then.

        An App with a play-triggered config (V3) takes no fixed-trigger one. The documents give no code for
        that, for a taken slot or for an empty one: each is told as the most general code that fits.
        """
        held = self.held(change.key, at)
        if change.op is not Op.CREATE:
            if not held:
                raise Refusal("ResourceNotFound", "no config for this App and Stream")
            return
        if (change.key.vhost, change.key.app) in self.play_triggered:
            raise Refusal("InvalidParam", "the App has a play-triggered config")
        if held and self.duplicate is Duplicate.REFUSE:
            raise Refusal("InvalidParam", "App and Stream repeat an existing config")

    def new_task_id(self) -> int:
        """A TaskId that was never given out before."""
        task_id, self.next_task = self.next_task, self.next_task + 1
        return task_id

    def apply(self, change: Change, at: float) -> None:
        """Makes the change. Raises as :meth:`check` does."""
        self.check(change, at)
        held = self.held(change.key, at)
        match change.op:
            case Op.DELETE:
                self._record(change.key, at, ())
            case Op.UPDATE:
                self._record(change.key, at, tuple(_updated(config, change) for config in held))
            case Op.CREATE:
                kept = held if self.duplicate is Duplicate.APPEND else ()
                self._record(change.key, at, (*kept, _created(change, held)))

    def defer(self, late: Late) -> None:
        """Lets a change take effect later; what the slot holds is judged then."""
        self.late.append(late)
        self.late.sort(key=lambda waiting: waiting.due)

    def overdue(self, now: float) -> Iterator[Late]:
        """Gives out every late change that has come due, in order; each only once."""
        while self.late and self.late[0].due <= now:
            yield self.late.pop(0)

    def set_alive(self, source: str, alive: bool, at: float) -> None:
        """From then on media can, or cannot, be had from that address."""
        self.deaths.setdefault(source, []).append((at, alive))

    def fixed_apps(self, at: float) -> set[tuple[str, str]]:
        """(vhost, app) of every config held."""
        return {(key.vhost, key.app) for key, _ in self.rows(at)}

    def _record(self, key: Key, at: float, configs: tuple[Config, ...]) -> None:
        versions = self.past.setdefault(key, [])
        at = max(at, versions[-1].at) if versions else at
        versions.append(Version(at, configs))
        while len(versions) > 1 and versions[1].at < at - REMEMBERED:
            del versions[0]


def _created(change: Change, held: tuple[Config, ...]) -> Config:
    times = (change.start, change.end)
    before = max((config.creates for config in held if config.times == times), default=0)
    return Config(change.task_id, change.domain, change.sources, *times, change.foreign, before + 1)


def _updated(config: Config, change: Change) -> Config:
    return replace(config, sources=change.sources, start=change.start, end=change.end)
