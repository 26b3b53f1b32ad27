"""The watch: looks, all the time and from outside, whether what is planned will be, is and was on air.

It is a process of its own and shares nothing with beat and workers but the ledger. What it does is cut
into errands. Each goes at its own pace in a thread of its own: a provider that hangs keeps nobody from
noticing that a source is dead, and a channel that hangs keeps no other from being told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from worker import telemetry
from worker.conditions import Condition
from worker.errors import LedgerUnavailable, ProviderError

Judged = Mapping[str, Collection[Condition]]
"""Scopes that were looked at, each with all conditions that hold in it."""

_END: Final = 5.0
"""Seconds that errands in hand may take to end, all together."""
_OVERDUE: Final = 60.0
"""Seconds that any errand may take before the watch is not well itself."""


class Errand(Protocol):
    """Something done again and again. It remembers nothing that matters, for it may end at any time."""

    @property
    def name(self) -> str:
        """As logs call it."""
        ...

    @property
    def every(self) -> float:
        """Seconds between the beginnings of two steps."""
        ...

    def step(self) -> None:
        """Once. What it raises is logged, and the next step is a new one."""
        ...


class Duty(Protocol):
    """One kind of look. Everything it found is in what it gives."""

    @property
    def name(self) -> str:
        """As logs call it."""
        ...

    @property
    def every(self) -> float:
        """Seconds between the beginnings of two looks."""
        ...

    def look(self, now: float) -> Judged:
        """One look at ``now`` (Unix seconds). Raises ``LedgerUnavailable`` and ``ProviderError``."""
        ...


@dataclass(frozen=True, slots=True)
class Looking:
    """The errand of a duty: to look, and to have noted what was found.

    ``now`` gives Unix seconds by the ledger's clock, ``note`` writes them down.
    """

    duty: Duty
    now: Callable[[], float]
    note: Callable[[Judged, float], object]

    @property
    def name(self) -> str:
        """The duty's."""
        return self.duty.name

    @property
    def every(self) -> float:
        """The duty's."""
        return self.duty.every

    def step(self) -> None:
        """One look. Raises what the duty raises."""
        now = self.now()
        if judged := self.duty.look(now):
            self.note(judged, now)


@dataclass
class Watch:
    """Runs errands until it is told to end."""

    errands: Sequence[Errand]
    stopwatch: Callable[[], float]
    _ended: threading.Event = field(default_factory=threading.Event, init=False)
    _done: dict[str, float] = field(default_factory=dict, init=False)

    def run(self) -> list[str]:
        """Returns when :meth:`end` was called and errands had time to end; the names of those that did not.

        They can be left behind: nothing depends on what a look found or a call came to.
        """
        self._done = {errand.name: self.stopwatch() for errand in self.errands}
        threads = [
            threading.Thread(target=self._keep_up, args=(errand,), name=errand.name, daemon=True)
            for errand in self.errands
        ]
        for thread in threads:
            thread.start()
        telemetry.say("watch.begins", errands=",".join(self._done))
        self._ended.wait()
        give_up = self.stopwatch() + _END
        for thread in threads:
            thread.join(max(0.0, give_up - self.stopwatch()))
        hanging = [thread.name for thread in threads if thread.is_alive()]
        telemetry.say("watch.ends", hanging=",".join(hanging))
        return hanging

    def end(self) -> None:
        """Has it end soon. Safe in a signal handler."""
        self._ended.set()

    def late(self) -> list[str]:
        """The errands that were not done for too long: something in them hangs, or stumbles every time."""
        now = self.stopwatch()
        return [e.name for e in self.errands if now - self._done.get(e.name, now) > e.every + _OVERDUE]

    def _keep_up(self, errand: Errand) -> None:
        while not self._ended.is_set():
            began = self.stopwatch()
            if take_step(errand):
                self._done[errand.name] = self.stopwatch()
            self._ended.wait(max(0.0, errand.every - (self.stopwatch() - began)))


def take_step(errand: Errand) -> bool:
    """One step, and whether it was done. Whatever went wrong is said, and is no reason to stop.

    What others refuse is an answer, and no fault of the errand.
    """
    try:
        errand.step()
    except (LedgerUnavailable, ProviderError) as error:
        telemetry.warn("watch.blind", errand=errand.name, why=error)
    except Exception as error:  # to die silently is what this process is there against
        telemetry.warn("watch.stumbled", errand=errand.name, why=f"{type(error).__name__}: {error}")
        return False
    return True
