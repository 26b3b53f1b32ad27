"""What the first page shows of the windows that somebody looks at: the picture, and how many are how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from worker.language import phrase
from worker.lifecycle import State
from worker.views import offset_at
from worker.web.crowd import Crowd, thinned
from worker.web.desk import Shown
from worker.web.items import Item
from worker.web.timeline import Bar, Reach, Timeline, timeline

MOST: Final = 600
"""Bars of a picture, and lines of a table: more could neither be read nor sent in good time."""
FACES: Final = (
    *("failed", "missed", "dark", "forbidden", "late", "retrying", "degraded", "displaced", "placing"),
    *("on-air", "placed", "planned", "ended", "removed", "cancelled"),
)
"""What is drawn, the worst first."""
_WORDS: Final = {"on-air": "on air", "dark": "DARK", "forbidden": "FORBIDDEN", "degraded": "on air, and poor"}
"""Of faces that are not called what they are."""
_ASIDE: Final = {State.CANCELLED, State.DISPLACED}
"""Not aired, also once nothing of its neighbours tells that any more."""
_NAMED: Final = 3
"""Shows that are named of bars drawn as one."""
_STRETCH: Final[Mapping[Reach, int]] = {"6h": 3_600, "24h": 3_600, "7d": 86_400}
"""Seconds of the clock whose bars may be drawn as one."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar with its window. ``clipped`` tells of the ends that lie outside of the picture."""

    bar: Bar
    item: Item

    @property
    def marks(self) -> str:
        """How it is drawn, in words of the style sheet."""
        bar = self.bar
        told = {
            "from": bar.clipped_left,
            "on": bar.clipped_right,
            "joined": bar.bridge is not None,
            "joins": bar.joins,
            "chained": bar.chained,
            "aside": bar.aside,
        }
        return " ".join((self.item.face, *(word for word, holds in told.items() if holds)))


@dataclass(frozen=True, slots=True)
class Many:
    """Bars drawn as one: how the worst of them is, in ``words`` too, and how many are like that."""

    crowd: Crowd
    face: str
    words: str
    worst: int
    first: Item
    last: Item

    @property
    def count(self) -> int:
        """All of them."""
        return len(self.crowd.bars)

    @property
    def title(self) -> str:
        """What plays there, each show once; not more of them than a line has room for."""
        titles = list(dict.fromkeys(bar.window.title for bar in self.crowd.bars))
        return phrase(", ").join([*titles[:_NAMED], *["…"][: len(titles[_NAMED:])]])


@dataclass(frozen=True, slots=True)
class Line:
    """One slot of the picture."""

    label: str
    slot: str
    lanes: tuple[tuple[Drawn | Many, ...], ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """``lines`` of the picture; ``left_out`` are streams, or windows of the table, that did not go in."""

    timeline: Timeline
    lines: tuple[Line, ...]
    left_out: int
    always: tuple[Item, ...]


def scene(
    shown: Sequence[Shown], items: Mapping[str, Item], since: int, until: int, clock: str, reach: Reach
) -> Scene:
    """The picture of these windows, of which ``items`` tell, on this clock."""
    timed = [each for each in shown if not each.record.window.permanent]
    aside = {each.id for each in timed if each.record.state in _ASIDE}
    noted = ((each.record.window, each.meetings) for each in timed)
    drawn = timeline(noted, since, until, clock, aside=aside)

    def stretch(at: int) -> int:
        return (at + offset_at(clock, at)) // _STRETCH[reach]

    lines: list[Line] = []
    bars = 0
    for row in drawn.rows:
        lanes = tuple(tuple(_mark(each, items) for each in thinned(lane, stretch)) for lane in row.lanes)
        bars += sum(map(len, lanes))
        if bars > MOST and lines:
            break
        lines.append(Line(row.label, str(row.slot), lanes))
    always = tuple(items[each.id] for each in shown if each.record.window.permanent)
    return Scene(drawn, tuple(lines), len(drawn.rows) - len(lines), always)


def _mark(each: Bar | Crowd, items: Mapping[str, Item]) -> Drawn | Many:
    if isinstance(each, Bar):
        return Drawn(each, items[each.window.id])
    told = [items[bar.window.id] for bar in each.bars]
    face, words, count = counts(told)[0]
    return Many(each, face, words, count, told[0], told[-1])


def counts(items: Iterable[Item]) -> list[tuple[str, str, int]]:
    """How many windows are how, the worst first: face, its words, and how many."""
    found = Counter(each.face for each in items)
    return [(face, phrase(_WORDS.get(face, face)), found[face]) for face in FACES if face in found]
