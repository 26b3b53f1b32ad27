"""What the product believes in the end, against what the provider holds (standard library only)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tests.chaos.record import Json, Relay, relay
from tests.chaos.rules import PROMISE, Court, Violation

CLOSED = ("removed", "cancelled")


def ledger_agrees(court: Court) -> Iterator[Violation]:
    """ledger: windows, sources, times and TaskIds are the provider's, wherever nothing is about to change."""
    if court.case.ledger is None:
        return
    windows = court.case.ledger["windows"]
    yield from _plan_is_known(court, windows)
    rows = [row for row in court.case.state["configs"] if not row["foreign"]]
    for window in windows:
        wanted = relay(window)
        if wanted.slot in court.foreign_slots:
            yield from _conflict_is_told(court, window)
        elif _steady(court, wanted.slot) and not wanted.over(court.end):
            yield from _placed(court, window, wanted, rows)
    for row in rows:
        held = relay(row)
        known = [relay(window) for window in windows if window["state"] == "placed"]
        served = any(_serves(held, window) for window in known)
        if _steady(court, held.slot) and not held.over(court.end) and not served:
            yield _violation(court, held.slot, held.slot, f"the ledger knows no placed window of {held}")


def _plan_is_known(court: Court, windows: list[Json]) -> Iterator[Violation]:
    """Every window of the plan is in the ledger as planned, and no other is open."""
    open_ones = {window["id"]: relay(window) for window in windows if window["state"] not in CLOSED}
    current = {window.id: window for window in court.case.windows if window.leaving == math.inf}
    for name, window in current.items():
        if not window.relay.over(court.end) and open_ones.get(name) != window.relay:
            found = open_ones.get(name, "nothing open")
            yield _violation(court, name, window.slot, f"planned as {window.relay}, in the ledger {found}")
    for name, found in open_ones.items():
        if name not in current and not found.over(court.end):
            yield _violation(court, name, found.slot, f"open in the ledger and not in the plan: {found}")


def _conflict_is_told(court: Court, window: Json) -> Iterator[Violation]:
    told = window["state"] == "retrying" and "not placed by Relaybeat" in window["reason"]
    if not told and window["state"] not in CLOSED:
        slot = relay(window).slot
        what = f"a conflict that is told as {window['state']}: {window['reason']!r}"
        yield _violation(court, window["id"], slot, what)


def _placed(court: Court, window: Json, wanted: Relay, rows: list[Json]) -> Iterator[Violation]:
    name, state = window["id"], window["state"]
    serving = [row for row in rows if _serves(relay(row), wanted)]
    if state == "placed" and len(serving) != 1:
        yield _violation(court, name, wanted.slot, f"placed, and the provider holds {len(serving)} of it")
    elif state == "placed" and window["task_id"] and window["task_id"] != serving[0]["task_id"]:
        told = f"TaskId {window['task_id']} is {serving[0]['task_id']} at the provider"
        yield _violation(court, name, wanted.slot, told)
    elif state in ("missed", "failed", "retrying", "placing"):
        yield _violation(court, name, wanted.slot, f"still {state} after the quiet: {window['reason']!r}")


def _serves(held: Relay, wanted: Relay) -> bool:
    """Whether the relay plays the window from its start to its end: its own, or one of several joined."""
    return (
        held.slot == wanted.slot
        and held.sources == wanted.sources
        and held.opens <= wanted.opens
        and wanted.closes <= held.closes
    )


def _steady(court: Court, slot: str) -> bool:
    """Whether nothing began, ended, came due or was edited on the slot within the last promise."""
    recent = court.end - PROMISE - 30
    moments = [
        moment
        for window in court.case.windows
        if window.slot == slot
        for moment in (
            window.relay.opens,
            window.relay.closes,
            window.relay.opens - court.case.lead,
            window.known,
            window.left,
        )
    ]
    return not any(recent < moment <= court.end + 5 for moment in moments)


def _violation(court: Court, subject: str, slot: str, what: str) -> Violation:
    return Violation("ledger", subject, slot, court.end, what)
