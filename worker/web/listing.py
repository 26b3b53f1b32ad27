"""The lines of a text that something is said of, with a few around each; the whole of a short one (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from worker.redact import mask_text

WHOLE: Final = 1_000
"""Lines: a text that has no more is shown whole."""
_AROUND: Final = 3
_MASKED: Final = 4_000
_WIDEST: Final = 400
"""Characters of a line that are shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, counted from 1, addresses masked. ``gap``: lines above it are left out."""

    number: int
    text: str
    told: bool
    gap: bool


def listing(text: str, told: Collection[int]) -> Iterator[Line]:
    """The lines to show if something is told of these; numbers that are no line's are passed over."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    near = {n for line in told for n in range(line - _AROUND, line + _AROUND + 1)}
    before = 0
    for number, line in enumerate(lines, 1):
        if len(lines) <= WHOLE or number in near:
            yield Line(number, _shown(line), number in told, number != before + 1)
            before = number


def _shown(line: str) -> str:
    masked = mask_text(line[:_MASKED])
    return f"{masked[:_WIDEST]}…" if len(masked) > _WIDEST else masked
