"""The ledger's side of alerts: what is wrong, since when, what people heard of it, and who has yet to hear.

Messages are a log with a cursor for each channel, so that a channel that fails waits alone. A message is
in the log before anybody is told, and its cursor moves after: each channel hears everything at least once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from redis import Redis

from worker.conditions import Condition, Kind, Level
from worker.ledger.client import load_script, reachable
from worker.ledger.codec import compact
from worker.ledger.keys import Keys

What = Literal["began", "worse", "recovered", "over"]
"""What became of a condition. One that is over did not recover: its window has ended."""

MOST_MESSAGES: Final = 5_000
CALM: Final = 30
"""Seconds for which a condition must be gone to have ended: what flickers is one thing, told once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A condition as the ledger has it: it holds since ``since`` (Unix seconds).

    ``told``: people heard of it. ``going``: the last look did not find it, which is too short ago to be sure.
    """

    condition: Condition
    since: float
    told: bool
    going: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something that people are to hear: what became of a condition at ``at`` (Unix seconds).

    ``id`` grows from message to message.
    """

    id: str
    what: What
    at: float
    since: float
    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Somebody wants to hear nothing of ``target`` until ``until`` (Unix seconds)."""

    target: str
    until: float
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Alerts:
    """Conditions and messages. Whoever judges may do so twice, or beside another."""

    redis: Redis
    keys: Keys

    def judge(
        self,
        judged: Mapping[str, Collection[Condition]],
        now: float,
        quiet: Callable[[Condition], bool] = lambda _: False,
    ) -> int:
        """Takes note of all conditions of these scopes; how many messages that made.

        Those that are ``quiet`` are noted, and told of once they no longer are.
        """
        args: list[Any] = [self.keys.prefix, now, CALM, MOST_MESSAGES]
        for scope, found in judged.items():
            args += (scope, _dump_all(found, quiet))
        with reachable():
            return int(load_script(self.redis, "judge.lua")(args=args))

    def standing(self) -> list[Standing]:
        """What is wrong, the longest first."""
        with reachable():
            found = cast(dict[str, str], self.redis.hgetall(self.keys.conditions))
        return sorted(map(_standing, found.values()), key=lambda each: (each.since, each.condition.key))

    def messages(self, after: str = "0", most: int = 1_000) -> list[Message]:
        """The messages behind the one of this id, oldest first."""
        with reachable():
            found = self.redis.xrange(self.keys.alerts, min=f"({after}", max="+", count=most)
        return [_message(*each) for each in cast(list[tuple[str, dict[str, str]]], found)]

    def latest(self, most: int) -> list[Message]:
        """The last messages, newest first."""
        with reachable():
            found = self.redis.xrevrange(self.keys.alerts, count=most)
        return [_message(*each) for each in cast(list[tuple[str, dict[str, str]]], found)]

    def heard(self, channel: str) -> str:
        """The id of the last message that this channel got. A new channel has heard all there is."""
        with reachable():
            last = cast(list[tuple[str, Any]], self.redis.xrevrange(self.keys.alerts, count=1))
            self.redis.hsetnx(self.keys.heard, channel, last[0][0] if last else "0")
            return cast(str, self.redis.hget(self.keys.heard, channel))

    def hear(self, channel: str, message_id: str) -> None:
        """Notes that the channel got everything up to this message."""
        with reachable():
            self.redis.hset(self.keys.heard, channel, message_id)

    def begin(self, channel: str, seconds: int, who: str) -> bool:
        """Whether it is up to ``who`` to serve this channel; for ``seconds`` it is to nobody else."""
        with reachable():
            mark = f"{self.keys.heard}:{channel}"
            won = self.redis.set(mark, who, nx=True, ex=seconds)
            return bool(won) or self.redis.get(mark) == who

    def snooze(self, snooze: Snooze) -> None:
        """Keeps its target quiet; one whose end has passed is taken back."""
        told = {"until": snooze.until, "by": snooze.by, "reason": snooze.reason}
        with reachable():
            self.redis.hset(self.keys.snoozes, snooze.target, compact(told))

    def wake(self, target: str) -> bool:
        """Takes a snooze back; whether there was one."""
        with reachable():
            return bool(self.redis.hdel(self.keys.snoozes, target))

    def snoozes(self, now: float) -> list[Snooze]:
        """Those that hold; the others are forgotten."""
        with reachable():
            found = cast(dict[str, str], self.redis.hgetall(self.keys.snoozes))
            all_of_them = [Snooze(target=target, **json.loads(text)) for target, text in found.items()]
            ended = [each.target for each in all_of_them if each.until <= now]
            if ended:
                self.redis.hdel(self.keys.snoozes, *ended)
        return sorted((each for each in all_of_them if each.until > now), key=lambda each: each.until)


def _dump_all(found: Collection[Condition], quiet: Callable[[Condition], bool]) -> str:
    return "[" + ",".join(_dump(each, quiet(each)) for each in found) + "]"


def _dump(condition: Condition, quiet: bool) -> str:
    body = {
        "kind": condition.kind,
        "subject": condition.subject,
        "scope": condition.scope,
        "cause": condition.cause,
        "facts": dict(condition.facts),
    }
    return compact(
        {
            "key": condition.key,
            "level": condition.level,
            "patience": condition.patience,
            "until": -1 if math.isinf(condition.until) else condition.until,
            "quiet": quiet,
            "body": compact(body),
        }
    )


def _condition(body: str, level: str | float, until: float = -1) -> Condition:
    told = json.loads(body)
    return Condition(
        kind=Kind(told.pop("kind")),
        level=Level(int(level)),
        until=math.inf if until < 0 else until,
        **told,
    )


def _standing(text: str) -> Standing:
    told = json.loads(text)
    return Standing(
        condition=_condition(told["body"], told["level"], told["until"]),
        since=float(told["since"]),
        told=told["told"] >= 0,
        going="gone" in told,
    )


def _message(message_id: str, fields: dict[str, str]) -> Message:
    return Message(
        id=message_id,
        what=cast(What, fields["what"]),
        at=float(fields["at"]),
        since=float(fields["since"]),
        condition=_condition(fields["body"], fields["level"]),
    )
