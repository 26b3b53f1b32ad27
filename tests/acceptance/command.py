"""The real command line, in a process of its own, as users and scripts drive it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RELAYBEAT = (sys.executable, "-m", "worker")
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


def relaybeat(*args: str | Path, env: dict[str, str] | None = None, **how: Any) -> Said:
    """Runs one command to its end; output is read as UTF-8, whatever the locale says."""
    done = subprocess.run(
        [*RELAYBEAT, *map(str, args)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | (env or {}),
        capture_output=True,
        timeout=120,
        check=False,
        **how,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())
