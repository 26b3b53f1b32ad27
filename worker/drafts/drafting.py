"""What a draft would do to the ledger, and doing just that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from worker.advice import Neighbours, advise
from worker.almanac import SOON, unknown_years
from worker.applying import Plan, Source, apply_plan, beside, digest, plan_file
from worker.errors import Changed
from worker.events.codec import dump_event
from worker.events.load import Loaded
from worker.events.problems import Problem
from worker.ledger.codec import compact, dump_override, dump_window
from worker.lineup import lineup, running_into
from worker.neighbours import note_neighbours
from worker.planner import Difference, Planner
from worker.windows import Window

_LONGEST_THOUGHT: Final = 86_400
"""Seconds after which what was shown is shown anew before it is done."""
_AGAIN: Final = "look at what it would do now"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an events file would change ``now``, and when it was first shown; both in whole Unix seconds."""

    loaded: Loaded
    plan: Plan
    at: int
    now: int

    @property
    def digest(self) -> str:
        """Names all that was shown: the file's bytes, each change, and the revision it builds on."""
        plan = self.plan
        shown: list[Any] = [self.loaded.sha256, plan.base, plan.prune, sorted(plan.added)]
        shown += ([digest(event) for event in events] for events in (plan.changed, plan.back))
        shown += ([event.id for event in events] for events in (plan.left, plan.kept))
        shown += ([d.kind, d.window.id, d.on_air, *_told(d)] for d in plan.differences)
        for each in plan.overruled:
            words = {window: dump_override(told) for window, told in each.overrides.items()}
            shown.append([dump_event(each.event), str(each.pause), words])
        return f"{self.at}.{hashlib.sha256(compact(shown).encode()).hexdigest()[:32]}"


def _told(difference: Difference) -> Iterator[str]:
    for window in (difference.before, difference.after):
        yield dump_window(window) if window else ""


@dataclass(frozen=True, slots=True)
class Drafting:
    """Somebody with an events file, before a ledger. ``settle``: seconds the provider takes to act."""

    planner: Planner
    settle: int

    def now(self) -> int:
        """Whole Unix seconds by the ledger's clock."""
        return int(self.planner.ledger.now())

    def propose(self, loaded: Loaded, *, prune: bool, since: int | None = None) -> Proposal:
        """What the file would change now. Looked at again, it sees as far as it did ``since`` then."""
        now = self.now()
        at = now if since is None else since
        planner = replace(self.planner, horizon=self.planner.horizon - (now - at))
        return Proposal(loaded, plan_file(planner, loaded.events, now=now, prune=prune), at, now)

    def again(self, loaded: Loaded, *, prune: bool, shown: str) -> Proposal:
        """The proposal of which ``shown`` is the digest, or one that changes nothing, for it is done already.

        Raises ``Changed`` if it would do something else by now, or was shown longer than a day ago.
        """
        since, now = _at(shown), self.now()
        recent = now - min(_LONGEST_THOUGHT, self.planner.horizon) <= since <= now
        found = self.propose(loaded, prune=prune, since=since if recent else None)
        if found.digest != shown and not found.plan.empty:
            raise Changed("this would now do something else than was shown", hint=_AGAIN)
        return found

    def warnings(self, proposal: Proposal) -> list[Problem]:
        """What the windows that change do to others on their slots, and others to them, and which years
        that come soon no calendar knows; in order of line.
        """
        loaded, plan = proposal.loaded, proposal.plan
        changing = {d.after.id for d in plan.differences if d.after}
        neighbours = Neighbours(loaded, self.settle, lambda window: window.id in changing)
        told = [w for each in beside(self.planner, plan, self.settle) for w in neighbours.about(each)]
        ahead = max(SOON, self.planner.horizon)
        told += unknown_years(loaded, loaded.events, proposal.now, proposal.now + ahead)
        return sorted(told, key=lambda warning: warning.line)

    def advice(self, proposal: Proposal) -> list[Problem]:
        """All that may surprise: what ``check`` says of the file alone, and what the ledger adds to it."""
        found = [*advise(proposal.loaded, proposal.now, self.settle), *self.warnings(proposal)]
        return sorted(dict.fromkeys(found), key=lambda warning: (warning.line, warning.column))

    def apply(
        self, proposal: Proposal, source: Source, *, watch: Callable[[int], None] = lambda _: None
    ) -> int | None:
        """Does what was proposed; the number of the revision, or ``None`` if there is nothing to do.

        Raises ``Refused``, and nothing is done, if another apply came first. ``watch`` as for ``apply_plan``.
        """
        if proposal.plan.empty:
            return None
        return apply_plan(self.planner, proposal.plan, source, now=proposal.now, watch=watch).number


def _at(shown: str) -> int:
    """When what has this digest was shown."""
    at = shown.partition(".")[0]
    if not (at.isascii() and at.isdigit()):
        raise Changed("that is not the digest of a plan", hint="it is the one that came with what was shown")
    return int(at)


def coming(loaded: Loaded, settle: int, since: int, until: int) -> Iterator[Window]:
    """The windows that the file means between two instants (Unix seconds), what is on air then included, with
    notes on each other; in order of start.
    """
    line = lineup(loaded.events, running_into(loaded.events, lambda _: (since, until)))
    return (window for window, _ in note_neighbours(line, settle) if window.end > since)


def too_many(loaded: Loaded, since: int, until: int, most: int) -> bool:
    """Whether it means more than ``most`` windows between two instants; costs as much as finding so many."""
    return next(islice(lineup(loaded.events, lambda _: (since, until)), most, None), None) is not None
