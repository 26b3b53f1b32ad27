"""Signs of life: who notes them, and what is made of them.

That a process lives says little. It can hold its connections for hours and do nothing, and no supervisor
that waits for an exit would know. So every beat and every worker notes in the ledger that it made
*progress*, under its own name (``host:pid``), and a process that lives without is stuck.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from worker.errors import LedgerUnavailable
from worker.ledger import Ledger
from worker.settings import Settings

Role = Literal["beat", "worker", "watch"]
ROLES: Final[tuple[Role, ...]] = ("beat", "worker")
"""Those that do the work."""
ALL_ROLES: Final[tuple[Role, ...]] = (*ROLES, "watch")
EVERY: Final = 3.0
"""Seconds between two signs of one process, or a busy one would write thousands."""
GRACE: Final = 60.0
"""Seconds of silence that are always forgiven: after a start, or while Celery finds its way back to Redis,
for which it takes 32 s at most, and 41 s where a connection died without a word."""


def patience(settings: Settings) -> float:
    """Seconds of silence after which a process that lives is stuck.

    A beat has something to show for every tick. A worker has not, because ticks are not dealt out fairly:
    its blocking read begins anew each second, ticks come on the second, and whoever happens to wait longest
    at that instant is the same one every time (of four workers, one got 90 ticks of 90). However many
    workers there were, an idle one could be silent for ever. So each sends itself a message every tick,
    which has to go all the way that work goes: ``Pulse`` in :mod:`worker.tasks`.

    A worker whose threads are all in calls shows something when the first of them is done. An attempt waits
    for the deadline of a call once, or a few times if each answer came just in time.
    """
    return max(GRACE, 4.0 * max(settings.tick, settings.timeout))


@dataclass(slots=True)
class Signs:
    """What one process notes of itself. Safe in any number of threads; a lost sign is not made up for."""

    role: Role
    name: str
    stopwatch: Callable[[], float]
    last: float = field(default=float("-inf"), init=False)

    def show(self, ledger: Ledger) -> None:
        """Notes progress, unless that was done just now. A ledger that is away is somebody else's to tell."""
        if self.stopwatch() - self.last < EVERY:
            return
        self.last = self.stopwatch()
        with suppress(LedgerUnavailable):
            ledger.saw(self.role, self.name, ledger.now())

    def withdraw(self, ledger: Ledger) -> None:
        """Leaves in order: who is missed afterwards was killed, or is stuck."""
        with suppress(LedgerUnavailable):
            ledger.forget(self.role, self.name)


@dataclass(frozen=True, slots=True)
class Sign:
    """The latest sign of a process, ``age`` seconds ago."""

    role: Role
    name: str
    age: float

    @property
    def host(self) -> str:
        """Where it runs."""
        return self.name.rpartition(":")[0]

    @property
    def pid(self) -> int:
        """Its process id there."""
        return int(self.name.rpartition(":")[2])

    def is_stuck(self, within: float) -> bool:
        """Whether it is silent for longer than ``within`` and lives on this host all the same."""
        return self.age > within and lives(self.pid, self.role, self.age)

    def __str__(self) -> str:
        return f"{self.role} {self.name}, {self.age:.0f} s ago"


def signs(ledger: Ledger) -> list[Sign]:
    """The latest sign of every process that was seen within a day and did not leave in order."""
    now = ledger.now()
    return [
        Sign(role, name, max(now - at, 0.0))
        for role in ALL_ROLES
        for name, at in sorted(ledger.seen(role).items())
    ]


@dataclass(frozen=True, slots=True)
class Health:
    """How a host is, in ``words`` for people; ``stuck`` is who lives on it without progress."""

    well: bool
    words: str
    signs: tuple[Sign, ...] = ()
    stuck: tuple[Sign, ...] = ()


def check(ledger: Ledger, host: str, roles: Sequence[Role], within: float) -> Health:
    """Whether a process of one of these roles made progress on this host lately, and none of them is stuck.

    Asked for beat and worker, it also wants to see ticks, wherever made. Raises ``LedgerUnavailable``.
    """
    found = signs(ledger)
    here = tuple(sign for sign in found if sign.host == host and sign.role in roles)
    stuck = tuple(sign for sign in here if sign.is_stuck(within))
    if stuck:
        words = "; ".join(f"{s.role} {s.name} lives, and made no progress for {s.age:.0f} s" for s in stuck)
        return Health(False, words, here, stuck)
    recent = [sign for sign in here if sign.age <= within]
    if not recent:
        whom = f"no {' and no '.join(roles)} made progress on {host} within {within:.0f} s"
        return Health(False, f"{whom}{''.join(f'; {sign}' for sign in here)}", here)
    ticked = max(ledger.seen("tick").values(), default=0.0)
    silence = ledger.now() - ticked
    if {*roles} >= {*ROLES} and silence > within:
        return Health(False, f"no tick for {silence:.0f} s" if ticked else "there was no tick yet", here)
    return Health(True, "; ".join(map(str, recent)), here)


def end(sign: Sign) -> None:
    """Kills a process of this host, and its group if it leads one, for its supervisor to start another.

    Not by SIGTERM: who is stuck could not heed it. Raises ``OSError``.
    """
    if os.getpgid(sign.pid) == sign.pid:
        os.killpg(sign.pid, signal.SIGKILL)
    else:
        os.kill(sign.pid, signal.SIGKILL)


def lives(pid: int, role: Role, since: float) -> bool:
    """Whether this process runs in this role on this machine, and did so ``since`` seconds ago already.

    Process ids are used again, and a container that was restarted has the name and the ids that it had
    before: only who is older than the sign can have given it. Where there is no /proc nobody is known.
    """
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    except OSError:
        return False
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return role.encode() in words and age >= since  # of one that has died, no words are left
