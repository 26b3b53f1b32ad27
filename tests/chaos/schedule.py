"""When which fault strikes: drawn from a seed before the storm, so that it can be had again (pure)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.chaos.faults import (
    Cut,
    Fault,
    Flush,
    Freeze,
    Hole,
    Kill,
    ProviderClock,
    Reset,
    Truncate,
    WorkerClock,
)
from tests.chaos.station import BEATS, FAKETIME, ROLES, SKEWED, WORKERS

LINKS = ("redis", "provider")
MORTALS = (*WORKERS, *WORKERS, *BEATS, "redis", "redis")
FREEZABLE = (*ROLES, "redis", "redis")


@dataclass(frozen=True)
class Strength:
    """How many of each in a minute; ``freeze`` is the longest that anything is frozen or held, in seconds."""

    kills: float = 6.0
    freezes: float = 1.5
    cuts: float = 1.5
    losses: float = 0.5
    clocks: float = 1.0
    edits: float = 4.0
    freeze: float = 30.0


@dataclass(frozen=True)
class Strike:
    """A fault, or an edit if there is none, so many seconds into the storm."""

    after: float
    fault: Fault | None


def schedule(seed: int, seconds: float, strength: Strength) -> list[Strike]:
    """Everything that will be done, in order."""
    dice = random.Random(f"schedule {seed}")
    strikes = _drawn(dice, seconds, strength, odd=seed % 2 == 1)
    return sorted(filter(_possible, strikes), key=lambda strike: strike.after)


def _possible(strike: Strike) -> bool:
    return FAKETIME is not None or not isinstance(strike.fault, WorkerClock)


def left_out() -> list[str]:
    """Faults that this machine cannot have."""
    return [] if FAKETIME else ["workerclock (libfaketime is not installed)"]


def _drawn(dice: random.Random, seconds: float, strength: Strength, *, odd: bool) -> Iterator[Strike]:
    def moments(a_minute: float) -> Iterator[tuple[int, float]]:
        """Spread evenly, each somewhere within its share of the time."""
        count = round(a_minute * seconds / 60) or (1 if a_minute else 0)
        return ((n, (n + dice.random()) * seconds / count) for n in range(count))

    makers: list[tuple[float, Callable[[int], Fault | None]]] = [
        (strength.kills, lambda _: Kill(dice.choice(MORTALS), dice.uniform(0.2, 3.0))),
        (strength.freezes, lambda _: Freeze(dice.choice(FREEZABLE), dice.uniform(2.0, strength.freeze))),
        (strength.cuts, lambda _: _cut(dice, strength)),
        (strength.losses, lambda n: _loss(dice, by_flush=(n % 2 == 0) != odd)),
        (strength.clocks, lambda n: _clock(dice, of_provider=(n % 2 == 0) != odd)),
        (strength.edits, lambda _: None),
    ]
    for a_minute, make in makers:
        for n, at in moments(a_minute):
            yield Strike(at, make(n))


def _loss(dice: random.Random, *, by_flush: bool) -> Fault:
    down, size = dice.uniform(0.2, 2.0), dice.randint(200, 20_000)
    return Flush("redis") if by_flush else Truncate("redis", down, size)


def _clock(dice: random.Random, *, of_provider: bool) -> Fault:
    lasts, skew = dice.uniform(10.0, 30.0), dice.choice((-1, 1)) * dice.randint(20, 120)
    return ProviderClock("provider", lasts, skew) if of_provider else WorkerClock(SKEWED, lasts, skew)


def _cut(dice: random.Random, strength: Strength) -> Fault:
    on, share, seed = dice.choice(LINKS), dice.choice((0.5, 1.0)), dice.randrange(10**6)
    kind = dice.choice((Cut, Cut, Reset, None))
    return kind(on, share=share, seed=seed) if kind else Hole(on, dice.uniform(2.0, strength.freeze))
