"""How windows, people's words, slot books and history lines are written down, and read again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from worker.decide import Doubt, Refusal
from worker.events.codec import dump_extra, parse_extra
from worker.overrides import Override
from worker.relay import PERMANENT, Relay, Row, Slot, Span
from worker.windows import Window

_LEFT_OUT: Final = {"id", "slot"}
_DEFAULTS: Final[Mapping[str, Any]] = {
    f.name: f.default for f in fields(Window) if f.name in {"priority", "permanent", "notes", "reason"}
}

_WORD: Final[Mapping[str, Any]] = {f.name: f.default for f in fields(Override)}


def compact(value: object) -> str:
    """JSON without blanks, readable by people who look into Redis."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def dump_window(window: Window) -> str:
    """The plan of a window, the same for equal windows; its id is the key it is stored under."""
    plan: dict[str, Any] = {
        f.name: getattr(window, f.name)
        for f in fields(window)
        if f.name not in _LEFT_OUT and getattr(window, f.name) != _DEFAULTS.get(f.name, ...)
    }
    return compact(plan | {"slot": _slot(window.slot)})


def parse_window(window_id: str, text: str) -> Window:
    """The window that :func:`dump_window` wrote."""
    plan = json.loads(text)
    for name in ("sources", "notes"):
        plan[name] = tuple(plan.get(name, ()))
    return Window(**(plan | {"id": window_id, "slot": Slot(*plan["slot"])}))


def dump_override(override: Override) -> str:
    """An override as it is stored; the window's id is the field it is stored under."""
    told = {name: getattr(override, name) for name in _WORD if name != "window"}
    told = {name: value for name, value in told.items() if value != _WORD[name]}
    if override.added:
        told["added"] = dump_extra(override.added)
    return compact(told)


def parse_override(window_id: str, text: str) -> Override:
    """The override that :func:`dump_override` wrote."""
    told = json.loads(text)
    added = parse_extra(told["added"]) if "added" in told else None
    sources = tuple(told.get("sources", ()))
    return Override(**(told | {"window": window_id, "sources": sources, "added": added}))


def _slot(slot: Slot) -> list[str]:
    return [slot.domain, slot.app, slot.stream]


def _relay(relay: Relay) -> list[Any]:
    times = None if relay.times is PERMANENT else [relay.times.start, relay.times.end]
    return [_slot(relay.slot), list(relay.sources), times]


def _parse_relay(value: list[Any]) -> Relay:
    slot, sources, times = value
    return Relay(Slot(*slot), tuple(sources), PERMANENT if times is None else Span(*times))


def dump_rows(rows: Iterable[Row]) -> str:
    """Listed rows of one slot."""
    return compact([[_slot(row.slot), list(row.sources), row.start, row.end] for row in rows])


def parse_rows(text: str) -> tuple[Row, ...]:
    """The rows that :func:`dump_rows` wrote."""
    return tuple(
        Row(Slot(*slot), tuple(sources), start, end) for slot, sources, start, end in json.loads(text)
    )


@dataclass(frozen=True, slots=True)
class Book:
    """What we know of the provider's side of one slot. It survives the worker that knew it.

    ``ours``: relays we sent and have not seen gone. ``look_from``: a list asked for before this time says
    nothing. ``believed``: after a clear success, what the slot holds until lists can be trusted again.
    ``intent``: the write under way; found by the next holder of the lease, it is a doubt. ``task_id``: the
    provider's name for the relay that is there, if it was told. ``since``: see ``slots.Wanted``.
    """

    ours: tuple[Relay, ...] = ()
    look_from: float = 0.0
    believed: tuple[Row, ...] | None = None
    intent: Doubt | None = None
    doubt: Doubt | None = None
    refusal: Refusal | None = None
    task_id: str = ""
    since: int = 0


def dump_book(book: Book) -> str:
    """Empty text for a book that says nothing."""
    if book == Book():
        return ""
    return compact(
        {
            "ours": [_relay(relay) for relay in book.ours],
            "look_from": book.look_from,
            "believed": None if book.believed is None else dump_rows(book.believed),
            "intent": book.intent and _doubt(book.intent),
            "doubt": book.doubt and _doubt(book.doubt),
            "refusal": book.refusal and _refusal(book.refusal),
            "task_id": book.task_id,
            "since": book.since,
        }
    )


def parse_book(text: str) -> Book:
    """The book that :func:`dump_book` wrote."""
    if not text:
        return Book()
    value = json.loads(text)
    return Book(
        ours=tuple(_parse_relay(relay) for relay in value["ours"]),
        look_from=value["look_from"],
        believed=None if value["believed"] is None else parse_rows(value["believed"]),
        intent=_parse_doubt(value["intent"]),
        doubt=_parse_doubt(value["doubt"]),
        refusal=_parse_refusal(value["refusal"]),
        task_id=value.get("task_id", ""),
        since=value.get("since", 0),
    )


def _doubt(doubt: Doubt) -> list[Any]:
    return [doubt.verb, doubt.relay and _relay(doubt.relay), doubt.since, doubt.unseen_at]


def _parse_doubt(value: list[Any] | None) -> Doubt | None:
    if value is None:
        return None
    verb, relay, since, unseen_at = value
    return Doubt(verb, relay and _parse_relay(relay), since, unseen_at)


def _refusal(refusal: Refusal) -> list[Any]:
    return [refusal.verb, _relay(refusal.relay), refusal.why]


def _parse_refusal(value: list[Any] | None) -> Refusal | None:
    if value is None:
        return None
    verb, relay, why = value
    return Refusal(verb, _parse_relay(relay), why)
