"""A worker that makes one attempt and freezes at the step it is told; thawed, it says what came of it.

``python -m tests.integration.doomed REDIS PROVIDER WINDOW STEP``
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from worker.attempts import Attempts
from worker.journal import Journal
from worker.ledger import Ledger
from worker.ledger.client import connect
from worker.provider.cloud import Cloud
from worker.provider.emulator.options import DEMO_KEYS
from worker.turns import Gate, Turn, announcing, open_gate
from worker.visit import Policy

STEPS = (
    "before the claim",
    "before the look",
    "after the look",
    "in the gate",
    "noted and not sent",
    "sent and not recorded",
)
"""Where it can be stopped, in the order it gets there."""


@dataclass(frozen=True)
class Hasty(Policy):
    """A policy whose leases are over soon, so that a test need not wait for them."""

    @property
    def lease(self) -> float:
        return self.timeout + 1.0


HASTY = Hasty(settling=0.3, settle=300, timeout=1.0, look_age=0.0)


@contextmanager
def attempts(redis_url: str, provider_url: str, gate: Gate) -> Iterator[Attempts]:
    """Attempts as a worker makes them, only in more of a hurry. ``gate`` announces."""
    cloud = Cloud(
        provider_url,
        DEMO_KEYS,
        gate=gate,
        now=lambda: datetime.now(UTC),
        stopwatch=time.monotonic,
        timeout=HASTY.timeout,
    )
    ledger, uniform = Ledger(connect(redis_url)), random.SystemRandom().uniform
    with closing(cloud), TemporaryDirectory() as folder:
        journal = Journal(Path(folder), provider_url)
        recall = partial(ledger.epoch, 0.0)
        yield Attempts(ledger, cloud, HASTY, "worker", uniform, time.sleep, journal, recall)


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class Doom:
    """A gate that lets the worker get as far as ``step`` and no further."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._passes = 0

    def at(self, step: str) -> None:
        """Stops here if this is the step."""
        if step == self._step:
            say(step)
            os.kill(os.getpid(), signal.SIGSTOP)

    @contextmanager
    def __call__(self, turn: Turn) -> Iterator[None]:
        """The first pass is the look, the second the create."""
        self._passes += 1
        looks = self._passes == 1
        self.at("before the look" if looks else "in the gate")
        with announcing(open_gate)(turn):
            if not looks:
                self.at("noted and not sent")
            yield
        self.at("after the look" if looks else "sent and not recorded")


def main(redis_url: str, provider_url: str, window_id: str, step: str) -> None:
    """One attempt, interrupted."""
    doom = Doom(step)
    with attempts(redis_url, provider_url, doom) as worker:
        doom.at("before the claim")
        say(worker.run(window_id))


if __name__ == "__main__":
    main(*sys.argv[1:])
