"""Messages become notes that people can read on a phone: many of a kind become one (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from worker.alerts import sheet
from worker.alerts.wording import CAUSES, DEAD, LEVELS, LINES, RECOVERED, WORDINGS, Lang, Said, next_step
from worker.conditions import OF_WINDOWS, Condition, Kind, Level
from worker.durations import format_duration
from worker.language import clauses, speaking
from worker.language.retold import retold
from worker.ledger.alerts import Message
from worker.redact import mask_text
from worker.views import local_end, local_start

MANY: Final = 3
"""From so many of a kind on, one note tells of all."""
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Note:
    """What one channel is sent: a line, and what follows it. ``messages`` are what it tells of."""

    level: Level
    recovered: bool
    title: str
    text: str
    messages: tuple[Message, ...] = ()


def notes(messages: Iterable[Message], lang: Lang, page: str = "") -> list[Note]:
    """What to send for these messages, in the order of the first of each kind; the worst is said first.

    ``page`` is the address of the page, for links. What began and recovered among them is told as two: who
    was told of one must hear of the other.
    """
    groups: defaultdict[tuple[Any, ...], list[Message]] = defaultdict(list)
    for message in messages:
        if message.what != "over":
            condition = message.condition
            ended = message.what == "recovered"
            domain = condition.facts["domain"] if condition.facts.get("slot") else ""
            groups[-condition.level, ended, condition.kind, domain].append(message)
    told = []
    for _, found in sorted(groups.items(), key=lambda item: item[0][:2]):
        group = sorted(found, key=_place)
        some = [group] if len(group) >= MANY else [[message] for message in group]
        with speaking(lang):
            told += [_note(each, lang, page) for each in some]
    return told


def _place(message: Message) -> tuple[int, str]:
    return message.condition.facts.get("start", 0), message.condition.subject


def _note(group: Sequence[Message], lang: Lang, page: str) -> Note:
    first = group[0]
    condition, recovered = first.condition, first.what == "recovered"
    if condition.kind is Kind.DAILY_SHEET:
        return _sheet(first, lang, page)
    head = RECOVERED.on(lang) if recovered else LEVELS[condition.level].on(lang)
    what = WORDINGS[condition.kind].what.on(lang)
    if len(group) == 1:
        subject = _subject(condition)
        lines = list(_lines(first, lang, page))
    else:
        subject = _all_of(group, lang)
        alike = len({_reason(message.condition) for message in group}) == 1
        lines = [*_several(group, lang), *_why(condition, lang, _label(recovered) if alike else "example")]
        step = next_step(condition.kind, condition.cause if alike else "")
        lines += [] if recovered else _advice(condition, step, lang, page, many=True)
    title = f"[{head}] {subject}{LINES['colon'].on(lang)}{what}" if subject else f"[{head}] {what}"
    return Note(condition.level, recovered, mask_text(title), "\n".join(lines), tuple(group))


def _sheet(message: Message, lang: Lang, page: str) -> Note:
    condition = message.condition
    head = f"[{WORDINGS[Kind.DAILY_SHEET].what.on(lang)}] {sheet.headline(condition.facts, lang)}"
    text = [*sheet.lines(condition.facts, lang), *([_line("page", page, lang)] if page else [])]
    return Note(condition.level, False, head, "\n".join(text), (message,))


def _subject(condition: Condition) -> str:
    return mask_text(condition.facts.get("title") or condition.facts.get("slot") or condition.subject)


def _all_of(group: Sequence[Message], lang: Lang) -> str:
    condition, count = group[0].condition, len(group)
    if condition.facts.get("slot"):
        name = "windows" if condition.kind in OF_WINDOWS else "streams"
        return LINES[name].on(lang).format(n=count, domain=condition.facts["domain"])
    named = [_subject(message.condition) for message in group[: MANY - 1]]
    return LINES["comma"].on(lang).join([*named, LINES["more"].on(lang).format(n=count - len(named))])


def _lines(message: Message, lang: Lang, page: str) -> Iterator[str]:
    """One fact a line."""
    facts = message.condition.facts
    if facts.get("event"):
        yield _line("event", f"{facts.get('title')} ({facts['event']})", lang)
    if facts.get("slot"):
        yield _line("stream", facts["slot"], lang)
    if "start" in facts:
        yield _line("window", _when(facts, lang), lang)
    recovered = message.what == "recovered"
    lasted = int(message.at - message.since)
    if lasted >= 1:
        yield _line("lasted" if recovered else "since", format_duration(lasted), lang)
    yield from _why(message.condition, lang, _label(recovered))
    if not recovered:
        step = next_step(message.condition.kind, message.condition.cause)
        yield from _advice(message.condition, step, lang, page)


def _reason(condition: Condition) -> tuple[object, ...]:
    return condition.cause, *map(condition.facts.get, ("why", "message", "listed_source"))


def _label(recovered: bool) -> str:
    return "was" if recovered else "cause"


def _why(condition: Condition, lang: Lang, label: str) -> Iterator[str]:
    facts = condition.facts
    known = CAUSES.get(condition.cause)
    told = [known.on(lang)] if known else []
    told += _measured(condition, lang)
    told += _found(condition, lang)
    if told:
        yield _line(label, clauses(*told), lang)
    if facts.get("request_id") and facts["request_id"] in "".join(told):
        return  # said already, in the provider's own words
    answer = " ".join(
        f"{name} {facts[key]}"
        for key, name in (("code", ""), ("http_status", "HTTP"), ("request_id", "RequestId"))
        if facts.get(key)
    )
    if answer:
        yield _line("provider", answer.strip(), lang)


def _found(condition: Condition, lang: Lang) -> Iterator[str]:
    """What somebody wrote down of it; of sources the word that has a text in each language."""
    facts = condition.facts
    if lang == "zh" and facts.get("dead"):
        # A space ends an address; whatever stood right behind it would be masked as part of it.
        yield from (f"{source} {DEAD.get(code, code)}" for source, code in facts["dead"])
        yield LINES["used"].on(lang).format(**facts) if facts["used"] else ""
    else:
        yield from (retold(str(facts[name])) for name in ("why", "message") if facts.get(name))


def _measured(condition: Condition, lang: Lang) -> Iterator[str]:
    """What it is that was counted, or is listed instead."""
    facts = condition.facts
    match condition.kind, facts.get("differs"):
        case Kind.DEGRADED, _ if "bitrate" in facts:
            yield LINES["figures"].on(lang).format(**facts)
        case Kind.QUOTA_EXHAUSTED, _ if "waiting" in facts:
            yield LINES["waiting"].on(lang).format(**facts)
        case Kind.WRONG, "sources":
            yield facts["listed_source"]
        case Kind.WRONG, "times":
            start, end = facts["listed_start"], facts["listed_end"]
            yield _when({**facts, "start": start, "end": end, "permanent": start is None}, lang)


def _advice(condition: Condition, step: Said, lang: Lang, page: str, *, many: bool = False) -> Iterator[str]:
    wording = WORDINGS[condition.kind]
    named = "ID" if many else condition.subject
    command = (many and wording.of_many) or wording.command
    yield _line("next", step.on(lang).format(id=named), lang)
    yield _line("command", command.format(id=named), lang)
    if page:
        one = condition.facts.get("event") and not many
        yield _line("page", f"{page.rstrip('/')}/windows/{condition.subject}" if one else page, lang)


def _several(group: Sequence[Message], lang: Lang) -> Iterator[str]:
    for message in group[:_NAMED]:
        facts = message.condition.facts
        when = f", {_when(facts, lang)}" if "start" in facts else ""
        yield f"- {_subject(message.condition)}{when}"
    if len(group) > _NAMED:
        yield f"- {LINES['more'].on(lang).format(n=len(group) - _NAMED)}"


def _when(facts: Mapping[str, Any], lang: Lang) -> str:
    if facts.get("permanent"):
        return LINES["permanent"].on(lang)
    zone, start, end = facts["timezone"], facts["start"], facts["end"]
    return f"{local_start(zone, start)} - {local_end(zone, start, end)} {zone}"


def _line(name: str, told: object, lang: Lang) -> str:
    shown = told if name == "page" else mask_text(str(told))  # the page's address is for people to open
    return f"{LINES[name].on(lang)}{LINES['colon'].on(lang)}{shown}"
