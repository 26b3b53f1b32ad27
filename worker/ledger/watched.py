"""What the watch saw of each window: kept as long as the window itself, for the as-run log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

from redis import Redis

from worker.air import Air, Seen
from worker.ledger.client import reachable
from worker.ledger.codec import compact
from worker.ledger.keys import Keys
from worker.ledger.plans import KEPT_AFTER_END
from worker.windows import Window

_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One source of a window as it was last tried, at ``at`` (Unix seconds).

    ``source`` is masked. ``code`` is a stable word for what went wrong, empty if nothing did.
    """

    source: str
    alive: bool
    at: float
    code: str = ""
    words: str = ""
    codecs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is known of one window from outside; nothing, before anybody looked."""

    seen: Seen | None = None
    sources: tuple[Tried, ...] = ()


@dataclass(frozen=True, slots=True)
class Sightings:
    """Written by the watch alone. Two watches write the same things."""

    redis: Redis
    keys: Keys

    def of(self, window_ids: Iterable[str]) -> Iterator[Watched]:
        """What is known of these windows, in their order."""
        ids = list(window_ids)
        for some in (ids[i : i + _BATCH] for i in range(0, len(ids), _BATCH)):
            with reachable(), self.redis.pipeline(transaction=False) as pipe:
                for window_id in some:
                    pipe.hgetall(self.keys.watched(window_id))
                found = cast(list[dict[str, str]], pipe.execute())
            yield from map(_watched, found)

    def note_air(self, seen: Mapping[Window, Seen]) -> None:
        """Writes down how these windows were seen."""
        self._note({window: ("air", asdict(each)) for window, each in seen.items()})

    def note_sources(self, tried: Mapping[Window, Sequence[Tried]]) -> None:
        """Writes down how the sources of these windows answered."""
        self._note({window: ("sources", [asdict(each) for each in all_]) for window, all_ in tried.items()})

    def _note(self, told: Mapping[Window, tuple[str, Any]]) -> None:
        with reachable(), self.redis.pipeline(transaction=False) as pipe:
            for window, (name, value) in told.items():
                pipe.hset(self.keys.watched(window.id), name, compact(value))
                pipe.expireat(self.keys.watched(window.id), window.end + KEPT_AFTER_END)
            pipe.execute()


def _watched(fields: dict[str, str]) -> Watched:
    seen = json.loads(fields["air"]) if "air" in fields else None
    tried = json.loads(fields.get("sources", "[]"))
    return Watched(
        seen=Seen(**(seen | {"state": Air(seen["state"])})) if seen else None,
        sources=tuple(Tried(**each) for each in tried),
    )
