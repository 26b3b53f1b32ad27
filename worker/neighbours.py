"""What windows of one slot have to do with each other, told of each of them (pure).

The rules are those of :func:`worker.slots.line_up`, by which the slot is fed; nothing here has its own.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from worker.relay import LONGEST_SPAN, Slot
from worker.slots import LineUp, Standing, Stretch, collide, line_up, line_up_now
from worker.windows import Window

_MOST_HELD: Final = 50_000
_MOST_TOGETHER: Final = 200
_MOST_BEHIND: Final = 50
_SLOTS_BEFORE_SWEEP: Final = 4_096


class Meeting(NamedTuple):
    """Something that a window has to do with another of its slot; ``note`` is the code it has for it.

    ``conflict``: they want different sources at once. ``displaced``: the other has its place, and this one
    is not aired. ``tight-handover``: the other has different sources and ends less than ``settle`` seconds
    before. ``joined``: they share a relay. ``chained``: the other is itself, or the one it is joined to, and
    before it ends their relay has been carried on, because together they last longer than one may.
    """

    note: str
    other: Window


Noted = tuple[Window, tuple[Meeting, ...]]


def meetings(windows: Collection[Window], settle: int) -> dict[str, tuple[Meeting, ...]]:
    """For each id, what the windows of one slot have to do with each other; who meets nobody is left out.

    ``settle``: seconds the provider takes to act on a change.
    """
    return _meetings(line_up(windows, settle), windows, settle)


def meetings_now(standings: Collection[Standing], now: float, settle: int) -> dict[str, tuple[Meeting, ...]]:
    """The same of the open windows of one slot, as they stand at ``now`` (Unix seconds).

    What is on air gives way only when the other begins: until then it is in conflict, and not displaced.
    """
    windows = [standing.window for standing in standings]
    return _meetings(line_up_now(standings, now, settle), windows, settle)


def noted(window: Window, met: Iterable[Meeting]) -> Window:
    """The window with the notes that its meetings give it."""
    notes = tuple(meeting.note for meeting in met)
    return replace(window, notes=window.notes + notes) if notes else window


def note_neighbours(windows: Iterable[Window], settle: int) -> Iterator[Noted]:
    """The windows of many slots with their notes, in the order of start in which they must come.

    A window is held back until whatever overlaps it, or could share its relay, has come. A permanent one is
    not, nor one during which more than 50,000 others start, nor are more than 200 of one slot that all
    overlap: these may lack a note, and the other of the pair has it still.
    """
    held: deque[_Held] = deque()
    places = _Places(settle)
    for window in windows:
        held.append(places.take(window))
        settled = window.start - settle
        while held and (held[0].ready(settled) or len(held) > _MOST_HELD):
            yield places.release(held.popleft(), window.start)
    for last in held:
        yield places.release(last, last.window.start)


@dataclass(slots=True, eq=False)
class _Place:
    """A slot, as far as its windows have come.

    ``newest`` are those that overlap each other, up to the last that came; ``end`` is when the last of them
    ends. ``ahead`` are those before them, which lack nothing but whom they are joined to. ``behind`` are
    those before these that still matter: what runs on, and the last stretch.
    """

    settle: int
    newest: list[_Held] = field(default_factory=list)
    ahead: list[_Held] = field(default_factory=list)
    behind: list[Window] = field(default_factory=list)
    end: int = 0

    def take(self, window: Window) -> _Held:
        """One more window."""
        if self.newest and (window.start >= self.end or len(self.newest) >= _MOST_TOGETHER):
            self._part(window.start)
        new = _Held(window, self)
        self.newest.append(new)
        if window.end > self.end and not window.permanent:
            self.end = window.end
        return new

    def matters(self, moment: int) -> bool:
        """Whether anything of it could still meet what starts at ``moment`` or later."""
        return bool(self.newest) or any(w.end + self.settle > moment for w in self.behind)

    def decide(self, moment: int) -> None:
        """Decides upon all that came, as nothing is to follow closely."""
        if len(self.newest) > 1 or self.ahead or self.behind:
            lined = self._line_up([*self.ahead, *self.newest])
            self.behind = _behind(lined, self._windows(self.newest), moment)
            self.ahead = []
        else:
            (alone,) = self.newest
            alone.met = _alone(alone.window)
            if alone.window.end > moment:
                self.behind = [alone.window]
        self.newest, self.end = [], 0

    def _part(self, moment: int) -> None:
        """Whatever comes is not among the newest any more: those ahead of them can be decided upon."""
        # What runs on gives way to a later window only when that begins, and has its place until then.
        if self.end + self.settle <= moment or _running(self._windows(self.newest), moment):
            self.decide(moment)
            return
        if self.ahead:
            lined = self._line_up(self.ahead, self.newest)
            self.behind = [_last_stretch(lined, self.newest[0].window.start)]
        self.ahead, self.newest, self.end = self.newest, [], 0

    def _windows(self, held: Iterable[_Held]) -> list[Window]:
        return [*self.behind, *(each.window for each in held)]

    def _line_up(self, deciding: Sequence[_Held], following: Iterable[_Held] = ()) -> LineUp:
        windows = self._windows(deciding)
        lined = line_up([*windows, *(each.window for each in following)], self.settle)
        found = _meetings(lined, windows, self.settle)
        for each in deciding:
            each.met = found.get(each.window.id, ())
        return lined


class _Places:
    """The slots that matter, by name."""

    def __init__(self, settle: int) -> None:
        self._settle = settle
        self._known: dict[Slot, _Place] = {}
        self._sweep_at = _SLOTS_BEFORE_SWEEP

    def take(self, window: Window) -> _Held:
        """One more window, on its slot."""
        place = self._known.get(window.slot)
        if place is None:
            place = self._known[window.slot] = self._new(window.start)
        return place.take(window)

    def release(self, held: _Held, moment: int) -> Noted:
        """The window, decided upon at last if it was not."""
        if held.met is None:
            held.place.decide(moment)
        met = held.met or ()
        return noted(held.window, met), met

    def _new(self, moment: int) -> _Place:
        if len(self._known) > self._sweep_at:  # streams can be named afresh for each occurrence
            self._known = {slot: place for slot, place in self._known.items() if place.matters(moment)}
            self._sweep_at = 2 * len(self._known) + _SLOTS_BEFORE_SWEEP
        return _Place(self._settle)


@dataclass(slots=True, eq=False)
class _Held:
    """A window that waits to be known whole."""

    window: Window
    place: _Place
    met: tuple[Meeting, ...] | None = None

    def ready(self, settled: int) -> bool:
        """Whether nothing that is still to come can change what is known of it."""
        return self.met is not None or self.window.permanent or self.place.end <= settled


def _alone(window: Window) -> tuple[Meeting, ...]:
    lasts = 0 if window.permanent else window.end - window.start
    return (Meeting("chained", window),) if lasts > LONGEST_SPAN else ()


def _last_stretch(lined: LineUp, before: int) -> Window:
    """The last stretch of those windows that start before that time, as if it were one window."""
    stretch = next(each for each in reversed(lined.stretches) if each.start < before)
    own = [window for window in stretch.windows if window.start < before]
    last = max(own, key=lambda window: window.end)
    return last if len(own) == 1 else replace(last, start=stretch.start)


def _behind(lined: LineUp, windows: Iterable[Window], moment: int) -> list[Window]:
    """Those that run on then, each from where its stretch began: that tells what is chained."""
    since = {window.id: stretch.start for stretch in lined.stretches for window in stretch.windows}
    return [replace(each, start=since.get(each.id, each.start)) for each in _running(windows, moment)]


def _running(windows: Iterable[Window], moment: int) -> list[Window]:
    """Those that have not ended by then, the last to end first."""
    running = (window for window in windows if window.end > moment)
    return sorted(running, key=lambda window: -window.end)[:_MOST_BEHIND]


def _meetings(lined: LineUp, windows: Iterable[Window], settle: int) -> dict[str, tuple[Meeting, ...]]:
    found: dict[str, tuple[Meeting, ...]] = defaultdict(tuple)
    crowd = [window for window in windows if window.id in lined.crowded]
    for window in crowd:
        found[window.id] = tuple(_conflict(window, lined.displaced, crowd))
    for before, after in lined.tight(settle):
        found[after.windows[0].id] += (Meeting("tight-handover", max(before.windows, key=lambda w: w.end)),)
    for stretch in lined.stretches:
        for window, met in _sharing(stretch):
            found[window.id] += (met,)
    return dict(found)


def _conflict(
    window: Window, displaced: Mapping[str, Window], crowd: Collection[Window]
) -> Iterator[Meeting]:
    if winner := displaced.get(window.id):
        yield Meeting("conflict", winner)
        yield Meeting("displaced", winner)
        return
    rivals = [each for each in crowd if collide(window, each)]
    gives_way = (each for each in rivals if each.id in displaced and displaced[each.id].id == window.id)
    for other in [*gives_way, *rivals][:1]:
        yield Meeting("conflict", other)


def _sharing(stretch: Stretch) -> Iterator[tuple[Window, Meeting]]:
    first, *others = stretch.windows
    if others:
        for window, other in zip(stretch.windows, (others[0], first, *others), strict=False):
            yield window, Meeting("joined", other)
    if stretch.chained:
        for window in stretch.windows:
            if window.end > stretch.start + LONGEST_SPAN:
                yield window, Meeting("chained", first)
