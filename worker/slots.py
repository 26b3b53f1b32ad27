"""What a slot should hold at a given moment: a pure function of its windows and the time.

Update and Delete name a slot and not a TaskId, and the newest documents forbid a second config on one,
so a slot holds one relay at a time. Windows that want the same sources with no pause between them share
one; of two that want different sources at once, one is displaced; what lasts longer than a relay may is
carried on by updates. The rest wait, and a window that has ended gives the slot back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Final

from worker.lifecycle import State
from worker.relay import LONGEST_SPAN, PERMANENT, Relay, Row, Slot, Span
from worker.windows import Window

LINK: Final = LONGEST_SPAN - 86_400
"""Seconds after which a relay is carried on by an update; the day that is left is for trying again."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Windows that one relay can serve: the same sources, and no pause that the provider could act on.

    In order of start. Times are Unix seconds; where one window is permanent, so is the whole.
    """

    windows: tuple[Window, ...]

    @property
    def start(self) -> int:
        """When the first begins."""
        return self.windows[0].start

    @property
    def end(self) -> int:
        """When the last of them ends."""
        return max(window.end for window in self.windows)

    @property
    def due_at(self) -> int:
        """From when on the relay may be placed."""
        return min(window.due_at for window in self.windows)

    @property
    def slot(self) -> Slot:
        """Where it plays."""
        return self.windows[0].slot

    @property
    def sources(self) -> tuple[str, ...]:
        """What it plays."""
        return self.windows[0].sources

    @property
    def permanent(self) -> bool:
        """Whether it needs a relay without an end."""
        return any(window.permanent for window in self.windows)

    @property
    def chained(self) -> bool:
        """Whether it lasts longer than one relay may."""
        return not self.permanent and self.end - self.start > LONGEST_SPAN


@dataclass(frozen=True, slots=True)
class LineUp:
    """The windows of one slot, put in order.

    ``displaced``: a window's id -> the window that takes its place. ``crowded``: ids of all windows that
    overlap one with other sources, winners included.
    """

    stretches: tuple[Stretch, ...]
    displaced: dict[str, Window]
    crowded: frozenset[str]

    def tight(self, settle: int) -> Iterator[tuple[Stretch, Stretch]]:
        """Neighbours with other sources, the second sooner after the first than ``settle`` seconds."""
        return ((a, b) for a, b in pairwise(self.stretches) if b.start - a.end < settle)


def line_up(windows: Iterable[Window], settle: int, behind: Collection[str] = ()) -> LineUp:
    """Who plays on this slot and who shares a relay; ``settle``: seconds the provider takes to act.

    Of windows that overlap with other sources the one with the higher priority stays, of equals the one
    that starts first, but those that are named in ``behind`` after all others.
    """
    ordered = sorted(windows, key=lambda w: (w.start, w.id))
    if not _overlapping(ordered):
        return LineUp(tuple(_stretches(ordered, settle)), {}, frozenset())
    staying: list[Window] = []
    displaced: dict[str, Window] = {}
    for window in sorted(ordered, key=lambda w: (-w.priority, w.id in behind)):
        winner = next((other for other in staying if collide(window, other)), None)
        if winner is None:
            staying.append(window)
        else:
            displaced[window.id] = winner
    crowded = (
        frozenset(w.id for w in ordered if any(collide(w, other) for other in ordered))
        if displaced
        else frozenset()
    )
    return LineUp(tuple(_stretches(staying, settle)), displaced, crowded)


def _overlapping(ordered: Sequence[Window]) -> bool:
    """Whether any of these, in order of start, begins before all ahead of it have ended."""
    ends = accumulate((w.end for w in ordered), max)
    return any(after.start < end for after, end in zip(ordered[1:], ends, strict=False))


def precedence(winner: Window, loser: Window, name: str) -> str:
    """Why the one has the slot and not the other, in words; ``name`` is what the winner is called in them."""
    if winner.priority != loser.priority:
        return f"{name} has priority {winner.priority} against {loser.priority}"
    if winner.start > loser.start:  # the loser was displaced as it should have begun
        return f"{name} had its place first"
    return f"{name} starts first" if winner.start < loser.start else f"{name} comes first by name"


def collide(one: Window, other: Window) -> bool:
    """Whether two windows of a slot want different sources at the same time; touching is no collision."""
    return one.start < other.end and other.start < one.end and one.sources != other.sources


def _stretches(windows: Iterable[Window], settle: int) -> Iterator[Stretch]:
    held: list[Window] = []
    for window in sorted(windows, key=lambda w: (w.start, w.id)):
        if held and (window.sources != held[0].sources or window.start - max(w.end for w in held) >= settle):
            yield Stretch(tuple(held))
            held = []
        held.append(window)
    if held:
        yield Stretch(tuple(held))


@dataclass(frozen=True, slots=True)
class Standing:
    """A window and where it stands in the ledger. ``revision`` counts the changes of its plan."""

    window: Window
    state: State
    revision: int = 0
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The relay a slot should hold, and the windows it serves.

    ``start`` says how urgent it is. ``last_useful`` is the last moment to place it before one of them is too
    late; ``renew_at`` when it must be carried on, if it must. ``since`` is its start where the plan alone no
    longer says so: it began with windows that are over, or carries an earlier relay on. Unix seconds.
    """

    relay: Relay
    windows: tuple[str, ...]
    start: int
    last_useful: int
    renew_at: int | None = None
    since: int = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a slot needs now, and when that changes by itself. Times are Unix seconds.

    ``over``: placed windows that have ended; they are done with once their relay is gone, or serves others.
    ``missed``: windows never placed of which too little is left.
    ``displaced``: windows that give way, each with the one that takes their place.
    ``unseated``: placed windows that must make room for an earlier one.
    ``waiting``: windows whose turn comes later, with the time to see to them: when it comes, or when it is
    too late for it.
    """

    wanted: Wanted | None = None
    over: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    displaced: tuple[tuple[str, Window], ...] = ()
    unseated: tuple[str, ...] = ()
    waiting: tuple[tuple[str, int], ...] = ()


def last_useful(window: Window) -> int:
    """The last moment at which placing it is worth while: its start, or later if enough stays left."""
    return max(window.start, window.end - window.min_useful)


def outlook(
    standings: Iterable[Standing], now: float, settle: int, sent: Collection[Relay] = (), since: int = 0
) -> Outlook:
    """What the slot of these open windows needs at ``now`` (Unix seconds).

    ``sent`` are relays that may be on the slot already. Their windows are not too late while they last: to
    clear such a one away, because it was sent at the last moment, would cut what is on air. ``since`` is
    what :class:`Wanted` said when the relay that is there was placed.
    """
    over, missed, live = _sort(standings, now, sent)
    lined = line_up_now([standing for standing, _ in live.values()], now, settle)
    due = list(turns(lined.stretches))
    wanted = None
    if due and due[0] <= now:
        anchors = {since, *(window.start for window in over)}
        wanted = _wanted(lined.stretches[0], now, live, _anchor(lined.stretches[0], now, sent, anchors))
        # What its stretch holds beyond this relay is seen to when that is carried on.
        due[0] = wanted.renew_at or due[0]
    others = [
        (live[window.id], turn)
        for stretch, turn in zip(lined.stretches, due, strict=True)
        for window in stretch.windows
        if wanted is None or window.id not in wanted.windows
    ]
    return Outlook(
        wanted=wanted,
        over=tuple(window.id for window in over),
        missed=tuple(missed),
        displaced=tuple(lined.displaced.items()),
        unseated=tuple(s.window.id for (s, _), _ in others if s.state is State.PLACED),
        waiting=tuple((s.window.id, min(turn, deadline + 1)) for (s, deadline), turn in others),
    )


def _sort(
    standings: Iterable[Standing], now: float, sent: Collection[Relay]
) -> tuple[list[Window], list[str], dict[str, tuple[Standing, int]]]:
    """What is over, what is missed, and the rest by id, each with the last moment to place it."""
    over, missed, live = [], [], {}
    for standing in sorted(standings, key=lambda s: (s.window.start, s.window.id)):
        window, deadline = standing.window, _deadline(standing, now, sent)
        if standing.state is State.PLACED and window.end <= now:
            over.append(window)
        elif standing.state is not State.PLACED and (now > deadline or now >= window.end):
            missed.append(window.id)
        else:
            live[window.id] = (standing, deadline)
    return over, missed, live


def _deadline(standing: Standing, now: float, sent: Collection[Relay]) -> int:
    """The last moment to place it: its end, if that is done already, or may be."""
    window = standing.window
    if standing.state is State.PLACED or any(_serves(relay, window, now) for relay in sent):
        return window.end
    return last_useful(window)


def _serves(relay: Relay, window: Window, now: float) -> bool:
    """Whether the relay pulls what the window wants, when it wants it or from now on."""
    if relay.sources != window.sources:
        return False
    return relay.times is PERMANENT or relay.times.start <= max(window.start, now) < relay.times.end


def line_up_now(standings: Collection[Standing], now: float, settle: int) -> LineUp:
    """The line-up, in which what is on air gives way only when the other begins, and not before.

    And what was displaced as it should have begun does not come back at the cost of others of its priority.
    ``now`` is in Unix seconds.
    """
    windows = {s.window.id: s.window for s in standings}
    behind = {s.window.id for s in standings if s.state is State.DISPLACED and s.window.start <= now}
    on_air = [s.window.id for s in standings if s.state is State.PLACED and s.window.start <= now]
    crowded: frozenset[str] = frozenset()
    while True:
        lined = line_up(windows.values(), settle, behind)
        crowded |= lined.crowded
        cut = {
            each: winner.start
            for each in on_air
            if (winner := lined.displaced.get(each)) and winner.start > now
        }
        if not cut:
            return replace(lined, crowded=crowded)
        windows |= {each: replace(windows[each], end=end) for each, end in cut.items()}


def turns(stretches: Iterable[Stretch]) -> Iterator[int]:
    """When each one's turn comes: from its lead on, and not before all that are ahead of it have ended."""
    free_at = 0
    for stretch in stretches:
        yield max(stretch.due_at, free_at)
        free_at = stretch.end


def _anchor(stretch: Stretch, now: float, sent: Iterable[Relay], anchors: Collection[int]) -> int:
    """Where the relay begins: with the stretch, unless one is on air for it that began elsewhere."""
    for relay in sent:
        span = relay.times
        if span is PERMANENT or relay.sources != stretch.sources or span.start not in anchors:
            continue
        if span.start <= now < span.end and stretch.start <= span.end:
            return span.start
    return stretch.start


def _wanted(stretch: Stretch, now: float, live: dict[str, tuple[Standing, int]], anchor: int) -> Wanted:
    unplaced = [window for window in stretch.windows if live[window.id][0].state is not State.PLACED]
    deadline = min(live[window.id][1] for window in unplaced or stretch.windows)
    start = min(window.start for window in unplaced or stretch.windows)
    if stretch.permanent:  # what has no start is never urgent
        ids = tuple(window.id for window in stretch.windows)
        return Wanted(Relay(stretch.slot, stretch.sources, PERMANENT), ids, stretch.end, deadline)
    while stretch.end > anchor + LONGEST_SPAN and anchor + LINK <= now:
        anchor += LINK
    span = Span(anchor, min(stretch.end, anchor + LONGEST_SPAN))
    return Wanted(
        relay=Relay(stretch.slot, stretch.sources, span),
        windows=tuple(window.id for window in stretch.windows if window.start < span.end),
        start=start,
        last_useful=deadline,
        renew_at=anchor + LINK if span.end < stretch.end else None,
        since=anchor if anchor != stretch.start else 0,
    )


def explains(windows: Iterable[Window], row: Row, settle: int) -> bool:
    """Whether these windows of the row's slot, all that are near it, account for the row as it stands.

    It is then ours even if nobody remembers sending it. It plays what they want; it begins with one of them,
    or carries one on; and it ends with one of them, where another begins, or after the longest span.
    """
    near = list(windows)
    if row.start is None or row.end is None:
        return any(window.permanent and window.sources == row.sources for window in near)
    ends = {window.end for window in near} | {window.start for window in near}
    ends.add(row.start + LONGEST_SPAN)
    same = [window for window in near if window.sources == row.sources]
    return row.end in ends and any(
        stretch.start <= row.start < row.end <= min(stretch.end, row.start + LONGEST_SPAN)
        and any(row.start >= w.start and (row.start - w.start) % LINK == 0 for w in stretch.windows)
        for stretch in _stretches(same, settle)
    )
