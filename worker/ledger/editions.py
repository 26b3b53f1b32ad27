"""By which edition windows are planned, and what became of a change of it: told first, and done then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any, Final, Literal, cast

from redis import Redis
from redis.client import Pipeline

from worker.edition import Edition, parse_edition
from worker.ledger.client import load_script, reachable
from worker.ledger.codec import compact
from worker.ledger.keys import Keys

MOVES_KEPT: Final = 1_000
"""Windows that are told of one by one; the rest is counted."""
_CHANGES_KEPT: Final = 50

Fate = Literal["moved", "changed", "added", "removed"]
"""Of an occurrence: at another time by another name, otherwise different, new, or gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One window that a change of edition moves.

    ``id`` is empty for one that comes; ``to`` is its other name, if it gets one. ``was`` and ``will`` are
    start and end in Unix seconds. ``state`` and ``on_air`` are those of the moment when this was found.
    """

    event: str
    fate: Fate
    id: str = ""
    to: str = ""
    timezone: str
    was: tuple[int, int] | None = None
    will: tuple[int, int] | None = None
    state: str = ""
    on_air: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """A change of edition at ``at`` (Unix seconds): what it moves, in windows of ``events`` events.

    ``was`` and ``now`` are editions as text; ``why`` is what differs between them. ``words`` counts what
    people said of windows that have another name now. While it is being found out, ``reached`` is the event
    up to which that is done.
    """

    at: float
    was: str
    now: str
    moved: int = 0
    changed: int = 0
    added: int = 0
    removed: int = 0
    words: int = 0
    events: int = 0
    reached: str = ""

    @property
    def why(self) -> str:
        """What differs: ``tzdata 2026.6 -> 2026.7``."""
        return parse_edition(self.was).change_to(parse_edition(self.now))

    @property
    def windows(self) -> int:
        """How many windows it moves in any way."""
        return self.moved + self.changed + self.added + self.removed

    def with_event(self, moves: Iterable[Moved], words: int) -> Turnover:
        """The same with what was found of one event more."""
        fates = [move.fate for move in moves]
        return replace(
            self,
            moved=self.moved + fates.count("moved"),
            changed=self.changed + fates.count("changed"),
            added=self.added + fates.count("added"),
            removed=self.removed + fates.count("removed"),
            words=self.words + words,
            events=self.events + bool(fates or words),
        )


@dataclass(frozen=True, slots=True)
class Held:
    """By which edition the ledger is planned (``None``: by none yet), and how far a survey of another one is.

    ``seen`` says when a worker of each edition showed itself last (Unix seconds), within a day. ``text`` is
    the survey as it is stored.
    """

    by: Edition | None
    text: str
    seen: dict[Edition, float]

    @property
    def survey(self) -> Turnover | None:
        """Who has begun to find out what would move, and how far that is."""
        return _turnover(self.text) if self.text else None

    def newer(self, own: Edition, since: float) -> Edition | None:
        """The newest edition that was seen since then, if it is newer than ``own``."""
        newest = own
        for each, at in self.seen.items():
            if at >= since and newest.older_than(each):
                newest = each
        return None if newest == own else newest


@dataclass(frozen=True, slots=True)
class Editions:
    """The edition of the ledger. Only the next step of whoever knows the last one is taken."""

    redis: Redis
    keys: Keys

    def held(self) -> Held:
        """Where things stand."""
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            return self._held(pipe)

    def show(self, edition: Edition, now: float) -> Held:
        """Notes that a worker of this edition is there; where things stand."""
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            pipe.zadd(self.keys.seen("edition"), {str(edition): now})
            pipe.zremrangebyscore(self.keys.seen("edition"), "-inf", now - 86_400)
            return self._held(pipe)

    def _held(self, pipe: Pipeline) -> Held:
        pipe.hmget(self.keys.edition, "by", "survey")
        pipe.zrange(self.keys.seen("edition"), 0, -1, withscores=True)
        *_, (by, survey), seen = pipe.execute()
        return Held(
            parse_edition(by) if by else None,
            survey or "",
            {parse_edition(text): at for text, at in seen},
        )

    def step(
        self, held: Held, survey: Turnover, moves: Iterable[Moved], *, now: float, done: bool = False
    ) -> bool:
        """Notes a survey that went on from what was ``held``, with the moves that were found since.

        When it is ``done`` the ledger goes by the new edition, and all its events are due for planning.
        False, and nothing is done, if somebody else took a step meanwhile.
        """
        before = held.survey if held.survey and held.survey.now == survey.now else None
        room = MOVES_KEPT - (before.windows if before else 0)
        lines = [_line(move) for move in islice(moves, max(room, 0))]
        args: list[Any] = [self.keys.prefix, now, survey.was, held.text, compact(asdict(survey)), survey.now]
        args += [int(done), int(before is None), _CHANGES_KEPT, *lines]
        with reachable():
            return bool(load_script(self.redis, "edition.lua")(args=args))

    def turnovers(self) -> Iterator[Turnover]:
        """The changes of edition that are kept, newest first."""
        with reachable():
            lines = cast(list[str], self.redis.lrange(self.keys.editions, 0, -1))
        return map(_turnover, reversed(lines))

    def moves(self) -> Iterator[Moved]:
        """What the newest change moves, event by event: the first thousand windows."""
        with reachable():
            lines = cast(list[str], self.redis.lrange(self.keys.moves, 0, -1))
        for told in map(json.loads, lines):
            times = {name: tuple(told[name]) for name in ("was", "will") if told.get(name)}
            yield Moved(**(told | times))

    def to_do(self) -> int:
        """How many events are still to be planned by the edition that the ledger goes by, or anew at all."""
        with reachable():
            return int(self.redis.zcount(self.keys.plan, 0, 0))


def _turnover(text: str) -> Turnover:
    told = json.loads(text)
    return Turnover(**{name: told[name] for name in Turnover.__dataclass_fields__ if name in told})


def _line(move: Moved) -> str:
    return compact({name: value for name, value in asdict(move).items() if value})
