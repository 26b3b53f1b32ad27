"""``show``: one window, with everything that was tried for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

import click

from worker.accounts import beside, told_whole
from worker.air import Seen
from worker.cli.ledger import INFINITY, tint
from worker.cli.output import lang_option, output_option, print_json, print_table
from worker.errors import UnknownWindow
from worker.language import phrase, state_words
from worker.ledger import Ledger
from worker.ledger.records import WindowRecord
from worker.ledger.watched import Watched
from worker.lifecycle import State
from worker.neighbours import Meeting
from worker.prospects import prospect
from worker.reports import described, upcoming
from worker.runtime import Runtime
from worker.settings import load_settings
from worker.views import AIR, local_iso, note_words
from worker.windows import Window

_SECONDS: Final = len("2026-11-23T20:00:00")


@click.command()
@click.argument("wanted", metavar="ID")
@click.option("--show-secrets", is_flag=True, help="Show source addresses whole.")
@output_option("table", "json")
@lang_option
def show(wanted: str, show_secrets: bool, output: str) -> None:
    """Show one window: what is planned, what was tried, what came of it.

    ID is a window's, or an event's for its window that is on air or comes next; the history then tells
    of the event's pauses too.
    """
    runtime = Runtime(load_settings())
    ledger, now = runtime.ledger, runtime.ledger.now()
    alone = ledger.reading.window(wanted) if "@" in wanted else _present(ledger, wanted, now)
    settle = runtime.settings.settle
    ((record, met),) = beside(ledger, [alone], settle)
    (slot,) = ledger.reading.on_slots([record.window.slot])
    log = ledger.reading.log(record.window.id)
    if record.window.event == wanted:
        log = sorted((*log, *ledger.reading.log(wanted)), key=itemgetter("at"))
    view = told_whole(record, log, now, show_secrets=show_secrets)
    if output == "json":
        print_json(view)
        return
    facts = _facts(record, view, now, prospect(record, slot, now, settle))
    facts |= {"on its slot": _company(record, met), "at the provider": _drift(ledger, record.window)}
    (watched,) = ledger.sightings.of([record.window.id])
    zone = record.window.timezone
    facts |= {"seen": _seen(watched.seen, zone), "sources tried": _tried(watched, zone)}
    facts |= {"event": _pause(ledger, record.window.event)}
    print_table(("", ""), [(phrase(name), value) for name, value in facts.items() if value])
    click.echo()
    print_table((phrase("when ({zone})", zone=zone), "what", "outcome", "details"), _history(log, zone), tint)


def _present(ledger: Ledger, event: str, now: float) -> WindowRecord:
    """The event's window that is on air or comes next, else one called off, else its last.

    Raises ``LedgerError``.
    """
    ledger.plans.event(event)
    records = list(ledger.reading.windows([event], -INFINITY, INFINITY))
    if not records:
        raise UnknownWindow(f"the event {event!r} has no window in the ledger")
    off = (record for record in records if record.window.end > now)
    return upcoming(records, now) or next(off, records[-1])


def _seen(seen: Seen | None, zone: str) -> str:
    """How the watch saw it last."""
    if seen is None:
        return ""
    figures = f", {seen.framerate:.0f} frames/s, {seen.bitrate:.0f} kbit/s" if seen.bitrate else ""
    return f"{phrase(AIR[seen.state])} since {local_iso(zone, int(seen.since))[:_SECONDS]}{figures}"


def _tried(watched: Watched, zone: str) -> str:
    """What each source said, and when: on air nobody tries them again while all is well."""
    return "\n".join(
        f"{each.source}: {each.words}, at {local_iso(zone, int(each.at))[:_SECONDS]}"
        for each in watched.sources
    )


def _company(record: WindowRecord, met: Iterable[Meeting]) -> str:
    others = (meeting for meeting in met if meeting.other.id != record.window.id)
    return "\n".join(f"{meeting.note}: {meeting.other.id}" for meeting in others)


def _drift(ledger: Ledger, window: Window) -> str:
    """What the last look found wrong with it, or in its way."""
    found = ledger.drifts.remembered(window.slot.domain).values()
    return "\n".join(f"{each.kind}: {each.why}" for each in found if window.id in each.windows)


def _pause(ledger: Ledger, event: str) -> str:
    pause = ledger.overrides.pauses().get(event)
    return f"{pause}; relaybeat resume {event} ends that" if pause else ""


def _facts(record: WindowRecord, view: Mapping[str, Any], now: float, then: str) -> dict[str, str]:
    window, zone = record.window, record.window.timezone

    def at(moment: float | None) -> str:
        return f"{local_iso(zone, int(moment))} {zone}" if moment else ""

    return {
        "window": window.id,
        "title": window.title,
        "plays at": str(window.slot),
        "starts": at(view["start"]) or phrase("permanent"),
        "ends": at(view["end"]) or "-",
        "sources": "\n".join(view["sources"]),
        "state": state_words(described(record, now)),
        "reason": view["reason"],
        "what now": then,
        "placed": at(view["placed_at"]) if record.state in {State.PLACED, State.REMOVED} else "",
        "notes": note_words(view["notes"]),
        "task id": view["task_id"],
    }


def _history(log: Sequence[Mapping[str, Any]], zone: str) -> Iterator[tuple[str, ...]]:
    """A row a line; what a change only repeats of the attempt above it is left out."""
    said = ""
    for line in log:
        when = local_iso(zone, int(line["at"]))[:_SECONDS].replace("T", " ")
        if line["kind"] == "change":
            why = "" if line["why"] == said else line["why"]
            yield (
                when,
                line["action"],
                state_words(line["to"]),
                " ".join(filter(None, (why, f"(by {line['by']})"))),
            )
            continue
        said = line.get("message", "")
        facts = (
            line.get("code", ""),
            f"HTTP {line['http_status']}" if line.get("http_status") else "",
            f"request {line['request_id']}" if line.get("request_id") else "",
        )
        yield (when, line["act"], line["outcome"], said or ", ".join(filter(None, facts)))
