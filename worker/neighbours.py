"""Windows that get in each other's way on their slot (pure)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from worker.relay import Slot
from worker.windows import Window

_MOST_HELD: Final = 50_000
_SLOTS_BEFORE_SWEEP: Final = 4_096


@dataclass(slots=True)
class _Held:
    """A window that waits to be known whole."""

    window: Window
    conflict: bool = False
    tight: bool = False

    def decided(self, moment: int) -> bool:
        return self.conflict or self.window.permanent or self.window.end <= moment

    def noted(self) -> Window:
        notes = (("conflict", self.conflict), ("tight-handover", self.tight))
        found = tuple(note for note, holds in notes if holds)
        return replace(self.window, notes=self.window.notes + found) if found else self.window


def note_neighbours(windows: Iterable[Window], settle: int) -> Iterator[Window]:
    """The windows, in the order of start in which they must come, with notes on those that crowd a slot.

    ``conflict``: another window with other sources wants the slot at the same time. ``tight-handover``: one
    with other sources ends less than ``settle`` seconds before. Windows with the same sources do not mind
    each other.

    A window is held back until whatever might overlap it has come. A permanent one is not, nor one during
    which more than 50,000 others start: it may then lack its note, and the other of the pair has it still.
    """
    held: deque[_Held] = deque()
    running: dict[Slot, list[_Held]] = {}
    sweep_at = _SLOTS_BEFORE_SWEEP
    for window in windows:
        new = _Held(window)
        others = [other for other in running.get(window.slot, ()) if other.window.end + settle > window.start]
        _compare(new, others)
        running[window.slot] = [*others, new]
        held.append(new)
        while held and (held[0].decided(window.start) or len(held) > _MOST_HELD):
            yield held.popleft().noted()
        if len(running) > sweep_at:  # streams can be named afresh for each occurrence
            running = _still(running, window.start - settle)
            sweep_at = 2 * len(running) + _SLOTS_BEFORE_SWEEP
    yield from (one.noted() for one in held)


def _compare(new: _Held, others: Iterable[_Held]) -> None:
    for other in others:
        if other.window.sources == new.window.sources:
            continue
        if other.window.end > new.window.start:
            other.conflict = new.conflict = True
        else:
            new.tight = True


def _still(running: dict[Slot, list[_Held]], moment: int) -> dict[Slot, list[_Held]]:
    return {slot: held for slot, held in running.items() if any(one.window.end > moment for one in held)}
