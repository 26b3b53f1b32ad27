"""The planner's side of the ledger: events, the windows they become, and what people say of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from redis import Redis
from redis.client import Pipeline
from redis.typing import EncodableT

from worker.edition import installed
from worker.errors import UnknownEvent
from worker.events.codec import dump_event, parse_event
from worker.events.model import Event
from worker.ledger.client import load_script, reachable
from worker.ledger.codec import compact, dump_override, dump_window
from worker.ledger.keys import Keys
from worker.ledger.records import Change, EventRecord
from worker.lifecycle import State
from worker.overrides import Override
from worker.relay import LONGEST_WINDOW
from worker.renaming import reading_of
from worker.windows import Window

KEPT_AFTER_END: Final = 14 * 86_400
"""Seconds after its end for which a window and its history can be read."""

FORGET_AFTER_START: Final = KEPT_AFTER_END + LONGEST_WINDOW
"""Seconds after its start at which a window leaves its event's index: its record is gone by then."""

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Shift:
    """What is written of an event that another edition had planned, in one with its windows, and ``why``.

    ``gone`` are windows that leave the plan, each with the name of the one in its place, or empty text;
    ``carried`` the words that go over to another name, by the old one.
    """

    why: str
    gone: tuple[tuple[Window, str], ...] = ()
    carried: Mapping[str, Override] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """What the planner found for one event: its windows to come, how far, and when to look again.

    ``digest`` is that of the event as it was planned, ``said`` what ``Programme`` knew of people's words.
    ``off`` are those words that call a window off, by its id; ``ended`` the overrides to forget.
    ``edition`` is the one by which it was planned, as text.
    """

    event: str
    digest: str
    windows: tuple[Window, ...]
    until: int
    again_at: int | None
    said: int | None = None
    off: Mapping[str, Override] = field(default_factory=dict)
    ended: tuple[str, ...] = ()
    shift: Shift | None = None
    edition: str = field(default_factory=lambda: str(installed()))


@dataclass(frozen=True, slots=True)
class Plans:
    """Events and their windows. Every method is idempotent: saying it twice changes nothing."""

    redis: Redis
    keys: Keys

    def put(self, events: Iterable[tuple[Event, str]], *, file: str) -> None:
        """Stores events with their digests, as they stand in ``file``; they are planned at the next tick."""
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            for count, (event, digest) in enumerate(events, 1):
                told: dict[EncodableT, EncodableT] = {
                    "spec": dump_event(event),
                    "digest": digest,
                    "file": file,
                    "in_file": 1,
                }
                pipe.hset(self.keys.event(event.id), mapping=told)
                pipe.hdel(self.keys.event(event.id), "planned_until")
                pipe.sadd(self.keys.events, event.id)
                pipe.zadd(self.keys.plan, {event.id: 0})
                if count % _BATCH == 0:
                    self._stamped(pipe).execute()
            if pipe.command_stack:
                self._stamped(pipe).execute()

    def leave(self, event_id: str) -> None:
        """Notes that the event left its file: nothing new is planned, what is planned stays."""
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            pipe.hset(self.keys.event(event_id), "in_file", 0)
            pipe.zrem(self.keys.plan, event_id)
            self._stamped(pipe).execute()

    def drop(self, event_id: str) -> None:
        """Forgets the event and what people said of it; its windows, called off by now, expire."""
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            pipe.delete(self.keys.event(event_id), self.keys.event_windows(event_id))
            pipe.delete(self.keys.overrides(event_id), self.keys.log(event_id))
            pipe.srem(self.keys.events, event_id)
            pipe.srem(self.keys.overruled, event_id)
            pipe.zrem(self.keys.plan, event_id)
            self._stamped(pipe).execute()

    def _stamped(self, pipe: Pipeline) -> Pipeline:
        """The same, and the stamp of intent with it."""
        load_script(self.redis, "intent.lua")(args=[self.keys.prefix], client=pipe)
        return pipe

    def event(self, event_id: str) -> EventRecord:
        """One event. Raises ``UnknownEvent``."""
        for record in self.events([event_id]):
            return record
        raise UnknownEvent(
            f"there is no event {event_id!r} in the ledger",
            hint="relaybeat events lists them, and relaybeat history what was dropped",
        )

    def ids(self) -> list[str]:
        """The ids of all events, in order."""
        with reachable():
            return sorted(cast(set[str], self.redis.smembers(self.keys.events)))

    def events(self, ids: Sequence[str] | None = None) -> Iterator[EventRecord]:
        """These events, or all, by id; those that are not there are left out."""
        wanted = self.ids() if ids is None else ids
        for i in range(0, len(wanted), _BATCH):
            with reachable(), self.redis.pipeline(transaction=False) as pipe:
                for event_id in wanted[i : i + _BATCH]:
                    pipe.hgetall(self.keys.event(event_id))
                found = pipe.execute()
            yield from (_event_record(fields) for fields in found if "spec" in fields)

    def with_windows(self, ids: Sequence[str]) -> set[str]:
        """Which of these events have any windows, past ones included."""
        with reachable(), self.redis.pipeline(transaction=False) as pipe:
            for event_id in ids:
                pipe.exists(self.keys.event_windows(event_id))
            return {event_id for event_id, there in zip(ids, pipe.execute(), strict=True) if there}

    def turn(self, now: float, limit: int, edition: str) -> list[str] | None:
        """The same for whoever plans by this edition: ``None`` if the ledger goes by another."""
        with reachable(), self.redis.pipeline(transaction=False) as pipe:
            pipe.hget(self.keys.edition, "by")
            pipe.zrangebyscore(self.keys.plan, "-inf", now, start=0, num=limit)
            by, ids = pipe.execute()
        return cast(list[str], ids) if by in {None, edition} else None

    def to_plan(self, now: float, limit: int) -> list[str]:
        """The events that must be planned again by ``now``, the longest overdue first."""
        with reachable():
            ids = self.redis.zrangebyscore(self.keys.plan, "-inf", now, start=0, num=limit)
        return cast(list[str], ids)

    def write(self, plans: Iterable[Planned], *, now: float, by: str, why: str = "") -> dict[str, list[str]]:
        """Writes windows as planned; for each event, a word a window.

        The words: added, changed, revived, kept or off (a person called it off), done (over), same. An event
        that was changed, overruled or dropped since it was planned is left out, or that was planned by
        another edition than the ledger goes by: nothing of it is written.
        """
        written, plain = list(plans), _replanned(now, by, why)
        with reachable(), self.redis.pipeline(transaction=False) as pipe:
            script = load_script(self.redis, "windows.lua", "plan.lua")
            for plan in written:
                again = -1 if plan.again_at is None else plan.again_at
                said = "" if plan.said is None else plan.said
                lines = _replanned(now, by, plan.shift.why) if plan.shift else plain
                args: list[Any] = [self.keys.prefix, now, plan.event, plan.digest, said, plan.until, again]
                args += (FORGET_AFTER_START, *lines, compact(plan.ended), plan.edition)
                args += (_shifted(plan.shift, now, by), *_told(plan))
                script(args=args, client=pipe)
            words = pipe.execute()
        done = {plan.event: told for plan, told in zip(written, words, strict=True) if told is not None}
        if any(plan.shift and plan.shift.carried and plan.event in done for plan in written):
            with reachable():
                load_script(self.redis, "intent.lua")(args=[self.keys.prefix])
        return done

    def cancel(self, window: Window, *, now: float, by: str, who: str, reason: str) -> str:
        """Calls a window off, in the name of ``plan`` or ``person``; ``who`` did it.

        Returns the state it was in, or empty text if it is too late for that.
        """
        line = Change(at=now, action="window.cancelled", to=State.CANCELLED, by=who, why=reason).line()
        with reachable():
            script = load_script(self.redis, "windows.lua", "cancel.lua")
            expire_at = window.end + KEPT_AFTER_END
            state: str = script(args=[self.keys.prefix, now, window.id, by, reason, line, expire_at])
        return state


def _event_record(fields: dict[str, str]) -> EventRecord:
    return EventRecord(
        event=parse_event(fields["spec"]),
        digest=fields["digest"],
        file=fields["file"],
        planned_until=int(fields.get("planned_until", 0)),
        in_file=fields["in_file"] == "1",
        edition=fields.get("edition", ""),
    )


def _replanned(now: float, by: str, why: str) -> list[str]:
    """History lines of a window that is to be placed anew, and of one that stays placed."""
    told = Change(at=now, action="window.replanned", to=State.PLANNED, by=by, why=why)
    return [told.line(), replace(told, to=State.PLACED).line()]


def _shifted(shift: Shift | None, now: float, by: str) -> str:
    """A shift as ``plan.lua`` takes it."""
    if shift is None:
        return ""

    def line(why: str, to: State = State.CANCELLED) -> str:
        return Change(at=now, action="window.moved", to=to, by=by, why=why).line()

    gone, carried = [], []
    for window, heir in shift.gone:
        reason = f"now {heir}: {shift.why}" if heir else f"no longer in the plan: {shift.why}"
        was = line(f"was {window.id}: {shift.why}", State.PLANNED)
        gone.append([window.id, heir, reason, line(reason), window.end + KEPT_AFTER_END, was])
    for name, told in shift.carried.items():
        reason = f"now {told.window}: {shift.why}"
        carried.append([name, told.window, dump_override(told), reason, line(reason)])
    return compact({"gone": gone, "carried": carried})


def window_args(window: Window, due: float) -> tuple[str | float, ...]:
    """A window as scripts take it.

    These are: plan, slot, start (of a permanent one: its end), end, due, expire_at, reading (or empty text).
    """
    reading = reading_of(window.id, window.timezone)
    return (
        dump_window(window),
        str(window.slot),
        window.end if window.permanent else window.start,
        window.end,
        due,
        window.end + KEPT_AFTER_END,
        "" if reading is None else reading,
    )


def _told(plan: Planned) -> Iterator[str | float]:
    """Each window with when it is due, and with what somebody said against it."""
    for window in plan.windows:
        against = plan.off.get(window.id)
        told = "" if against is None else _against(against)
        yield from (window.id, *window_args(window, window.due_at), told)


def _against(told: Override) -> str:
    line = Change(
        at=told.at, action="window.cancelled", to=State.CANCELLED, by=told.by, why=told.reason
    ).line()
    return compact({"reason": told.reason, "line": line})
