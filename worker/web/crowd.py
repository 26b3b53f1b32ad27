"""Bars that would stand on each other's toes, drawn as one that counts them (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from worker.web.timeline import Bar

NARROW: Final = 2.2
"""Percent: what begins closer to the bar before it, and is as narrow, could not be told from it or hit.
Of two alone, half of the first may be hidden.
"""
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Crowd:
    """The bars of one lane and one stretch of the clock: where they stand together, and what they are."""

    left: float
    width: float
    bars: tuple[Bar, ...]


def thinned(lane: Sequence[Bar], stretch: Callable[[int], int]) -> Iterator[Bar | Crowd]:
    """The lane in order. ``stretch`` numbers an instant's hour or day, or whatever goes together."""
    for (_, narrow), group in groupby(lane, lambda b: (stretch(b.window.start), b.width < NARROW)):
        bars = tuple(group)
        enough = NARROW if len(bars) > _PAIR else NARROW / 2
        if narrow and any(two.left - one.left < enough for one, two in pairwise(bars)):
            end = bars[-1].left + bars[-1].width
            yield Crowd(bars[0].left, round(end - bars[0].left, 4), bars)
        else:
            yield from bars
