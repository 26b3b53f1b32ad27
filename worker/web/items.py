"""A window, and what wants somebody, as the first page and the page of one window tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from worker.air import Air
from worker.alerts.wording import CAUSES, WORDINGS, Lang, next_step
from worker.conditions import Condition, Level
from worker.language import clauses, phrase, spoken
from worker.language.retold import retold
from worker.lifecycle import State
from worker.redact import mask_text
from worker.views import AIR, local_iso
from worker.web.desk import Need, Shown
from worker.web.told import Told, told
from worker.windows import Window

ZoneOf = Callable[[Window], str]
"""On whose clock a window is told."""
_RETRIED: Final = {State.FAILED, State.MISSED, State.RETRYING}
_WORSE: Final = {Air.DARK: "dark", Air.FORBIDDEN: "forbidden", Air.DEGRADED: "degraded"}
"""What was seen of a window and counts before what the ledger takes for granted."""
_LONGEST: Final = 240
"""Characters of what a provider said that are shown in a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A window on the clock of ``zone``. ``face`` is the word by which it is drawn, ``state`` says it.

    ``tries`` are those that failed. ``name`` is what somebody who cannot see it is told.
    """

    told: Told
    zone: str
    face: str
    state: str
    tries: int
    name: str

    @property
    def span(self) -> str:
        """From when to when, without the day: ``20:00–22:00``."""
        return f"{self.told.clock}–{self.told.until}" if self.told.starts else self.told.clock


def item(shown: Shown, zone: str, now: float) -> Item:
    """The window in the language spoken, as it stands at ``now`` (Unix seconds)."""
    record = shown.record
    line, seen = told(record, zone, now), shown.watched.seen
    face, state = line.face, line.state
    if seen and seen.state in _WORSE and record.on_air(now):
        face, state = _WORSE[seen.state], phrase(AIR[seen.state])
    when = f"{line.day} {line.clock}–{line.until} {zone}" if line.starts else line.clock
    tries = phrase("failed attempts: {n}", n=record.tries) if record.tries else ""
    name = phrase(", ").join(filter(None, (line.title, when, state, tries)))
    return Item(told=line, zone=zone, face=face, state=state, tries=record.tries, name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that wants a person. ``item`` is the window it is about, if it is about one.

    ``what`` is wrong, ``why`` as far as that is known, ``next`` is what to do, ``command`` what to begin
    with; ``retry`` if trying again may help. ``again`` is when it is tried again, ``since`` since when it
    is so (Unix seconds), or 0. ``times``: for how many windows of its event it stands, itself among them.
    """

    key: str
    times: int
    page: bool
    item: Item | None
    about: str
    what: str
    why: str
    next: str
    command: str
    retry: bool
    again: int
    since: int


def troubles(needs: Iterable[Need], zone_of: ZoneOf, now: float) -> list[Trouble]:
    """What wants somebody, in the language spoken.

    Windows of one event that are wrong in the same way are one, which the first of them stands for: what
    plays every few minutes would hide what else is wrong.
    """
    alike: dict[tuple[object, ...], list[Need]] = {}
    for need in needs:
        alike.setdefault(_wrong(need), []).append(need)
    return [_trouble(group[0], len(group), zone_of, now) for group in alike.values()]


def _wrong(need: Need) -> tuple[object, ...]:
    condition = need.standing.condition if need.standing else None
    if need.shown is None:
        return (condition and condition.key,)
    record = need.shown.record
    return record.window.event, need.level, condition.kind if condition else record.state


def _trouble(need: Need, times: int, zone_of: ZoneOf, now: float) -> Trouble:
    shown, condition = need.shown, need.standing.condition if need.standing else None
    about = item(shown, zone_of(shown.record.window), now) if shown else None
    # The reason of one that is placed says how it came to be, and nothing of what is wrong with it.
    reason = retold(shown.record.reason) if shown and shown.record.state is not State.PLACED else ""
    again = shown.record.next_attempt_at if shown and shown.record.state == "retrying" else 0
    why = _distinct([*_why(condition), reason]) if condition else reason
    return Trouble(
        key=condition.key if condition else f"state:{shown.id if shown else ''}",
        times=times,
        page=need.level is Level.PAGE,
        item=about,
        about=_about(condition, about),
        what=WORDINGS[condition.kind].what.on(_lang()) if condition else about.state if about else "",
        why=_short(mask_text(why)),
        next=_filled(next_step(condition.kind, condition.cause).on(_lang()), condition) if condition else "",
        command=_filled(WORDINGS[condition.kind].command, condition) if condition else "",
        retry=shown is not None and shown.record.state in _RETRIED and shown.record.window.end > now,
        again=int(again) if again > now else 0,
        since=int(need.since),
    )


def _about(condition: Condition | None, about: Item | None) -> str:
    if about:
        return about.told.title
    facts = condition.facts if condition else {}
    return mask_text(str(facts.get("title") or facts.get("slot") or (condition.subject if condition else "")))


def _why(condition: Condition) -> Iterator[str]:
    known = CAUSES.get(condition.cause)
    if known:
        yield known.on(_lang())
    yield from (
        retold(str(condition.facts[name])) for name in ("why", "message") if condition.facts.get(name)
    )


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rstrip()}…"


def _distinct(words: list[str]) -> str:
    return clauses(*dict.fromkeys(words))


def _filled(text: str, condition: Condition) -> str:
    facts = condition.facts
    return text.format(id=condition.subject, event=facts.get("event", ""), domain=facts.get("domain", ""))


def iso(zone: str, at: float) -> str:
    """For machines: the instant on this clock, empty for none."""
    return local_iso(zone, int(at)) if at else ""


def _lang() -> Lang:
    return "zh" if spoken() == "zh" else "en"
