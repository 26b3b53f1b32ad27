"""The ledger's side of reconciling: what it holds, what was found wrong, and whom it asks to see to it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from redis import Redis
from redis.typing import EncodableT

from worker.drift import Finding, Holding
from worker.ledger.client import load_script, reachable
from worker.ledger.codec import Book, compact, dump_book, dump_window, parse_book, parse_window
from worker.ledger.keys import Keys
from worker.ledger.slots import MOST_WINDOWS
from worker.lifecycle import State
from worker.relay import PERMANENT, Relay, Row, Slot
from worker.slots import Standing
from worker.windows import Window

KEPT: Final = 14 * 86_400
"""Seconds for which what is found, and a stub, can be read."""
_SLOTS_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Remembered:
    """A finding of an earlier look. Times are Unix seconds; ``nudged`` is 0 if nothing was set going for it.

    ``told``: people know of it. ``slot`` is ``app/stream``.
    """

    kind: str
    slot: str
    why: str
    ours: bool
    windows: tuple[str, ...]
    since: float
    told: bool = False
    nudged: float = 0.0

    @classmethod
    def of(cls, finding: Finding, now: float) -> Remembered:
        """What is found for the first time."""
        place = f"{finding.slot.app}/{finding.slot.stream}"
        return cls(finding.kind, place, finding.why, finding.ours, finding.windows, now)


@dataclass(frozen=True, slots=True)
class Drifts:
    """Slots and what is wrong with them. Reading costs what is held and listed, not what is planned."""

    redis: Redis
    keys: Keys

    def domains(self, now: float) -> list[str]:
        """The domains with windows to come, or with relays of ours."""
        with reachable(), self.redis.pipeline(transaction=False) as pipe:
            known = cast(
                list[tuple[str, float]], self.redis.zrange(self.keys.domains, 0, -1, withscores=True)
            )
            for domain, _ in known:
                pipe.scard(self.keys.held(domain))
            held = pipe.execute()
        return [domain for (domain, last), n in zip(known, held, strict=True) if last > now or n]

    def survey(self, domain: str, rows: Iterable[Row], now: float) -> dict[Slot, Holding]:
        """Every slot of the domain on which we hold something, or on which one of these rows is listed."""
        with reachable():
            held = cast(set[str], self.redis.smembers(self.keys.held(domain)))
        latest = {Slot(domain, *place.split("/", 1)): 0.0 for place in held}
        for row in rows:
            latest[row.slot] = max(latest.get(row.slot, 0.0), math.inf if row.end is None else row.end)
        slots = sorted(latest)
        found: dict[Slot, Holding] = {}
        for i in range(0, len(slots), _SLOTS_AT_ONCE):
            batch = slots[i : i + _SLOTS_AT_ONCE]
            args: list[EncodableT] = [self.keys.prefix, MOST_WINDOWS]
            for slot in batch:
                args += (str(slot), "+inf" if math.isinf(latest[slot]) else int(latest[slot]))
            with reachable():
                answer = load_script(self.redis, "survey.lua")(args=args)
            found |= {slot: _holding(told, now) for slot, told in zip(batch, answer, strict=True)}
        return found

    def nudge(self, finding: Finding, now: float) -> str:
        """Has an attempt look at the finding's slot: the id of the window that is due for it now.

        A slot without open windows gets a cancelled one whose relay is the one that has to go. Empty text if
        there is neither, because the slot changed since.
        """
        slot, known = finding.slot, finding.relay
        gone = known or (finding.row and finding.row.as_relay())
        stub = _stub(slot, gone, now) if finding.row and gone else None
        args: list[EncodableT] = [self.keys.prefix, now, str(slot)]
        args += (stub.id, dump_window(stub), stub.start, stub.end) if stub else ("", "", 0, 0)
        args += (int(now) + KEPT, finding.why, slot.domain, f"{slot.app}/{slot.stream}")
        args += (dump_book(Book(ours=(gone,))) if gone and not known else "", *finding.windows)
        with reachable():
            chosen: str = load_script(self.redis, "nudge.lua")(args=args)
        return chosen

    def plan_again(self, event_ids: Iterable[str]) -> None:
        """Has the next tick plan these events anew, as far as they are stored."""
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            for event_id in event_ids:
                pipe.hdel(self.keys.event(event_id), "planned_until")
                pipe.zadd(self.keys.plan, {event_id: 0})
            pipe.execute()

    def under_way(self, windows: Mapping[Slot, str], now: float) -> set[Slot]:
        """Those slots that the attempt for this window of theirs is not done with."""
        with reachable(), self.redis.pipeline(transaction=False) as pipe:
            for slot, window_id in windows.items():
                pipe.zscore(self.keys.due, window_id)
                pipe.zscore(self.keys.out, window_id)
                pipe.hmget(self.keys.slot(slot), "lease_until", "book")
            answers = iter(pipe.execute())
        told = zip(windows, answers, answers, answers, strict=True)
        return {
            slot
            for slot, due, out, (lease, book) in told
            if out is not None
            or (due is not None and due <= now)
            or math.isinf(_look_from(parse_book(book or ""), lease or "0", now))
        }

    def begin(self, seconds: int) -> bool:
        """Whether it is up to the caller to reconcile; for ``seconds`` nobody else is told so."""
        with reachable():
            return bool(self.redis.set(self.keys.reconciling, "1", nx=True, ex=seconds))

    def remembered(self, domain: str) -> dict[str, Remembered]:
        """What was found wrong with the domain and not solved since, by the key of the finding."""
        with reachable():
            found = cast(dict[str, str], self.redis.hgetall(self.keys.drift(domain)))
        return {key: _remembered(text) for key, text in found.items()}

    def remember(self, domain: str, found: Mapping[str, Remembered], solved: Sequence[str]) -> None:
        """Writes these down and forgets those that are solved."""
        name = self.keys.drift(domain)
        with reachable(), self.redis.pipeline(transaction=True) as pipe:
            for key, each in found.items():
                pipe.hset(name, key, _dump(each))
            if solved:
                pipe.hdel(name, *solved)
            pipe.expire(name, KEPT)
            pipe.execute()


def _holding(told: list[Any], now: float) -> Holding:
    text, lease_until, *standings = told
    book = parse_book(text)
    return Holding(
        ours=book.ours,
        standings=tuple(_standings(standings)),
        look_from=_look_from(book, lease_until, now),
    )


def _look_from(book: Book, lease_until: str, now: float) -> float:
    busy = book.intent or book.doubt or float(lease_until) > now
    return math.inf if busy else book.look_from


def _standings(told: Iterable[Sequence[str]]) -> Iterator[Standing]:
    for window_id, plan, state, revision, tries in told:
        yield Standing(parse_window(window_id, plan), State(state), int(revision), int(tries))


def _stub(slot: Slot, relay: Relay, now: float) -> Window:
    """A window whose only purpose is that its relay goes; brackets keep it apart from every event's."""
    permanent = relay.times is PERMANENT
    start, end = (0, int(now)) if relay.times is PERMANENT else (relay.times.start, relay.times.end)
    return Window(
        id=f"(drift)@{slot}",
        event="(drift)",
        title="",
        slot=slot,
        sources=relay.sources,
        start=start,
        end=end,
        timezone="UTC",
        lead=0,
        min_useful=0,
        permanent=permanent,
    )


def _dump(each: Remembered) -> str:
    return compact({name: getattr(each, name) for name in Remembered.__slots__})


def _remembered(text: str) -> Remembered:
    told = json.loads(text)
    return Remembered(**(told | {"windows": tuple(told["windows"])}))
