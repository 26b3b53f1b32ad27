"""The provider's past, replayed from the emulator's log by the documents' rules (standard library only)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.chaos.record import Json, Relay, relay

CREATE, UPDATE, DELETE = "CreateRelaySourceV4", "UpdateRelaySourceV4", "DeleteRelaySourceV4"
WRITES = (CREATE, UPDATE, DELETE)


@dataclass
class Stay:
    """One relay for as long as the provider held it, with the request that brought it."""

    relay: Relay
    since: float
    until: float = math.inf
    foreign: bool = False
    request_id: str = ""

    def shown(self) -> tuple[float, float]:
        """When it was both held and in its own time."""
        return max(self.since, self.relay.opens), min(self.until, self.relay.closes)


@dataclass
class Past:
    """What was held when, and the creates of what was there already."""

    stays: list[Stay] = field(default_factory=list)
    repeats: list[tuple[float, Relay, str]] = field(default_factory=list)

    def on(self, slot: str) -> list[Stay]:
        """Our own stays on a slot."""
        return [stay for stay in self.stays if stay.relay.slot == slot and not stay.foreign]

    def held(self) -> list[Stay]:
        """What is held in the end."""
        return [stay for stay in self.stays if stay.until == math.inf]


def replay(log: Iterable[Json], semantics: str, foreign: Iterable[Relay]) -> Past:
    """Applies what the log says took effect, in the order of its lines, which is that of the effects."""
    past = Past([Stay(each, -math.inf, foreign=True) for each in foreign])
    late: dict[str, Json] = {}
    for line in log:
        if line["kind"] == "request" and line["action"] in WRITES:
            if line["applied"] == "late":
                late[line["request_id"]] = line
            elif line["applied"]:
                _apply(past, line, line["at"], semantics)
        elif line["kind"] == "effect" and line["applied"]:
            _apply(past, late[line["request_id"]], line["at"], semantics)
    return past


def _apply(past: Past, line: Json, at: float, semantics: str) -> None:
    wanted, action = relay(line), line["action"]
    there = [stay for stay in past.held() if stay.relay.slot == wanted.slot]
    repeated = any(stay.relay == wanted and not stay.foreign and not wanted.over(at) for stay in there)
    if action == CREATE and repeated:
        past.repeats.append((at, wanted, line["request_id"]))
    if action != CREATE or semantics == "overwrite":
        for stay in there:
            stay.until = at
    fresh = {CREATE: 1, UPDATE: len(there), DELETE: 0}[action]
    past.stays.extend(Stay(wanted, at, request_id=line["request_id"]) for _ in range(fresh))
