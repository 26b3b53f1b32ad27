"""Calm: the time in which the product had what it needs, and so what may fairly be asked of it.

It needs Redis and the provider within reach, one worker and one beat. The promise is about calm seconds:
a window that is known for 60 of them before its start is there at its start, whatever happened in between.
Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.chaos.record import Json

Span = tuple[float, float]
SINGLE = ("redis", "provider")
CROWDS = ("worker", "beat")


class Weather:
    """When it was not calm, in order and without overlaps."""

    def __init__(self, storm: Iterable[Json], roles: Iterable[str]) -> None:
        down: dict[str, list[Span]] = {role: [] for role in (*roles, *SINGLE)}
        for line in storm:
            for role in line.get("down", ()):
                down[role].append((line["at"], line["until"]))
        bad = [span for role in SINGLE for span in down[role]]
        for crowd in CROWDS:
            members = [merged(spans) for role, spans in down.items() if role.startswith(crowd)]
            bad += _all_at_once(members)
        self.bad = merged(bad)
        self._unreachable = merged(down["provider"])

    def after(self, at: float, seconds: float) -> float:
        """The moment by which so many calm seconds have passed since ``at``."""
        for first, last in self.bad:
            if last <= at:
                continue
            if first - at >= seconds:
                break
            seconds -= max(0.0, first - at)
            at = last
        return at + seconds

    def lets_go(self, first: float, last: float) -> bool:
        """Whether the way to the provider opened again at that time: what was under way arrives at once."""
        return any(first <= until <= last for _, until in self._unreachable)

    def calm_at(self, at: float) -> bool:
        return not any(first <= at < last for first, last in self.bad)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time, in order and without overlaps."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        elif last > first:
            found.append((first, last))
    return found


def holes(first: float, last: float, covered: Iterable[Span]) -> list[Span]:
    """The parts of [first, last) that nothing covers."""
    found, at = [], first
    for begins, ends in merged(covered):
        if begins > at:
            found.append((at, min(begins, last)))
        at = max(at, ends)
        if at >= last:
            break
    if at < last:
        found.append((at, last))
    return [(begins, ends) for begins, ends in found if ends > begins]


def _all_at_once(members: list[list[Span]]) -> list[Span]:
    """When every member was down."""
    if not members:
        return []
    common = members[0]
    for spans in members[1:]:
        common = [(max(a, c), min(b, d)) for a, b in common for c, d in spans if max(a, c) < min(b, d)]
    return common
