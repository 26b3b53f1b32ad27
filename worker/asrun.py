"""What became of a window, for reports: the plan beside the ledger's record and its history (pure).

Only what is known is told: the ledger knows what the provider was asked for and answered, and not what was
seen on air.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypedDict, cast

from worker.air import Seen
from worker.ledger.records import WindowRecord
from worker.lifecycle import State
from worker.reports import described, record_view
from worker.views import WindowView

_SAID: Final = {
    "window.added",
    "window.cancelled",
    "window.stopped",
    "window.extended",
    "window.overridden",
    "window.restored",
    "window.retried",
    "window.replanned",
}
"""Changes that somebody decided on; all others follow from them, the plan and the provider's answers."""
_TAKEN_AWAY: Final = "delete"
_DONE: Final = "ok"


class Decision(TypedDict):
    """Who changed a window, when (Unix seconds), what by (``window.cancelled``), and why."""

    at: float
    action: str
    by: str
    why: str


class ReportView(WindowView, total=False):
    """A window with what became of it. Times are Unix seconds.

    ``status`` is the state in words. ``late_by`` is how many seconds after its start it was placed, 0 for in
    time, ``None`` if it was not placed. ``removed_at`` is when its relay was removed from the provider.

    What the watch saw: ``air`` is how it was last, ``first_seen_at`` and ``last_seen_at`` when it was on air
    first and last, ``off_air_at`` when it was first seen gone after its end; ``None`` where nobody saw it.
    """

    status: str
    late_by: int | None
    removed_at: float | None
    air: str | None
    first_seen_at: float | None
    last_seen_at: float | None
    off_air_at: float | None
    decisions: list[Decision]


def report_view(
    record: WindowRecord,
    log: Sequence[Mapping[str, Any]],
    seen: Seen | None = None,
    *,
    now: float,
    show_secrets: bool = False,
) -> ReportView:
    """The window as everywhere, with what its history (``log``, oldest first) and the watch tell besides."""
    view = cast(ReportView, record_view(record, now=now, log=log, show_secrets=show_secrets))
    view["status"] = described(record, now)
    view["late_by"] = _late_by(record)
    view["removed_at"] = _removed_at(record, log)
    view["air"] = seen.state.value if seen else None
    view["first_seen_at"] = (seen and seen.first_seen) or None
    view["last_seen_at"] = (seen and seen.last_seen) or None
    view["off_air_at"] = (seen and seen.off_at) or None
    view["decisions"] = [
        {"at": line["at"], "action": line["action"], "by": line["by"], "why": line["why"]}
        for line in log
        if line["kind"] == "change" and line["action"] in _SAID
    ]
    return view


def _late_by(record: WindowRecord) -> int | None:
    if not record.placed_at:
        return None
    return 0 if record.window.permanent else max(0, round(record.placed_at - record.window.start))


def _removed_at(record: WindowRecord, log: Iterable[Mapping[str, Any]]) -> float | None:
    """When its relay went, at its end or called off; ``None`` while the provider may hold one."""
    if record.state not in {State.REMOVED, State.CANCELLED}:
        return None
    gone = [line["at"] for line in log if _removes(line)]
    return gone[-1] if gone else None


def _removes(line: Mapping[str, Any]) -> bool:
    if line["kind"] == "change":
        return bool(line["to"] == State.REMOVED)
    return bool((line["act"], line["outcome"]) == (_TAKEN_AWAY, _DONE))
