"""``verify`` and ``preflight``: what the watch looks at, looked at now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

import click

from worker.air import Air, Seen
from worker.cli import CHANGES_FOUND
from worker.cli.output import output_option, print_document, print_table, progress, say
from worker.duties.air import has_begun, judged_from
from worker.duties.domains import ask_each
from worker.errors import ProviderError
from worker.language import phrase
from worker.ledger.records import WindowRecord
from worker.ledger.watched import Tried
from worker.lifecycle import OPEN, State
from worker.near import Near
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.views import AIR, local_iso, local_start
from worker.windows import Window

_SOON: Final = 3_600
_NOT_MEANT: Final = frozenset({State.CANCELLED, State.DISPLACED, State.REMOVED})
_CAUSES: Final = {
    "config-missing": "its relay is not at the provider: relaybeat drift",
    "source-unreachable": "none of its sources answers: relaybeat preflight",
    "domain-wrong": "the account has no such domain, or it is not normal: relaybeat doctor",
    "unknown": "relay and source look well: see the provider's console",
}
_TINTS: Final = {
    "on air": "bold green",
    "on air, and poor": "yellow",
    "DARK": "bold red",
    "FORBIDDEN": "bold red",
    "no relay": "bold red",
    "plays": "green",
    "would be used": "bold green",
    "does not play": "bold red",
}


@click.command()
@click.argument("window_id", metavar="[ID]", required=False)
@output_option("table", "json")
@click.pass_context
def verify(ctx: click.Context, window_id: str | None, output: str) -> None:
    """Ask the provider whether windows are on air: the one with this ID, or all that should be now.

    It counts frames and kilobits, and sees no picture: one that is black, frozen or wrong counts as well as
    any other. Exits with 3 if something that should be on air is not, or is poor, or goes on after its end,
    and with 1 if the provider does not say.
    """
    runtime = Runtime(load_settings())
    now = runtime.ledger.now()
    records = _asked_for(runtime, window_id, now)
    seen, refused = _look(runtime, (record for record in records if has_begun(record, now)), now)
    if output == "json":
        print_document(
            {"windows": _air_views(records, seen), "warnings": ({"message": each} for each in refused)}
        )
    elif records:
        print_table(
            ("window", "is", "since", "frames/s", "kbit/s", "why"),
            (_air_row(r, seen.get(r.window), runtime.settings.settle, now) for r in records),
            lambda cell: _TINTS.get(cell, ""),
        )
    else:
        say("nothing should be on air now")
    for each in refused if output != "json" else ():
        say(f"error: {each}")
    if refused:
        ctx.exit(1)
    if any(_is_wrong(r, seen.get(r.window), runtime.settings.settle, now) for r in records):
        ctx.exit(CHANGES_FOUND)


def _asked_for(runtime: Runtime, window_id: str | None, now: float) -> list[WindowRecord]:
    if window_id:
        return [runtime.ledger.reading.window(window_id)]
    near = Near(runtime.ledger).windows(now, behind=0, ahead=1)
    wanted = (r for r in near if r.state not in _NOT_MEANT and _is_now(r.window, now))
    return sorted(wanted, key=lambda r: (r.window.start, r.window.id))


def _is_now(window: Window, now: float) -> bool:
    return window.permanent or window.start <= now < window.end


def _look(
    runtime: Runtime, records: Iterable[WindowRecord], now: float
) -> tuple[dict[Window, Seen], list[str]]:
    by_domain: defaultdict[str, list[WindowRecord]] = defaultdict(list)
    for record in records:
        by_domain[record.window.slot.domain].append(record)
    looker = runtime.on_air()
    found = ask_each(by_domain, lambda domain: looker.see(domain, by_domain[domain], now))
    seen: dict[Window, Seen] = {}
    refused = []
    for domain, answer in found.items():
        if isinstance(answer, ProviderError):
            refused.append(f"{domain}: {answer}")
        else:
            seen |= answer
    return seen, refused


def _is_wrong(record: WindowRecord, seen: Seen | None, settle: int, now: float) -> bool:
    window = record.window
    if not _is_now(window, now):
        return seen is not None and now >= window.end + settle and seen.state is not Air.OFF
    if seen is None:
        return record.state not in _NOT_MEANT
    return seen.state not in {Air.ON_AIR, Air.OFF}


def _air_views(records: Iterable[WindowRecord], seen: dict[Window, Seen]) -> Iterator[dict[str, Any]]:
    for record in records:
        window, found = record.window, seen.get(record.window)
        told = asdict(found) if found else None
        yield {"id": window.id, "event": window.event, "state": record.state, "air": told}


def _air_row(record: WindowRecord, seen: Seen | None, settle: int, now: float) -> tuple[str, ...]:
    window = record.window
    if seen is None:
        word, why = _unseen(record, now)
        return window.id, word, "", "", "", why
    figures = (f"{seen.framerate:.0f}", f"{seen.bitrate:.0f}") if seen.framerate or seen.bitrate else ("", "")
    since = local_iso(window.timezone, int(seen.since))[11:19]
    why = _CAUSES.get(seen.cause, "")
    if seen.state is Air.OFF and _is_now(window, now):
        until = local_iso(window.timezone, int(judged_from(record, settle)))[11:19]
        why = f"the provider may take until {until} to begin"
    return window.id, phrase(AIR[seen.state]), since, *figures, why


def _unseen(record: WindowRecord, now: float) -> tuple[str, str]:
    """What is said of a window that nobody could see."""
    window = record.window
    if has_begun(record, now):
        return "unknown", "the provider did not answer"
    if record.state is State.PLACED:
        return "to come", f"begins on {local_start(window.timezone, window.start)} {window.timezone}"
    return "no relay", f"{record.state} {record.reason}".rstrip()


@click.command()
@click.argument("window_id", metavar="[ID]", required=False)
@output_option("table", "json")
@click.pass_context
def preflight(ctx: click.Context, window_id: str | None, output: str) -> None:
    """Try the sources of the window with this ID, or of all that are on air or begin within an hour.

    Each address is tried as a player would: name, connection, protocol, and whether anything comes. That is
    the way from this machine; the provider goes another. Exits with 3 if a window has no source that plays.
    """
    runtime = Runtime(load_settings())
    now = runtime.ledger.now()
    windows = [record.window for record in _soon(runtime, window_id, now)]
    with progress("trying", len({url for window in windows for url in window.sources})) as done:
        tried = runtime.sources().try_all(windows, done=done)
    if output == "json":
        print_document({"windows": (_sources_view(w, tried[w]) for w in windows), "warnings": []})
    elif windows:
        columns = ("window", "starts", "verdict", "source", "what it says")
        rows = (row for window in windows for row in _source_rows(window, tried[window]))
        print_table(columns, rows, lambda cell: _TINTS.get(cell, ""))
    else:
        say("nothing is on air or begins within an hour; name a window to try its sources")
    if any(not any(each.alive for each in found) for found in tried.values()):
        ctx.exit(CHANGES_FOUND)


def _soon(runtime: Runtime, window_id: str | None, now: float) -> list[WindowRecord]:
    if window_id:
        return [runtime.ledger.reading.window(window_id)]
    near = Near(runtime.ledger).windows(now, behind=0, ahead=_SOON)
    meant = (record for record in near if record.state in OPEN - {State.DISPLACED})
    return sorted(meant, key=lambda r: (r.window.start, r.window.id))


def _sources_view(window: Window, tried: Sequence[Tried]) -> dict[str, Any]:
    used = next((each.source for each in tried if each.alive), None)
    return {
        "id": window.id,
        "event": window.event,
        "would_use": used,
        "sources": [asdict(each) for each in tried],
    }


def _source_rows(window: Window, tried: Sequence[Tried]) -> Iterator[tuple[str, ...]]:
    start = "always" if window.permanent else local_start(window.timezone, window.start)
    used = next((each for each in tried if each.alive), None)
    for n, each in enumerate(tried):
        what = each.words + (f" ({each.codecs})" if each.codecs else "")
        verdict = "would be used" if each is used else "plays" if each.alive else "does not play"
        head = (window.id, start) if n == 0 else ("", "")
        yield *head, verdict, each.source, what
