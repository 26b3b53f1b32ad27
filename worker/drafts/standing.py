"""What people said and still holds over a file, and how the file would say it: to people, and to scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from worker.entries import Advice, Entry, advise, text
from worker.events.model import Extra
from worker.language import phrase
from worker.overrides import Override, Pause, Programme
from worker.views import local_iso, local_start


def standing_views(programmes: Sequence[Programme], *, show_secrets: bool) -> Iterator[dict[str, Any]]:
    """Each pause and each override for scripts. ``at`` and ``until`` are Unix seconds."""
    for each in programmes:
        if each.pause:
            yield _pause_view(each.event.id, each.pause)
        for told in each.overrides.values():
            yield _override_view(each, told, show_secrets)


def _pause_view(event: str, pause: Pause) -> dict[str, Any]:
    said = {"by": pause.by, "at": pause.at, "reason": pause.reason, "until": None}
    return {"event": event, "id": event, "kind": "pause", **said, "write": ["paused: true"], "remove": []}


def _override_view(programme: Programme, told: Override, show_secrets: bool) -> dict[str, Any]:
    zone, advice = programme.event.timezone, advise(programme.event, told)

    def lines(entries: tuple[Entry, ...]) -> list[str]:
        return [f"{_key(entry)}: {text(entry, show_secrets=show_secrets)}" for entry in entries]

    return {
        "event": programme.event.id,
        "id": told.window,
        "kind": "cancel" if told.cancel else "add" if told.added else "override",
        "by": told.by,
        "at": told.at,
        "reason": told.reason,
        "until": programme.until(told),
        "until_local": local_iso(zone, programme.until(told)),
        "write": lines(advice.put),
        "remove": lines(advice.drop),
        "why_not": advice.why_not,
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """One word of somebody in a sentence, and how the file would say it; ``masked``: without its sources."""

    sentence: str
    write: tuple[str, ...]
    masked: bool = False


def in_words(programmes: Sequence[Programme], *, show_secrets: bool = False) -> Iterator[Standing]:
    """What stays as people said, whatever the file says, with how the file would say it."""
    for each in programmes:
        event = each.event.id
        if each.pause:
            stays = "{event} stays paused by {by}: {reason} (relaybeat resume {event})"
            told = phrase(stays, event=event, by=each.pause.by, reason=each.pause.reason)
            yield Standing(told, (phrase("in the file: paused: true"),))
        for word in each.overrides.values():
            advice = advise(each.event, word)
            masked = not show_secrets and any(entry.sources for entry in advice.put)
            yield Standing(_stays(each, word), tuple(_in_the_file(advice, show_secrets)), masked)


def count(programmes: Sequence[Programme]) -> int:
    """How many words that is."""
    return sum(bool(each.pause) + len(each.overrides) for each in programmes)


def _stays(programme: Programme, told: Override) -> str:
    off = "{window} stays called off by {by}: {reason} (until {until})"
    changed = "{window} stays overridden by {by}: {reason} (until {until})"
    added = "{window} stays added by {by}: {reason} (until {until})"
    until = local_start(programme.event.timezone, programme.until(told))
    stays = off if told.cancel else added if told.added else changed
    return phrase(stays, window=told.window, by=told.by, reason=told.reason, until=until)


def _in_the_file(advice: Advice, show_secrets: bool) -> Iterator[str]:
    if advice.why_not:
        yield phrase("nothing to write in the file: {why}", why=phrase(advice.why_not))
    remove, write = "remove from {key}: - {entry}", "write under {key}: - {entry}"
    for told, entries in ((remove, advice.drop), (write, advice.put)):
        for entry in entries:
            yield phrase(told, key=_key(entry), entry=text(entry, show_secrets=show_secrets))


def _key(entry: Entry) -> str:
    return "extra" if isinstance(entry, Extra) else "exceptions"
