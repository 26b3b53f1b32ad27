"""Reading windows: for people, for scripts, and for comparing with the plan."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from redis import Redis

from worker.errors import UnknownWindow
from worker.ledger.client import reachable
from worker.ledger.codec import parse_window
from worker.ledger.keys import Keys
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.relay import Slot
from worker.slots import Standing

T = TypeVar("T")

_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Reading:
    """Windows by event and time. Reads are not snapshots: each record is whole, the set may move."""

    redis: Redis
    keys: Keys

    def window(self, window_id: str) -> WindowRecord:
        """One window. Raises ``UnknownWindow``."""
        for record in self._records([window_id]):
            return record
        raise UnknownWindow(
            f"there is no window {window_id!r} in the ledger", hint="relaybeat windows lists them"
        )

    def windows(self, event_ids: Iterable[str], since: float, until: float) -> Iterator[WindowRecord]:
        """The events' windows that start in [since, until), event by event, in order of start."""
        for some in _batches(list(event_ids)):
            with reachable(), self.redis.pipeline(transaction=False) as pipe:
                for event_id in some:
                    pipe.zrangebyscore(self.keys.event_windows(event_id), since, f"({until}")
                found = cast(list[list[str]], pipe.execute())
            yield from self._records([window_id for ids in found for window_id in ids])

    def starts(self, event_ids: Iterable[str], since: float, until: float) -> list[tuple[int, str]]:
        """When the events' windows of [since, until) start, and their ids, in order of both."""
        found: list[tuple[int, str]] = []
        for some in _batches(list(event_ids)):
            with reachable(), self.redis.pipeline(transaction=False) as pipe:
                for event_id in some:
                    pipe.zrangebyscore(self.keys.event_windows(event_id), since, f"({until}", withscores=True)
                answers = cast(list[list[tuple[str, float]]], pipe.execute())
            found += ((int(start), window_id) for answer in answers for window_id, start in answer)
        return sorted(found)

    def records(self, window_ids: Sequence[str]) -> Iterator[WindowRecord]:
        """These windows, in their order, some at a time; those that are gone are left out."""
        return self._records(list(window_ids))

    def on_slot(self, slot: Slot, until: float) -> Iterator[WindowRecord]:
        """The open windows of a slot that start before ``until``, in order of start."""
        with reachable():
            found = self.redis.zrangebyscore(f"{self.keys.slot(slot)}:windows", "-inf", f"({until}")
        yield from self._records(cast(list[str], found))

    def on_slots(self, slots: Collection[Slot]) -> Iterator[list[Standing]]:
        """For each of these slots its open windows, in order of start: those that have to share it."""
        for some in _batches(list(slots)):
            with reachable(), self.redis.pipeline(transaction=False) as pipe:
                for slot in some:
                    pipe.zrange(self.keys.slot_windows(slot), 0, -1)
                found = pipe.execute()
            yield from (list(self.standings(ids)) for ids in found)

    def states_on(self, slots: Collection[Slot]) -> Iterator[list[tuple[str, int, State]]]:
        """For each of these slots its open windows by id, revision and state, in order of start.

        A tenth of the work of :meth:`on_slots`, for whoever kept what that gave. SORT by nothing leaves what
        is in order as it is.
        """
        every = self.keys.window("*")
        wanted = ["#", f"{every}->rev", f"{every}->state"]
        for some in _batches(list(slots)):
            with reachable(), self.redis.pipeline(transaction=False) as pipe:
                for slot in some:
                    pipe.sort(self.keys.slot_windows(slot), by="nosort", get=wanted)
                found = pipe.execute()
            for told in found:
                lines = zip(told[::3], told[1::3], told[2::3], strict=True)
                yield [(each, int(revision), State(state)) for each, revision, state in lines if revision]

    def log(self, window_id: str) -> list[dict[str, Any]]:
        """The window's history, oldest first: changes of state and attempts."""
        return next(self.logs([window_id]))

    def logs(self, window_ids: Iterable[str]) -> Iterator[list[dict[str, Any]]]:
        """The histories of these windows, in their order."""
        ids = list(window_ids)
        for some in _batches(ids):
            with reachable(), self.redis.pipeline(transaction=False) as pipe:
                for window_id in some:
                    pipe.lrange(self.keys.log(window_id), 0, -1)
                found = pipe.execute()
            yield from ([json.loads(line) for line in lines] for lines in found)

    def standings(self, ids: Sequence[str]) -> Iterator[Standing]:
        """What is planned, and little of what came of it; windows that are gone are left out."""
        for some in _batches(ids):
            with reachable(), self.redis.pipeline(transaction=False) as pipe:
                for window_id in some:
                    pipe.hmget(self.keys.window(window_id), "plan", "state", "rev")
                found = zip(some, pipe.execute(), strict=True)
            for each, (plan, state, revision) in found:
                if plan:
                    yield Standing(parse_window(each, plan), State(state), int(revision))

    def _records(self, ids: list[str]) -> Iterator[WindowRecord]:
        for batch in _batches(ids):
            with reachable(), self.redis.pipeline(transaction=False) as pipe:
                for window_id in batch:
                    pipe.hgetall(self.keys.window(window_id))
                found = pipe.execute()
            yield from (
                _record(each, fields) for each, fields in zip(batch, found, strict=True) if "plan" in fields
            )


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[i : i + _BATCH] for i in range(0, len(items), _BATCH))


def _record(window_id: str, fields: dict[str, str]) -> WindowRecord:
    return WindowRecord(
        window=parse_window(window_id, fields["plan"]),
        state=State(fields["state"]),
        revision=int(fields["rev"]),
        tries=int(fields.get("tries", 0)),
        task_id=fields.get("task_id", ""),
        placed_at=float(fields.get("placed_at", 0)),
        next_attempt_at=float(fields.get("next_attempt_at", 0)),
        reason=fields.get("reason", ""),
        cancelled_by=fields.get("by", ""),
        reading=int(fields["reading"]) if fields.get("reading") else None,
    )
