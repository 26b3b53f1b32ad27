"""What must be true of a storm: each rule reads the case and gives its violations (standard library only)."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.chaos.record import Case, Json, Relay, Window, relay
from tests.chaos.replay import CREATE, UPDATE, WRITES, Past, Stay, replay
from tests.chaos.weather import Span, Weather, holes

PROMISE = 60.0
"""Calm seconds in which the product does what it has been asked to."""
SETBACK = 20.0
"""Calm seconds more for each write of its slot that the provider failed: two looks and a backoff."""
CLEARED = 90.0
"""Calm seconds in which a relay is gone that has ended."""
LOSSES = ("flush", "truncate")
ORPHANED = 20.0
"""Seconds for which what only a journal knows is left alone after Redis lost its memory (docs/ledger.md)."""
INSTANT = 0.05
"""Seconds: the log dates a request by its arrival, its effect is a moment later."""


@dataclass(frozen=True)
class Violation:
    """One promise that was not kept. ``subject`` is a window's id, or a slot."""

    rule: str
    subject: str
    slot: str
    at: float
    what: str
    requests: tuple[str, ...] = ()


class Court:
    """A case, with what follows from it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.weather = Weather(case.storm, case.roles)
        self.past: Past = replay(case.log, case.semantics, case.foreign)
        self.end = case.observed

    @cached_property
    def writes(self) -> list[Json]:
        return [line for line in self.case.log if line["kind"] == "request" and line["action"] in WRITES]

    @cached_property
    def foreign_slots(self) -> set[str]:
        return {each.slot for each in self.case.foreign}

    @cached_property
    def judged(self) -> list[Window]:
        """The windows that could be placed at all."""
        return [window for window in self.case.windows if window.slot not in self.foreign_slots]

    def ready(self, window: Window) -> float:
        """From when on it could be placed: known, due, and its slot free of what is played before it."""
        due = window.relay.opens - self.case.lead
        ahead = [
            min(other.relay.closes, other.left)
            for other in self.judged
            if other.slot == window.slot
            and other.relay.closes <= window.relay.opens < other.relay.closes + 2 * self.case.lead
            and other.left > other.relay.opens - self.case.lead
            and not self.joins(other.relay, window.relay)
        ]
        return max(window.known, due, *ahead)

    def deadline(self, window: Window) -> float:
        """When it has to be there: at its start, unless only just known then, or its slot only just free."""
        return max(window.relay.opens, self.kept_by(window.slot, self.ready(window), PROMISE))

    def kept_by(self, slot: str, asked: float, promise: float) -> float:
        """When what is to be done on a slot has to be done: so many calm seconds after it was asked for.

        The provider's failures give it more, and if Redis loses its memory on the way the time begins anew.
        """
        setbacks = [line["at"] for line in self.failed[slot] if line["at"] >= asked]
        by = self.weather.after(asked, promise)
        for n, at in enumerate(setbacks, start=1):
            if at > by:
                break
            by = self.weather.after(asked, promise + n * SETBACK)
        forgotten = [at for at in self.losses if asked < at < by]
        return self.kept_by(slot, max(forgotten), promise) if forgotten else by

    def orphaned_until(self, stay: Stay) -> float:
        """Until when it may stand unexplained because Redis forgot it, and a journal alone knows of it."""
        forgotten = [at for at in self.losses if stay.since < at < stay.until]
        return self.weather.after(max(forgotten), ORPHANED + PROMISE) if forgotten else -math.inf

    @cached_property
    def losses(self) -> list[float]:
        """When Redis lost its memory."""
        return [line["at"] for line in self.case.storm if line["kind"] == "fault" and line["what"] in LOSSES]

    @cached_property
    def failed(self) -> dict[str, list[Json]]:
        """The writes that the provider did not answer with success, by slot."""
        found: dict[str, list[Json]] = defaultdict(list)
        for line in self.writes:
            if line["code"]:
                found[relay(line).slot].append(line)
        return found

    def joins(self, first: Relay, second: Relay) -> bool:
        """Whether two relays of a slot are one: the same sources, closer than the provider's settling."""
        return first.sources == second.sources and second.opens - first.closes <= self.case.settle

    def explained(self, wanted: Relay, at: float) -> bool:
        """Whether the plan, as it was then or a promise earlier, asks for exactly this relay."""
        alike = [
            window.relay
            for window in self.judged
            if window.slot == wanted.slot
            and window.relay.sources == wanted.sources
            and window.asked <= at <= self.kept_by(window.slot, window.left, PROMISE)
        ]
        if wanted.start is None or wanted.end is None:
            return any(each.start == wanted.start and each.end == wanted.end for each in alike)
        spans = [(each.opens, each.closes) for each in alike]
        begins = wanted.start in {first for first, _ in spans}
        ends = wanted.end in {last for _, last in spans}
        gaps = holes(wanted.start, wanted.end, spans)
        return begins and ends and all(last - first <= self.case.settle for first, last in gaps)

    def showing(self, slot: str, *wanted: Relay) -> list[Span]:
        """When the slot played what one of these asks for, sources in order."""
        sources = {each.sources for each in wanted}
        return [stay.shown() for stay in self.past.on(slot) if stay.relay.sources in sources]


def on_time(court: Court) -> Iterator[Violation]:
    """missed, late, gap: from its deadline to its end a window is played, without a hole."""
    for window in court.judged:
        first = court.deadline(window)
        last = min(window.relay.closes, window.leaving, court.end)
        if first >= last:
            continue
        shown = court.showing(window.slot, window.relay)
        dark = [hole for hole in holes(first, last, shown) if hole[1] - hole[0] > INSTANT]
        if not dark:
            continue
        begins, ends = dark[0]
        played_before = any(a < begins and b > window.relay.opens for a, b in shown)
        rule = "gap" if played_before else "missed" if ends >= last else "late"
        what = f"nothing of it from {begins:.1f} to {ends:.1f} ({ends - begins:.1f} s)"
        yield Violation(rule, window.id, window.slot, begins, f"{what}; wanted {window.relay}")


def kept_through_edits(court: Court) -> Iterator[Violation]:
    """gap: a window that is on air and edited plays its old plan or its new one, and never neither."""
    for window in court.judged:
        old = window.before
        if old is None or old.slot != window.slot or court.deadline(old) >= window.asked:
            continue
        first = max(window.asked, window.relay.opens, old.relay.opens)
        last = min(court.deadline(window), window.relay.closes, old.relay.closes, window.leaving, court.end)
        for begins, ends in holes(first, last, court.showing(window.slot, old.relay, window.relay)):
            if ends - begins > INSTANT:
                what = f"cut for {ends - begins:.1f} s while it was edited on air"
                yield Violation("gap", window.id, window.slot, begins, what)


def placed_in_time(court: Court) -> Iterator[Violation]:
    """missed: in the end, whatever has been due for long enough is at the provider, started or not."""
    held = [stay.relay for stay in court.past.held() if not stay.foreign]
    for window in court.judged:
        wanted = window.relay
        if window.leaving < math.inf or wanted.over(court.end) or wanted.opens <= court.end:
            continue
        there = any(
            each.slot == wanted.slot
            and each.sources == wanted.sources
            and each.opens <= wanted.opens
            and wanted.closes <= each.closes
            for each in held
        )
        if not there and court.kept_by(window.slot, court.ready(window), PROMISE) < court.end:
            what = f"due since {court.ready(window):.1f} and not at the provider in the end: {wanted}"
            yield Violation("missed", window.id, window.slot, court.ready(window), what)


def right_requests(court: Court) -> Iterator[Violation]:
    """wrong, permanent: every create and update asks for what the plan says; none leaves a time out."""
    for line in court.writes:
        if line["action"] not in (CREATE, UPDATE):
            continue
        wanted = relay(line)
        if court.explained(wanted, line["at"]):
            continue
        half = wanted.start is None or wanted.end is None
        rule = "permanent" if half else "wrong"
        what = f"{line['action']} of what no plan asks for: {wanted}"
        yield Violation(rule, wanted.slot, wanted.slot, line["at"], what, (line["request_id"],))


def once(court: Court) -> Iterator[Violation]:
    """repeated: nothing is created that is there already."""
    for at, wanted, request in court.past.repeats:
        yield Violation("repeated", wanted.slot, wanted.slot, at, f"created twice: {wanted}", (request,))


def one_at_a_time(court: Court) -> Iterator[Violation]:
    """duplicate, overlap: a slot never holds two relays of ours whose time has not passed."""
    for slot in sorted({stay.relay.slot for stay in court.past.stays}):
        stays = sorted(court.past.on(slot), key=lambda stay: stay.since)
        for n, one in enumerate(stays):
            for other in stays[n + 1 :]:
                first = max(one.since, other.since)
                last = min(one.until, other.until, one.relay.closes, other.relay.closes)
                if last - first > 0:
                    rule = "duplicate" if one.relay == other.relay else "overlap"
                    what = f"for {last - first:.1f} s both {one.relay} and {other.relay}"
                    requests = (one.request_id, other.request_id)
                    yield Violation(rule, slot, slot, first, what, requests)


def taken_away(court: Court) -> Iterator[Violation]:
    """cancelled, left over: what the plan no longer asks for goes, and what has ended too."""
    for stay in court.past.stays:
        if stay.foreign:
            continue
        last = min(stay.until, court.end)
        slot, ended = stay.relay.slot, stay.relay.closes
        gone_by = (
            max(court.kept_by(slot, ended, CLEARED), court.orphaned_until(stay)) if ended <= last else last
        )
        if gone_by < last:
            what = f"still there {last - ended:.0f} s after its end: {stay.relay}"
            yield Violation("left over", slot, slot, gone_by, what, (stay.request_id,))
        if unwanted := _unwanted_from(court, stay, min(last, ended)):
            what = f"held until {last:.0f}, and no plan asks for it any more: {stay.relay}"
            yield Violation("cancelled", slot, slot, unwanted, what, (stay.request_id,))


def _unwanted_from(court: Court, stay: Stay, last: float) -> float | None:
    """When a stay outlived the plan that asked for it."""
    edits = {window.left for window in court.judged if window.slot == stay.relay.slot}
    for left in sorted(edits):
        asked = max(court.kept_by(stay.relay.slot, left, PROMISE), stay.since)
        late = max(asked, court.orphaned_until(stay)) + INSTANT
        if late < last and not court.explained(stay.relay, late):
            return late
    return None


def only_ours(court: Court) -> Iterator[Violation]:
    """unexpected, foreign: we write to slots that we planned, and to none that somebody else holds."""
    planned = {window.slot for window in court.case.windows}
    for line in court.writes:
        slot = relay(line).slot
        rule = "foreign" if slot in court.foreign_slots else "unexpected" if slot not in planned else ""
        if rule:
            yield Violation(rule, slot, slot, line["at"], line["action"], (line["request_id"],))
    held = Counter(relay(each) for each in court.case.state["configs"] if each["foreign"])
    for each in court.case.foreign:
        if held[each] != 1:
            yield Violation("foreign", each.slot, each.slot, court.end, f"not as it was: {each}")


def within_quota(court: Court) -> Iterator[Violation]:
    """over quota: no sliding second has more requests than the account allows.

    Requests that a hole held back, and lets go together, were sent in time; nobody can call them back.
    """
    asked = sorted((line["at"], line["request_id"]) for line in court.case.log if line["kind"] == "request")
    quiet_until = -math.inf
    for (early, first), (late, last) in zip(asked, asked[court.case.quota :], strict=False):
        if court.weather.lets_go(early - 1.0, late + 1.0):
            continue
        if late - early < 1.0 and early >= quiet_until:
            quiet_until = late
            what = f"more than {court.case.quota} requests within {late - early:.3f} s"
            yield Violation("over quota", "account", "", late, what, (first, last))


def replay_holds(court: Court) -> Iterator[Violation]:
    """evidence: what we make of the log is what the provider holds; else nothing here is worth much."""
    under_way = {relay(line).slot for line in court.writes if line["at"] > court.end - INSTANT}
    replayed = Counter(stay.relay for stay in court.past.held())
    told = Counter(relay(each) for each in court.case.state["configs"])
    for each in (replayed - told) + (told - replayed):
        if each.slot in under_way:
            continue
        what = f"by the log {replayed[each]} times, by the provider {told[each]}: {each}"
        yield Violation("evidence", each.slot, each.slot, court.end, what)


RULES = (
    on_time,
    kept_through_edits,
    placed_in_time,
    right_requests,
    once,
    one_at_a_time,
    taken_away,
    only_ours,
    within_quota,
    replay_holds,
)
