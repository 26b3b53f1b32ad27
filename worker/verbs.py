"""What people do to windows and events: retry, cancel, extend, stop, override, pause, resume.

A word is judged by what the ledger holds, and written down only if the ledger still holds that; else it is
judged anew. Saying the same again changes nothing.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

from worker import sense
from worker.cases import Case
from worker.errors import Changed, Refused, UnknownEvent, UnknownWindow
from worker.language import speaking
from worker.ledger import Ledger
from worker.ledger.records import Change, EventRecord, WindowRecord
from worker.lifecycle import State
from worker.moments import Clock, Moment, read, read_end
from worker.near import Near
from worker.overrides import Pause, Programme, nominal_start
from worker.planner import Planner
from worker.prospects import goes_on, prospect
from worker.relay import LONGEST_WINDOW
from worker.sense import Deed, Judgement, Nothing, Speaker, Wish
from worker.slots import Standing, last_useful, line_up_now
from worker.specials import Special, checked_special, joined
from worker.views import moment, offset_at, span

_TRIES: Final = 10
"""How often a word is judged anew because the window moved meanwhile."""
_SUGGESTED: Final = 3
_WRITTEN: Final = "en"
"""What is written down is not translated: the next who reads it may speak another language."""


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a word: whether anything changed, what was done, and what happens next.

    ``about`` is a window's id, or an event's. ``yields`` are pairs of windows that want the slot at the same
    time with other sources: the first gives way to the second.
    """

    about: str
    changed: bool
    did: str
    then: str = ""
    yields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verbs:
    """Every verb raises ``Refused``, ``UnknownWindow`` or ``UnknownEvent``, and then nothing is changed.

    ``settle``: seconds the provider takes to act on a change.
    """

    planner: Planner
    settle: int

    @property
    def _ledger(self) -> Ledger:
        return self.planner.ledger

    def retry(self, window_id: str, speaker: Speaker) -> Said:
        """Tries a window again, or takes back that somebody called it off."""
        return self._speak(window_id, speaker, sense.retry)

    def retry_failed(self, speaker: Speaker) -> list[Said]:
        """Tries all that failed and of which enough is left, what starts first going first."""
        now = self._ledger.now()
        records = Near(self._ledger).windows(now, behind=0.0, ahead=math.inf)
        failed = [r.window for r in records if r.state is State.FAILED and now <= last_useful(r.window)]
        said = []
        for window in sorted(failed, key=lambda window: (window.start, window.id)):
            with suppress(Refused):  # it ended, or was paused, since it was read
                said.append(self.retry(window.id, speaker))
        return said

    def cancel(self, window_id: str, speaker: Speaker) -> Said:
        """Calls a window off."""
        return self._speak(window_id, speaker, sense.cancel)

    def stop(self, window_id: str, speaker: Speaker) -> Said:
        """Ends a window that is on air."""
        return self._speak(window_id, speaker, sense.stop)

    def extend(self, window_id: str, speaker: Speaker, seconds: int) -> Said:
        """Lets a window end so many seconds after its planned end."""
        return self._speak(window_id, speaker, partial(sense.extend, seconds=seconds))

    def override(self, window_id: str, speaker: Speaker, wish: Wish) -> Said:
        """Gives a window other times or sources."""
        return self._speak(window_id, speaker, partial(sense.override, wish=wish))

    def add(self, event_id: str, speaker: Speaker, special: Special) -> Said:
        """Puts a window beside the rule of an event, as an ``extra`` of its file would."""
        for _ in range(_TRIES):
            event, programme = self._programme(event_id)
            extra = checked_special(event.event, special, speaker.reason)
            window_id, with_it = joined(programme, extra)
            record = self._known(window_id)
            case = Case(with_it, window_id, record, self._ledger.now())
            with speaking(_WRITTEN):
                found = sense.add(case, speaker, extra)
            if isinstance(found, Nothing):
                return Said(window_id, changed=False, did=found.why)
            if self._ledger.overrides.say(found.word, event, programme, record):
                return self._said(found)
        raise _restless(event_id)

    def clear(self, window_id: str, speaker: Speaker) -> Said:
        """Takes back what was said of a window's times, sources and stream."""
        return self._speak(window_id, speaker, sense.clear)

    def wish(
        self,
        window_id: str,
        *,
        start: Clock | None,
        end: Clock | None,
        sources: Sequence[str],
        stream: str | None,
    ) -> Wish:
        """What is meant by times as people write them, of this window."""
        zone, day = self._clock(window_id)
        begins = read(start, zone, day)
        after = self.record(window_id).window.start if begins is None else begins
        return Wish(begins, read_end(end, after, zone, day), tuple(sources), stream or "")

    def special(
        self, event_id: str, start: Moment, end: Clock | int, *, sources: Sequence[str], stream: str | None
    ) -> Special:
        """What is meant by times as people write them, or by a length in seconds, beside this event's own."""
        zone = self._event(event_id).event.timezone
        begins = start.unix(zone)
        ends = begins + end if isinstance(end, int) else read_end(end, begins, zone, start.on(zone))
        assert ends is not None
        return Special(begins, ends - begins, tuple(sources), stream or "")

    def zone(self, event_id: str) -> str:
        """On whose clock times of this event are read."""
        return self._event(event_id).event.timezone

    def _clock(self, window_id: str) -> tuple[str, date]:
        """On whose clock times of this window are read, and the date of its nominal start there.

        A permanent window has today's.
        """
        zone, nominal = self._event_of(window_id).event.timezone, nominal_start(window_id)
        at = int(self._ledger.now()) if nominal is None else nominal
        return zone, datetime.fromtimestamp(at + offset_at(zone, at), UTC).date()

    def record(self, window_id: str) -> WindowRecord:
        """The window as it stands; as it will be planned, if it lies beyond the horizon."""
        event = self._event_of(window_id)
        (programme,) = self.planner.programmes([event.event])
        found = self._known(window_id) or _to_come(programme, window_id)
        if not found:
            raise self._unknown(window_id, event)
        return found

    def pause(self, event_id: str, speaker: Speaker) -> Said:
        """Calls off what is to come of an event until it is resumed; what is on air plays, unless forced."""
        for _ in range(_TRIES):
            record, programme = self._programme(event_id)
            _in_force(record)
            now, was = self._ledger.now(), programme.pause
            if was and (was.cut or not speaker.force):
                return Said(event_id, changed=False, did=f"{was}, already")
            pause = Pause(at=now, by=speaker.by, reason=speaker.reason, cut=speaker.force)
            change = _of_event(now, "event.paused", State.CANCELLED, speaker)
            off = self.planner.differences(replace(programme, pause=pause), now)
            recent = self._ledger.reading.windows([event_id], now - programme.longest, float("inf"))
            playing = [each for each in recent if each.on_air(now)]
            if self._ledger.overrides.pause(event_id, was, pause, change):
                self.planner.replan(event_id, now, by=speaker.by, why=speaker.reason)
                did = f"paused; {len(off)} window(s) called off"
                return Said(event_id, changed=True, did=did, then=_while_paused(event_id, playing, pause))
        raise _restless(event_id)

    def resume(self, event_id: str, speaker: Speaker) -> Said:
        """Takes a pause back; what has passed meanwhile stays off."""
        for _ in range(_TRIES):
            record, programme = self._programme(event_id)
            _in_force(record)
            now, was = self._ledger.now(), programme.pause
            if was is None:
                return Said(event_id, changed=False, did="not paused")
            change = _of_event(now, "event.resumed", State.PLANNED, speaker)
            back = self.planner.differences(replace(programme, pause=None), now, in_file=record.in_file)
            if self._ledger.overrides.pause(event_id, was, None, change):
                why = ": ".join(filter(None, ("resumed", speaker.reason)))
                self.planner.replan(event_id, now, by=speaker.by, why=why)
                then = "each is placed when its time comes; what is due already, within seconds"
                return Said(event_id, changed=True, did=f"resumed; {len(back)} window(s) are back", then=then)
        raise _restless(event_id)

    def _speak(self, window_id: str, speaker: Speaker, judge: Judgement) -> Said:
        for _ in range(_TRIES):
            event = self._event_of(window_id)
            (programme,) = self.planner.programmes([event.event])
            record = self._known(window_id)
            planned_until = event.planned_until or math.inf
            case = Case(programme, window_id, record, self._ledger.now(), planned_until)
            if record is None and case.plan is None:
                raise self._unknown(window_id, event)
            if speaker.seen not in (None, record or _to_come(programme, window_id)):
                raise Changed(f"{window_id} is not as it was when you looked", hint="look again")
            with speaking(_WRITTEN):
                found = judge(case, speaker)
            if isinstance(found, Nothing):
                return Said(window_id, changed=False, did=found.why)
            if self._ledger.overrides.say(found.word, event, programme, record):
                return self._said(found)
        raise _restless(window_id)

    def _said(self, deed: Deed) -> Said:
        """What came of it, and what happens next, by the slot as it is then."""
        window, now = deed.word.window, self._ledger.now()
        (slot,) = self._ledger.reading.on_slots([window.slot])
        if deed.word.to == "cancelled":
            return Said(window.id, changed=True, did=deed.did, then=self._after_cancel(deed, slot, now))
        if deed.word.to == "forgotten":
            then = f"it is planned when it comes near enough, for {span(window)}"
            return Said(window.id, changed=True, did=deed.did, then=then)
        then = deed.then or prospect(self._ledger.reading.window(window.id), slot, now, self.settle)
        displaced = line_up_now(slot, now, self.settle).displaced
        pairs = ((loser, winner.id) for loser, winner in displaced.items())
        yields = tuple(pair for pair in pairs if window.id in pair)
        return Said(window.id, changed=True, did=deed.did, then=then, yields=yields)

    def _after_cancel(self, deed: Deed, slot: Sequence[Standing], now: float) -> str:
        window = deed.word.window
        other = goes_on(slot, window, now, self.settle) if window.start <= now else ""
        then = f"its relay plays on, for {other}" if other else deed.then
        return f"{then}; relaybeat retry {window.id} takes this back"

    def _known(self, window_id: str) -> WindowRecord | None:
        try:
            return self._ledger.reading.window(window_id)
        except UnknownWindow:
            return None

    def _programme(self, event_id: str) -> tuple[EventRecord, Programme]:
        record = self._event(event_id)
        (programme,) = self.planner.programmes([record.event])
        return record, programme

    def _event(self, event_id: str) -> EventRecord:
        try:
            return self._ledger.plans.event(event_id)
        except UnknownEvent as error:
            near = difflib.get_close_matches(event_id, self._ledger.plans.ids(), n=_SUGGESTED)
            raise UnknownEvent(str(error), hint=_meant(near) or error.hint) from None

    def _event_of(self, window_id: str) -> EventRecord:
        event_id, at, _ = window_id.partition("@")
        event = self._event(event_id)
        if not at:
            raise self._unknown(window_id, event)
        return event

    def _unknown(self, window_id: str, event: EventRecord) -> UnknownWindow:
        """Names windows that may have been meant: those to come, failed or not, or written much alike."""
        now = self._ledger.now()
        recent = self._ledger.reading.windows([event.event.id], now - LONGEST_WINDOW, math.inf)
        coming = [record.window.id for record in recent if record.window.end > now]
        near = difflib.get_close_matches(window_id, coming, n=_SUGGESTED, cutoff=0.8)
        hint = _meant(near or coming[:_SUGGESTED]) or f"relaybeat windows --event {event.event.id} lists them"
        what = (
            "is an event, and not a window" if window_id == event.event.id else "is no window that is planned"
        )
        return UnknownWindow(f"{window_id!r} {what}", hint=hint)


def _to_come(programme: Programme, window_id: str) -> WindowRecord | None:
    """A window beyond the horizon, as it will be planned."""
    window = programme.window(window_id)
    return WindowRecord(window=window, state=State.PLANNED, revision=0) if window else None


def _meant(near: Sequence[str]) -> str:
    return f"did you mean {' or '.join(near)}?" if near else ""


def _in_force(record: EventRecord) -> None:
    """The event is one that a word can pause or resume."""
    event = record.event
    if event.paused:
        hint = f"take `paused: true` out of {record.file}, and apply it"
        raise Refused(f"{event.id} is paused in its file", hint=hint)


def _of_event(now: float, action: str, to: State, speaker: Speaker) -> Change:
    return Change(at=now, action=action, to=to, by=speaker.by, why=speaker.reason)


def _while_paused(event_id: str, playing: Sequence[WindowRecord], pause: Pause) -> str:
    then = f"nothing of it is placed until relaybeat resume {event_id}"
    if playing and not pause.cut:
        last = max((record.window for record in playing), key=lambda window: window.end)
        end = "" if last.permanent else f" until {moment(last, last.end)}"
        then += f"; {last.id} is on air and plays on{end} (--force cuts it)"
    return then


def _restless(about: str) -> Refused:
    return Refused(f"{about} changed each time it was looked at", hint="say it again")
