"""The ledger's side of alerts: what is wrong, since when, what people heard of it, and who has yet to hear.

Messages are a log with a cursor for each channel, so that a channel that fails waits alone. A message is
in the log before anybody is told, and its cursor moves after: each channel hears everything at least once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from redis import Redis

from worker.conditions import Condition, Kind, Level
from worker.ledger.client import load_script, reachable
from worker.ledger.codec import compact
from worker.ledger.keys import Keys

What = Literal["began", "worse", "still", "recovered", "over", "told"]
"""What became of a condition. One that is over did not recover: its window has ended, or nobody looks now.
What people knew of before it was snoozed, and holds when that ends, is there still. What is merely told is no
condition."""

MOST_MESSAGES: Final = 5_000
CALM: Final = 30
"""Seconds for which a condition must be gone to have ended: what flickers is one thing, told once."""
_LONGEST_LOOK: Final = 60
"""Seconds: a look that is older than the last by less came late; by more, and the clock was set back."""
_FORGOTTEN: Final = 86_400
"""Seconds after which a scope that nobody looks at is gone, as a domain may be, or a channel."""
_REMEMBERED: Final = 3 * 86_400
"""Seconds for which what is told once is told once."""
_KINDS: Final = frozenset(map(str, Kind))


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

    def judge(self, judged: Mapping[str, Collection[Condition]], now: float) -> int:
        """Takes note of all conditions of these scopes; how many messages that made.

        ``now`` is when the look began. What is snoozed is noted, and told of once it no longer is.
        """
        args: list[Any] = [self.keys.prefix, now, CALM, MOST_MESSAGES, _LONGEST_LOOK, _FORGOTTEN]
        for scope, found in judged.items():
            args += (scope, f"[{','.join(map(_dump, found))}]")
        with reachable():
            return int(load_script(self.redis, "quiet.lua", "judge.lua")(args=args))

    def tell_once(self, name: str, condition: Condition, now: float) -> bool:
        """Tells people what is no condition but looks like one; once for each ``name``. Whether it did."""
        targets, body = compact(sorted(condition.targets)), _body(condition)
        args: list[Any] = [self.keys.prefix, now, name, _REMEMBERED, MOST_MESSAGES]
        args += [int(condition.level), targets, body]
        with reachable():
            return bool(load_script(self.redis, "quiet.lua", "tell_once.lua")(args=args))

    def was_told(self, name: str) -> bool:
        """Whether :meth:`tell_once` told this."""
        with reachable():
            return bool(self.redis.exists(self.keys.told(name)))

    def standing(self) -> list[Standing]:
        """What is wrong, the longest first."""
        with reachable():
            found = cast(dict[str, str], self.redis.hgetall(self.keys.conditions))
        known = filter(None, map(_standing, found.values()))
        return sorted(known, key=lambda each: (each.since, each.condition.key))

    def messages(self, after: str = "0", most: int = 1_000) -> list[Message]:
        """The messages behind the one of this id, oldest first."""
        with reachable():
            found = self.redis.xrange(self.keys.alerts, min=f"({after}", max="+", count=most)
        return _messages(found)

    def latest(self, most: int) -> list[Message]:
        """The last messages, newest first."""
        with reachable():
            found = self.redis.xrevrange(self.keys.alerts, count=most)
        return _messages(found)

    def heard(self, channel: str, since: float) -> str:
        """The id of the last message that this channel got.

        A new channel, or one that the ledger forgot, has heard all that was said before ``since``.
        """
        with reachable():
            kept = cast(str | None, self.redis.hget(self.keys.heard, channel))
        if kept is None:
            kept = next((each.id for each in self.latest(MOST_MESSAGES) if each.at < since), "0")
            self.hear(channel, kept)
        return kept

    def hear(self, channel: str, message_id: str) -> None:
        """Notes that the channel got everything up to this message."""
        with reachable():
            self.redis.hset(self.keys.heard, channel, message_id)

    def serve(self, channel: str, seconds: int, who: str) -> bool:
        """Whether it is up to ``who`` to serve this channel; for ``seconds`` it then is to nobody else."""
        with reachable():
            return bool(load_script(self.redis, "serve.lua")(args=[self.keys.prefix, channel, who, seconds]))

    def served(self) -> list[str]:
        """The channels that some watch serves now."""
        with reachable():
            known = sorted(cast(list[str], self.redis.hkeys(self.keys.heard)))
            marks = self.redis.mget([f"{self.keys.heard}:{each}" for each in known]) if known else []
        return [each for each, mark in zip(known, cast(list[str | None], marks), strict=True) if mark]

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


def _dump(condition: Condition) -> str:
    return compact(
        {
            "key": condition.key,
            "level": condition.level,
            "patience": condition.patience,
            "until": -1 if math.isinf(condition.until) else condition.until,
            "instead_of": sorted(f"{kind}:{condition.subject}" for kind in condition.instead_of),
            "unsure": condition.unsure,
            "targets": sorted(condition.targets),
            "body": _body(condition),
        }
    )


def _body(condition: Condition) -> str:
    """All of it that Redis has no need to understand."""
    return compact(
        {
            "kind": condition.kind,
            "subject": condition.subject,
            "scope": condition.scope,
            "cause": condition.cause,
            "facts": dict(condition.facts),
        }
    )


def _condition(body: str, level: str | float, until: float = -1) -> Condition | None:
    """``None`` for a kind that only another release knows, which may be at work beside this one."""
    told = json.loads(body)
    if told["kind"] not in _KINDS:
        return None
    return Condition(
        kind=Kind(told.pop("kind")),
        level=Level(int(level)),
        until=math.inf if until < 0 else until,
        **told,
    )


def _standing(text: str) -> Standing | None:
    told = json.loads(text)
    condition = _condition(told["body"], told["level"], told["until"])
    if condition is None:
        return None
    since, heard_of = float(told["since"]), told["told"] >= 0
    return Standing(condition=condition, since=since, told=heard_of, going="gone" in told)


def _messages(found: Any) -> list[Message]:
    """Entries of the stream, without those that this release does not know."""
    return list(filter(None, (_message(*each) for each in cast(Iterable[tuple[str, dict[str, str]]], found))))


def _message(message_id: str, fields: dict[str, str]) -> Message | None:
    condition = _condition(fields["body"], fields["level"])
    if condition is None:
        return None
    what, at, since = cast(What, fields["what"]), float(fields["at"]), float(fields["since"])
    return Message(id=message_id, what=what, at=at, since=since, condition=condition)
