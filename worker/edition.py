"""Which releases of data and libraries decide what windows an event has: the edition of the rules.

Two processes of one edition compute the same windows from the same event. With another, a zone may have
other offsets, a country another holiday, a cron line another meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Final

RULES: Final = 1
"""The rules of our own: of ``recurrence``, ``calendars`` and ``windows``. To be raised with every change by
which an event that nobody edited has other windows, or the ledger of a running fleet would not follow it."""

_PACKAGES: Final = ("tzdata", "holidays", "croniter", "python-dateutil")
_NUMBERS: Final = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Edition:
    """Names and versions, the weightiest first; ``rules`` are our own."""

    parts: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return _text(self.parts)

    def older_than(self, other: Edition) -> bool:
        """Of any two that differ one is older, always the same, whatever their versions look like."""
        return self._rank() < other._rank()

    def change_to(self, other: Edition) -> str:
        """What differs, for people: ``tzdata 2026.6 -> 2026.7``."""
        old, new = dict(self.parts), dict(other.parts)
        return ", ".join(
            f"{name} {old.get(name, 'none')} -> {new.get(name, 'none')}"
            for name in old | new
            if old.get(name) != new.get(name)
        )

    def _rank(self) -> tuple[list[tuple[int, ...]], str]:
        """By the numbers in the versions, and what reads differently by its text after all."""
        return [tuple(map(int, _NUMBERS.findall(release))) for _, release in self.parts], str(self)


@cache
def _text(parts: tuple[tuple[str, str], ...]) -> str:
    """Asked for with every event that is planned."""
    return ", ".join(f"{name} {release}" for name, release in parts)


def parse_edition(text: str) -> Edition:
    """The edition that was written so; anything is read as one, for a newer Relaybeat may name more parts."""
    pairs = (part.rpartition(" ") for part in text.split(", "))
    return Edition(tuple((name, release) for name, _, release in pairs))


@cache
def installed() -> Edition:
    """The edition by which this process computes windows."""
    return Edition((("rules", str(RULES)), *((name, version(name)) for name in _PACKAGES)))
