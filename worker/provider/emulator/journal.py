"""What was asked, what was answered and what really happened: one JSON line each, for whoever checks later.

Lines are of three kinds. ``request``: every API request, answered or not. ``effect``: a change that took
effect after its answer, or did not. ``admin``: an act through ``/_emulator/``. Sources are masked as by
:mod:`worker.redact`: two addresses that differ are masked differently.
"""

from __future__ import annotations

import json
import os
from collections import Counter, deque
from pathlib import Path
from typing import Any, Final

KEPT: Final = 10_000
"""How many lines are kept in memory for ``/_emulator/log``; the file has them all."""


class Journal:
    """Lines in memory, counted, and in a file if there is one. A line is one ``write``: none is ever torn."""

    def __init__(self, path: Path | None) -> None:
        self.lines: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.counts: Counter[tuple[str, str]] = Counter()
        self.tallies: Counter[str] = Counter()
        self._path = path
        if path:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))

    def write(self, line: dict[str, Any]) -> None:
        """Adds a line; ``action`` and ``code`` of a request are counted, an empty code as ``ok``."""
        self.lines.append(line)
        if line["kind"] == "request":
            self.counts[line["action"], line["code"] or "ok"] += 1
        if self._path:
            with self._path.open("ab", buffering=0) as file:
                file.write(json.dumps(line, ensure_ascii=False).encode(errors="replace") + b"\n")

    def tally(self, what: str) -> None:
        """Counts something that a checker wants to know."""
        self.tallies[what] += 1
