"""What can be chosen about an emulator (pure)."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from worker.settings import Credentials

DEMO_KEYS: Final = Credentials("AKLT-emulator-demo", "emulator-demo-secret")
"""The keys an emulator accepts unless it is given others. They are public and open nothing else."""


class Duplicate(enum.StrEnum):
    """What a second create on a slot does: the documents forbid one, and do not say how."""

    REFUSE = "refuse"
    OVERWRITE = "overwrite"
    APPEND = "append"


@dataclass(frozen=True, slots=True)
class Options:
    """Durations are seconds. ``domains`` maps a domain to its vhost; empty, every domain is accepted.

    ``faults`` are specs as :mod:`.faults` reads them. ``now`` gives Unix seconds, and is the only clock.
    ``times_as_text`` is how the list writes times: integers by its table and by the official Go client,
    which takes nothing else; decimal strings are what samples of requests show. ``clock_skew`` moves what
    the emulator's Date header says and what X-Date is judged by, nothing else.
    """

    duplicate: Duplicate = Duplicate.REFUSE
    quota: int = 10
    settle: float = 3.0
    list_lag: float = 0.0
    effect_lag: float = 0.0
    clock_skew: float = 0.0
    expire: bool = False
    times_as_text: bool = False
    throttle_status: int = 429
    faults: tuple[str, ...] = ()
    seed: int = 0
    keys: Credentials = DEMO_KEYS
    domains: dict[str, str] = field(default_factory=dict)
    state: Path | None = None
    log: Path | None = None
    now: Callable[[], float] = time.time
