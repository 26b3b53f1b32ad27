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
from worker.events.model import Extra
from worker.ledger.overrides import Outcome, Word
from worker.ledger.records import Change, WindowRecord
from worker.lifecycle import State
from worker.overrides import Override, overridden
from worker.views import moment, span
from worker.windows import Window


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, and why. ``force``: what is on air may be cut.

    ``seen`` is the window as they saw it: nothing is done to one that is not like that any more.
    """

    by: str
    reason: str = ""
    force: bool = False
    seen: WindowRecord | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What an override asks for; what is ``None`` or empty stays as it is wanted already. Unix seconds."""

    start: int | None = None
    end: int | None = None
    sources: tuple[str, ...] = ()
    stream: str = ""


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


Judgement = Callable[[Case, Speaker], Deed | Nothing]


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
    did = f"extended by {format_duration(seconds)}, to {moment(plan, plan.end + seconds)}"
    told = replace(_told(case, speaker), end=plan.end + seconds)
    told = replace(told, reason=speaker.reason or did)
    case.in_time(plan, overridden(plan, told))
    return _changed(case, speaker, told, ("window.extended", did))


def override(case: Case, speaker: Speaker, wish: Wish) -> Deed | Nothing:
    """Gives the window other times, other sources or another stream than the file does."""
    plan, before = case.changeable(), case.window
    if plan.permanent and (wish.start, wish.end) != (None, None):
        raise Refused(f"{case.window_id} is permanent: it has no times to change")
    told = _with(case, _told(case, speaker), wish)
    window = overridden(plan, told)
    if _airs(window) == _airs(before):
        return Nothing(f"it is as asked already: {span(before)}")
    case.in_order(window)
    _uncut(case, speaker, window)
    if case.on_air and window.end <= case.now:
        return stop(case, speaker)
    case.in_time(plan, window)
    sources = f", from {len(wish.sources)} other source(s)" if window.sources != before.sources else ""
    stream = f", on {window.slot}" if window.slot != before.slot else ""
    return _changed(
        case, speaker, told, ("window.overridden", f"overridden: {span(window)}{sources}{stream}")
    )


def clear(case: Case, speaker: Speaker) -> Deed | Nothing:
    """Takes back what was said of its times, sources and stream: the word of the file holds again."""
    plan = case.changeable()
    if not (case.told and case.told.changes):
        return Nothing(f"nothing of it is overridden: {span(plan)}")
    if plan.end <= case.now:
        hint = f"relaybeat stop {case.window_id} ends it now" if case.on_air else ""
        over = f"{case.window_id} would be over: in the file it ends at {moment(plan, plan.end)}"
        raise Refused(over, hint=hint)
    _uncut(case, speaker, plan)
    words = ("window.restored", f"as in the file again: {span(plan)}")
    return _changed(case, speaker, _told(case, speaker).plain, words)


def add(case: Case, speaker: Speaker, extra: Extra) -> Deed | Nothing:
    """Puts a window beside the rule, of an event that has it among its extras already."""
    case.unpaused()
    if case.told and case.told.added == extra:
        return Nothing(f"it was added already: {span(case.window)}")
    plan = case.in_plan()
    if plan.start < case.now:
        raise Refused(f"{case.window_id} would start in the past: {moment(plan, plan.start)}")
    case.in_time(plan, plan)
    told = replace(_told(case, speaker), added=extra)
    return _changed(case, speaker, told, ("window.added", f"added: {span(plan)}, on {plan.slot}"))


def _uncut(case: Case, speaker: Speaker, window: Window) -> None:
    """If it were like this, what is on air would play on, or somebody said that it need not."""
    before = case.window
    cuts = window.start > case.now or window.end <= case.now or window.slot != before.slot
    if case.on_air and not speaker.force and (cuts or window.sources != before.sources):
        raise case.would_be("cut" if cuts else "interrupted")


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
    return _changed(
        case, speaker, told if told.changes else told.plain, ("window.retried", "no longer called off")
    )


def _told(case: Case, speaker: Speaker) -> Override:
    """What was said of the window before, in the name of whoever speaks now; it is not called off."""
    new = Override(window=case.window_id, at=case.now, by=speaker.by, reason=speaker.reason)
    before = case.told or new
    return replace(before, at=new.at, by=new.by, reason=new.reason, cancel=False)


def _with(case: Case, told: Override, wish: Wish) -> Override:
    return replace(
        told,
        start=told.start if wish.start is None else wish.start,
        end=told.end if wish.end is None else wish.end,
        sources=checked(wish.sources) or told.sources,
        stream=case.stream(wish.stream) if wish.stream else told.stream,
    )


def _changed(case: Case, speaker: Speaker, told: Override | None, words: tuple[str, str]) -> Deed:
    """The window as the file has it, under this override or under none any more."""
    plan, before = case.in_plan(), case.window
    window = overridden(plan, told) if told else plan
    case.worth_placing(window)
    stays = case.on_air and window.start <= case.now and window.slot == before.slot
    action, did = words
    change = Change(
        at=case.now,
        action=action,
        to=State.PLACED if stays else State.PLANNED,
        by=speaker.by,
        why=f"{did}: {speaker.reason}" if speaker.reason else did,
    )
    to: Outcome = "forgotten" if told is None and window.start >= case.planned_until else "planned"
    then = "it stays on air; a worker corrects its relay within seconds" if stays else ""
    return Deed(Word(to=to, window=window, override=told, change=change), did, then)


def _airs(window: Window) -> tuple[object, ...]:
    return window.start, window.end, window.sources, window.slot
