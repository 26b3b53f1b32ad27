"""What is on air, when, and how it looked: read off a world, never stored (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from worker.provider.emulator.world import Key, World

BUCKET: Final = 30
"""Seconds: the only granularity that DescribeLiveSourceStreamMetrics has."""


@dataclass(frozen=True, slots=True)
class Session:
    """An unbroken stretch on air: half-open, Unix seconds. ``end`` is ``None`` while it lasts."""

    key: Key
    domain: str
    start: float
    end: float | None


class Air:
    """Pulling, as seen from outside. A change is acted on ``settle`` seconds after it was made."""

    def __init__(self, world: World, settle: float) -> None:
        self._world = world
        self._settle = settle

    def on_air(self, key: Key, at: float) -> bool:
        """Whether some config is in force then, in its time, and has a source that is alive."""
        return any(
            config.covers(at) and any(self._world.alive(source, at) for source in config.sources)
            for config in self._world.held(key, at - self._settle)
        )

    def state(self, key: Key, now: float) -> str:
        """``online``, ``offline`` or ``forbidden``, as DescribeLiveStreamState spells them."""
        if key in self._world.forbidden:
            return "forbidden"
        return "online" if self.on_air(key, now) else "offline"

    def sessions(self, now: float) -> Iterator[Session]:
        """Every stretch on air that began by now, slot by slot, in order."""
        for key in sorted(self._world.past):
            yield from self._sessions(key, now)

    def _sessions(self, key: Key, now: float) -> Iterator[Session]:
        domain = next((v.configs[-1].domain for v in reversed(self._world.past[key]) if v.configs), key.vhost)
        began: float | None = None
        for moment in self._turning_points(key, now):
            live = self.on_air(key, moment)
            if live and began is None:
                began = moment
            elif not live and began is not None:
                yield Session(key, domain, began, moment)
                began = None
        if began is not None:
            yield Session(key, domain, began, None)

    def _turning_points(self, key: Key, now: float) -> list[float]:
        points: set[float] = set()
        for version in self._world.past[key]:
            points.add(version.at + self._settle)
            for config in version.configs:
                points.update(time for time in config.times if time is not None)
                for source in config.sources:
                    points.update(at for at, _ in self._world.deaths.get(source, []))
        return sorted(point for point in points if point <= now)

    def samples(self, key: Key, since: float, until: float) -> Iterator[tuple[int, float, float, float]]:
        """(bucket's start, frames a second, video kbit/s, audio kbit/s) for every whole bucket in between.

        The maximum within a bucket is what the provider reports, so a bucket that was lit at either end
        counts as lit. A dark one is all zeros. The figures wander a little, the same way every time.
        """
        for bucket in range(-int(-since // BUCKET) * BUCKET, int(until), BUCKET):
            lit = self.on_air(key, bucket) or self.on_air(key, bucket + BUCKET - 1)
            wander = hashlib.blake2s(f"{key}{bucket}".encode(), digest_size=2).digest()
            yield (
                (bucket, 25.0, 2400.0 + wander[0], 126.0 + wander[1] % 5) if lit else (bucket, 0.0, 0.0, 0.0)
            )
