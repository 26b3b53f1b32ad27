"""A storm in words: counts, and each violation with all that a person needs to find its cause.

Standard library only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.chaos.record import Case, Json, relay
from tests.chaos.rules import Violation

BEFORE, AFTER = 90.0, 20.0
"""Seconds of the storm that are shown around a violation."""
MOST_SHOWN = 25


def write_report(path: Path, case: Case, violations: Sequence[Violation], counts: dict[str, Any]) -> None:
    """Writes the report of one storm as Markdown."""
    path.write_text("\n".join(_lines(case, violations, counts)) + "\n", encoding="utf-8")


def clock(at: float) -> str:
    """UTC, to a tenth of a second."""
    if not 0 < at < 1e11:
        return str(at)
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S.%f")[:-5]


def tally(violations: Iterable[Violation]) -> str:
    """``2 late, 1 gap``, or ``clean``."""
    counts = Counter(each.rule for each in violations)
    return ", ".join(f"{n} {rule}" for rule, n in counts.most_common()) or "clean"


def _lines(case: Case, violations: Sequence[Violation], counts: dict[str, Any]) -> Iterator[str]:
    yield f"# {case.semantics}: {tally(violations)}\n"
    for name, value in counts.items():
        yield f"- {name.replace('_', ' ')}: {value}"
    for each in violations[:MOST_SHOWN]:
        yield from _told(case, each)
    if len(violations) > MOST_SHOWN:
        yield f"\nand {len(violations) - MOST_SHOWN} more, see verdict.json"


def _told(case: Case, violation: Violation) -> Iterator[str]:
    yield f"\n## {violation.rule}: {violation.subject} at {clock(violation.at)} ({violation.at:.3f})\n"
    yield violation.what
    first, last = violation.at - BEFORE, violation.at + AFTER
    yield "\nPlanned on this slot:\n"
    for window in case.windows:
        if window.slot == violation.slot:
            span = f"{_moment(window.relay.start)} to {_moment(window.relay.end)}"
            left = "" if window.leaving > 1e11 else f", changed or removed at {clock(window.leaving)}"
            sources = " ".join(window.relay.sources)
            yield f"- `{window.id}` {span} from {sources}, known at {clock(window.known)}{left}"
    yield "\nThe storm around it:\n"
    yield from (
        f"- {_storm_line(line)}"
        for line in case.storm
        if line["at"] <= last and float(line.get("until") or line["at"]) >= first
    )
    yield "\nThe provider's log of this slot:\n"
    chosen = set(violation.requests)
    for line in case.log:
        near = first - BEFORE <= line["at"] <= last and _slot(line) == violation.slot
        if line.get("request_id") in chosen or near:
            yield f"- {_log_line(line)}"


def _slot(line: Json) -> str:
    return relay(line).slot if line["kind"] == "request" else ""


def _moment(at: int | None) -> str:
    return "for ever" if at is None else clock(at)


def _storm_line(line: Json) -> str:
    until = f" until {clock(line['until'])}" if "until" in line else ""
    rest = {k: v for k, v in line.items() if k not in {"at", "until", "kind", "what", "on", "windows"}}
    told = " ".join(f"{k}={v}" for k, v in rest.items() if v not in ((), [], "", None))
    words = (f"{clock(line['at'])}{until} {line['kind']}:", line.get("what", ""), line.get("on", ""), told)
    return " ".join(filter(None, words))


def _log_line(line: Json) -> str:
    if line["kind"] != "request":
        return (
            f"{clock(line['at'])} {line['kind']} of {line.get('request_id')}: applied={line.get('applied')}"
        )
    action = line["action"].removesuffix("RelaySourceV4")
    span = f"{_moment(line['start'])} to {_moment(line['end'])}" if line["start"] else ""
    sources = " ".join(line["sources"])
    answer = line["code"] or "ok"
    fault = f" fault={line['fault']}" if line["fault"] else ""
    return (
        f"{clock(line['at'])} {action} {span} {sources} -> {answer} {line['status']}"
        f" applied={line['applied']}{fault} `{line['request_id']}`"
    )
