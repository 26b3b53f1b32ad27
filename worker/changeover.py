"""When the rules change under a ledger: what would move is told first, and moved then.

A new release of the zones, the holidays or of a library that reads recurrences makes other windows of the
same events. Whoever ticks with one that the ledger does not go by plans nothing. It goes through all events,
notes what would move, and then has the ledger go by its own edition: every event is planned by that from then
on, in batches, each in one with what people said of it. Killed anywhere, the next tick goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from worker import telemetry
from worker.edition import Edition
from worker.ledger import Ledger
from worker.ledger.editions import Held, Moved, Turnover
from worker.planner import BATCH, Planner, Shifted
from worker.windows import Window

AWAY: Final = 240.0
"""Seconds after which a newer edition that showed no sign of life is gone for good: who ticks at most once a
minute, and may be busy for a minute and a half, shows more."""
_BUDGET: Final = 5.0
"""Seconds that one tick spends on this before it goes on to what is due."""
_TOLD: Final = 20
"""Windows that the log tells of one by one."""


@dataclass(slots=True)
class Changeover:
    """Takes a ledger over to our edition, if nobody is there who has a newer one.

    In a fleet of two editions the newer one plans, from its first tick on, and the older one leaves that
    alone until no sign of the newer was seen for :data:`AWAY` seconds. So they do not take turns, and
    planning does not end when somebody goes back to an older release.
    """

    planner: Planner
    waiting_for: Edition | None = field(default=None, init=False)

    @property
    def _ledger(self) -> Ledger:
        return self.planner.ledger

    def show(self, now: float) -> bool:
        """Leaves a sign that somebody is here who would plan by our edition; whether nobody has another."""
        own = self.planner.edition
        held = self._ledger.editions.show(own, now)
        recent = {each for each, at in held.seen.items() if at > now - AWAY}
        return recent == {own} and held.by in {None, own}

    def tick(self, now: float) -> bool:
        """Goes on with it; whether the ledger goes by our edition now and nothing of it moves."""
        held, own = self._ledger.editions.held(), self.planner.edition
        if held.by in {None, own}:
            return True
        newer = held.newer(own, now - AWAY)
        if newer:
            self._wait(newer)
            return False
        self.waiting_for = None
        survey = self._survey(held, now)
        return survey is not None and survey.windows == 0

    def _wait(self, newer: Edition) -> None:
        if newer != self.waiting_for:
            self.waiting_for = newer
            what = self.planner.edition.change_to(newer)
            telemetry.warn("plan.left", to="workers with a newer edition", differs=what)

    def _survey(self, held: Held, now: float) -> Turnover | None:
        """The whole of what moves, once that is known and the ledger goes by our edition."""
        survey = _begun(held, self.planner.edition, now)
        ids = (each for each in self._ledger.plans.ids() if each > survey.reached)
        while batch := [*islice(ids, BATCH)]:
            moves, survey = self._look(batch, survey, now)
            if not self._ledger.editions.step(held, survey, moves, now=now):
                return None
            _tell(moves, survey)
            held = self._ledger.editions.held()
            if self._ledger.now() - now > _BUDGET:
                return None
        if not self._ledger.editions.step(held, survey, (), now=now, done=True):
            return None
        _tell_sum(survey)
        return survey

    def _look(self, ids: list[str], survey: Turnover, now: float) -> tuple[list[Moved], Turnover]:
        """What would move of these events, and the survey with that."""
        records = [r for r in self._ledger.plans.events(ids) if not self.planner.knows(r)]
        programmes = self.planner.programmes(record.event for record in records)
        found: list[Moved] = []
        for record, programme in zip(records, programmes, strict=True):
            shifted = self.planner.shifted(record, programme, now)
            moves = list(moved(shifted))
            survey = survey.with_event(moves, len(shifted.carried))
            found += moves
        return found, replace(survey, reached=ids[-1])


def _begun(held: Held, own: Edition, now: float) -> Turnover:
    """Our survey as far as it is; one of another edition is begun anew."""
    if held.survey and held.survey.now == str(own):
        return held.survey
    return Turnover(at=now, was=str(held.by), now=str(own))


def moved(shifted: Shifted) -> Iterator[Moved]:
    """What a change of edition moves of one event, in order of what is there.

    A window that only comes to bear another's name, and is the same on air, is not among it.
    """
    gone = {d.window.id for d in shifted.differences if d.kind == "remove"}
    come = {d.window.id for d in shifted.differences if d.kind == "add"}
    for old, heir in shifted.heirs.items():
        if old in gone or old in shifted.carried or heir in come:
            yield _moved(shifted, old, heir)
    known, named = shifted.heirs.keys(), set(shifted.heirs.values())
    for d in shifted.differences:
        if d.window.id not in (known if d.kind == "remove" else named):
            yield _moved(shifted, d.before.id if d.before else "", d.after.id if d.after else "")


def _moved(shifted: Shifted, old: str, new: str) -> Moved:
    record, will = shifted.known.get(old), shifted.coming.get(new)
    was = record.window if record else None
    window = will or was
    assert window is not None
    return Moved(
        event=window.event,
        fate="changed" if old == new else "removed" if not new else "moved" if old else "added",
        id=old,
        to=new if new != old else "",
        timezone=window.timezone,
        was=_times(was),
        will=_times(will),
        state=record.state if record else "",
        on_air=bool(record and record.on_air(shifted.now)),
    )


def _times(window: Window | None) -> tuple[int, int] | None:
    return (window.start, window.end) if window else None


def _tell(moves: list[Moved], survey: Turnover) -> None:
    """The first few, one by one; how many there are is told in the end."""
    before = survey.windows - len(moves)
    for move in moves[: max(_TOLD - before, 0)]:
        telemetry.say("plan.moves", window=move.id or move.to, fate=move.fate, to=move.to, on_air=move.on_air)


def _tell_sum(survey: Turnover) -> None:
    if not (survey.windows or survey.words):
        telemetry.say("plan.stays", why=survey.why, then="no window moves")
        return
    telemetry.warn(
        "plan.moved",
        why=survey.why,
        events=survey.events,
        moved=survey.moved,
        changed=survey.changed,
        added=survey.added,
        removed=survey.removed,
        words=survey.words,
        then="they are planned anew from the next tick on",
    )
