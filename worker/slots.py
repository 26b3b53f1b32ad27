"""What a slot should hold at a given moment: a pure function of its windows and the time.

Update and Delete name a slot and not a TaskId, and the newest documents forbid a second config on one,
so a slot serves one window at a time: the earliest, once it is due. The rest wait, and a window that has
ended gives the slot back before the next is placed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from worker.lifecycle import State
from worker.relay import PERMANENT, Relay, Span
from worker.windows import Window


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

    ``last_useful`` is the last moment to place it, Unix seconds: its very end, if it may be there already.
    """

    relay: Relay
    windows: tuple[str, ...]
    start: int
    last_useful: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a slot needs now, and when that changes by itself. Times are Unix seconds.

    ``over``: placed windows that have ended; they are done with once their relay is gone.
    ``missed``: windows never placed of which too little is left.
    ``unseated``: placed windows that must make room for an earlier one.
    ``waiting``: windows whose turn comes later, with the time to see to them: when it comes, or when it is
    too late for it.
    """

    wanted: Wanted | None
    over: tuple[str, ...]
    missed: tuple[str, ...]
    unseated: tuple[str, ...]
    waiting: tuple[tuple[str, int], ...]


def relay_of(window: Window) -> Relay:
    """The relay that serves this window alone."""
    times = PERMANENT if window.permanent else Span(window.start, window.end)
    return Relay(window.slot, window.sources, times)


def last_useful(window: Window) -> int:
    """The last moment at which placing it is worth while: its start, or later if enough stays left."""
    return max(window.start, window.end - window.min_useful)


def outlook(standings: Iterable[Standing], now: float, sent: Collection[Relay] = ()) -> Outlook:
    """What the slot of these open windows needs at ``now`` (Unix seconds).

    ``sent`` are relays that may be on the slot already. Their windows are not too late while they last: to
    clear such a one away, because it was sent at the last moment, would cut what is on air.
    """
    over, missed, live = [], [], []
    for standing in sorted(standings, key=lambda s: (s.window.start, s.window.id)):
        window, placed = standing.window, standing.state is State.PLACED
        deadline = window.end if placed or relay_of(window) in sent else last_useful(window)
        if placed and window.end <= now:
            over.append(window.id)
        elif not placed and (now > deadline or now >= window.end):
            missed.append(window.id)
        else:
            live.append((standing, deadline))
    turns = list(_turns(standing.window for standing, _ in live))
    seated = live[:1] if turns and turns[0] <= now else []
    others = list(zip(live, turns, strict=True))[len(seated) :]
    return Outlook(
        wanted=next((_wanted(standing.window, deadline) for standing, deadline in seated), None),
        over=tuple(over),
        missed=tuple(missed),
        unseated=tuple(s.window.id for (s, _), _ in others if s.state is State.PLACED),
        waiting=tuple((s.window.id, min(turn, deadline + 1)) for (s, deadline), turn in others),
    )


def _turns(windows: Iterable[Window]) -> Iterator[int]:
    """When each one's turn comes: from its lead on, and not before all that are ahead of it have ended."""
    free_at = 0
    for window in windows:
        yield max(window.due_at, free_at)
        free_at = max(free_at, window.end)


def _wanted(window: Window, deadline: int) -> Wanted:
    start = window.end if window.permanent else window.start  # what has no start is never urgent
    return Wanted(relay_of(window), (window.id,), start, deadline)
