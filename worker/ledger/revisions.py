"""Who changed what, when and why: every apply as a numbered revision, and every word that people said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, cast

from redis import Redis

from worker.ledger.client import load_script, reachable
from worker.ledger.codec import compact
from worker.ledger.keys import Keys

REVISIONS_KEPT: Final = 500
"""The newest applies; older ones are forgotten, and their numbers never used again."""
WORDS_KEPT: Final = 1_000
"""The newest words of people; ``lua/windows.lua`` says the same."""

How = Literal["added", "changed", "left", "removed", "back"]
"""What became of an event: new, edited, gone from the file and kept, called off, or in the file again."""


@dataclass(frozen=True, slots=True)
class Touched:
    """One event of a revision, and how many of its windows came, changed and went."""

    id: str
    how: How
    added: int = 0
    changed: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One apply that changed something, at ``at`` (Unix seconds). ``number`` rises by one each time.

    ``added``, ``changed`` and ``removed`` count windows. ``events`` are the first that it touched, ``more``
    counts the rest.
    """

    number: int
    at: float
    by: str
    file: str
    sha256: str
    reason: str = ""
    added: int = 0
    changed: int = 0
    removed: int = 0
    events: tuple[Touched, ...] = field(default=())
    more: int = 0

    def line(self) -> str:
        """As it is stored; its place in the list says its number."""
        return compact({name: value for name, value in asdict(self).items() if value and name != "number"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What somebody said of a window or an event, at ``at`` (Unix seconds); ``action`` is a stable word."""

    about: str
    at: float
    action: str
    by: str
    why: str = ""

    @property
    def event(self) -> str:
        """The id of the event that it is about."""
        return self.about.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Revisions:
    """The log of applies and the log of words. Both only grow at their end, and forget at their beginning."""

    redis: Redis
    keys: Keys

    def newest(self) -> int:
        """The number of the last revision; 0 before the first."""
        with reachable():
            return int(self.redis.get(self.keys.revisions) or self.redis.llen(self.keys.applied))

    def note(self, revision: Revision) -> bool:
        """Writes the next revision down; false, and nothing done, if that number is taken by now."""
        args: list[Any] = [self.keys.prefix, revision.number, revision.line(), REVISIONS_KEPT]
        with reachable():
            return bool(load_script(self.redis, "intent.lua", "revise.lua")(args=args))

    def all(self) -> Iterator[Revision]:
        """The revisions that are kept, newest first."""
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            pipe.get(self.keys.revisions)
            pipe.lrange(self.keys.applied, 0, -1)
            newest, lines = pipe.execute()
        for number, line in zip(range(int(newest or len(lines)), 0, -1), reversed(lines), strict=False):
            yield _revision(number, json.loads(line))

    def words(self) -> Iterator[Spoken]:
        """What people said, newest first, as far as it is kept."""
        with reachable():
            lines = cast(list[str], self.redis.lrange(self.keys.words, 0, -1))
        for told in map(json.loads, reversed(lines)):
            yield Spoken(**{name: told[name] for name in Spoken.__dataclass_fields__})


def _revision(number: int, told: dict[str, Any]) -> Revision:
    known = {name: told[name] for name in Revision.__dataclass_fields__ if name in told}
    events = tuple(Touched(**each) for each in told.get("events", ()))
    return Revision(**(known | {"number": number, "events": events}))
