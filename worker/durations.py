"""Durations as people write them: ``90``, ``45s``, ``10m``, ``2h``, ``1h30m``, ``7d`` (pure)."""

from __future__ import annotations

import re
from typing import Final

_SECONDS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WRITTEN: Final = re.compile(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)


def parse_duration(text: str | int) -> int:
    """Whole seconds; a bare number is seconds. Raises ``ValueError`` for anything else."""
    written = "" if isinstance(text, bool) else str(text).strip()
    if re.fullmatch(r"\d{1,9}", written, re.ASCII):
        return int(written)
    match = _WRITTEN.fullmatch(written)
    if not written or match is None:
        raise ValueError(f"{text!r} is not a duration; write 45s, 10m, 2h, 1h30m or 7d")
    return sum(int(n) * size for n, size in zip(match.groups(), _SECONDS.values(), strict=True) if n)


def format_duration(seconds: int) -> str:
    """The shortest exact way to write it: 5400 is ``1h30m``, 0 is ``0s``."""
    parts = []
    for unit, size in _SECONDS.items():
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
