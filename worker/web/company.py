"""Who has to be known of a slot to tell what its windows have to do with each other (pure).

Windows that are further apart than the provider's settling time have nothing to do with each other, so of a
slot with a thousand windows to come, those round now mostly say all that is to be said of those round now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from worker.ledger.records import WindowRecord
from worker.lifecycle import OPEN
from worker.relay import Slot
from worker.slots import Standing


def companies(
    wanted: Iterable[WindowRecord],
    near: Iterable[WindowRecord],
    since: float,
    until: float,
    settle: int,
) -> dict[Slot, list[Standing] | None]:
    """For the slot of each open window that is wanted, the open ones it may have to do with.

    ``near`` are all windows that play within [since, until), in Unix seconds. ``None`` where that does not
    suffice: what plays with a wanted one, and with whom that plays, may go on outside.
    """
    ids: defaultdict[Slot, set[str]] = defaultdict(set)
    for record in wanted:
        if record.state in OPEN:
            ids[record.window.slot].add(record.window.id)
    found: defaultdict[Slot, list[WindowRecord]] = defaultdict(list)
    for record in near:
        if record.state in OPEN and record.window.slot in ids:
            found[record.window.slot].append(record)
    return {slot: _company(some, found[slot], since, until, settle) for slot, some in ids.items()}


def _company(
    wanted: Collection[str], near: Collection[WindowRecord], since: float, until: float, settle: int
) -> list[Standing] | None:
    known = [
        record.standing
        for group, end in _groups(near, settle)
        if group[0].window.start - settle >= since and end + settle <= until
        for record in group
    ]
    return known if {each.window.id for each in known}.issuperset(wanted) else None


def _groups(near: Collection[WindowRecord], settle: int) -> Iterator[tuple[list[WindowRecord], int]]:
    """Windows with no pause as long as ``settle`` seconds between them, and when the last of them ends."""
    group: list[WindowRecord] = []
    end = 0
    for record in sorted(near, key=lambda each: each.window.start):
        if group and record.window.start - end >= settle:
            yield group, end
            group, end = [], 0
        group.append(record)
        end = max(end, record.window.end)
    if group:
        yield group, end
