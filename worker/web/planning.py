"""Dry planning for whoever sends a file, by form or by API: what it would do, and doing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from worker.applying import Source, check
from worker.drafts.drafting import Drafting, Proposal, too_many
from worker.drafts.reading import Draft, read_draft
from worker.errors import Refused
from worker.events.problems import Problem
from worker.redact import mask_text
from worker.web.desk import Desk

MOST_WINDOWS: Final = 100_000
"""Within the horizon. More are planned from the command line, which keeps nobody else waiting."""
_CONTROLS: Final = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
_LONGEST_NAME: Final = 100
LONGEST_REASON: Final = 500
"""Characters of each that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A file as it was sent, or a text that was typed, which has no ``name``.

    ``options`` and ``year`` are for what is imported, as :func:`worker.drafts.reading.read_draft` has them.
    """

    content: bytes
    name: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a draft would do; no ``proposal`` if it has problems. ``warnings`` are in order of line."""

    draft: Draft
    proposal: Proposal | None = None
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Who says that it be done and why, of what they were ``shown``, if they say so, and what they allow."""

    by: str
    reason: str
    shown: str | None = None
    most: int | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Planning:
    """Reads the ledger for drafts, and writes for those who may. Raises ``LedgerUnavailable``."""

    desk: Desk

    @property
    def drafting(self) -> Drafting:
        """With the rules of this installation."""
        return Drafting(self.desk.runtime.planner, self.desk.settle)

    def read(self, brought: Brought) -> Draft:
        """The draft; one that means too many windows has that as a problem."""
        draft = read_draft(brought.content, file_name(brought.name), brought.options, brought.year)
        now, horizon = self.drafting.now(), self.desk.runtime.planner.horizon
        if draft.right and too_many(draft.loaded, now, now + horizon, MOST_WINDOWS):
            what = f"its events mean more than {MOST_WINDOWS:,} windows within {horizon // 86_400} days"
            problem = Problem(draft.loaded.file, 0, 0, what, hint="use relaybeat plan and relaybeat apply")
            return replace(draft, loaded=replace(draft.loaded, problems=(problem,)))
        return draft

    def look(self, draft: Draft, *, prune: bool) -> Foretold:
        """What it would do. Writes nothing."""
        if not draft.right:
            return Foretold(draft)
        return self._foretold(draft, self.drafting.propose(draft.loaded, prune=prune))

    def apply(self, draft: Draft, leave: Leave, *, prune: bool, source: str) -> tuple[int | None, Foretold]:
        """Does it, and the number of the revision, ``None`` if there was nothing to do; ``draft`` is right.

        Raises ``Changed`` if it is not what was shown by now, and ``Refused`` as :func:`check` does, because
        somebody else applied something meanwhile, or without a reason. Then nothing is done.
        """
        drafting, loaded, reason = self.drafting, draft.loaded, one_line(leave.reason)
        if not reason:
            raise Refused("nobody said why", hint="give a reason")
        if leave.shown is None:
            proposal = drafting.propose(loaded, prune=prune)
        else:
            proposal = drafting.again(loaded, prune=prune, shown=leave.shown)
        check(proposal.plan, most=leave.most, force=leave.force)
        warnings = drafting.warnings(proposal)
        number = drafting.apply(proposal, Source(source, loaded.sha256, leave.by, reason))
        return number, Foretold(draft, proposal, tuple(warnings))

    def _foretold(self, draft: Draft, proposal: Proposal) -> Foretold:
        return Foretold(draft, proposal, tuple(self.drafting.advice(proposal)))


def one_line(text: str) -> str:
    """What somebody said, fit for logs and histories: one line, not too long, addresses masked."""
    return mask_text(" ".join(text.translate(_CONTROLS).split())[:LONGEST_REASON])


def file_name(name: str) -> str:
    """The name of a file as it may be shown and noted: without folders, on one line, and not too long."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    return mask_text(" ".join("".join(c if c.isprintable() else " " for c in plain).split()))[:_LONGEST_NAME]
