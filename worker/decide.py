"""From what a slot should hold and what it does hold to the one thing to do next (pure).

The rules this encodes are design rules 5 to 8: an unclear answer is never followed by another create, an
absence right after one proves nothing until it is read twice, and what is not ours is never touched. They
hold whatever the provider does with a second create on a slot, because none is ever sent knowingly.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from worker.relay import PERMANENT, Relay, Row, Slot
from worker.slots import Wanted

Verb = Literal["create", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A write whose outcome nobody knows.

    ``since``: from when on it can no longer be under way (Unix seconds). ``unseen_at``: when a settled
    list first did not show its effect; only a second such list, later by the settling time, is believed.
    """

    verb: Verb
    relay: Relay | None
    since: float
    unseen_at: float | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The provider called this create or update invalid; it may only have meant "already there".

    It holds against the same write alone: a refused create is an update once the list explains it.
    """

    verb: Verb
    relay: Relay
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """All that a decision depends on.

    ``rows`` is what the provider listed on the slot when asked at ``seen_at``; ``held`` are the relays we
    may have put there, as our own book has them, and ``ours`` the rows that are ours. ``settling`` is how
    many seconds a list may lag behind a write, ``pause`` how many must be left for a delete before a create.
    """

    slot: Slot
    wanted: Wanted | None
    rows: tuple[Row, ...]
    seen_at: float
    ours: Collection[Row]
    held: Collection[Relay]
    doubt: Doubt | None
    refusal: Refusal | None
    settling: float
    pause: float
    now: float


@dataclass(frozen=True, slots=True)
class Write:
    """Send this. ``relay`` is what the slot holds afterwards, ``None`` for a delete."""

    verb: Verb
    relay: Relay | None


@dataclass(frozen=True, slots=True)
class Adopt:
    """The wanted relay is there already."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is wanted of the slot and nothing of ours is on it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again at ``until``; ``doubt`` is what we then still do not know."""

    until: float
    doubt: Doubt | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else's relay is on the slot; nothing may be sent."""

    why: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The provider will not take it, and looking has not explained why."""

    why: str


Act = Write | Adopt | Rest | Wait | Conflict | GiveUp


def decide(case: Case) -> Act:
    """The one thing to do next about this slot."""
    if pending := _pending(case) or _vanished(case):
        return pending
    foreign = [row for row in case.rows if row not in case.ours]
    if foreign and (case.wanted or len(foreign) < len(case.rows)):
        return Conflict(f"{len(foreign)} relay(s) on {case.slot} were not placed by Relaybeat")
    if case.wanted is None:
        return Write("delete", None) if len(case.rows) > len(foreign) else Rest()
    return _towards(case.wanted, case)


def changed(rows: Sequence[Row], held: Collection[Relay]) -> Row | None:
    """The row that somebody made of a relay of ours, by other means than ours.

    A slot has one config, so if ours is not there and another is, they are the same one changed, as long as
    anything of ours is left in it. What shares nothing with it was put there by somebody for themselves.
    """
    if len(rows) != 1 or any(rows[0].shows(relay) for relay in held):
        return None
    (row,) = rows
    ours = [relay.as_row() for relay in held]
    alike = (
        row.sources == own.sources or (row.start, row.end) == (own.start, own.end) or _meet(row, own)
        for own in ours
    )
    return row if any(alike) else None


def _meet(row: Row, own: Row) -> bool:
    """Whether they have a time in common, beginning or end."""
    return own.start is not None and (row.start == own.start or row.end == own.end)


def can_wait(wanted: Wanted, now: float, pause: float) -> bool:
    """Whether there is time to see an ended relay gone before the next is created.

    If not, it is updated into the next: of a delete and a create in haste, the delete could take effect last.
    """
    return wanted.start > now + pause


def _towards(wanted: Wanted, case: Case) -> Act:
    if any(row.shows(wanted.relay) for row in case.rows):
        # Two equal rows (a provider that keeps both) are mended before air; on air a cut would be worse.
        return Adopt() if len(case.rows) == 1 or _on_air(wanted.relay, case.now) else Write("delete", None)
    verb: Verb = "update" if case.rows else "create"
    refused = case.refusal and (case.refusal.verb, case.refusal.relay) == (verb, wanted.relay)
    ended = all(row.end is not None and row.end <= case.now for row in case.rows)
    if len(case.rows) > 1 or (case.rows and ended and (refused or can_wait(wanted, case.now, case.pause))):
        return Write("delete", None)  # so that the next create starts clean and gives a TaskId
    if case.refusal and refused:
        return GiveUp(case.refusal.why)
    return Write(verb, wanted.relay)


def _on_air(relay: Relay, now: float) -> bool:
    return relay.times is PERMANENT or relay.times.start <= now


def _pending(case: Case) -> Act | None:
    """What an unresolved doubt obliges us to do, or nothing once it is resolved."""
    doubt = case.doubt
    if doubt is None:
        return None
    seen = any(row.shows(doubt.relay) for row in case.rows) if doubt.relay else not case.rows
    if seen and doubt.relay and case.wanted and doubt.relay == case.wanted.relay:
        return None  # it took effect and is what we want: no need to wait
    settled_at = doubt.since + case.settling
    if case.seen_at < settled_at:
        return Wait(settled_at, doubt)
    unseen_at = case.seen_at if doubt.unseen_at is None else doubt.unseen_at
    if not seen and case.seen_at < unseen_at + case.settling:
        return Wait(unseen_at + case.settling, replace(doubt, unseen_at=unseen_at))
    return None


def _vanished(case: Case) -> Act | None:
    """What we hold and want is not listed: believed, as any absence, only when it is read a second time."""
    relay = case.wanted.relay if case.wanted else None
    if case.doubt or relay is None or relay not in case.held or any(row.shows(relay) for row in case.rows):
        return None
    again = case.seen_at + case.settling
    return Wait(again, Doubt("create", relay, since=case.seen_at - case.settling, unseen_at=case.seen_at))
