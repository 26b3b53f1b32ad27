"""What a person's word does to a window as it stands (pure).

Each verb is judged by a function of its own: what is to be done, or that nothing is because it is so already,
or ``Refused``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from worker.cases import Case, checked
from worker.durations import format_duration
from worker.errors import Refused
from worker.ledger.overrides import Outcome, Word
from worker.ledger.records import Change
from worker.lifecycle import State
from worker.overrides import Override, overridden
from worker.views import moment, span
from worker.windows import Window


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, and why. ``force``: what is on air may be cut."""

    by: str
    reason: str = ""
    force: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What an override asks for; what is ``None`` or empty stays as it is wanted already. Unix seconds."""

    start: int | None = None
    end: int | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be done; what that comes to, and what happens next, in words.

    ``then`` is empty where that depends on who else wants the slot.
    """

    word: Word
    did: str
    then: str = ""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing is to be done, because it is so already."""

    why: str


Judgement = Callable[[Case], Deed | Nothing]


def cancel(case: Case, speaker: Speaker) -> Deed | Nothing:
    """Calls the window off, whatever the file says of it, now or later."""
    if case.off_by_person or (case.state is State.CANCELLED and case.plan is None):
        return Nothing(f"called off already: {case.why_off}")
    case.still_to_run()
    if case.state is State.MISSED:
        raise Refused(f"{case.window_id} was missed: nothing of it is placed, and nothing will be")
    if case.on_air and not speaker.force:
        raise case.would_be("cut")
    return _off(case, speaker, "window.cancelled", "called off")


def stop(case: Case, speaker: Speaker) -> Deed | Nothing:
    """Ends a window that is on air."""
    if case.off_by_person:
        return Nothing(f"called off already: {case.why_off}")
    case.still_to_run()
    if not case.on_air:
        hint = f"relaybeat cancel {case.window_id} calls it off"
        raise Refused(f"{case.window_id} is not on air: it is {case.described}", hint=hint)
    return _off(case, speaker, "window.stopped", "stopped")


def _off(case: Case, speaker: Speaker, action: str, did: str) -> Deed:
    if case.on_air:
        then = "it goes off air as soon as a worker has removed its relay"
    elif case.state in {State.PLACED, State.PLACING, State.RETRYING}:
        then = "its relay, where there is one, is removed from the provider"
    else:
        then = "nothing of it is sent, whatever the file says"
    told = replace(_told(case, speaker), cancel=True)
    change = Change(at=case.now, action=action, to=State.CANCELLED, by=speaker.by, why=speaker.reason)
    return Deed(Word(to="cancelled", window=case.window, override=told, change=change), did, then)


def extend(case: Case, speaker: Speaker, seconds: int) -> Deed | Nothing:
    """Lets the window end so many seconds after its planned end."""
    plan, before = case.changeable(), case.window
    if plan.permanent:
        raise Refused(f"{case.window_id} is permanent: it does not end")
    if before.end >= plan.end + seconds:
        late = format_duration(before.end - plan.end)
        return Nothing(f"it ends at {moment(before, before.end)} already, {late} after its planned end")
    told = replace(_told(case, speaker), end=plan.end + seconds)
    did = f"extended by {format_duration(seconds)}, to {moment(plan, plan.end + seconds)}"
    return _changed(case, plan, replace(told, reason=speaker.reason or did), ("window.extended", did))


def override(case: Case, speaker: Speaker, wish: Wish) -> Deed | Nothing:
    """Gives the window other times or sources than the file does."""
    plan, before = case.changeable(), case.window
    if plan.permanent and (wish.start, wish.end) != (None, None):
        raise Refused(f"{case.window_id} is permanent: it has no times to change")
    told = _with(_told(case, speaker), wish)
    window = overridden(plan, told)
    if _airs(window) == _airs(before):
        return Nothing(f"it is as asked already: {span(before)}")
    case.in_order(window)
    cuts = window.start > case.now or window.end <= case.now
    if case.on_air and not speaker.force and (cuts or window.sources != before.sources):
        raise case.would_be("cut" if cuts else "interrupted")
    if case.on_air and window.end <= case.now:
        return stop(case, speaker)
    sources = f", from {len(wish.sources)} other source(s)" if window.sources != before.sources else ""
    return _changed(case, plan, told, ("window.overridden", f"overridden: {span(window)}{sources}"))


def retry(case: Case, speaker: Speaker) -> Deed | Nothing:
    """Tries the window again: what failed, what waits for its next try, what somebody called off."""
    if case.state is State.CANCELLED:
        return _take_back(case, speaker)
    case.still_to_run()
    if case.state in {State.FAILED, State.MISSED}:
        case.worth_placing(case.window)
        return _retried(case, speaker, "planned", "planned again, with all its tries")
    if case.state is not State.RETRYING:
        return Nothing(f"there is nothing to retry: it is {case.described}")
    if case.record and case.record.next_attempt_at <= case.now:
        return Nothing("it is being tried again already")
    return _retried(case, speaker, "hurried", "tried again at once")


def _retried(case: Case, speaker: Speaker, to: Outcome, did: str) -> Deed:
    state = State.PLANNED if to == "planned" else State.RETRYING
    change = Change(at=case.now, action="window.retried", to=state, by=speaker.by, why=speaker.reason or did)
    return Deed(Word(to=to, window=case.window, override=case.told, change=change), did)


def _take_back(case: Case, speaker: Speaker) -> Deed:
    """What somebody called off comes back, as the file has it and as it was overridden before."""
    case.unpaused()
    plan = case.in_plan()
    if not case.off_by_person:
        raise Refused(
            f"{case.window_id} left the plan: {case.why_off}", hint="edit the events file, and apply it"
        )
    told = replace(_told(case, speaker), reason="as overridden before it was called off")
    window = overridden(plan, told)
    case = replace(case, record=case.record and replace(case.record, window=window, state=State.PLANNED))
    case.still_to_run()
    case.worth_placing(window)
    did = "no longer called off"
    why = f"{did}: {speaker.reason}" if speaker.reason else did
    change = Change(at=case.now, action="window.retried", to=State.PLANNED, by=speaker.by, why=why)
    kept = told if told.changes else None
    return Deed(Word(to="planned", window=window, override=kept, change=change), did)


def _told(case: Case, speaker: Speaker) -> Override:
    """What was said of the window's times and sources, in the name of whoever speaks now."""
    new = Override(window=case.window_id, at=case.now, by=speaker.by, reason=speaker.reason)
    before = case.told
    return replace(new, start=before.start, end=before.end, sources=before.sources) if before else new


def _with(told: Override, wish: Wish) -> Override:
    return replace(
        told,
        start=told.start if wish.start is None else wish.start,
        end=told.end if wish.end is None else wish.end,
        sources=checked(wish.sources) or told.sources,
    )


def _changed(case: Case, plan: Window, told: Override, words: tuple[str, str]) -> Deed:
    window = overridden(plan, told)
    case.in_time(plan, window)
    case.worth_placing(window)
    stays = case.on_air and window.start <= case.now
    action, did = words
    change = Change(
        at=case.now,
        action=action,
        to=State.PLACED if stays else State.PLANNED,
        by=told.by,
        why=did if told.reason == did else f"{did}: {told.reason}",
    )
    then = "it stays on air; a worker corrects its relay within seconds" if stays else ""
    return Deed(Word(to="planned", window=window, override=told, change=change), did, then)


def _airs(window: Window) -> tuple[object, ...]:
    return window.start, window.end, window.sources
