"""The watch: looks, all the time and from outside, whether what is planned will be, is and was on air.

It is a process of its own and shares nothing with beat and workers but the ledger. What it does is cut
into duties. Each goes at its own pace in a thread of its own, so that a provider that hangs keeps nobody
from noticing that a source is dead. A duty says which conditions hold in which scope; what people hear of
that is up to :mod:`worker.alerts`.
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

_END: Final = 10.0
"""Seconds that a duty in hand may take to end."""


class Duty(Protocol):
    """One kind of look. Everything it found is in what it gives; it remembers nothing that matters."""

    @property
    def name(self) -> str:
        """As logs call it."""
        ...

    @property
    def every(self) -> float:
        """Seconds between the beginnings of two looks."""
        ...

    def look(self, now: float) -> Judged:
        """One look at ``now`` (Unix seconds). Raises ``LedgerUnavailable``."""
        ...


class Listener(Protocol):
    """Who is told what was found."""

    def judge(self, judged: Judged, now: float) -> None:
        """Takes note of these scopes, and of no other. Raises ``LedgerUnavailable``."""
        ...

    def without_ledger(self, error: LedgerUnavailable | None) -> None:
        """Takes note that the ledger cannot be reached, or that it can again. Raises nothing."""
        ...


@dataclass
class Watch:
    """Runs the duties until it is told to end. ``now`` gives Unix seconds by the ledger's clock."""

    duties: Sequence[Duty]
    listener: Listener
    now: Callable[[], float]
    stopwatch: Callable[[], float]
    _ended: threading.Event = field(default_factory=threading.Event, init=False)

    def run(self) -> None:
        """Returns when :meth:`end` was called and every duty has ended, or was given up."""
        threads = [
            threading.Thread(target=self._keep_up, args=(duty,), name=duty.name, daemon=True)
            for duty in self.duties
        ]
        for thread in threads:
            thread.start()
        telemetry.say("watch.begins", duties=",".join(duty.name for duty in self.duties))
        self._ended.wait()
        for thread in threads:
            thread.join(_END)
        telemetry.say("watch.ends")

    def end(self) -> None:
        """Has it end soon. Safe in a signal handler."""
        self._ended.set()

    def _keep_up(self, duty: Duty) -> None:
        while not self._ended.is_set():
            began = self.stopwatch()
            self.once(duty)
            self._ended.wait(max(0.0, duty.every - (self.stopwatch() - began)))

    def once(self, duty: Duty) -> bool:
        """One look; whether it was told of. Whatever goes wrong is said, and the next look is a new one."""
        try:
            now = self.now()
            self.listener.judge(duty.look(now), now)
        except LedgerUnavailable as error:
            self.listener.without_ledger(error)
            return False
        except ProviderError as error:
            telemetry.warn("watch.blind", duty=duty.name, why=error)
            return False
        except Exception as error:  # a duty that died silently would be what this process is there against
            telemetry.warn("watch.stumbled", duty=duty.name, why=f"{type(error).__name__}: {error}")
            return False
        self.listener.without_ledger(None)
        return True
