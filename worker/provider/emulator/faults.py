"""Faults on demand, seeded: the same requests meet the same faults, whatever order they come in (pure).

    [ACTION:]KIND[:RATE%][:before|after|late][:DURATION][:xTIMES]

``Create:504:10%:after`` answers one create in ten with 504 once it has taken effect. Every part but the
kind may be left out, and those after the kind come in any order. ``docs/emulator.md`` lists the kinds.
"""

from __future__ import annotations

import enum
import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from worker.provider.emulator.refusals import BY_STATUS, CODES


class When(enum.StrEnum):
    """Where the fault strikes: before the effect, which then never comes, or after it.

    ``late``: the effect comes once the fault's duration has passed. ``either``: before or after, by the toss
    of a coin. A slow answer is always right: there, ``before`` is a delay that precedes the effect.
    """

    BEFORE = "before"
    AFTER = "after"
    LATE = "late"
    EITHER = "either"


class Kind(enum.StrEnum):
    """Faults that are not merely an error code or an HTTP status."""

    RESET = "reset"
    CLOSE = "close"
    HANG = "hang"
    SLOW = "slow"
    DRIP = "drip"
    CUT = "cut"
    GARBAGE = "garbage"
    EMPTY = "empty"
    HTML = "html"
    NO_TASK_ID = "no-task-id"
    SHIFT = "shift"


MEANINGS: Final = {
    Kind.RESET: "the connection is reset (TCP RST) instead of an answer",
    Kind.CLOSE: "the connection is closed (TCP FIN) instead of an answer",
    Kind.HANG: "no answer for DURATION (default 300s), then the connection is reset",
    Kind.SLOW: "the right answer, DURATION late (default 1s)",
    Kind.DRIP: "the right answer, a byte every DURATION (default 1s)",
    Kind.CUT: "the connection is reset half-way through the right answer",
    Kind.GARBAGE: "200 with JSON that ends too early",
    Kind.EMPTY: "200 with no body",
    Kind.HTML: "502 with the HTML page of some proxy",
    Kind.NO_TASK_ID: "a create that succeeds without a TaskId",
    Kind.SHIFT: "a list page cut as if one config ahead of it had just gone",
}

PROFILES: Final = {
    "mild": ("CommonErr:2%", "429:2%", "503:2%", "slow:5%:300ms"),
    "ambiguous": ("CommonErr:8%", "500:5%", "502:5%", "504:8%", "reset:5%", "close:2%", "no-task-id:3%"),
    "hell": (
        "CommonErr:12%", "429:5%", "500:5%", "502:5%", "503:5%", "504:10%", "reset:6%", "close:3%",
        "hang:2%:60s", "drip:1%:500ms", "cut:2%", "garbage:3%", "empty:3%", "html:2%", "no-task-id:3%",
        "slow:8%:500ms", "shift:10%",
    ),
    "late": ("CommonErr:8%:late:3s", "504:8%:late:3s", "reset:5%:late:3s", "slow:10%:2s"),
}  # fmt: skip
"""Named sets of faults, from a day with a little wind to one when nothing holds."""

_DURATIONS: Final = {Kind.HANG: 300.0}
_CLEAR: Final = frozenset({429, 503})
_RIGHT: Final = frozenset({Kind.DRIP, Kind.CUT, Kind.NO_TASK_ID, Kind.SHIFT})
_ONLY: Final = {Kind.NO_TASK_ID: "CreateRelaySourceV4", Kind.SHIFT: "ListRelaySourceV4"}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)%")
_TIMES: Final = re.compile(r"x(\d+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault to come: an API error ``code``, else a bare HTTP ``status``, else a ``kind``.

    ``name`` is its spec, ``rate`` lies between 0 and 1, ``seconds`` is the duration, and ``times`` says how
    often it may come (0: no end).
    """

    name: str
    action: str = ""
    kind: Kind | None = None
    code: str = ""
    status: int = 0
    rate: float = 1.0
    when: When = When.EITHER
    seconds: float = 1.0
    times: int = 0

    def concerns(self, action: str) -> bool:
        """Whether it may befall that action."""
        return self.action in ("", action)


def parse_faults(specs: Iterable[str], actions: Iterable[str]) -> tuple[Fault, ...]:
    """The faults that specs and profile names mean, in their order.

    Raises ``ValueError`` for a spec that cannot be read, and when the rates for one action add up to more
    than 100 %, because the last faults would then never come.
    """
    known = tuple(actions)
    written = [part for spec in specs for part in PROFILES.get(spec, (spec,))]
    faults = tuple(_parse(part, known) for part in written)
    for action in known:
        if sum(fault.rate for fault in faults if fault.concerns(action) and not fault.times) > 1.0 + 1e-9:
            raise ValueError(f"the faults for {action} add up to more than 100%")
    return faults


def _parse(spec: str, actions: tuple[str, ...]) -> Fault:
    head, *rest = spec.split(":")
    action = next((name for name in actions if name in (head, f"{head}RelaySourceV4")), "")
    if action:
        head, *rest = rest or [""]
    fault = _of_kind(head, spec)
    only = _ONLY.get(fault.kind, "") if fault.kind else ""
    fault = replace(fault, action=action or only)
    for part in rest:
        fault = _with(fault, part, spec)
    if only and fault.action != only:
        raise ValueError(f"fault {spec!r}: {fault.kind} can only befall {only}")
    if fault.kind in _RIGHT and fault.when is When.BEFORE:
        raise ValueError(
            f"fault {spec!r}: {fault.kind} spoils a right answer, so it cannot come before the effect"
        )
    return fault


def _of_kind(word: str, spec: str) -> Fault:
    if word in set(Kind):
        kind = Kind(word)
        when = When.AFTER if kind in _RIGHT or kind is Kind.SLOW else When.EITHER
        return Fault(spec, kind=kind, when=when, seconds=_DURATIONS.get(kind, 1.0))
    if word in CODES:
        code, status = word, CODES[word].status
    elif re.fullmatch(r"[345]\d\d", word):
        code, status = BY_STATUS.get(int(word), ""), int(word)
    else:
        kinds = ", ".join([*Kind, "an HTTP status from 300", "an error code such as CommonErr"])
        raise ValueError(f"fault {spec!r}: {word!r} is no kind of fault; use one of {kinds}")
    when = When.BEFORE if status in _CLEAR or status in range(300, 500) else When.EITHER
    return Fault(spec, code=code, status=status, when=when, seconds=3.0)


def _with(fault: Fault, part: str, spec: str) -> Fault:
    if rate := _RATE.fullmatch(part):
        return replace(fault, rate=min(float(rate[1]) / 100, 1.0))
    if part in ("before", "after", "late"):
        return replace(fault, when=When(part))
    if length := _DURATION.fullmatch(part):
        return replace(fault, seconds=float(length[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0}[length[2]])
    if times := _TIMES.fullmatch(part):
        return replace(fault, times=int(times[1]))
    raise ValueError(f"fault {spec!r}: {part!r} is no rate (10%), timing (before, after, late), "
                     "duration (300ms, 3s) or count (x2)")  # fmt: skip


class Plan:
    """Which fault meets which request.

    The draw depends on the seed, the action, what it is about and how often that was asked before: not on
    what other requests come in between, so that concurrency does not change the story.
    """

    def __init__(self, faults: Iterable[Fault], seed: int) -> None:
        self.faults = tuple(faults)
        self._seed = seed
        self._asked: Counter[tuple[str, str]] = Counter()
        self._spent: Counter[int] = Counter()

    def draw(self, action: str, subject: str) -> Fault | None:
        """The fault for this request, its timing decided, or ``None``."""
        self._asked[action, subject] += 1
        dice = random.Random(f"{self._seed}|{action}|{subject}|{self._asked[action, subject]}")  # noqa: S311
        left = dice.random()
        heads = dice.choice((True, False))
        for index, fault in enumerate(self.faults):
            if not fault.concerns(action) or 0 < fault.times <= self._spent[index]:
                continue
            left -= fault.rate
            if left < 0:
                self._spent[index] += 1
                return _tossed(fault, heads)
        return None


def _tossed(fault: Fault, heads: bool) -> Fault:
    if fault.when is not When.EITHER:
        return fault
    return replace(fault, when=When.BEFORE if heads else When.AFTER)
